/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_PLATFORM_H
#define MMP_DOC_PLATFORM_H

/*
 * Platform documents ("mmp-platform-1", mmp-config(5)) and the vectors that
 * hold the same: JSON to struct mmp_platform and back.
 */

#include <jansson.h>

#include "json/writer.h"

#include "model/platform.h"

#define MMP_PLATFORM_FORMAT "mmp-platform-1"

/*
 * Read a document or a vector (whose rules come from the version that it names; its
 * output and notes are skipped). Unknown keys, wrong types and missing keys are
 * MMP_INVALID, naming them. The result is the caller's, to be freed with
 * mmp_platform_free().
 */
int mmp_platform_read(const json_t *document, struct mmp_platform **ret_platform,
		      struct mmp_error *err);

/*
 * The keys of a document that do not affect the layout ("waivers", "dram", "sources"),
 * as kept in platform->notes. read checks them; write returns an object, empty if there
 * are none; remove takes them out of a document.
 */
int mmp_notes_read(const json_t *document, struct mmp_platform *platform,
		   struct mmp_error *err);
json_t *mmp_notes_write(const struct mmp_platform *platform);
void mmp_notes_remove(json_t *document);

/*
 * The whole document, with every default written out and keys in a fixed order: printed
 * where a writer is, or as a value, a new reference.
 */
void mmp_platform_print(struct mmp_writer *writer, const struct mmp_platform *platform);
json_t *mmp_platform_write(const struct mmp_platform *platform);

/*
 * One registration: the fields of its section, in the table's order. Printed, with its
 * ordinal if `ordinal` is not NULL; or as a value, a new reference.
 */
void mmp_registration_print(struct mmp_writer *writer, const struct mmp_rules *rules,
			    const struct mmp_registration *one, const uint64_t *ordinal);
json_t *mmp_registration_write(const struct mmp_rules *rules,
			       const struct mmp_registration *one);

/*
 * Read one registration, with the fields of the rule set's table. Texts in *ret_one are
 * borrowed from `value`. `what` names it in errors ("registrations[3]").
 */
int mmp_registration_read(const struct mmp_rules *rules, const json_t *value,
			  const char *what, struct mmp_registration *ret_one,
			  struct mmp_error *err);

/*
 * The same from values that the caller knows for each key of the table; borrowed, NULL: not
 * given.
 */
typedef const json_t *mmp_registration_given(const void *data,
					     const struct mmp_registration_key *key);
int mmp_registration_read_given(const struct mmp_rules *rules,
				mmp_registration_given *given, const void *data,
				const char *what, struct mmp_registration *ret_one,
				struct mmp_error *err);

/*
 * Read the `registrations` of a document and add them to the platform, whose config is
 * set. MMP_INVALID names the registration; what was added before it stays.
 */
int mmp_registrations_read(struct mmp_platform *platform, const json_t *list,
			   struct mmp_error *err);

/*
 * An attribute word in the rule set's words, an array of strings: printed, or as a value,
 * a new reference.
 */
void mmp_attr_words_print(struct mmp_writer *writer, const struct mmp_rules *rules,
			  uint32_t attr);
json_t *mmp_attr_words_write(const struct mmp_rules *rules, uint32_t attr);

/* Read a configuration alone. A missing key gets the rule set's default. */
int mmp_config_read(const struct mmp_rules *rules, const json_t *value,
		    struct mmp_config *ret_config, struct mmp_error *err);
/*
 * The same, and set given[n] if the text has a value for the n-th key of the rule set's table.
 * The caller has cleared it. NULL: not needed.
 */
int mmp_config_read_given(const struct mmp_rules *rules, const json_t *value,
			  struct mmp_config *ret_config, bool given[],
			  struct mmp_error *err);
/* Like mmp_config_read, for questions that need no platform: nothing is required. */
int mmp_config_read_some(const struct mmp_rules *rules, const json_t *value,
			 struct mmp_config *ret_config, struct mmp_error *err);
json_t *mmp_config_write(const struct mmp_rules *rules, const struct mmp_config *config);

#endif
