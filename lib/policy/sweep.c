/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/sweep.h"

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

void mmp_sweep_sort(struct mmp_extent *extents, size_t count)
{
	if (count > 1)
		qsort(extents, count, sizeof(*extents), order);
}

/* The ranges that have begun and not been seen to end. */
struct open {
	const struct mmp_extent **at;
	size_t count;
};

/* Tell of those in `open` that reach `one`; forget those that have ended. */
static bool meet(struct open *open, const struct mmp_extent *one, mmp_meeting *meeting,
		 void *context)
{
	size_t kept = 0;
	bool go_on = true;

	for (size_t i = 0; i < open->count; i++) {
		const struct mmp_extent *other = open->at[i];

		if (other->last < one->base)
			continue;
		open->at[kept++] = other;
		if (go_on)
			go_on = one->side ? meeting(context, other, one)
					  : meeting(context, one, other);
	}
	open->count = kept;
	return go_on;
}

void mmp_sweep(struct mmp_extent *extents, size_t count, bool across,
	       mmp_meeting *meeting, void *context)
{
	struct open open[2] = { { NULL, 0 } };

	if (count < 2)
		return;
	mmp_sweep_sort(extents, count);
	open[0].at = malloc(2 * count * sizeof(const struct mmp_extent *));
	if (!open[0].at)
		return;
	open[1].at = open[0].at + count;
	for (size_t i = 0; i < count; i++) {
		unsigned own = across ? extents[i].side : 0, other = across ? !own : 0;

		if (!across)
			extents[i].side = 1;
		if (!meet(&open[other], &extents[i], meeting, context))
			break;
		open[own].at[open[own].count++] = &extents[i];
	}
	free(open[0].at);
}
