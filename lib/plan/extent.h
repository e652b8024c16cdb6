/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXTENT_H
#define MMP_EXTENT_H

/* Ranges by their first and last byte, sorted, so that what meets what is soon found. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A range that is neither empty nor wraps. */
struct mmp_extent {
	uint64_t base, last; /* bytes; last is inclusive */
	size_t of;           /* whatever the caller knows it by */
	unsigned side;       /* whatever the caller sets apart by it */
};

/* False where the range is empty or wraps in `mask`, and so meets nothing. */
bool mmp_extent_of(struct mmp_extent *extent, uint64_t base, uint64_t size,
		   uint64_t mask);

/* By base, then last, then `of`; many by the bytes of their addresses, one after another. */
void mmp_extents_sort(struct mmp_extent *extents, size_t count);
/* By side, then as above. */
void mmp_extents_sort_by_side(struct mmp_extent *extents, size_t count);

/*
 * Ranges of one side that meet or touch become one, which keeps the `of` of its first;
 * sorted by side, then base. Returns how many are left.
 */
size_t mmp_extents_unite(struct mmp_extent *extents, size_t count);

/* Of extents sorted by their ends, the first that ends at `base` or behind, or count. */
size_t mmp_extents_reaching(const struct mmp_extent *extents, size_t count,
			    uint64_t base);

/* The smallest `of` of those that meet another, or SIZE_MAX. Sorts. */
size_t mmp_extents_first_overlap(struct mmp_extent *extents, size_t count);

#endif
