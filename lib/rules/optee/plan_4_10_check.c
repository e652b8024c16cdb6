/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "plan/range.h"
#include "plan/sort.h"
#include "rules/optee/plan_4_10.h"

/* What check_mem_map() wants of a type. */
enum place { ANYWHERE, IN_SECURE, IN_SECURE_OVERALL, IN_SHM_WINDOW, NOWHERE };

static enum place place_of(unsigned type)
{
	switch (type) {
	case OPTEE_TEE_RAM:
	case OPTEE_TEE_RAM_RX:
	case OPTEE_TEE_RAM_RO:
	case OPTEE_TEE_RAM_RW:
	case OPTEE_INIT_RAM_RO:
	case OPTEE_INIT_RAM_RX:
	case OPTEE_NEX_RAM_RO:
	case OPTEE_NEX_RAM_RW:
	case OPTEE_IDENTITY_MAP_RX:
		return IN_SECURE;
	case OPTEE_SEC_RAM_OVERALL:
		return IN_SECURE_OVERALL;
	case OPTEE_NSEC_SHM:
		return IN_SHM_WINDOW;
	case OPTEE_TEE_COHERENT:
	case OPTEE_TEE_ASAN:
	case OPTEE_IO_SEC:
	case OPTEE_IO_NSEC:
	case OPTEE_EXT_DT:
	case OPTEE_MANIFEST_DT:
	case OPTEE_TRANSFER_LIST:
	case OPTEE_RAM_SEC:
	case OPTEE_RAM_NSEC:
	case OPTEE_ROM_SEC:
		return ANYWHERE;
	default:
		return optee_4_10_is_va_space(type) ? ANYWHERE : NOWHERE;
	}
}

enum optee_4_10_stop optee_4_10_refused(const struct mmp_plan *plan,
					const struct mmp_region *r, uint64_t mask)
{
	const struct mmp_range *shm = &optee_config(plan->platform)->reserved_shm;

	switch (place_of(r->type)) {
	case ANYWHERE:
		return OPTEE_STOP_COUNT;
	case IN_SECURE:
		return mmp_plan_in_secure(plan, r, mask) ? OPTEE_STOP_COUNT
							 : OPTEE_STOP_TEE_RAM_PLACE;
	case IN_SECURE_OVERALL:
		return mmp_plan_in_secure(plan, r, mask) ? OPTEE_STOP_COUNT
							 : OPTEE_STOP_SEC_RAM_PLACE;
	case IN_SHM_WINDOW:
		return shm->given && mmp_range_inside(r->pa, r->size, shm->base,
						      shm->size, mask)
			       ? OPTEE_STOP_COUNT
			       : OPTEE_STOP_NSEC_SHM_PLACE;
	case NOWHERE:
		break;
	}
	return OPTEE_STOP_UNHANDLED_TYPE;
}

const char *optee_4_10_refused_what(enum optee_4_10_stop which)
{
	switch ((int)which) {
	case OPTEE_STOP_NSEC_SHM_PLACE:
		return "is not inside reserved_shm";
	case OPTEE_STOP_UNHANDLED_TYPE:
		return "has a type that the final check does not know";
	default:
		return "is inside none of the secure-only ranges";
	}
}

static int check_one(struct optee_4_10 *o, const struct mmp_region *r)
{
	enum optee_4_10_stop which = optee_4_10_refused(o->plan, r, o->pa_mask);

	if (which == OPTEE_STOP_COUNT)
		return 0;
	if (which == OPTEE_STOP_UNHANDLED_TYPE)
		mmp_stop_trace(&o->plan->stop, "check_mem_map: Uhandled memtype %u",
			       r->type);
	return optee_4_10_stop(o, which, r, optee_4_10_refused_what(which));
}

int optee_4_10_check(struct optee_4_10 *o)
{
	for (size_t n = 0; n < o->plan->count; n++)
		if (check_one(o, &o->plan->regions[n]))
			return -1;
	return 0;
}

/* Discovery of the normal world's DDR: core_mmu_set_discovered_nsec_ddr(). */

struct discovery {
	struct mmp_ddr *ddr;
	const struct mmp_plan *plan;
	uint64_t mask;
	bool apart; /* the ranges are, so that those a range can meet are soon found */
};

/* Empty ranges and those that wrap have to be shown every one. */
static size_t first_to_meet(const struct discovery *d, uint64_t pa, uint64_t size)
{
	if (!d->apart || mmp_range_bad(pa, size, d->mask))
		return 0;
	return mmp_ddr_reaching(d->ddr, pa);
}

/* carve_out_phys_mem(): take [pa, pa + size) out of every range that it meets. */
static int carve(struct discovery *d, uint64_t pa, uint64_t size)
{
	struct mmp_ddr *ddr = d->ddr;
	size_t n;

	if (pa > d->mask || size > d->mask)
		d->apart = false;
	n = first_to_meet(d, pa, size);
	while (n < ddr->count) {
		struct mmp_region *r = &ddr->ranges[n];
		uint64_t end = pa + size, r_end = r->pa + r->size;

		if (d->apart && r->pa > mmp_range_last(pa, size, d->mask))
			break;
		if (!mmp_range_intersects(pa, size, r->pa, r->size, d->mask)) {
			n++;
		} else if (mmp_range_inside(r->pa, r->size, pa, size, d->mask)) {
			mmp_ddr_drop(ddr, n);
		} else if (pa > r->pa &&
			   mmp_range_last(pa, size, d->mask) <
				   mmp_range_last(r->pa, r->size, d->mask)) {
			if (mmp_ddr_split(ddr, n, pa, size, d->mask))
				return -1;
			n++;
		} else if (pa <= r->pa) {
			r->pa = end;
			r->size = r_end - end;
			n++;
		} else {
			r->size = pa - r->pa;
			n++;
		}
	}
	return 0;
}

