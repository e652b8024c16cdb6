/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "plan/extent.h"
#include "plan/planner.h"
#include "plan/range.h"

static bool extent_of(const struct mmp_platform *p, unsigned section, size_t i,
		      const struct mmp_predicates *in, struct mmp_extent *extent)
{
	const struct mmp_registration *r = &p->registrations[i];

	*extent = (struct mmp_extent){ .of = i };
	return r->section == section &&
	       mmp_extent_of(extent, r->addr, r->size, in->mask) &&
	       extent->last <= in->top;
}

/* The extents of a section; NULL with *ret_count 0 if it has none. */
static int collect_section(const struct mmp_platform *p, unsigned section,
			   const struct mmp_predicates *in, struct mmp_extent **ret_all,
			   size_t *ret_count)
{
	*ret_all = NULL;
	*ret_count = 0;
	if (!mmp_platform_uses(p, section))
		return 0;
	*ret_all = malloc(p->count * sizeof(**ret_all));
	if (!*ret_all)
		return -1;
	for (size_t i = 0; i < p->count; i++)
		*ret_count += extent_of(p, section, i, in, &(*ret_all)[*ret_count]);
	return 0;
}

/*
 * The first registration of a section, from `from` on, that meets registration `one`;
 * there is one.
 */
static size_t partner(const struct mmp_platform *p, unsigned section, size_t from,
		      size_t one, const struct mmp_predicates *in)
{
	const struct mmp_registration *all = p->registrations;

	while (all[from].section != section ||
	       !mmp_ranges_meet(in, all[one].addr, all[one].size, all[from].addr,
				all[from].size))
		from++;
	return from;
}

int mmp_first_pair(const struct mmp_platform *platform, unsigned section,
		   const struct mmp_predicates *in, size_t *ret_one, size_t *ret_other)
{
	struct mmp_extent *all;
	size_t count, first;

	if (collect_section(platform, section, in, &all, &count))
		return -1;
	first = mmp_extents_first_overlap(all, count);
	free(all);
	if (first == SIZE_MAX)
		return 0;
	*ret_one = first;
	*ret_other = partner(platform, section, first + 1, first, in);
	return 1;
}

static bool meets(const struct mmp_extent *united, size_t count,
		  const struct mmp_extent *one)
{
	size_t n = mmp_extents_reaching(united, count, one->base);

	return n < count && united[n].base <= one->last;
}

int mmp_first_across(const struct mmp_platform *platform, unsigned one, unsigned other,
		     const struct mmp_predicates *in, size_t *ret_one, size_t *ret_other)
{
	struct mmp_extent *others, extent;
	int found = 0;
	size_t count;

	if (collect_section(platform, other, in, &others, &count))
		return -1;
	count = mmp_extents_unite(others, count);
	for (size_t i = 0; count && !found && i < platform->count; i++) {
		if (!extent_of(platform, one, i, in, &extent) ||
		    !meets(others, count, &extent))
			continue;
		*ret_one = i;
		*ret_other = partner(platform, other, 0, i, in);
		found = 1;
	}
	free(others);
	return found;
}

enum { TYPES = UINT8_MAX + 1 };

/* The map's extents, merged, grouped by type. */
struct by_type {
	struct mmp_extent *all;
	size_t begin[TYPES + 1]; /* index in all[] */
};

static int sort_map(struct by_type *map, const struct mmp_plan *plan, size_t entries,
		    const struct mmp_predicates *in)
{
	size_t count = 0, n = 0;

	map->all = malloc((entries + 1) * sizeof(*map->all));
	if (!map->all)
		return -1;
	for (size_t i = 0; i < entries; i++) {
		const struct mmp_region *r = &plan->regions[i];
		struct mmp_extent *e = &map->all[count];

		*e = (struct mmp_extent){ .of = i, .side = r->type };
		count += mmp_extent_of(e, r->pa, r->size, in->mask) && e->last <= in->top;
	}
	count = mmp_extents_unite(map->all, count);
	for (unsigned type = 0; type <= TYPES; type++) {
		while (n < count && map->all[n].side < type)
			n++;
		map->begin[type] = n;
	}
	return 0;
}

static bool meets_map(const struct by_type *map, const struct mmp_platform *platform,
		      const struct mmp_registration *r, const struct mmp_extent *extent,
		      mmp_may_meet *may_meet)
{
	for (unsigned type = 0; type < TYPES; type++) {
		size_t begin = map->begin[type], count = map->begin[type + 1] - begin;

		if (count && meets(map->all + begin, count, extent) &&
		    !may_meet(platform, r, type))
			return true;
	}
	return false;
}

static size_t entry_met(const struct mmp_plan *plan, const struct mmp_registration *r,
			const struct mmp_predicates *in, mmp_may_meet *may_meet)
{
	const struct mmp_region *all = plan->regions;
	size_t n = 0;

	while (may_meet(plan->platform, r, all[n].type) ||
	       !mmp_ranges_meet(in, r->addr, r->size, all[n].pa, all[n].size))
		n++;
	return n;
}

int mmp_first_on_map(const struct mmp_plan *plan, size_t entries, unsigned section,
		     const struct mmp_predicates *in, mmp_may_meet *may_meet,
		     size_t *ret_one, size_t *ret_entry)
{
	const struct mmp_platform *p = plan->platform;
	struct mmp_extent extent;
	struct by_type map;
	int found = 0;

	if (!mmp_platform_uses(p, section))
		return 0;
	if (sort_map(&map, plan, entries, in))
		return -1;
	for (size_t i = 0; !found && i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (!extent_of(p, section, i, in, &extent) ||
		    !meets_map(&map, p, r, &extent, may_meet))
			continue;
		*ret_one = i;
		*ret_entry = entry_met(plan, r, in, may_meet);
		found = 1;
	}
	free(map.all);
	return found;
}
