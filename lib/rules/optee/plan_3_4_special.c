/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "rules/optee/plan_3_4.h"

/*
 * verify_special_mem_areas() and check_sdp_intersection_with_nsec_ddr(): memory that
 * is not in the map, against its like and against the map as it is before the virtual
 * spaces, devices rounded.
 */

struct other {
	int type;
	uint64_t base, size;
};

static int overlap_stop(struct optee_3_4 *o, enum optee_3_4_stop which,
			const struct mmp_registration *item, const struct other *other)
{
	const struct mmp_stop_info *info = &optee_3_4_stops[which];
	struct mmp_stop *stop = &o->plan->stop;
	const char *label = mmp_memtype_label(&mmp_optee_3_4, (int)item->type);

	mmp_stop_about(stop, (int)item->type, item->addr, item->size);
	mmp_stop_about(stop, other->type, other->base, other->size);
	mmp_stop_trace(stop,
		       "%s: [%" PRIx64 " %" PRIx64 "] intersects [%" PRIx64 " %" PRIx64
		       "]",
		       info->func, item->addr, item->addr + item->size, other->base,
		       other->base + other->size);
	return mmp_stop_at(stop, info,
			   "%s \"%.48s\" at 0x%" PRIx64 " size 0x%" PRIx64
			   " intersects %s at 0x%" PRIx64 " size 0x%" PRIx64,
			   label, item->name, item->addr, item->size,
			   mmp_memtype_label(&mmp_optee_3_4, other->type), other->base,
			   other->size);
}

bool optee_3_4_is_shared_memory(const struct mmp_platform *platform,
				const struct mmp_registration *special, unsigned type)
{
	return special->type == OPTEE_3_4_RAM_NSEC && type == OPTEE_3_4_NSEC_SHM;
}

static int stop_of_pair(struct optee_3_4 *o, enum optee_3_4_stop which, size_t one,
			size_t with)
{
	const struct mmp_registration *all = o->plan->platform->registrations;
	const struct other other = { (int)all[with].type, all[with].addr,
				     all[with].size };

	return overlap_stop(o, which, &all[one], &other);
}

/* Of an array that was written past its end, what lies inside it. */
static int check_against_map(struct optee_3_4 *o, unsigned section)
{
	const struct mmp_plan *plan = o->plan;
	size_t entries = plan->count <= o->entries ? plan->count : o->entries + 1;
	size_t one, entry;
	int found = mmp_first_on_map(plan, entries, section, o->widths.va,
				     optee_3_4_is_shared_memory, &one, &entry);

	if (found > 0) {
		const struct mmp_region *r = &plan->regions[entry];
		const struct other other = { r->type, r->pa, r->size };

		return overlap_stop(o, OPTEE_3_4_STOP_SPECIAL_OVERLAP,
				    &plan->platform->registrations[one], &other);
	}
	return found;
}

static int verify(struct optee_3_4 *o, unsigned section)
{
	size_t one, later;
	int found =
		mmp_first_pair(o->plan->platform, section, o->widths.va, &one, &later);

	if (found > 0)
		return stop_of_pair(o, OPTEE_3_4_STOP_SPECIAL_OVERLAP, later, one);
	return found ? found : check_against_map(o, section);
}

static int check_sdp_against_ddr(struct optee_3_4 *o)
{
	size_t sdp, ddr;
	int found = mmp_first_across(o->plan->platform, OPTEE_SECTION_SDP_MEM,
				     OPTEE_SECTION_NSEC_DDR, o->widths.va, &sdp, &ddr);

	if (found > 0)
		return stop_of_pair(o, OPTEE_3_4_STOP_SDP_DDR, sdp, ddr);
	return found;
}

int optee_3_4_verify_special(struct optee_3_4 *o)
{
	if (o->config->secure_data_path &&
	    (verify(o, OPTEE_SECTION_SDP_MEM) || check_sdp_against_ddr(o)))
		return -1;
	return verify(o, OPTEE_SECTION_NSEC_DDR);
}
