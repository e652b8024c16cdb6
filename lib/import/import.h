/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_H
#define MMP_IMPORT_H

#include <jansson.h>

#include "base/error.h"
#include "model/evidence.h"
#include "model/importer.h"

/*
 * Foreign files into a platform document. Files are added in any order; each is
 * recognised by its content, never by its name (import/reader.h has the table). What
 * they state is merged: the board counts most, then the linked image, the configuration
 * of the build, the device tree, a platform document, the table of cores.
 *
 * Everything that is read may come from a stranger. What is read is bounded by the limits
 * in base/limits.h, and time and memory grow no faster than the bytes: the worst files
 * known take under 5 s and 400 MiB; a test fails over 60 s of processor time or 4 GiB.
 * An error names the file, the offset or line, and what was expected.
 */
struct mmp_import;

struct mmp_import_wish {
	const char
		*name; /* of the platform; NULL: made from what the inputs are called */
	const char *rules; /* NULL: as the inputs say */
	unsigned context;  /* of a log with several images' lists: which, from 0 */
	const char *cpu;   /* "cortex-a57", of import/cores.h; NULL: not said */
};

/* NULL if memory ran out. */
struct mmp_import *mmp_import_new(void);
void mmp_import_free(struct mmp_import *import); /* NULL is fine */

/*
 * Take a file; the bytes become the import's own, also on failure, and were made by
 * malloc(). `name` is how people know it. MMP_INVALID: no reader knows it, or the one
 * that does finds it broken; MMP_TOO_LARGE over MMP_IMPORT_BYTES_MAX.
 */
int mmp_import_add(struct mmp_import *import, const char *name, char *take_bytes,
		   size_t size, struct mmp_error *err);

/*
 * Take a file by its path, or from a folder the files that a build leaves there: the
 * image, the configuration, device trees. "-" is stdin.
 */
int mmp_import_add_path(struct mmp_import *import, const char *path,
			struct mmp_error *err);

/* Take a platform document that is merged with, such as one that is kept already. */
int mmp_import_add_document(struct mmp_import *import, const char *name,
			    const json_t *document, struct mmp_error *err);

/* Read what was added. Then evidence and rules are there. */
int mmp_import_read(struct mmp_import *import, const struct mmp_import_wish *wish,
		    struct mmp_error *err);
const struct mmp_evidence *mmp_import_evidence(const struct mmp_import *import);
const struct mmp_rules *mmp_import_rules(const struct mmp_import *import);

/*
 * The result: {"document", "files", "imported", "defaults", "disagreements",
 * "remarks"}, with a document to merge with "changes", and where a log has the lists of
 * several images "contexts", their number: import again with each wish.context. A new reference, or NULL
 * with *err: MMP_INVALID names what is missing and which input would have it.
 */
json_t *mmp_import_result(struct mmp_import *import, const struct mmp_import_wish *wish,
			  struct mmp_error *err);

#endif
