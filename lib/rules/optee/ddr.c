/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "plan/sort.h"
#include "rules/optee/pipeline.h"

/*
 * Discovery of the normal world's DDR: discover_nsec_memory() and
 * core_mmu_set_discovered_nsec_ddr().
 */

struct discovery {
	struct mmp_ddr *ddr;
	const struct mmp_plan *plan;
	const struct optee_config *config;
	const struct optee_release *release;
	struct mmp_widths widths;
	struct mmp_predicates predicates;
	bool apart; /* sorted and without overlaps: binary search works */
};

static const struct mmp_stop_info *stop_of(const struct discovery *d,
					   enum optee_stop which)
{
	return &optee_stops[d->release->version][which];
}

static const char *label(const struct discovery *d, int type)
{
	return mmp_memtype_label(d->plan->platform->rules, type);
}

/* What is cut out: a range, and its type or -1. */
struct cut {
	int type;
	uint64_t pa, size;
};

/* Ranges that are empty or wrap must be compared with every range. */
static size_t first_to_meet(const struct discovery *d, uint64_t pa, uint64_t size)
{
	if (!d->apart || mmp_range_bad(pa, size, d->predicates.mask))
		return 0;
	return mmp_ddr_reaching(d->ddr, pa);
}

/* --- cutting, up to 4.5: one range contains it, or the firmware panics -------------- */

static int partial(struct discovery *d, const struct cut *cut, const struct mmp_region *r)
{
	struct mmp_stop *stop = &d->ddr->stop;

	mmp_stop_about(stop, cut->type, cut->pa, cut->size);
	mmp_stop_about(stop, r->type, r->pa, r->size);
	return mmp_stop_at(stop, stop_of(d, OPTEE_STOP_DDR_PARTIAL),
			   "%s at 0x%" PRIx64 " size 0x%" PRIx64
			   " is neither inside nor outside DDR at 0x%" PRIx64
			   " size 0x%" PRIx64,
			   cut->type < 0 ? "secure memory" : label(d, cut->type), cut->pa,
			   cut->size, r->pa, r->size);
}

/* Range n now extends further. Returns whether the ranges still do not meet. */
static bool stays_apart(const struct discovery *d, size_t n)
{
	const struct mmp_ddr two = { .ranges = d->ddr->ranges + n,
				     .count = n + 1 < d->ddr->count ? 2 : 1 };

	return mmp_ddr_is_apart(&two, d->predicates.mask);
}

static int cut_inside(struct discovery *d, size_t n, uint64_t pa, uint64_t size)
{
	struct mmp_region *r = &d->ddr->ranges[n];
	uint64_t mask = d->widths.pa;

	if (pa == r->pa && size == r->size) {
		mmp_ddr_drop(d->ddr, n);
	} else if (pa == r->pa) {
		r->pa = (r->pa + size) & mask;
		if (!d->release->equal_base_grows)
			r->size -= size;
		d->apart = d->apart && stays_apart(d, n);
	} else if (((pa + size) & mask) == ((r->pa + r->size) & mask)) {
		r->size -= size;
	} else {
		return mmp_ddr_split(d->ddr, n, pa, size, mask);
	}
	return 0;
}

static int carve_whole(struct discovery *d, const struct cut *cut)
{
	uint64_t mask = d->predicates.mask;

	for (size_t n = first_to_meet(d, cut->pa, cut->size); n < d->ddr->count; n++) {
		const struct mmp_region *r = &d->ddr->ranges[n];

		if (mmp_range_inside(cut->pa, cut->size, r->pa, r->size, mask))
			return cut_inside(d, n, cut->pa, cut->size);
		if (!mmp_ranges_apart(&d->predicates, cut->pa, cut->size, r->pa, r->size))
			return partial(d, cut, r);
		if (d->apart && r->pa > cut->pa)
			return 0;
	}
	return 0;
}

/* --- cutting, from 4.6 on: out of every range that it intersects -------------------- */

/* Returns 1 if range n was removed, so that the next one has its index. */
static int cut_any(struct discovery *d, size_t n, const struct cut *cut)
{
	struct mmp_region *r = &d->ddr->ranges[n];
	uint64_t mask = d->widths.pa, last = mmp_range_last(cut->pa, cut->size, mask);
	uint64_t r_last = mmp_range_last(r->pa, r->size, mask);

	if (mmp_range_inside(r->pa, r->size, cut->pa, cut->size, mask)) {
		mmp_ddr_drop(d->ddr, n);
		return 1;
	}
	if (cut->pa > r->pa && last < r_last)
		return mmp_ddr_split(d->ddr, n, cut->pa, cut->size, mask);
	if (cut->pa <= r->pa) {
		r->pa = cut->pa + cut->size;
		r->size = r_last + 1 - r->pa;
	} else {
		r->size = cut->pa - r->pa;
	}
	return 0;
}

