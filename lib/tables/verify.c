/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "tables/walk.h"

/*
 * Compare the plan, as the rights that its attribute words ask for, with what the walker
 * reads. It goes through the address space in the walker's own steps.
 */

/* The difference between `is` and `wanted`, or NULL. */
static const char *difference_of_leaves(const struct mmp_leaf *is,
					const struct mmp_leaf *wanted)
{
	if (is->nonsecure != wanted->nonsecure || is->nse != wanted->nse)
		return "has the other security";
	if (is->read_only != wanted->read_only)
		return "has other write access";
	if (is->accessed != wanted->accessed)
		return "has another access flag";
	if (is->user != wanted->user)
		return "has other access for user mode";
	if (is->uxn != wanted->uxn)
		return "has other execute rights";
	if (is->pxn != wanted->pxn)
		return "has other privileged execute rights";
	if (is->memory != wanted->memory)
		return "has another memory type";
	if (is->not_global != wanted->not_global)
		return "is global where it should not be, or the other way round";
	if (is->shareability != wanted->shareability)
		return "has another shareability";
	return is->guarded != wanted->guarded ? "has another guard bit" : NULL;
}

static const char *difference(const struct mmp_walker *walker,
			      const struct mmp_walk *walk, const struct mmp_plan *plan,
			      const struct mmp_region *r, const struct mmp_leaf *wanted,
			      uint64_t va)
{
	struct mmp_leaf leaf = *wanted;

	if (walk->end != MMP_WALK_MAPPED)
		return "is not mapped";
	if (walk->stray)
		return "has unexpected bits set";
	if (walk->pa.at != ((r->pa + (va - r->va)) & plan->shape.pa_mask))
		return "has another physical address";
	walker->format->reduce(walk->level, &leaf);
	return difference_of_leaves(&walk->leaf, &leaf);
}

static int differs(uint64_t va, const char *what, const struct mmp_plan *plan,
		   const struct mmp_region *r, struct mmp_error *err)
{
	if (!r)
		return mmp_fail(err, MMP_SYSTEM,
				"walking the tables: virtual 0x%" PRIx64
				" is mapped, but belongs to no region",
				va);
	return mmp_fail(err, MMP_SYSTEM,
			"walking the tables: virtual 0x%" PRIx64
			" %s; it belongs to %s at 0x%" PRIx64 " size 0x%" PRIx64,
			va, what, mmp_memtype_label(plan->platform->rules, r->type),
			r->pa, r->size);
}

/* From `va` to `end`, every entry must match the region. */
static int verify_region(const struct mmp_walker *walker, const struct mmp_plan *plan,
			 const struct mmp_region *r, struct mmp_error *err)
{
	const struct mmp_platform *p = plan->platform;
	uint64_t va = r->va, end = r->va + r->size;
	struct mmp_leaf wanted;

	p->rules->leaf(p->rules, &p->config, walker->format, r->attr, &wanted);
	while (va < end) {
		struct mmp_walk walk = mmp_walk(walker, (struct mmp_va){ va });
		const char *what = difference(walker, &walk, plan, r, &wanted, va);

		if (what)
			return differs(va, what, plan, r, err);
		if (walk.base.at < r->va || walk.base.at + walk.size > end)
			return differs(walk.base.at, "shares a block with other memory",
				       plan, r, err);
		va = walk.base.at + walk.size;
	}
	return 0;
}

static uint64_t last_descriptor(const struct mmp_walk *walk)
{
	return walk->count ? walk->steps[walk->count - 1].descriptor : 0;
}

/* From `va` to `end`, nothing may be mapped, and every entry must be 0. */
static int verify_hole(const struct mmp_walker *walker, uint64_t va, uint64_t end,
		       struct mmp_error *err)
{
	while (va < end) {
		struct mmp_walk walk = mmp_walk(walker, (struct mmp_va){ va });

		if (walk.end != MMP_WALK_NO_ENTRY || walk.stray || last_descriptor(&walk))
			return differs(va, "", NULL, NULL, err);
		va = walk.base.at + walk.size;
	}
	return 0;
}

/* The address that the entry at `va` of a region without descriptors holds, or 0. */
static uint64_t counted(const struct mmp_plan *plan, const struct mmp_region *r,
			uint64_t va)
{
	const struct mmp_rules *rules = plan->platform->rules;
	uint64_t pa = (r->pa + (va - r->va)) & plan->shape.pa_mask;

	if (r->mapping != MMP_MAP_COUNTER ||
	    (pa < r->pa && rules->pa_stays_zero && rules->pa_stays_zero(plan)))
		return 0;
	return pa;
}

