/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_VERIFY_H
#define MMP_IMPORT_VERIFY_H

#include "import/import.h"

/*
 * Is the map that a platform document computes the one that a board printed? `import`
 * has read one document and one log. A new reference, or NULL with *err:
 *
 *	"same": bool, "compared": entries that the board printed,
 *	"seed": the one that the board took, where it says it, "seed_given": the
 *	document's,
 *	"differences": [{"line", "entry", "board", "platform"}] each a text or null,
 *	"means": [texts]: what the differences come to,
 *	"release": what the log says it is of, "rules": the document's.
 */
json_t *mmp_import_verify(const struct mmp_import *import, struct mmp_error *err);

#endif
