/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_DESCRIPTOR_H
#define MMP_DOC_DESCRIPTOR_H

/*
 * Memory types and single descriptors as JSON: what memtype.list, descriptor.encode
 * and descriptor.decode answer. `config` is a (partial) configuration or NULL.
 */

#include <jansson.h>

#include "model/rules.h"

/* Every number of the rule set: name, number, attr (or panic), attributes, about. */
int mmp_memtypes_write(const char *rules, const json_t *config, json_t **ret_list,
		       struct mmp_error *err);

#define MMP_LAST_LEVEL UINT64_MAX /* the last one of the format, whichever that is */

/*
 * format: "lpae" or "short", NULL: the configuration's own. Exactly one of `attr` (a
 * number) and `type` (a memory type's name; what makes it map is added) is not NULL. `pa` may
 * be NULL: 0. Answers descriptor, attr, fields, sentence.
 */
int mmp_descriptor_encode(const char *rules, const json_t *config, const char *format,
			  uint64_t level, const json_t *attr, const char *type,
			  const json_t *pa, json_t **ret_answer, struct mmp_error *err);

/* The reverse: what `descriptor` (a number) says at that level. Same answer, same errors. */
int mmp_descriptor_decode(const char *rules, const json_t *config, const char *format,
			  uint64_t level, const json_t *descriptor, json_t **ret_answer,
			  struct mmp_error *err);

/* The fields of one descriptor: name, lsb, width, value, meaning. */
json_t *mmp_fields_write(const struct mmp_rules *rules, const struct mmp_format *format,
			 int level, uint64_t descriptor);

#endif
