/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool of secure memory that trusted applications are loaded into:
 * core_mmu_init_phys_mem() from 4.5 on, teecore_init_ta_ram() before.
 */
#include <string.h>

#include "base/page.h"
#include "plan/plan.h"
#include "rules/optee/optee.h"
#include "rules/optee/releases.h"

struct pool {
	struct mmp_range *ranges; /* MMP_APPLICATION_RANGES_MAX of them */
	unsigned count;
};

static uint64_t end_of(uint64_t base, uint64_t size)
{
	return base + size < base ? UINT64_MAX : base + size;
}

static uint64_t page_up(uint64_t address)
{
	return end_of(address, MMP_PAGE_MASK) & ~MMP_PAGE_MASK;
}

/* Whole pages of [base, end), as tee_mm_init() takes them. */
static void add(struct pool *pool, uint64_t base, uint64_t end)
{
	base = page_up(base);
	end = mmp_page_down(end);
	if (base < end && pool->count < MMP_APPLICATION_RANGES_MAX)
		pool->ranges[pool->count++] =
			(struct mmp_range){ base, end - base, true };
}

/* carve_out_core_mem() */
static void cut_out(struct pool *pool, uint64_t base, uint64_t end)
{
	struct mmp_range before[MMP_APPLICATION_RANGES_MAX];
	unsigned count = pool->count;

	memcpy(before, pool->ranges, count * sizeof(*before));
	pool->count = 0;
	for (unsigned i = 0; i < count; i++) {
		uint64_t first = before[i].base, last = end_of(first, before[i].size);

		if (base >= end || end <= first || base >= last) {
			add(pool, first, last);
			continue;
		}
		add(pool, first, base);
		add(pool, end, last);
	}
}

static void cut_out_range(struct pool *pool, const struct mmp_range *range)
{
	if (range->given)
		cut_out(pool, range->base, page_up(end_of(range->base, range->size)));
}

/* VCORE_UNPG_RX_PA to VCORE_FREE_END_PA, or all of the core where those are not known. */
static void cut_out_core(struct pool *pool, const struct optee_config *c)
{
	const struct mmp_range *last =
		c->layout.free.given ? &c->layout.free : &c->layout.unpg_rw;
	uint64_t start = c->tee_ram.start, end = end_of(start, c->tee_ram.ph_size);

	if (c->layout.unpg_rx.given && last->given) {
		start = c->layout.unpg_rx.base;
		end = end_of(last->base, last->size);
	}
	cut_out(pool, start, page_up(end));
}

/* With the pager the core has the first secure range to itself. */
static int from_secure_memory(const struct mmp_plan *plan, struct pool *pool)
{
	const struct optee_config *c = optee_config(plan->platform);

	if (c->pager && plan->secure_count < 2)
		return -1;
	for (unsigned i = c->pager ? 1 : 0; i < plan->secure_count; i++)
		add(pool, plan->secure[i].base,
		    end_of(plan->secure[i].base, plan->secure[i].size));
	if (c->pager)
		return 0;
	cut_out_core(pool, c);
	if (c->kasan)
		cut_out_range(pool, &c->layout.asan_map);
	cut_out_range(pool, &c->sdp_test_mem);
	return 0;
}

/* The first entry of the type, as core_mmu_get_mem_by_type() finds it. */
static void from_ta_ram(const struct mmp_plan *plan, struct pool *pool)
{
	for (size_t n = 0; n < plan->count && !pool->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (r->type == OPTEE_TA_RAM)
			add(pool, r->pa, end_of(r->pa, r->size));
	}
}

int optee_application_memory(const struct mmp_plan *plan,
			     struct mmp_range ranges[MMP_APPLICATION_RANGES_MAX])
{
	const struct optee_release *release = optee_release_of(plan->platform->rules);
	struct pool pool = { ranges, 0 };

	if (optee_config(plan->platform)->ns_virtualization)
		return -1; /* each guest gets a share of its own */
	if (release->core_ranges != OPTEE_CORE_AND_SEC_RAM)
		from_ta_ram(plan, &pool);
	else if (from_secure_memory(plan, &pool))
		return -1;
	return (int)pool.count;
}
