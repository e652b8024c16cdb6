/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_H
#define MMP_IMPORT_H

#include <jansson.h>

#include "base/error.h"
#include "model/evidence.h"
#include "model/importer.h"

/*
 * Imports foreign files into a platform document. Files are added in any order; each is
 * recognised by its content, never by its name (see import/reader.h for the table). The
 * facts that they state are merged: the board has priority, then the linked image, the
 * configuration of the build, the device tree, a platform document, the table of cores.
 *
 * Input may be hostile. It is bounded by the limits in base/limits.h, and time and
 * memory grow no faster than the bytes: the worst files known take under 5 s and 400
 * MiB; a test fails over 60 s of processor time or 4 GiB. An error names the file, the
 * offset or line, and what was expected.
 */
struct mmp_import;

struct mmp_import_wish {
	const char *name;  /* of the platform; NULL: made from the names of the inputs */
	const char *rules; /* NULL: taken from the inputs */
	unsigned context;  /* number, from 0, of the image in a log that lists several */
	const char *cpu;   /* "cortex-a57", of import/cores.h; NULL: not given */
};

/* A new import; NULL if memory ran out. */
struct mmp_import *mmp_import_new(void);
void mmp_import_free(struct mmp_import *import); /* NULL is fine */

/*
 * Add a file. Takes ownership of the bytes, also on failure; they must be from
 * malloc(). `name` is used in messages and sources. MMP_INVALID: no reader recognises
 * the file, or the one that does finds it broken; MMP_TOO_LARGE over
 * MMP_IMPORT_BYTES_MAX.
 */
int mmp_import_add(struct mmp_import *import, const char *name, char *take_bytes,
		   size_t size, struct mmp_error *err);

/*
 * Add a file by its path, or from a folder the files that a build leaves there: the
 * image, the configuration, device trees. "-" is stdin.
 */
int mmp_import_add_path(struct mmp_import *import, const char *path,
			struct mmp_error *err);

/* Add a platform document to merge with, such as one that is already stored. */
int mmp_import_add_document(struct mmp_import *import, const char *name,
			    const json_t *document, struct mmp_error *err);

/* Read what was added. Fills in evidence and rules. */
int mmp_import_read(struct mmp_import *import, const struct mmp_import_wish *wish,
		    struct mmp_error *err);

/* The facts and the rule set that mmp_import_read found; borrowed. */
const struct mmp_evidence *mmp_import_evidence(const struct mmp_import *import);
const struct mmp_rules *mmp_import_rules(const struct mmp_import *import);

/*
 * The result: {"document", "files", "imported", "defaults", "disagreements",
 * "remarks"}. When merging with a document it also has "changes"; for a log that lists
 * several images it has "contexts", their number: import again with each value of
 * wish.context. A new reference, or NULL with *err: MMP_INVALID names what is missing
 * and which input would have it.
 */
json_t *mmp_import_result(struct mmp_import *import, const struct mmp_import_wish *wish,
			  struct mmp_error *err);

#endif