static int check_outside(struct discovery *d, const struct mmp_region *region)
{
	for (size_t n = first_to_meet(d, region->pa, region->size); n < d->ddr->count;
	     n++) {
		const struct mmp_region *r = &d->ddr->ranges[n];
		struct mmp_stop *stop = &d->ddr->stop;

		if (mmp_range_outside(r->pa, r->size, region->pa, region->size,
				      d->mask)) {
			if (d->apart && r->pa > region->pa)
				break;
			continue;
		}
		mmp_stop_about(stop, r->type, r->pa, r->size);
		mmp_stop_about(stop, region->type, region->pa, region->size);
		mmp_stop_trace(stop,
			       "check_phys_mem_is_outside: Non-sec mem (%#" PRIx64
			       ":%#" PRIx64 ") overlaps map (type %d %#" PRIx64
			       ":%#" PRIx64 ")",
			       r->pa, r->size, region->type, region->pa, region->size);
		return mmp_stop_at(stop, &optee_4_10_stops[OPTEE_STOP_DDR_OVERLAP],
				   "DDR at 0x%" PRIx64 " size 0x%" PRIx64
				   " is not outside %s at 0x%" PRIx64 " size 0x%" PRIx64,
				   r->pa, r->size,
				   mmp_memtype_label(&mmp_optee_4_10, region->type),
				   region->pa, region->size);
	}
	return 0;
}

bool optee_4_10_keeps_ddr_out(unsigned type)
{
	return type != OPTEE_NSEC_SHM && type != OPTEE_EXT_DT &&
	       type != OPTEE_MANIFEST_DT && type != OPTEE_RAM_NSEC &&
	       !optee_4_10_is_va_space(type);
}

static int carve_map(struct discovery *d)
{
	for (size_t n = 0; n < d->plan->count; n++) {
		const struct mmp_region *r = &d->plan->regions[n];
		int failed = 0;

		if (r->type == OPTEE_NSEC_SHM)
			failed = carve(d, r->pa, r->size);
		else if (optee_4_10_keeps_ddr_out(r->type))
			failed = check_outside(d, r);
		if (failed)
			return -1;
	}
	return 0;
}

unsigned optee_4_10_pa_width(const struct optee_config *c)
{
	static const uint8_t widths[] = { 32, 36, 40, 42, 44, 48, 52 };

	if (c->arch == OPTEE_ARM32)
		return c->lpae && c->large_phys_addr ? 40 : 32;
	if (c->auto_max_pa_bits)
		return widths[c->cpu.parange < 6 ? c->cpu.parange : 6];
	for (unsigned i = 0; i < 6; i++)
		if (c->pa_bits <= widths[i])
			return widths[i];
	return 52;
}

static int check_width(struct discovery *d)
{
	const struct mmp_region *last;
	unsigned width = optee_4_10_pa_width(optee_config(d->plan->platform));
	struct mmp_stop *stop = &d->ddr->stop;

	if (!d->ddr->count)
		return mmp_stop_at(
			stop, &optee_4_10_stops[OPTEE_STOP_DDR_GONE],
			"everything that was registered as DDR is carved away");
	last = &d->ddr->ranges[d->ddr->count - 1];
	if (!(mmp_range_last(last->pa, last->size & d->plan->shape.va_mask, d->mask) >>
	      width))
		return 0;
	mmp_stop_about(stop, last->type, last->pa, last->size);
	return mmp_stop_at(stop, &optee_4_10_stops[OPTEE_STOP_DDR_PA_WIDTH],
			   "DDR at 0x%" PRIx64 " size 0x%" PRIx64
			   " ends beyond %u bits of physical address",
			   last->pa, last->size, width);
}

static int carve_sdp(struct discovery *d)
{
	const struct mmp_platform *p = d->plan->platform;

	for (size_t i = 0; optee_config(p)->secure_data_path && i < p->count; i++)
		if (p->registrations[i].section == OPTEE_SECTION_SDP_MEM &&
		    carve(d, p->registrations[i].addr, p->registrations[i].size))
			return -1;
	return 0;
}

int optee_4_10_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan)
{
	const struct optee_config *c = optee_config(plan->platform);
	struct discovery d = { ddr, plan, plan->shape.pa_mask, false };
	bool overall = mmp_platform_uses(plan->platform, OPTEE_SECTION_DDR_OVERALL);
	bool compat = mmp_platform_uses(plan->platform, OPTEE_SECTION_NSEC_DDR);

	if (!c->dyn_shm || (!overall && !compat))
		return 0;
	if (overall && compat && c->core_debug)
		return mmp_stop_at(&ddr->stop, &optee_4_10_stops[OPTEE_STOP_DDR_BOTH],
				   "registrations stand in ddr_overall and in nsec_ddr");
	if (mmp_ddr_copy(ddr, plan->platform,
			 overall ? OPTEE_SECTION_DDR_OVERALL : OPTEE_SECTION_NSEC_DDR,
			 d.mask))
		return -1;
	mmp_region_sort(ddr->ranges, ddr->count, mmp_region_by_pa, NULL);
	d.apart = mmp_ddr_is_apart(ddr, d.mask);
	if (carve_sdp(&d))
		return -1;
	for (unsigned i = 0; i < plan->secure_count; i++)
		if (carve(&d, plan->secure[i].base, plan->secure[i].size))
			return -1;
	if (carve_map(&d))
		return -1;
	return check_width(&d);
}
