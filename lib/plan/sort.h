/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SORT_H
#define MMP_SORT_H

/*
 * The firmware's own quicksort, step by step: its memory map has entries that compare
 * equal, and their final order depends on the algorithm.
 *
 * Source: Bentley and McIlroy, "Engineering a sort function", 1993, as implemented by the
 * qsort() of BSD.
 */

#include "plan/plan.h"

/* <0, 0, >0 if a sorts before, with, or after b. `context` is the caller's. */
typedef int mmp_region_order(const struct mmp_region *a, const struct mmp_region *b,
			     const void *context);

/*
 * Sort in place; entries that compare equal end up in the same order as in the firmware.
 */
void mmp_region_sort(struct mmp_region *regions, size_t count, mmp_region_order *order,
		     const void *context);

/* By virtual address; `context` is not used. */
int mmp_region_by_va(const struct mmp_region *a, const struct mmp_region *b,
		     const void *context);
/* By physical address; `context` is not used. */
int mmp_region_by_pa(const struct mmp_region *a, const struct mmp_region *b,
		     const void *context);

#endif
