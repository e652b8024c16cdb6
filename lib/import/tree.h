/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_TREE_H
#define MMP_IMPORT_TREE_H

#include <stdbool.h>

#include "base/error.h"
#include "model/importer.h"

/*
 * Reads memory, reserved memory and the seed of a device tree blob (libfdt; Devicetree
 * Specification 0.4). Every structure of the blob is checked before it is read; a
 * broken one is MMP_INVALID with the offset. MMP_TOO_LARGE over MMP_TREE_NODES_MAX
 * nodes. Free the result with mmp_tree_done().
 */
bool mmp_tree_probe(const char *bytes, size_t size);
int mmp_tree_read(struct mmp_tree *ret_tree, const char *bytes, size_t size,
		  struct mmp_error *err);
void mmp_tree_done(struct mmp_tree *tree);

#endif
