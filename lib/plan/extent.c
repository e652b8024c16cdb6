/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/extent.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "plan/range.h"

enum { INSERTED_BELOW = 32, COMPARED_BELOW = 64, BYTE_VALUES = 256 };

bool mmp_extent_of(struct mmp_extent *extent, uint64_t base, uint64_t size, uint64_t mask)
{
	if (mmp_range_bad(base, size, mask))
		return false;
	extent->base = base & mask;
	extent->last = mmp_range_last(base, size, mask);
	return true;
}

static inline int order_of(const struct mmp_extent *a, const struct mmp_extent *b,
			   bool by_side)
{
	if (by_side && a->side != b->side)
		return a->side < b->side ? -1 : 1;
	if (a->base != b->base)
		return a->base < b->base ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->of < b->of ? -1 : a->of > b->of;
}

static int order(const void *one, const void *other)
{
	return order_of(one, other, false);
}

static int order_by_side(const void *one, const void *other)
{
	return order_of(one, other, true);
}

static inline uint64_t key_of(const struct mmp_extent *e, bool side)
{
	return side ? e->side : e->base;
}

static inline bool same_key(const struct mmp_extent *a, const struct mmp_extent *b,
			    bool by_side)
{
	return a->base == b->base && (!by_side || a->side == b->side);
}

/* One pass of a radix sort, by one byte of the key. It is stable. */
static void scatter(const struct mmp_extent *from, struct mmp_extent *to, size_t count,
		    unsigned shift, bool side)
{
	size_t at[BYTE_VALUES] = { 0 }, sum = 0;

	for (size_t i = 0; i < count; i++)
		at[key_of(&from[i], side) >> shift & 0xff]++;
	for (unsigned n = 0; n < BYTE_VALUES; n++) {
		size_t here = at[n];

		at[n] = sum;
		sum += here;
	}
	for (size_t i = 0; i < count; i++)
		to[at[key_of(&from[i], side) >> shift & 0xff]++] = from[i];
}

/*
 * Radix sort from the lowest byte, skipping bytes that are all equal. Returns the buffer
 * with the result.
 */
static inline struct mmp_extent *
scatter_all(struct mmp_extent *from, struct mmp_extent *to, size_t count, bool side)
{
	uint64_t differs = 0;

	for (size_t i = 1; i < count; i++)
		differs |= key_of(&from[i], side) ^ key_of(&from[0], side);
	for (unsigned shift = 0; shift < 64 && differs >> shift; shift += 8) {
		struct mmp_extent *other = to;

		if (!(differs >> shift & 0xff))
			continue;
		scatter(from, to, count, shift, side);
		to = from;
		from = other;
	}
	return from;
}

static void insert_all(struct mmp_extent *extents, size_t from, size_t count,
		       bool by_side)
{
	for (size_t i = from; i < count; i++) {
		struct mmp_extent one = extents[i];
		size_t n = i;

		for (; n && order_of(&extents[n - 1], &one, by_side) > 0; n--)
			extents[n] = extents[n - 1];
		extents[n] = one;
	}
}

/*
 * By base (and by side first, if asked), then the extents with the same base by the full
 * order.
 */
static void sort_extents(struct mmp_extent *extents, size_t count, bool by_side)
{
	int (*compare)(const void *, const void *) = by_side ? order_by_side : order;
	struct mmp_extent *spare, *sorted;
	size_t first = 0, i = 1;

	while (i < count && order_of(&extents[i - 1], &extents[i], by_side) <= 0)
		i++;
	if (i >= count)
		return;
	if (count < INSERTED_BELOW) {
		insert_all(extents, i, count, by_side);
		return;
	}
	spare = count < COMPARED_BELOW ? NULL : malloc(count * sizeof(*spare));
	if (!spare) {
		qsort(extents, count, sizeof(*extents), compare);
		return;
	}
	sorted = scatter_all(extents, spare, count, false);
	if (by_side)
		sorted = scatter_all(sorted, sorted == extents ? spare : extents, count,
				     true);
	if (sorted != extents)
		memcpy(extents, sorted, count * sizeof(*extents));
	free(spare);
	for (i = 1; i <= count; i++) {
		if (i < count && same_key(&extents[i], &extents[first], by_side))
			continue;
		if (i - first > 1)
			qsort(extents + first, i - first, sizeof(*extents), compare);
		first = i;
	}
}

void mmp_extents_sort(struct mmp_extent *extents, size_t count)
{
	sort_extents(extents, count, false);
}

void mmp_extents_sort_by_side(struct mmp_extent *extents, size_t count)
{
	sort_extents(extents, count, true);
}

size_t mmp_extents_unite(struct mmp_extent *extents, size_t count)
{
	size_t kept = 0;

	if (count < 2)
		return count;
	mmp_extents_sort_by_side(extents, count);
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
	return MMP_LOWER_BOUND(n, 0, count, extents[n].last < base);
}

/* An extent meets an earlier one if it begins at or before the farthest end so far. */
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
