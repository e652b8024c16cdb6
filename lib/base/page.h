/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PAGE_H
#define MMP_PAGE_H

#include <stdint.h>

/* The smallest unit that a translation maps. Boot memory and pools are counted in it. */
#define MMP_PAGE_SHIFT 12
#define MMP_PAGE       (UINT64_C(1) << MMP_PAGE_SHIFT) /* bytes */
#define MMP_PAGE_MASK  (MMP_PAGE - 1) /* the offset of an address in its page */

/* The page boundary at or below an address. */
static inline uint64_t mmp_page_down(uint64_t at)
{
	return at & ~MMP_PAGE_MASK;
}

/* The page boundary at or above it; 0 past the last page. */
static inline uint64_t mmp_page_up(uint64_t at)
{
	return (at + MMP_PAGE_MASK) & ~MMP_PAGE_MASK;
}

#endif
