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

/*
 * merge.c: which of several values takes priority, and what is reported about the
 * others.
 */

/* The fact with priority for a key; NULL: none, or the key's object is null. */
const struct mmp_fact *mmp_merge_fact(const struct mmp_evidence *evidence,
				      const char *key);
/*
 * The number of the file whose registrations are used for a section; -1: no file has
 * any.
 */
int mmp_merge_claims(const struct mmp_evidence *evidence, const char *section);
/*
 * The values that were overruled: [{"key", "value", "from", "instead_of": [{"value",
 * "from"}]}].
 */
json_t *mmp_merge_disagreements(const struct mmp_evidence *evidence);
json_t *mmp_merge_value(const struct mmp_fact *fact);

/*
 * result_document.c: the document that the evidence amounts to.
 */

/* A result being built: the document, and the report about it. */
struct import_result {
	struct mmp_import *import;
	json_t *config, *values; /* of the document; the origins of its values */
	size_t imported;
};

/* The document, which the caller frees; it may lack what a platform needs. */
json_t *mmp_result_document(struct import_result *result,
			    const struct mmp_import_wish *wish);

/*
 * A device tree for Linux leaves secure memory out: add it to the document, as the
 * platform that was read from it has it.
 */
void mmp_result_declare_secure(const struct mmp_import *import,
			       const struct mmp_platform *platform, json_t *document);

/* The imported files, as a list that the caller frees. */
json_t *mmp_result_files(const struct mmp_evidence *evidence);

#endif