/* The size of the largest block that the region could have at `va`. */
static uint64_t block_at(const struct mmp_walker *walker, const struct mmp_plan *plan,
			 const struct mmp_region *r, uint64_t va)
{
	const struct mmp_format *format = walker->format;

	for (int level = walker->base_level; level < format->last_level; level++) {
		unsigned shift = format->shift(level);
		uint64_t block = UINT64_C(1) << shift;

		if (format->leaf_allowed(level) && shift <= r->max_block_shift &&
		    !((va | counted(plan, r, va)) & (block - 1)) &&
		    r->va + r->size - va >= block)
			return block;
	}
	return UINT64_C(1) << format->shift(format->last_level);
}

/* A region without descriptors: its tables exist, but its entries map nothing. */
static int verify_unmapped(const struct mmp_walker *walker, const struct mmp_plan *plan,
			   const struct mmp_region *r, struct mmp_error *err)
{
	uint64_t va = r->va, end = r->va + r->size;

	while (va < end) {
		struct mmp_walk walk = mmp_walk(walker, (struct mmp_va){ va });

		if (walk.end != MMP_WALK_NO_ENTRY || walk.stray)
			return differs(va, "is mapped", plan, r, err);
		if (walk.size != block_at(walker, plan, r, va))
			return differs(va, "has a different number of table levels", plan,
				       r, err);
		if (last_descriptor(&walk) != counted(plan, r, va))
			return differs(va, "has an entry that is not as planned", plan, r,
				       err);
		va = walk.base.at + walk.size;
	}
	return 0;
}

/* The first virtual address past the entries of the base table. */
static uint64_t reach(const struct mmp_walker *walker)
{
	return (uint64_t)walker->base_entries
	       << walker->format->shift(walker->base_level);
}

static int compare_pages(const struct mmp_walker *walker, const struct mmp_plan *plan,
			 bool mapped, struct mmp_error *err)
{
	uint64_t va = 0, end = reach(walker);

	for (size_t n = 0; mapped && n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (r->mapping == MMP_MAP_NOTHING || !r->size)
			continue;
		if (r->va < va)
			return differs(r->va, "is in another region too", plan, r, err);
		if (verify_hole(walker, va, r->va, err))
			return -1;
		if (r->mapping == MMP_MAP_BLOCKS ? verify_region(walker, plan, r, err)
						 : verify_unmapped(walker, plan, r, err))
			return -1;
		va = r->va + r->size;
	}
	return verify_hole(walker, va, end, err);
}

/* --- who causes a difference --- */

static bool goes_past(uint64_t base, uint64_t size, uint64_t last)
{
	return base > last || size - 1 > last - base;
}

/* The last byte of the last page that a descriptor can point to. */
static uint64_t last_address(const struct mmp_format *format)
{
	uint64_t page = UINT64_C(1) << format->shift(format->last_level);

	return format->address(format->last_level, UINT64_MAX) + (page - 1);
}

/*
 * A region that wraps, or whose addresses do not fit a descriptor: the firmware ORs and
 * adds them anyway, so its tables do not match its map.
 */
static int check_addresses(const struct mmp_walker *walker, const struct mmp_plan *plan,
			   const struct mmp_region *r, struct mmp_error *err)
{
	uint64_t last_pa = last_address(walker->format) & plan->shape.pa_mask;
	uint64_t last_va = reach(walker) - 1;
	const char *label = mmp_memtype_label(plan->platform->rules, r->type);

	bool has_address = r->mapping == MMP_MAP_BLOCKS || r->mapping == MMP_MAP_COUNTER;

	if (has_address && goes_past(r->pa, r->size, last_pa))
		return mmp_fail(err, MMP_INVALID,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64
				" goes past 0x%" PRIx64
				", the last that a descriptor holds: the "
				"firmware's tables will map something else there",
				label, r->pa, r->size, last_pa);
	if (goes_past(r->va, r->size, last_va))
		return mmp_fail(err, MMP_INVALID,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64
				" has virtual addresses from 0x%" PRIx64
				" on, past 0x%" PRIx64
				", the last that there is: the firmware's tables will "
				"map something else there",
				label, r->pa, r->size, r->va, last_va);
	return 0;
}

static int check_regions(const struct mmp_walker *walker, const struct mmp_plan *plan,
			 struct mmp_error *err)
{
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (r->mapping != MMP_MAP_NOTHING && r->size &&
		    check_addresses(walker, plan, r, err))
			return -1;
	}
	return 0;
}

int mmp_walk_verify(const struct mmp_walker *walker, const struct mmp_plan *plan,
		    bool mapped, struct mmp_error *err)
{
	struct mmp_error difference;

	if (!compare_pages(walker, plan, mapped, &difference))
		return 0;
	if (!check_regions(walker, plan, err))
		*err = difference;
	return -1;
}
