/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SORT_H
#define MMP_SORT_H

/*
 * The firmware's own quicksort, step by step: its memory map has entries that compare
 * equal, and where those end up is the algorithm's doing, not the order's.
 *
 * Source: Bentley and McIlroy, "Engineering a sort function", 1993, as the qsort() of BSD
 * has it.
 */

#include "plan/plan.h"

/* <0, 0, >0 as a sorts before, with, behind b. `context` is the caller's. */
typedef int mmp_region_order(const struct mmp_region *a, const struct mmp_region *b,
			     const void *context);

/* Sort in place; entries that compare equal end up where that algorithm puts them. */
void mmp_region_sort(struct mmp_region *regions, size_t count, mmp_region_order *order,
		     const void *context);

/* The usual orders; `context` is not used. */
int mmp_region_by_va(const struct mmp_region *a, const struct mmp_region *b,
		     const void *context);
/* By physical address. */
int mmp_region_by_pa(const struct mmp_region *a, const struct mmp_region *b,
		     const void *context);

#endif
