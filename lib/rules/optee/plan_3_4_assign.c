/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "model/attr.h"
#include "plan/sort.h"
#include "rules/optee/plan_3_4.h"

/*
 * The rest of init_mem_map(): granularity, sorts, virtual addresses. The firmware ends
 * every loop over its list at the first entry of type END, which is one behind the
 * last, unless a platform registers that type. Sorts see all entries.
 */

static size_t end_of(const struct mmp_plan *plan)
{
	size_t n = 0;

	while (n < plan->count && plan->regions[n].type != OPTEE_3_4_END)
		n++;
	return n;
}

/* Rounding to region_size, which is 0 where END hid an entry from granularity(). */
static uint64_t down(const struct optee_3_4 *o, const struct mmp_region *r, uint64_t va)
{
	if (!r->granule_shift)
		return 0;
	return va & ~((UINT64_C(1) << r->granule_shift) - 1) & o->widths.va;
}

static uint64_t up(const struct optee_3_4 *o, const struct mmp_region *r, uint64_t va)
{
	return r->granule_shift ? down(o, r, va + (UINT64_C(1) << r->granule_shift) - 1)
				: 0;
}

static int granularity(struct optee_3_4 *o)
{
	size_t end = end_of(o->plan);

	for (size_t n = 0; n < end; n++) {
		struct mmp_region *r = &o->plan->regions[n];
		uint64_t bits = r->pa | r->size;

		if (!(bits & (o->widths.pgdir - 1)))
			r->granule_shift = o->lpae ? 21 : 20;
		else if (!(bits & 0xfff))
			r->granule_shift = 12;
		else
			return optee_3_4_stop(o, OPTEE_3_4_STOP_ALIGNMENT, r,
					      "is not in whole 4 KiB pages");
		if (o->config->pager && optee_3_4_is_tee_ram(r->type))
			r->granule_shift = 12;
	}
	return 0;
}

static int by_larger_granule(const struct mmp_region *a, const struct mmp_region *b,
			     const void *context)
{
	(void)context;
	return (b->granule_shift > a->granule_shift) -
	       (b->granule_shift < a->granule_shift);
}

/* Comparing asks for attributes, and a type without any stops the boot. */
struct by_security {
	const struct mmp_region *invalid; /* as first met; a copy is in `kept` */
	struct mmp_region kept;
};

