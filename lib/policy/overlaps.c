/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/overlaps.h"

#include <stdlib.h>

/* The ranges that have begun and not yet ended. */
struct open {
	const struct mmp_extent **at;
	size_t count;
};

/* Report the ranges in `open` that overlap `one`, and remove those that have ended. */
static bool meet(struct open *open, const struct mmp_extent *one, mmp_overlap_seen *seen,
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
			go_on = one->side ? seen(context, other, one)
					  : seen(context, one, other);
	}
	open->count = kept;
	return go_on;
}

void mmp_extents_overlaps(struct mmp_extent *extents, size_t count, bool across,
			  mmp_overlap_seen *seen, void *context)
{
	struct open open[2] = { { NULL, 0 } };

	if (count < 2)
		return;
	mmp_extents_sort(extents, count);
	open[0].at = malloc(2 * count * sizeof(const struct mmp_extent *));
	if (!open[0].at)
		return;
	open[1].at = open[0].at + count;
	for (size_t i = 0; i < count; i++) {
		unsigned own = across ? extents[i].side : 0, other = across ? !own : 0;

		if (!across)
			extents[i].side = 1;
		if (!meet(&open[other], &extents[i], seen, context))
			break;
		open[own].at[open[own].count++] = &extents[i];
	}
	free(open[0].at);
}

/* Cut b[*from ..] out of one range and append the pieces that are left. */
static size_t cut(struct mmp_extent rest, const struct mmp_extent *b, size_t b_count,
		  size_t *from, struct mmp_extent *to)
{
	size_t pieces = 0;

	while (*from < b_count &&
	       (b[*from].side < rest.side ||
		(b[*from].side == rest.side && b[*from].last < rest.base)))
		++*from;
	for (size_t n = *from;
	     n < b_count && b[n].side == rest.side && b[n].base <= rest.last; n++) {
		if (b[n].base > rest.base) {
			to[pieces] = rest;
			to[pieces++].last = b[n].base - 1;
		}
		if (b[n].last >= rest.last)
			return pieces;
		rest.base = b[n].last + 1;
	}
	to[pieces++] = rest;
	return pieces;
}

size_t mmp_extents_minus(const struct mmp_extent *a, size_t a_count,
			 const struct mmp_extent *b, size_t b_count,
			 struct mmp_extent *to)
{
	size_t count = 0, from = 0;

	for (size_t i = 0; i < a_count; i++)
		count += cut(a[i], b, b_count, &from, to + count);
	return count;
}
