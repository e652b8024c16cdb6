/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_PROVENANCE_H
#define MMP_DOC_PROVENANCE_H

/*
 * The parts of a document that nothing is computed from: which memory is DRAM, and
 * where imported values came from. Both are kept and written back unchanged.
 */

#include <jansson.h>

#include "base/error.h"

/*
 * `dram`: an array of {"base", "size", "note"}, with numbers as in a config; the note
 * says who owns the memory. MMP_INVALID names the item and the key.
 */
int mmp_dram_check(const json_t *dram, struct mmp_error *err);

/*
 * `sources`: {"files": [{"file", "kind", "sha256"}], "values": [{"key", "file", "what",
 * "line"}]}: "key" is a config key, "file" the name of one of the files, "what" a symbol,
 * an option or a node (optional), and "line" the line in a text (optional).
 */
int mmp_sources_check(const json_t *sources, struct mmp_error *err);

#endif