static uint32_t attr_of(struct by_security *s, const struct mmp_region *r)
{
	const struct mmp_memtype *type = &mmp_optee_3_4.types[r->type];

	if (type->panics && !s->invalid) {
		s->kept = *r;
		s->invalid = &s->kept;
	}
	return type->attr;
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

/* Short descriptors: a level 2 table has one security. */
static int sort_by_security(struct optee_3_4 *o)
{
	struct mmp_plan *plan = o->plan;
	struct by_security context = { 0 };
	size_t first = 0;

	while (first < plan->count && plan->regions[first].granule_shift == 20)
		first++;
	mmp_region_sort(plan->regions + first, plan->count - first, secure_first,
			&context);
	if (!context.invalid)
		return 0;
	return optee_3_4_stop(o, OPTEE_3_4_STOP_INVALID_TYPE, context.invalid,
			      "has a type that cannot be mapped");
}

static int set_attr(struct optee_3_4 *o, struct mmp_region *r)
{
	if (mmp_optee_3_4.types[r->type].panics)
		return optee_3_4_stop(o, OPTEE_3_4_STOP_INVALID_TYPE, r,
				      "has a type that cannot be mapped");
	r->attr = mmp_optee_3_4.types[r->type].attr;
	return 0;
}

/* What is flat mapped: [va, end). */
struct flat {
	uint64_t va, end;
};

static struct flat map_flat(struct optee_3_4 *o)
{
	struct flat flat = { o->widths.va, 0 };
	size_t end = end_of(o->plan);

	for (size_t n = 0; n < end; n++) {
		struct mmp_region *r = &o->plan->regions[n];
		uint64_t below, beyond;

		if (!optee_3_4_is_tee_ram(r->type))
			continue;
		r->attr = mmp_optee_3_4.types[r->type].attr;
		r->va = r->pa & o->widths.va;
		below = down(o, r, r->va);
		beyond = up(o, r, (r->va + r->size) & o->widths.va);
		flat.va = below < flat.va ? below : flat.va;
		flat.end = beyond > flat.end ? beyond : flat.end;
	}
	return flat;
}

static int flat_stop(struct optee_3_4 *o, enum optee_3_4_stop which,
		     const struct flat *flat)
{
	const struct optee_config *c = o->config;
	struct mmp_stop *stop = &o->plan->stop;

	mmp_stop_about(stop, OPTEE_3_4_TEE_RAM, flat->va, flat->end - flat->va);
	return mmp_stop_at(stop, &optee_3_4_stops[which],
			   "the core's memory is at 0x%" PRIx64 " to 0x%" PRIx64
			   "; tee_ram is at 0x%" PRIx64 ", va_size 0x%" PRIx64,
			   flat->va, flat->end, c->tee_ram.start, c->tee_ram.va_size);
}

static int check_flat(struct optee_3_4 *o, const struct flat *flat)
{
	uint64_t start = o->config->tee_ram.start & o->widths.va;
	uint64_t end = (start + o->config->tee_ram.va_size) & o->widths.va;

	if (!o->config->core_debug)
		return 0;
	if (flat->va < start)
		return flat_stop(o, OPTEE_3_4_STOP_TEE_RAM_BELOW, flat);
	if (flat->end > end)
		return flat_stop(o, OPTEE_3_4_STOP_TEE_RAM_BEYOND, flat);
	return 0;
}

static int no_entry(struct optee_3_4 *o, const struct mmp_region *new)
{
	mmp_stop_trace(&o->plan->stop,
		       "add_pager_vaspace: Out of entries (%zu) in memory map",
		       o->entries + 1);
	return optee_3_4_stop(o, OPTEE_3_4_STOP_NO_ENTRY_PAGER, new,
			      "finds no entry left in mmap_regions");
}

/* add_pager_vaspace(): what TEE RAM leaves of its virtual range, pager or not. */
static int add_pager_space(struct optee_3_4 *o, struct flat *flat)
{
	struct mmp_plan *plan = o->plan;
	struct mmp_region new = { .type = OPTEE_3_4_PAGER_VASPACE,
				  .va = flat->end,
				  .granule_shift = 12 };
	size_t at = 0, end = end_of(plan);

	new.attr = mmp_optee_3_4.types[new.type].attr;
	new.size = (o->config->tee_ram.va_size - (flat->end - flat->va)) & o->widths.size;
	if (!new.size)
		return 0;
	if (plan->count >= o->entries)
		return no_entry(o, &new);
	for (size_t n = 0; n < end; n++)
		if (optee_3_4_is_tee_ram(plan->regions[n].type))
			at = n + 1;
	mmp_plan_insert(plan, at, &new);
	flat->end = (flat->end + new.size) & o->widths.va;
	return 0;
}

/* Where the walk stands. */
struct walk {
	struct optee_3_4 *o;
	uint64_t va;
	bool secure;
};

/* Short descriptors: whether the walk enters memory of the other security. */
static bool flips(struct walk *w, const struct mmp_region *r)
{
	if (w->o->lpae || w->secure == !!(r->attr & MMP_ATTR_SECURE))
		return false;
	w->secure = !w->secure;
	return true;
}

/* How far `va` is below the next address that lies in its 2 MiB as the PA does. */
static uint64_t congruence(const struct walk *w, const struct mmp_region *r)
{
	return (r->pa - w->va) & (w->o->widths.pgdir - 1);
}

/* Already congruent costs a whole level 2 entry more: that is how it is. */
static void place_below(struct walk *w, struct mmp_region *r)
{
	uint64_t pgdir = w->o->widths.pgdir;

	if (flips(w, r))
		w->va &= ~(pgdir - 1);
	w->va = down(w->o, r, w->va - r->size);
	if (r->size > 2 * pgdir)
		w->va -= pgdir - congruence(w, r);
	w->va &= w->o->widths.va;
	r->va = w->va;
}

static void place_above(struct walk *w, struct mmp_region *r)
{
	uint64_t pgdir = w->o->widths.pgdir;

	if (flips(w, r))
		w->va = (w->va + pgdir - 1) & ~(pgdir - 1);
	w->va = up(w->o, r, w->va);
	if (r->size > 2 * pgdir)
		w->va += congruence(w, r);
	w->va &= w->o->widths.va;
	r->va = w->va;
	w->va = (w->va + r->size) & w->o->widths.va;
}

/* core_mmu_place_tee_ram_at_top(). */
static bool core_at_top(const struct optee_3_4 *o, uint64_t va)
{
	if (!o->lpae)
		return va > 0x80000000u;
	return (va & 0x3fffffff) > 0x20000000;
}

static int place_others(struct optee_3_4 *o, const struct flat *flat)
{
	bool at_top = core_at_top(o, flat->va);
	struct walk w = { o, at_top ? flat->va : flat->end, true };
	size_t end = end_of(o->plan);

	for (size_t n = 0; n < end; n++) {
		struct mmp_region *r = &o->plan->regions[n];

		if (r->va)
			continue;
		if (set_attr(o, r))
			return -1;
		if (at_top)
			place_below(&w, r);
		else
			place_above(&w, r);
	}
	return 0;
}

int optee_3_4_assign(struct optee_3_4 *o)
{
	struct mmp_plan *plan = o->plan;
	struct flat flat;

	if (granularity(o))
		return -1;
	mmp_region_sort(plan->regions, plan->count, by_larger_granule, NULL);
	if (!o->lpae && sort_by_security(o))
		return -1;
	flat = map_flat(o);
	if (check_flat(o, &flat) || add_pager_space(o, &flat))
		return -1;
	if (o->config->core_debug && ((flat.va | flat.end) & 0xfff))
		return flat_stop(o, OPTEE_3_4_STOP_FLAT_ALIGNMENT, &flat);
	if (place_others(o, &flat))
		return -1;
	mmp_region_sort(plan->regions, plan->count, mmp_region_by_va, NULL);
	plan->count = end_of(plan);
	return 0;
}
