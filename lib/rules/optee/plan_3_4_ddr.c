/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "plan/range.h"
#include "plan/sort.h"
#include "rules/optee/plan_3_4.h"

/*
 * Discovery of the normal world's DDR: core_mmu_set_discovered_nsec_ddr(). Shared
 * memory is not carved out, and the map is not looked at: the loop that should do it
 * has its condition the wrong way round.
 */

struct discovery {
	struct mmp_ddr *ddr;
	const struct mmp_plan *plan;
	struct mmp_widths widths;
	bool apart; /* the ranges are, so that the one to be cut is soon found */
};

static int partial(struct discovery *d, const struct mmp_registration *sdp,
		   const struct mmp_region *r)
{
	struct mmp_stop *stop = &d->ddr->stop;

	mmp_stop_about(stop, (int)sdp->type, sdp->addr, sdp->size);
	mmp_stop_about(stop, r->type, r->pa, r->size);
	return mmp_stop_at(stop, &optee_3_4_stops[OPTEE_3_4_STOP_DDR_PARTIAL],
			   "SDP memory \"%.48s\" at 0x%" PRIx64 " size 0x%" PRIx64
			   " is neither inside nor outside DDR at 0x%" PRIx64
			   " size 0x%" PRIx64,
			   sdp->name, sdp->addr, sdp->size, r->pa, r->size);
}

/* Range n now reaches farther; the others are apart. */
static bool stays_apart(const struct discovery *d, size_t n)
{
	const struct mmp_ddr two = { .ranges = d->ddr->ranges + n,
				     .count = n + 1 < d->ddr->count ? 2 : 1 };

	return mmp_ddr_is_apart(&two, d->widths.va);
}

/* Cut out of range n, which holds it whole. At its start, the size is not reduced. */
static int cut(struct discovery *d, size_t n, uint64_t pa, uint64_t size)
{
	struct mmp_region *r = &d->ddr->ranges[n];
	uint64_t mask = d->widths.pa;

	if (pa == r->pa && size == r->size) {
		mmp_ddr_drop(d->ddr, n);
	} else if (pa == r->pa) {
		r->pa = (r->pa + size) & mask;
		d->apart = d->apart && stays_apart(d, n);
	} else if (((pa + size) & mask) == ((r->pa + r->size) & mask)) {
		r->size -= size;
	} else {
		return mmp_ddr_split(d->ddr, n, pa, size, d->widths.pa);
	}
	return 0;
}

/* carve_out_phys_mem(). */
static int carve(struct discovery *d, const struct mmp_registration *sdp)
{
	uint64_t pa = sdp->addr & d->widths.pa, size = sdp->size & d->widths.pa;
	uint64_t mask = d->widths.va;
	size_t n = 0;

	if (pa > mask || size > mask)
		d->apart = false;
	if (d->apart && !mmp_range_bad(pa, size, mask))
		n = mmp_ddr_reaching(d->ddr, pa);
	for (; n < d->ddr->count; n++) {
		const struct mmp_region *r = &d->ddr->ranges[n];

		if (mmp_range_inside(pa, size, r->pa, r->size, mask))
			return cut(d, n, pa, size);
		if (!mmp_range_outside(pa, size, r->pa, r->size, mask))
			return partial(d, sdp, r);
		if (d->apart && r->pa > pa)
			return 0;
	}
	return 0;
}

static int carve_sdp(struct discovery *d)
{
	const struct mmp_platform *p = d->plan->platform;

	for (size_t i = 0; optee_config(p)->secure_data_path && i < p->count; i++)
		if (p->registrations[i].section == OPTEE_SECTION_SDP_MEM &&
		    carve(d, &p->registrations[i]))
			return -1;
	return 0;
}

static int last_stop(struct discovery *d, enum optee_3_4_stop which, const char *what)
{
	const struct mmp_region *last = &d->ddr->ranges[d->ddr->count - 1];
	struct mmp_stop *stop = &d->ddr->stop;

	mmp_stop_about(stop, last->type, last->pa, last->size);
	return mmp_stop_at(stop, &optee_3_4_stops[which],
			   "DDR at 0x%" PRIx64 " size 0x%" PRIx64 " %s", last->pa,
			   last->size, what);
}

/* core_mmu_check_end_pa() of the last range only; it may raise TCR_EL1.IPS. */
static int check_end(struct discovery *d)
{
	const struct mmp_region *last;
	uint64_t end;

	if (!d->ddr->count)
		return mmp_stop_at(
			&d->ddr->stop, &optee_3_4_stops[OPTEE_3_4_STOP_DDR_GONE],
			"everything that was registered as DDR is carved away");
	last = &d->ddr->ranges[d->ddr->count - 1];
	end = last->pa + ((last->size - 1) & d->widths.pa);
	if (end < last->pa || end > d->widths.pa)
		return last_stop(d, OPTEE_3_4_STOP_DDR_WRAPS,
				 "ends beyond the width of addresses");
	if (optee_config(d->plan->platform)->arch != OPTEE_ARM64)
		return 0;
	d->ddr->ps = d->plan->registers.ps;
	if (end > d->plan->max_pa && !optee_3_4_pa_size(end, &d->ddr->ps))
		return last_stop(d, OPTEE_3_4_STOP_DDR_PA_WIDTH,
				 "ends beyond 48 bits of physical address");
	d->ddr->says_ps = true;
	return 0;
}

int optee_3_4_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan)
{
	const struct optee_config *c = optee_config(plan->platform);
	struct discovery d = {
		ddr, plan, mmp_widths_of(plan->platform->rules, &plan->platform->config),
		false
	};

	if (!c->dyn_shm || !mmp_platform_uses(plan->platform, OPTEE_SECTION_DDR_OVERALL))
		return 0;
	if (c->core_debug && mmp_platform_uses(plan->platform, OPTEE_SECTION_NSEC_DDR))
		return mmp_stop_at(&ddr->stop, &optee_3_4_stops[OPTEE_3_4_STOP_DDR_BOTH],
				   "registrations stand in ddr_overall and in nsec_ddr");
	if (mmp_ddr_copy(ddr, plan->platform, OPTEE_SECTION_DDR_OVERALL, d.widths.pa))
		return -1;
	mmp_region_sort(ddr->ranges, ddr->count, mmp_region_by_pa, NULL);
	d.apart = mmp_ddr_is_apart(ddr, d.widths.va);
	if (carve_sdp(&d))
		return -1;
	return check_end(&d);
}
