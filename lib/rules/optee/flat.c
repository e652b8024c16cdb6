/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "base/page.h"
#include "plan/sort.h"
#include "rules/optee/attr.h"
#include "rules/optee/pipeline.h"

/*
 * Virtual addresses up to 3.7: memory of the core is mapped flat, everything else above
 * or below it. Overflows are not checked.
 */

/* Round to region_size, which is 0 if END hid an entry. */
static uint64_t down(const struct optee *o, const struct mmp_region *r, uint64_t va)
{
	return r->granule_shift ? va & ~(optee_granule(r) - 1) & o->widths.va : 0;
}

static uint64_t up(const struct optee *o, const struct mmp_region *r, uint64_t va)
{
	return r->granule_shift ? down(o, r, va + optee_granule(r) - 1) : 0;
}

/* The flat mapped range: [va, end). */
struct flat {
	uint64_t va, end;
};

static struct flat map_flat(struct optee *o)
{
	struct flat flat = { o->widths.va, 0 };
	size_t end = optee_end_of(o);

	for (size_t n = 0; n < end; n++) {
		struct mmp_region *r = &o->plan->regions[n];
		uint64_t below, beyond;

		if (!optee_is_tee_ram(r->type))
			continue;
		r->attr = o->types[r->type].attr;
		r->va = r->pa & o->widths.va;
		below = down(o, r, r->va);
		beyond = up(o, r, (r->va + r->size) & o->widths.va);
		flat.va = below < flat.va ? below : flat.va;
		flat.end = beyond > flat.end ? beyond : flat.end;
	}
	return flat;
}

static int flat_stop(struct optee *o, enum optee_stop which, const struct flat *flat)
{
	const struct optee_config *c = o->config;
	struct mmp_stop *stop = &o->plan->stop;

	if (flat->va > flat->end) { /* as before the first of the core's ranges */
		mmp_stop_about(stop, -1, c->tee_ram.start, c->tee_ram.va_size);
		return mmp_stop_at(
			stop, optee_stop_of(o, which),
			"none of the core's memory is registered; tee_ram is at "
			"0x%" PRIx64 ", va_size 0x%" PRIx64,
			c->tee_ram.start, c->tee_ram.va_size);
	}
	mmp_stop_about(stop, OPTEE_TEE_RAM, flat->va, flat->end - flat->va);
	return mmp_stop_at(stop, optee_stop_of(o, which),
			   "the core's memory is at 0x%" PRIx64 " to 0x%" PRIx64
			   "; tee_ram is at 0x%" PRIx64 ", va_size 0x%" PRIx64,
			   flat->va, flat->end, c->tee_ram.start, c->tee_ram.va_size);
}

static int check_flat(struct optee *o, const struct flat *flat)
{
	uint64_t start = o->config->tee_ram.start & o->widths.va;
	uint64_t end = (start + o->config->tee_ram.va_size) & o->widths.va;

	if (!o->config->core_debug)
		return 0;
	if (flat->va < start)
		return flat_stop(o, OPTEE_STOP_TEE_RAM_BELOW, flat);
	if (flat->end > end)
		return flat_stop(o, OPTEE_STOP_TEE_RAM_BEYOND, flat);
	return 0;
}

/*
 * add_pager_vaspace(): the part of its virtual range that TEE RAM does not use, with or
 * without the pager.
 */
static int add_pager_space(struct optee *o, struct flat *flat)
{
	uint64_t size = o->config->tee_ram.va_size - (flat->end - flat->va);

	if (!(size & o->widths.size))
		return 0;
	if (optee_put_pager_space(o, size, flat->end))
		return -1;
	flat->end = (flat->end + (size & o->widths.size)) & o->widths.va;
	return 0;
}

/* State of the walk. */
struct flat_walk {
	struct optee *o;
	uint64_t va;
	bool secure;
};

/* Short descriptors: whether the walk enters memory of the other security. */
static bool flips(struct flat_walk *w, const struct mmp_region *r)
{
	if (w->o->lpae || w->secure == !!(r->attr & MMP_ATTR_SECURE))
		return false;
	w->secure = !w->secure;
	return true;
}

static bool is_congruent(const struct flat_walk *w, const struct mmp_region *r)
{
	return w->o->release->congruent && r->size > 2 * w->o->widths.pgdir;
}

/* 3.0 with short descriptors also aligns the start of every entry to 1 MiB. */
static uint64_t to_mib(const struct flat_walk *w)
{
	return !w->o->lpae && w->o->release->short_va_to_mib ? w->o->widths.pgdir - 1 : 0;
}

/* The firmware moves even a congruent entry down one more PGDIR. */
static void place_below(struct flat_walk *w, struct mmp_region *r)
{
	uint64_t pgdir = w->o->widths.pgdir;

	if (flips(w, r))
		w->va &= ~(pgdir - 1);
	w->va = down(w->o, r, w->va - r->size) & ~to_mib(w);
	if (is_congruent(w, r))
		w->va -= pgdir - optee_congruence(w->o, r, w->va);
	w->va &= w->o->widths.va;
	r->va = w->va;
}

static void place_above(struct flat_walk *w, struct mmp_region *r)
{
	uint64_t pgdir = w->o->widths.pgdir;

	if (flips(w, r))
		w->va = (w->va + pgdir - 1) & ~(pgdir - 1);
	w->va = (up(w->o, r, w->va) + to_mib(w)) & ~to_mib(w);
	if (is_congruent(w, r))
		w->va += optee_congruence(w->o, r, w->va);
	w->va &= w->o->widths.va;
	r->va = w->va;
	w->va = (w->va + r->size) & w->o->widths.va;
}

static int place_others(struct optee *o, const struct flat *flat)
{
	bool at_top = optee_is_at_top(o, flat->va);
	struct flat_walk w = { o, at_top ? flat->va : flat->end, true };
	size_t end = optee_end_of(o);

	for (size_t n = 0; n < end; n++) {
		struct mmp_region *r = &o->plan->regions[n];

		if (r->va)
			continue;
		if (optee_set_attr(o, r))
			return -1;
		if (at_top)
			place_below(&w, r);
		else
			place_above(&w, r);
	}
	return 0;
}

int optee_place_flat(struct optee *o)
{
	struct flat flat = map_flat(o);

	if (check_flat(o, &flat) || add_pager_space(o, &flat))
		return -1;
	if (o->config->core_debug && ((flat.va | flat.end) & MMP_PAGE_MASK))
		return flat_stop(o, OPTEE_STOP_FLAT_ALIGNMENT, &flat);
	return place_others(o, &flat);
}
