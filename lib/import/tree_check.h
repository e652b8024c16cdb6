/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_TREE_CHECK_H
#define MMP_IMPORT_TREE_CHECK_H

#include <jansson.h>

#include "base/error.h"

/*
 * Checks a platform document against the device tree that Linux boots with:
 *
 *	linux-uses-secure	(error) secure memory is in Linux's DDR, and no
 *				reserved-memory node keeps Linux from using it
 *	reserved-mapped		(warning) it is reserved, but without no-map: Linux maps it,
 *				and the CPU may read it ahead
 *	reserved-unknown	(warning) a node is reserved for the firmware where the
 *				platform has neither secure memory nor a registration
 *
 * Returns a new array of findings as layout.check has them ("id", "severity",
 * "message", "fix"), and in *ret_node the reserved-memory node to paste, or NULL if
 * nothing is missing. NULL with *err if one of the two cannot be read.
 */
json_t *mmp_import_tree_check(const json_t *document, const char *bytes, size_t size,
			      json_t **ret_node, struct mmp_error *err);

#endif
