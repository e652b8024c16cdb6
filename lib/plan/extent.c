/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/extent.h"

#include <stdlib.h>

#include "plan/range.h"

bool mmp_extent_of(struct mmp_extent *extent, uint64_t base, uint64_t size, uint64_t mask)
{
	if (mmp_range_bad(base, size, mask))
		return false;
	extent->base = base & mask;
	extent->last = mmp_range_last(base, size, mask);
	return true;
}

static int order(const void *one, const void *other)
{
	const struct mmp_extent *a = one, *b = other;

	if (a->base != b->base)
		return a->base < b->base ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->of < b->of ? -1 : a->of > b->of;
}

void mmp_extents_sort(struct mmp_extent *extents, size_t count)
{
	if (count > 1)
		qsort(extents, count, sizeof(*extents), order);
}

static int by_side(const void *one, const void *other)
{
	const struct mmp_extent *a = one, *b = other;

	if (a->side != b->side)
		return a->side < b->side ? -1 : 1;
	return order(one, other);
}

size_t mmp_extents_unite(struct mmp_extent *extents, size_t count)
{
	size_t kept = 0;

	if (count < 2)
		return count;
	qsort(extents, count, sizeof(*extents), by_side);
	for (size_t i = 1; i < count; i++) {
		struct mmp_extent *e = &extents[kept];

		if (extents[i].side == e->side &&
		    (extents[i].base <= e->last || extents[i].base == e->last + 1)) {
			if (extents[i].last > e->last)
				e->last = extents[i].last;
			continue;
		}
		extents[++kept] = extents[i];
	}
	return kept + 1;
}

size_t mmp_extents_reaching(const struct mmp_extent *extents, size_t count, uint64_t base)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (extents[middle].last < base)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One meets another before it where it begins at or before the farthest end so far. */
size_t mmp_extents_first_overlap(struct mmp_extent *extents, size_t count)
{
	size_t first = SIZE_MAX, farthest = 0;

	mmp_extents_sort(extents, count);
	for (size_t i = 1; i < count; i++) {
		const struct mmp_extent *e = &extents[i], *far = &extents[farthest];

		if (e->base <= far->last) {
			first = e->of < first ? e->of : first;
			first = far->of < first ? far->of : first;
		}
		if (e->last > far->last)
			farthest = i;
	}
	return first;
}
