/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXTENT_H
#define MMP_EXTENT_H

/* Ranges by their first and last byte, sorted, to find quickly which of them meet. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A range that is not empty and does not wrap. */
struct mmp_extent {
	uint64_t base, last; /* bytes; last is inclusive */
	size_t of;           /* the caller's own index */
	unsigned side;       /* the caller's own grouping */
};

/*
 * Make an extent. False if the range is empty or wraps in `mask`, as it then meets
 * nothing.
 */
bool mmp_extent_of(struct mmp_extent *extent, uint64_t base, uint64_t size,
		   uint64_t mask);

/* Sort by base, then last, then `of`. Many are radix sorted. */
void mmp_extents_sort(struct mmp_extent *extents, size_t count);
/* Sort by side, then as above. */
void mmp_extents_sort_by_side(struct mmp_extent *extents, size_t count);

/*
 * Merge ranges of one side that meet or touch; each keeps the `of` of its first. The
 * result is sorted by side, then base. Returns how many are left.
 */
size_t mmp_extents_unite(struct mmp_extent *extents, size_t count);

/*
 * The index of the first extent that ends at or after `base`, or count. They must be
 * sorted by their ends.
 */
size_t mmp_extents_reaching(const struct mmp_extent *extents, size_t count,
			    uint64_t base);

/* The smallest `of` of the extents that meet another one, or SIZE_MAX. Sorts them. */
size_t mmp_extents_first_overlap(struct mmp_extent *extents, size_t count);

#endif
