/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OVERLAPS_H
#define MMP_OVERLAPS_H

/*
 * Find overlapping ranges without comparing every pair: sort once, then sweep. Takes n
 * log n plus the number of pairs reported.
 */

#include "plan/extent.h"

/* Called for each pair that overlaps; returning false ends the sweep. */
typedef bool mmp_overlap_seen(void *context, const struct mmp_extent *a,
			      const struct mmp_extent *b);

/*
 * Report every pair that overlaps. With `across`, only pairs of side 0 (passed as a) and
 * side 1 (b); otherwise all pairs, with a sorted before b. Sorts `extents`. Ends early if
 * memory runs out.
 */
void mmp_extents_overlaps(struct mmp_extent *extents, size_t count, bool across,
			  mmp_overlap_seen *seen, void *context);

/*
 * Subtract `b` from `a`, side by side; both must be united. `to` has room for as many as
 * both together, and each piece keeps the `of` of a. Returns the number of pieces.
 */
size_t mmp_extents_minus(const struct mmp_extent *a, size_t a_count,
			 const struct mmp_extent *b, size_t b_count,
			 struct mmp_extent *to);

#endif
