/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_PRIVATE_H
#define MMP_IMPORT_PRIVATE_H

#include "base/limits.h"
#include "import/import.h"
#include "import/reader.h"

struct mmp_import {
	size_t count;
	struct mmp_import_file files[MMP_IMPORT_FILES_MAX + 1];
	struct mmp_evidence evidence;
	const struct mmp_firmware *firmware;
	const struct mmp_rules *rules;
};

/* merge.c: which of several values counts, and what is said about the others. */

/* The fact that counts for a key; NULL: none, or the key's object is null. */
const struct mmp_fact *mmp_merge_fact(const struct mmp_evidence *evidence,
				      const char *key);
/* The file whose registrations of a section count; -1: none has any. */
int mmp_merge_claims(const struct mmp_evidence *evidence, const char *section);
/* [{"key", "value", "from", "instead_of": [{"value", "from"}]}]: who said otherwise. */
json_t *mmp_merge_disagreements(const struct mmp_evidence *evidence);
json_t *mmp_merge_value(const struct mmp_fact *fact);

#endif
