/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/page.h"
#include "plan/sort.h"
#include "rules/optee/attr.h"
#include "rules/optee/pipeline.h"

/* The granule of each entry, and the order in which they get virtual addresses. */

int optee_granules(struct optee *o)
{
	struct mmp_plan *plan = o->plan;
	size_t end = optee_end_of(o);
	uint8_t pgdir_shift = o->lpae ? 21 : 20;
	/* what the larger granule requires: whole PGDIRs, and not the core's memory */
	uint64_t within =
		o->release->granule == OPTEE_GRANULE_TWO ? 0 : o->widths.pgdir - 1;
	bool core_pages =
		o->release->granule != OPTEE_GRANULE_ALIGNED || o->config->pager;

	for (size_t n = 0; n < end; n++) {
		struct mmp_region *r = &plan->regions[n];

		if ((r->pa | r->size) & MMP_PAGE_MASK)
			return optee_stop(o, OPTEE_STOP_ALIGNMENT, r,
					  "is not in whole 4 KiB pages");
		r->granule_shift = ((r->pa | r->size) &
				    within) || (core_pages && optee_is_tee_ram(r->type))
					   ? MMP_PAGE_SHIFT
					   : pgdir_shift;
	}
	return 0;
}

/* --- up to 3.7: larger granules first, then (short descriptors) secure memory ---- */

static int by_larger_granule(const struct mmp_region *a, const struct mmp_region *b,
			     const void *context)
{
	(void)context;
	return (b->granule_shift > a->granule_shift) -
	       (b->granule_shift < a->granule_shift);
}

/* The comparison uses attributes, and a type that has none stops the boot. */
struct by_security {
	const struct mmp_memtype *types;
	const struct mmp_region *invalid; /* the first one found; copied to `kept` */
	struct mmp_region kept;
};

static uint32_t attr_of(struct by_security *s, const struct mmp_region *r)
{
	if (s->types[r->type].stops && !s->invalid) {
		s->kept = *r;
		s->invalid = &s->kept;
	}
	return s->types[r->type].attr;
}

static int secure_first(const struct mmp_region *a, const struct mmp_region *b,
			const void *context)
{
	struct by_security *s = (struct by_security *)(uintptr_t)context;
	uint32_t attr_a = attr_of(s, a), attr_b;

	if (!attr_a)
		return 0;
	attr_b = attr_of(s, b);
	if (!attr_b)
		return 0;
	return !!(attr_b & MMP_ATTR_SECURE) - !!(attr_a & MMP_ATTR_SECURE);
}

static int invalid_type(struct optee *o, const struct mmp_region *r)
{
	return optee_stop(o, OPTEE_STOP_INVALID_TYPE, r,
			  "has a type that cannot be mapped");
}

/* A level 2 table of short descriptors has only one security state. */
static int sort_large_first(struct optee *o)
{
	struct mmp_plan *plan = o->plan;
	struct by_security context = { .types = o->types };
	size_t first = 0;

	mmp_region_sort(plan->regions, plan->count, by_larger_granule, NULL);
	if (o->lpae)
		return 0;
	while (first < plan->count && plan->regions[first].granule_shift == 20)
		first++;
	mmp_region_sort(plan->regions + first, plan->count - first, secure_first,
			&context);
	return context.invalid ? invalid_type(o, context.invalid) : 0;
}

/* --- from 3.8: smaller granules first, then the physical address ----------------------- */

#define ORDER(a, b)                                                                      \
	do {                                                                             \
		if ((a) != (b))                                                          \
			return (a) < (b) ? -1 : 1;                                       \
	} while (0)

static bool is_shared(const struct optee *o, unsigned type)
{
	return o->release->sort == OPTEE_SORT_AND_SHARED && optee_is_shared(o, type);
}

static int small_first(const struct mmp_region *a, const struct mmp_region *b,
		       const void *context)
{
	const struct optee *o = context;

	ORDER(a->granule_shift, b->granule_shift);
	ORDER(a->pa, b->pa);
	if (!o->lpae)
		ORDER(o->types[a->type].attr & MMP_ATTR_SECURE,
		      o->types[b->type].attr & MMP_ATTR_SECURE);
	ORDER(is_shared(o, a->type), is_shared(o, b->type));
	return 0;
}

/*
 * With short descriptors the sort compares the security of entries that are otherwise
 * equal, and so stops for a type that cannot be mapped before any of them has an address.
 */
static int check_ties(struct optee *o)
{
	const struct mmp_region *r = o->plan->regions;

	for (size_t n = 1; !o->lpae && n < o->plan->count; n++) {
		bool tie = r[n - 1].granule_shift == r[n].granule_shift &&
			   r[n - 1].pa == r[n].pa;

		for (size_t k = n - 1; tie && k <= n; k++)
			if (o->types[r[k].type].stops)
				return invalid_type(o, &r[k]);
	}
	return 0;
}

int optee_sort(struct optee *o)
{
	if (o->release->sort == OPTEE_SORT_LARGE_FIRST)
		return sort_large_first(o);
	mmp_region_sort(o->plan->regions, o->plan->count, small_first, o);
	return check_ties(o);
}

int optee_set_attr(struct optee *o, struct mmp_region *r)
{
	const struct mmp_memtype *type = &o->types[r->type];

	if (type->stops)
		return invalid_type(o, r);
	r->attr = type->attr;
	if (r->type == OPTEE_EXT_DT)
		r->attr = optee_attr(o->plan->platform->rules, &o->plan->platform->config,
				     r->type);
	return 0;
}
