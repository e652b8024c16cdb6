/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_VERIFY_H
#define MMP_IMPORT_VERIFY_H

#include "import/import.h"

/*
 * Compare the map that a platform document computes with the one that a board printed.
 * `import` has read one document and one log. A new reference, or NULL with *err:
 *
 *	"same": bool, "compared": entries that the board printed,
 *	"seed": the one that the board used, if the log has it, "seed_given": the
 *	document's,
 *	"differences": [{"line", "entry", "board", "platform"}] each a text or null,
 *	"means": [texts]: what the differences mean,
 *	"release": the release that the log names, "rules": the document's.
 */
json_t *mmp_import_verify(const struct mmp_import *import, struct mmp_error *err);

#endif
