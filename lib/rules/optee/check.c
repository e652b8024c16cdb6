/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "base/page.h"
#include "rules/optee/pipeline.h"

/* What the firmware tests without computing anything from it. */

static int check_load_address(struct optee *o)
{
	const struct optee_config *c = o->config;
	uint64_t load =
		c->tee_ram.load_addr_given ? c->tee_ram.load_addr : c->tee_ram.start;

	if (!o->release->load_checked || !c->phys_relocatable || !(load & MMP_PAGE_MASK))
		return 0;
	return mmp_stop_at(&o->plan->stop, optee_stop_of(o, OPTEE_STOP_LOAD_ADDRESS),
			   "load address 0x%" PRIx64 " is not a multiple of 0x1000",
			   load);
}

/* The reserved window of shared memory against the secure-only ranges. */
static int check_window(struct optee *o)
{
	const struct mmp_range *shm = &o->config->reserved_shm;
	struct mmp_plan *plan = o->plan;

	for (unsigned i = 0; shm->given && i < plan->secure_count; i++) {
		const struct mmp_range *s = &plan->secure[i];

		if (!mmp_ranges_meet(&o->predicates, s->base, s->size, shm->base,
				     shm->size))
			continue;
		mmp_stop_about(&plan->stop, OPTEE_NSEC_SHM, shm->base, shm->size);
		mmp_stop_about(&plan->stop, -1, s->base, s->size);
		return mmp_stop_at(&plan->stop, optee_stop_of(o, OPTEE_STOP_SEC_NSEC),
				   "reserved_shm at 0x%" PRIx64 " size 0x%" PRIx64
				   " overlaps secure memory at 0x%" PRIx64
				   " size 0x%" PRIx64,
				   shm->base, shm->size, s->base, s->size);
	}
	return 0;
}

/* core_mmu_set_secure_memory(). */
static int check_secure_memory(struct optee *o)
{
	const struct mmp_range *first = &o->plan->secure[0];

	if (!o->release->load_checked || !o->config->phys_relocatable ||
	    !o->config->core_debug || (first->base && first->size))
		return 0;
	return mmp_stop_at(&o->plan->stop, optee_stop_of(o, OPTEE_STOP_SECURE_EMPTY),
			   "the core is loaded to 0x%" PRIx64
			   ", its secure memory is 0x%" PRIx64 " bytes",
			   first->base, first->size);
}

int optee_check_secure(struct optee *o)
{
	return check_secure_memory(o) || check_load_address(o) || check_window(o) ? -1
										  : 0;
}

static bool in_window(const struct mmp_plan *plan, const struct mmp_region *r,
		      uint64_t mask)
{
	const struct mmp_range *shm = &optee_config(plan->platform)->reserved_shm;

	return shm->given && mmp_range_inside(r->pa, r->size, shm->base, shm->size, mask);
}

enum optee_stop optee_refused(const struct mmp_plan *plan, const struct mmp_region *r,
			      uint64_t mask)
{
	static const uint8_t stops[] = {
		[OPTEE_IN_SECURE] = OPTEE_STOP_TEE_RAM_PLACE,
		[OPTEE_IN_SECURE_TA] = OPTEE_STOP_TA_RAM_PLACE,
		[OPTEE_IN_SECURE_OVERALL] = OPTEE_STOP_SEC_RAM_PLACE,
	};
	const struct optee_release *release = optee_release_of(plan->platform->rules);
	enum optee_place place = optee_place_of(release->version, r->type);

	switch (place) {
	case OPTEE_ANYWHERE:
		return OPTEE_STOP_COUNT;
	case OPTEE_IN_SECURE:
	case OPTEE_IN_SECURE_TA:
	case OPTEE_IN_SECURE_OVERALL:
		return mmp_plan_in_secure(plan, r, mask) ? OPTEE_STOP_COUNT
							 : (enum optee_stop)stops[place];
	case OPTEE_IN_SHM_WINDOW:
		return in_window(plan, r, mask) ? OPTEE_STOP_COUNT
						: OPTEE_STOP_NSEC_SHM_PLACE;
	case OPTEE_NOWHERE:
		break;
	}
	return OPTEE_STOP_UNHANDLED_TYPE;
}

const char *optee_refused_what(enum optee_stop which)
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

static int check_place(struct optee *o, const struct mmp_region *r)
{
	enum optee_stop which = optee_refused(o->plan, r, o->predicates.mask);

	if (which == OPTEE_STOP_COUNT)
		return 0;
	if (which == OPTEE_STOP_UNHANDLED_TYPE)
		mmp_stop_trace(&o->plan->stop, "%s: Uhandled memtype %u",
			       optee_stop_of(o, which)->func,
			       mmp_memtype_number(o->plan->platform->rules, r->type));
	return optee_stop(o, which, r, optee_refused_what(which));
}

int optee_check_places(struct optee *o)
{
	enum optee_version version = o->release->version;

	for (size_t n = 0; n < o->plan->count; n++) {
		const struct mmp_region *r = &o->plan->regions[n];

		if (optee_place_of(version, r->type) != OPTEE_ANYWHERE &&
		    check_place(o, r))
			return -1;
	}
	return 0;
}

/* check_nsec_ddr_max_pa(), 3.8 to 3.11. 3.8 tests one byte past the end. */
static int check_shm_list_end(struct optee *o)
{
	const struct mmp_platform *p = o->plan->platform;
	unsigned width = optee_pa_width(p->rules, &p->config);

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		/* 3.8 adds the size, later releases the size minus one. */
		uint64_t size = (r->size - (o->release->version > V3_8)) & o->widths.size;
		const struct mmp_region about = { .type = (uint8_t)r->type,
						  .pa = r->addr & o->widths.pa,
						  .size = r->size & o->widths.pa };

		if (r->section == OPTEE_SECTION_NSEC_DDR &&
		    optee_ends_beyond(about.pa, size, o->widths.pa, width))
			return optee_stop(o, OPTEE_STOP_SHM_LIST_END, &about,
					  "ends beyond the width of physical addresses");
	}
	return 0;
}

/*
 * All entries were in whole pages before the pager's space was added, unless END hid
 * some. An assertion checks that the space is, too.
 */
static int check_pages(struct optee *o)
{
	if (o->release->capacity != OPTEE_CAPACITY_FIXED && !o->config->pager)
		return 0;
	for (size_t n = 0; n < o->plan->count; n++) {
		const struct mmp_region *r = &o->plan->regions[n];

		if ((r->pa | r->size) & MMP_PAGE_MASK)
			return optee_stop(o, OPTEE_STOP_PARTIAL_PAGE, r,
					  "is not in whole pages");
	}
	return 0;
}

int optee_check_tables(struct optee *o)
{
	if (!o->lpae)
		return 0;
	if (o->release->shm_list == OPTEE_SHM_LIST_AND_END_CHECKED &&
	    check_shm_list_end(o) && !o->plan->past_tests)
		return -1;
	return check_pages(o);
}
