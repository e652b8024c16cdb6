/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SWEEP_H
#define MMP_SWEEP_H

/*
 * Which ranges meet, without looking at every pair: sorted once, then swept. The work
 * is n log n and the number of pairs that are told.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A range that is neither empty nor wraps. */
struct mmp_extent {
	uint64_t base, last; /* bytes; last is inclusive */
	size_t of;           /* whatever the caller knows it by */
	unsigned side;       /* 0 or 1, where only pairs of one of each count */
};

/* Told of each pair that meets; false ends the sweep. */
typedef bool mmp_meeting(void *context, const struct mmp_extent *a,
			 const struct mmp_extent *b);

/*
 * Tell of every pair that meets; with `across`, only of those of side 0 (told as a)
 * and side 1 (b), else all with a before b. Sorts `extents`. Memory that runs out ends
 * it early.
 */
void mmp_sweep(struct mmp_extent *extents, size_t count, bool across,
	       mmp_meeting *meeting, void *context);

/* By base, then last, then `of`. */
void mmp_sweep_sort(struct mmp_extent *extents, size_t count);

/*
 * Ranges of one side that meet or touch become one, which keeps the `of` of its first;
 * sorted by side, then base. Returns how many are left.
 */
size_t mmp_extents_unite(struct mmp_extent *extents, size_t count);

/*
 * What of `a` is not in `b`, side by side; both are united, `to` has room for as many as
 * both together, and each piece keeps the `of` of a. Returns how many pieces.
 */
size_t mmp_extents_minus(const struct mmp_extent *a, size_t a_count,
			 const struct mmp_extent *b, size_t b_count,
			 struct mmp_extent *to);

/* False where the range is empty or wraps in `mask`, and so meets nothing. */
bool mmp_extent_of(struct mmp_extent *extent, uint64_t base, uint64_t size,
		   uint64_t mask);

#endif
