/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "base/page.h"
#include "rules/optee/pipeline.h"

/*
 * The base of the core from 3.8 on: with ASLR up to three candidates from the seed;
 * without it, or if all of them fail, the load address.
 */

struct identity {
	uint64_t start, size; /* whole pages */
};

static bool touches(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return mmp_range_intersects(a, a_size, b, b_size, UINT64_MAX);
}

/* LPAE: one of [1G,2G), [2G,3G), [3G,4G) must be unused, for user mode. */
static bool leaves_user_va(const struct optee *o, const struct identity *id)
{
	const struct mmp_plan *plan = o->plan;

	for (unsigned slot = 1; slot < 4; slot++) {
		uint64_t base = (uint64_t)slot << 30, size = UINT64_C(1) << 30;
		bool used = touches(base, size, id->start, id->size);

		for (size_t n = 0; !used && n < plan->count; n++)
			used = touches(base, size, plan->regions[n].va,
				       plan->regions[n].size);
		if (!used)
			return true;
	}
	return false;
}

static bool clashes(const struct optee *o, const struct identity *id)
{
	size_t end = optee_end_of(o);

	for (size_t n = 0; n < end; n++) {
		const struct mmp_region *r = &o->plan->regions[n];

		if (mmp_ranges_meet(&o->predicates, id->start, id->size, r->va, r->size))
			return true;
	}
	return false;
}

static struct mmp_region identity_region(const struct optee *o, const struct identity *id)
{
	return (struct mmp_region){
		.pa = id->start,
		.va = id->start,
		.size = id->size,
		.attr = o->types[OPTEE_IDENTITY_MAP_RX].attr,
		.type = OPTEE_IDENTITY_MAP_RX,
		.granule_shift = 12,
	};
}

/* mem_map_add_id_map(): 1 added, 0 not added, -1 the firmware stops. */
static int add_identity(struct optee *o, const struct identity *id)
{
	const struct mmp_region region = identity_region(o, id);

	/* A static array is checked for room before anything else. */
	if (o->release->capacity == OPTEE_CAPACITY_FIXED && o->plan->count >= o->limit)
		return optee_no_entry(o, OPTEE_STOP_NO_ENTRY_IDENTITY, &region);
	if (clashes(o, id))
		return 0;
	if (optee_grow(o, OPTEE_STOP_NO_ENTRY_IDENTITY, &region))
		return -1;
	mmp_plan_insert(o->plan, optee_end_of(o), &region);
	return 1;
}

/* Try a candidate base. Returns 1 if it is taken, 0 if not, -1 if the firmware stops. */
static int try_candidate(struct optee *o, uint64_t base, const struct identity *id,
			 enum mmp_attempt_result *result)
{
	int placed = optee_assign(o, base), added;

	*result = MMP_ATTEMPT_NO_VA;
	if (placed <= 0)
		return placed;
	*result = MMP_ATTEMPT_NO_USER_VA;
	if (o->release->aslr == OPTEE_ASLR_USER_SLOT && o->lpae && !leaves_user_va(o, id))
		return 0;
	added = add_identity(o, id);
	*result = added ? MMP_ATTEMPT_MAPPED : MMP_ATTEMPT_IDENTITY_CLASH;
	return added;
}

static struct identity identity_of(const struct optee_config *c)
{
	uint64_t start = mmp_page_down(c->layout.identity_map.start);
	uint64_t end = mmp_page_up(c->layout.identity_map.end);

	return (struct identity){ start, end - start };
}

/* Returns 1 with map_offset set, 0 if every candidate fails, -1 if the firmware stops. */
static int randomize(struct optee *o, uint64_t first)
{
	struct mmp_plan *plan = o->plan;
	struct identity id = identity_of(o->config);
	uint64_t width = o->va_width, seed = o->config->aslr_seed & o->widths.va;
	uint64_t mask = (((UINT64_C(1) << (width - 1)) - 1) << 1 | 1) & ~MMP_PAGE_MASK;
	uint64_t base = (first + seed) & o->widths.va, bent = base;

	for (unsigned n = 0; n < MMP_ATTEMPTS_MAX; n++) {
		struct mmp_attempt *attempt = &plan->attempts[n];
		int placed;

		if (n)
			bent = base ^ UINT64_C(1) << (width - n);
		attempt->base = bent & mask;
		plan->attempt_count = n + 1;
		placed = try_candidate(o, attempt->base, &id, &attempt->result);
		if (placed > 0)
			plan->registers.map_offset =
				(attempt->base - first) & o->widths.va;
		if (placed)
			return placed;
	}
	mmp_stop_trace(&plan->stop,
		       "init_mem_map: Failed to map core with seed %#" PRIx64, seed);
	return 0;
}

static int no_va(struct optee *o, uint64_t core)
{
	struct mmp_stop *stop = &o->plan->stop;
	const struct mmp_stop_info *info = optee_stop_of(o, OPTEE_STOP_NO_VA);

	mmp_stop_about(stop, OPTEE_TEE_RAM, core, o->config->tee_ram.va_size);
	if (o->release->user_range_refused && !o->lpae && core < OPTEE_SHORT_USER_VA_END)
		return mmp_stop_at(stop, info,
				   "the core begins at 0x%" PRIx64
				   ", and with short descriptors user mode has what is "
				   "below 0x%" PRIx64,
				   core, (uint64_t)OPTEE_SHORT_USER_VA_END);
	if (!core && o->release->zero_refused)
		return mmp_stop_at(stop, info, "the core begins at address 0");
	return mmp_stop_at(stop, info,
			   "%zu entries do not fit into %u bits of virtual address from "
			   "0x%" PRIx64 " %s",
			   o->plan->count, o->va_width, core,
			   optee_is_at_top(o, core) ? "downward" : "upward");
}

static uint64_t first_address(const struct optee *o)
{
	uint64_t pa = o->release->first == OPTEE_FIRST_TEE_RAM ? o->config->tee_ram.start
							       : o->plan->secure[0].base;

	return pa & o->widths.va;
}

int optee_place_packed(struct optee *o)
{
	uint64_t first = first_address(o);
	int placed = 0;

	if (optee_insert_pager_space(o))
		return -1;
	if (o->config->aslr && (o->config->aslr_seed & o->widths.va))
		placed = randomize(o, first);
	if (!placed)
		placed = optee_assign(o, first);
	if (placed < 0)
		return -1;
	return placed ? 0 : no_va(o, first);
}
