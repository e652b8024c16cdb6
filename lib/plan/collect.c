/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/search.h"
#include "plan/planner.h"

static int by_type_and_pa(const void *one, const void *other)
{
	const struct mmp_region *a = one, *b = other;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->pa != b->pa)
		return a->pa < b->pa ? -1 : 1;
	return a->va < b->va ? -1 : a->va > b->va;
}

size_t mmp_regions_from(const struct mmp_region *regions, size_t first, size_t end,
			unsigned type, uint64_t pa)
{
	return MMP_LOWER_BOUND(n, first, end,
			       regions[n].type < type ||
				       (regions[n].type == type && regions[n].pa < pa));
}

static int by_registration(const void *one, const void *other)
{
	const struct mmp_region *a = one, *b = other;

	return a->va < b->va ? -1 : a->va > b->va;
}

static int add_all(struct mmp_collected *g, size_t first, size_t begin, size_t end)
{
	qsort(g->all + begin, end - begin, sizeof(*g->all), by_registration);
	for (size_t i = begin; i < end; i++) {
		struct mmp_region one = g->all[i];

		one.va = 0;
		if (g->add(g->context, first, &one))
			return -1;
	}
	return 0;
}

/*
 * The end of the group that starts at `begin`. all[] is sorted; a group ends where the
 * next range touches nothing before it.
 */
static size_t end_of_group(const struct mmp_collected *g, size_t begin)
{
	uint64_t last = g->all[begin].pa + (g->all[begin].size - 1);
	size_t end = begin + 1;

	while (end < g->count && g->all[end].type == g->all[begin].type &&
	       (g->all[end].pa <= last || (g->touching && g->all[end].pa == last + 1))) {
		uint64_t other = g->all[end].pa + (g->all[end].size - 1);

		if (other > last)
			last = other;
		end++;
	}
	return end;
}

/* Whether an entry from `first` on has grown to reach the range at `next`. */
static bool reaches(const struct mmp_collected *g, size_t first, size_t next)
{
	for (size_t n = first; next < g->count && n < g->plan->count; n++) {
		const struct mmp_region *r = &g->plan->regions[n];
		uint64_t last = r->pa + (r->size - 1);

		if (r->type == g->all[next].type &&
		    (last >= g->all[next].pa || last < r->pa))
			return true;
	}
	return false;
}

static size_t twice_as_many(const struct mmp_collected *g, size_t begin, size_t end)
{
	size_t wanted = end + (end - begin);

	while (end < wanted && end < g->count)
		end = end_of_group(g, end);
	return end;
}

int mmp_collected_add_in_groups(struct mmp_collected *g)
{
	size_t begin = 0;

	qsort(g->all, g->count, sizeof(*g->all), by_type_and_pa);
	while (begin < g->count) {
		size_t end = end_of_group(g, begin), first = g->plan->count;

		if (add_all(g, first, begin, end))
			return -1;
		while (reaches(g, first, end)) {
			end = twice_as_many(g, begin, end);
			g->plan->count = first;
			if (add_all(g, first, begin, end))
				return -1;
		}
		begin = end;
	}
	return 0;
}

int mmp_collected_add_in_order(struct mmp_collected *g)
{
	return add_all(g, g->plan->count, 0, g->count);
}

bool mmp_collected_wraps(const struct mmp_collected *g)
{
	for (size_t i = 0; i < g->count; i++) {
		uint64_t last = g->all[i].pa + (g->all[i].size - 1);

		if (last > g->pa_mask || last < g->all[i].pa)
			return true;
	}
	return false;
}
