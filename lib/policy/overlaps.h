/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OVERLAPS_H
#define MMP_OVERLAPS_H

/*
 * Which ranges overlap, without looking at every pair: sorted once, then swept. The work
 * is n log n plus the number of pairs reported.
 */

#include "plan/extent.h"

/* Called for each pair that overlaps; false ends the sweep. */
typedef bool mmp_overlap_seen(void *context, const struct mmp_extent *a,
			      const struct mmp_extent *b);

/*
 * Report every pair that overlaps; with `across`, only of those of side 0 (told as a)
 * and side 1 (b), else all with a before b. Sorts `extents`. It ends early if memory
 * runs out.
 */
void mmp_extents_overlaps(struct mmp_extent *extents, size_t count, bool across,
			  mmp_overlap_seen *seen, void *context);

/*
 * What of `a` is not in `b`, side by side; both are united, `to` has room for as many as
 * both together, and each piece keeps the `of` of a. Returns how many pieces.
 */
size_t mmp_extents_minus(const struct mmp_extent *a, size_t a_count,
			 const struct mmp_extent *b, size_t b_count,
			 struct mmp_extent *to);

#endif
