/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_DESCRIPTOR_H
#define MMP_DOC_DESCRIPTOR_H

/*
 * Memory types and single descriptors as JSON, for memtype.list, descriptor.encode and
 * descriptor.decode. `config` is a (partial) configuration or NULL. All results are new
 * references.
 */

#include <jansson.h>

#include "model/rules.h"

/* Every number of the rule set: name, number, attr (or panic), attributes, about. */
int mmp_memtypes_write(const char *rules, const json_t *config, json_t **ret_list,
		       struct mmp_error *err);

#define MMP_LAST_LEVEL UINT64_MAX /* the last level of the format */

/*
 * format: "lpae" or "short"; NULL takes that of the configuration. Exactly one of
 * `attr` (a number) and `type` (the name of a memory type; the bit that makes it map is
 * added) is not NULL. `pa` NULL is 0. The result has descriptor, attr, fields,
 * sentence.
 */
int mmp_descriptor_encode(const char *rules, const json_t *config, const char *format,
			  uint64_t level, const json_t *attr, const char *type,
			  const json_t *pa, json_t **ret_answer, struct mmp_error *err);

/* The reverse: decode `descriptor` (a number) at that level. Same result, same errors. */
int mmp_descriptor_decode(const char *rules, const json_t *config, const char *format,
			  uint64_t level, const json_t *descriptor, json_t **ret_answer,
			  struct mmp_error *err);

/* The fields of one descriptor: name, lsb, width, value, meaning. */
json_t *mmp_fields_write(const struct mmp_rules *rules, const struct mmp_format *format,
			 int level, uint64_t descriptor);

#endif