static int carve_any(struct discovery *d, const struct cut *cut)
{
	size_t n = first_to_meet(d, cut->pa, cut->size);

	while (n < d->ddr->count) {
		const struct mmp_region *r = &d->ddr->ranges[n];
		int dropped = 0;

		if (d->apart &&
		    r->pa > mmp_range_last(cut->pa, cut->size, d->predicates.mask))
			break;
		if (mmp_ranges_meet(&d->predicates, cut->pa, cut->size, r->pa, r->size))
			dropped = cut_any(d, n, cut);
		if (dropped < 0)
			return -1;
		n += !dropped;
	}
	return 0;
}

static int carve(struct discovery *d, int type, uint64_t pa, uint64_t size)
{
	const struct cut cut = { type, pa & d->widths.pa, size & d->widths.pa };

	if (pa > d->predicates.mask || size > d->predicates.mask)
		d->apart = false;
	return d->release->carve_any ? carve_any(d, &cut) : carve_whole(d, &cut);
}

/* --- what is cut, and what must be outside --------------------------------------------- */

static int carve_sdp(struct discovery *d)
{
	const struct mmp_platform *p = d->plan->platform;

	for (size_t i = 0; d->config->secure_data_path && i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->section == OPTEE_SECTION_SDP_MEM &&
		    carve(d, (int)r->type, r->addr, r->size))
			return -1;
	}
	return 0;
}

/* TA_RAM_START and _SIZE: from the key, or else from the core's registration. */
static struct mmp_range ta_ram(const struct discovery *d)
{
	const struct mmp_platform *p = d->plan->platform;

	for (size_t i = 0; !d->config->ta_ram.given && i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->section == OPTEE_SECTION_PHYS_MEM_MAP && r->type == OPTEE_TA_RAM)
			return (struct mmp_range){ r->addr, r->size, true };
	}
	return d->config->ta_ram;
}

static int carve_core(struct discovery *d)
{
	const struct mmp_range ta = ta_ram(d);

	if (carve(d, OPTEE_TEE_RAM, d->config->tee_ram.start, d->config->tee_ram.ph_size))
		return -1;
	return ta.given ? carve(d, OPTEE_TA_RAM, ta.base, ta.size) : 0;
}

static int carve_secure(struct discovery *d)
{
	const struct mmp_plan *plan = d->plan;

	if (d->release->ddr_secure == OPTEE_DDR_CORE_CARVED)
		return carve_core(d);
	for (unsigned i = 0;
	     d->release->ddr_secure == OPTEE_DDR_SECURE_CARVED && i < plan->secure_count;
	     i++)
		if (carve(d, -1, plan->secure[i].base, plan->secure[i].size))
			return -1;
	return 0;
}

static int not_outside(struct discovery *d, const struct mmp_region *r,
		       const struct mmp_region *entry)
{
	struct mmp_stop *stop = &d->ddr->stop;

	mmp_stop_about(stop, r->type, r->pa, r->size);
	mmp_stop_about(stop, entry->type, entry->pa, entry->size);
	mmp_stop_trace(stop,
		       "check_phys_mem_is_outside: Non-sec mem (%#" PRIx64 ":%#" PRIx64
		       ") overlaps map (type %u %#" PRIx64 ":%#" PRIx64 ")",
		       r->pa, r->size,
		       mmp_memtype_number(d->plan->platform->rules, entry->type),
		       entry->pa, entry->size);
	return mmp_stop_at(stop, stop_of(d, OPTEE_STOP_DDR_OVERLAP),
			   "DDR at 0x%" PRIx64 " size 0x%" PRIx64
			   " is not outside %s at 0x%" PRIx64 " size 0x%" PRIx64,
			   r->pa, r->size, label(d, entry->type), entry->pa, entry->size);
}

static int check_outside(struct discovery *d, const struct mmp_region *entry)
{
	for (size_t n = first_to_meet(d, entry->pa, entry->size); n < d->ddr->count;
	     n++) {
		const struct mmp_region *r = &d->ddr->ranges[n];

		if (!mmp_ranges_apart(&d->predicates, r->pa, r->size, entry->pa,
				      entry->size))
			return not_outside(d, r, entry);
		if (d->apart && r->pa > entry->pa)
			break;
	}
	return 0;
}

static int visit(struct discovery *d, const struct mmp_region *entry)
{
	switch (optee_ddr_use_of(d->release->version, entry->type)) {
	case OPTEE_DDR_CUT:
		return carve(d, entry->type, entry->pa, entry->size);
	case OPTEE_DDR_IGNORED:
		return 0;
	case OPTEE_DDR_OUTSIDE:
		break;
	}
	return check_outside(d, entry);
}

/*
 * Up to 3.7 the condition of the loop is inverted: it continues while entries are of type
 * END, and no entry is unless a platform registers one.
 */
static int visit_map(struct discovery *d)
{
	const struct mmp_plan *plan = d->plan;
	size_t count = plan->count;

	if (d->release->ddr_loop == OPTEE_DDR_MAP_NOT_READ) {
		count = plan->count ? 0 : plan->hidden;
		while (count && plan->regions[count - 1].type != OPTEE_END)
			count--;
	}
	for (size_t n = 0; n < count; n++)
		if (visit(d, &plan->regions[n]))
			return -1;
	return 0;
}

/* --- the end --------------------------------------------------------------------------- */

