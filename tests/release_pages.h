/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RELEASE_PAGES_H
#define RELEASE_PAGES_H

/*
 * For tests of the releases of OP-TEE side by side: tables of them in the form of a page
 * (tests/golden/optee-*.md). MMP_GOLDEN_WRITE=1 writes the pages anew. Those of types and
 * of switches are copied from the reference that the tables were made from, so that diff
 * can compare them with it.
 */

#include "base/buffer.h"

/* "3.4" and so on; "257" for the tree 257 commits after 4.10.0. */
const char *release_name(unsigned v);

/* Check that the page is the one in tests/golden, and free it. */
void compare_page(const char *name, struct mmp_buffer *take_page);

#endif
