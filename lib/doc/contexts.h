/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_CONTEXTS_H
#define MMP_DOC_CONTEXTS_H

/*
 * A board runs several firmwares. A platform document may name the others that share the
 * board with it in `contexts`: names of kept platforms, or documents. layout.compute
 * then answers for each, and compares what they do with physical memory.
 */

#include "doc/layout.h"
#include "model/platform.h"

/*
 * Check an array of contexts: names, and platform documents without contexts of their
 * own. MMP_INVALID names the item.
 */
int mmp_contexts_check(const json_t *contexts, struct mmp_error *err);

/*
 * The contexts that a platform names; an empty array if it names none. A new reference.
 */
json_t *mmp_contexts_of(const struct mmp_platform *platform);

/*
 * Compute the other platforms of a board. Adds `contexts` (the answer for each) to the
 * answer, and adds conflicts between them to its `findings` and `verdict`. `layout` is
 * that of the main platform, or NULL if it stops.
 */
int mmp_contexts_write(json_t *answer, const struct mmp_platform *platform,
		       const struct mmp_layout *layout,
		       struct mmp_platform *const *others, size_t count,
		       enum mmp_detail detail, struct mmp_error *err);

#endif