static int last_stop(struct discovery *d, enum optee_stop which, const char *what)
{
	const struct mmp_region *last = &d->ddr->ranges[d->ddr->count - 1];
	struct mmp_stop *stop = &d->ddr->stop;

	mmp_stop_about(stop, last->type, last->pa, last->size);
	return mmp_stop_at(stop, stop_of(d, which),
			   "DDR at 0x%" PRIx64 " size 0x%" PRIx64 " %s", last->pa,
			   last->size, what);
}

static int say_ips(struct discovery *d, unsigned ps)
{
	if (d->config->arch == OPTEE_ARM64) {
		d->ddr->ps = ps;
		d->ddr->has_ps = true;
	}
	return 0;
}

/* Up to 3.7 the last range may raise TCR_EL1.IPS; 3.1 does not check it. */
static int raise_ips(struct discovery *d, const struct mmp_region *last)
{
	uint64_t end = last->pa + ((last->size - 1) & d->widths.pa);
	unsigned ps = d->plan->registers.ps;

	if (d->release->ddr_list == OPTEE_DDR_LIST_DIVIDED)
		return say_ips(d, d->plan->registers.ps);
	if (end < last->pa || end > d->widths.pa)
		return last_stop(d, OPTEE_STOP_DDR_WRAPS,
				 "ends beyond the width of addresses");
	if (d->config->arch == OPTEE_ARM64 && end > d->plan->max_pa &&
	    !optee_pa_size(end, &ps))
		return last_stop(d, OPTEE_STOP_DDR_PA_WIDTH,
				 "ends beyond 48 bits of physical address");
	return say_ips(d, ps);
}

/* The last range only: core_mmu_check_end_pa(). */
static int check_end(struct discovery *d)
{
	const struct mmp_platform *p = d->plan->platform;
	const struct mmp_region *last;
	unsigned width = optee_pa_width(p->rules, &p->config);
	char what[64];

	if (!d->ddr->count)
		return mmp_stop_at(
			&d->ddr->stop, stop_of(d, OPTEE_STOP_DDR_GONE),
			"everything that was registered as DDR is carved away");
	last = &d->ddr->ranges[d->ddr->count - 1];
	if (!d->release->end_by_pa_bits)
		return raise_ips(d, last);
	if (!optee_ends_beyond(last->pa, (last->size - 1) & d->widths.size, d->widths.pa,
			       width))
		return 0;
	snprintf(what, sizeof(what), "ends beyond %u bits of physical address", width);
	return last_stop(d, OPTEE_STOP_DDR_PA_WIDTH, what);
}

/* --- the lists ------------------------------------------------------------------------- */

/* 3.1 divides the number of entries by the size of an entry. */
static size_t divided(const struct discovery *d, size_t count)
{
	bool arm64 = d->config->arch == OPTEE_ARM64;
	size_t bytes = arm64 ? 32 : d->config->large_phys_addr ? 24 : 16;

	return d->release->ddr_list == OPTEE_DDR_LIST_DIVIDED ? count / bytes : count;
}

static size_t count_registrations(const struct mmp_platform *p, unsigned section)
{
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++)
		count += p->registrations[i].section == section;
	return count;
}

static int both_lists(struct discovery *d)
{
	return mmp_stop_at(&d->ddr->stop, stop_of(d, OPTEE_STOP_DDR_BOTH),
			   "there are registrations in both ddr_overall and nsec_ddr");
}

static int discover_list(struct discovery *d, unsigned section, size_t count)
{
	if (mmp_ddr_copy(d->ddr, d->plan->platform, section, d->widths.pa))
		return -1;
	if (count < d->ddr->count)
		d->ddr->count = count;
	mmp_region_sort(d->ddr->ranges, d->ddr->count, mmp_region_by_pa, NULL);
	d->apart = mmp_ddr_is_apart(d->ddr, d->predicates.mask);
	if (carve_sdp(d) || carve_secure(d) || visit_map(d))
		return -1;
	return check_end(d);
}

int optee_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan)
{
	const struct mmp_platform *p = plan->platform;
	const struct optee_config *c = optee_config(p);
	struct discovery d = {
		.ddr = ddr,
		.plan = plan,
		.config = c,
		.release = optee_release_of(p->rules),
		.widths = optee_widths(p->rules, &p->config),
		.predicates = optee_predicates_of(p->rules, &p->config),
	};
	size_t overall;

	if (!c->dyn_shm || d.release->ddr_list == OPTEE_DDR_LIST_NONE)
		return 0;
	overall = divided(&d, count_registrations(p, OPTEE_SECTION_DDR_OVERALL));
	if (!overall && d.release->shm_list_joins &&
	    mmp_platform_uses(p, OPTEE_SECTION_NSEC_DDR))
		return discover_list(&d, OPTEE_SECTION_NSEC_DDR, SIZE_MAX);
	if (!overall)
		return 0;
	if (c->core_debug && mmp_platform_uses(p, OPTEE_SECTION_NSEC_DDR))
		return both_lists(&d);
	return discover_list(&d, OPTEE_SECTION_DDR_OVERALL, overall);
}
