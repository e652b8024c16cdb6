/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "rules/optee/pipeline.h"

/*
 * verify_special_mem_areas() and check_sdp_intersection_with_nsec_ddr(): memory that is
 * not in the map must not overlap other such memory, nor the map without its virtual
 * spaces.
 */

struct other {
	int type;
	uint64_t base, size;
};

static int overlap_stop(struct optee *o, enum optee_stop which,
			const struct mmp_registration *item, const struct other *other)
{
	const struct mmp_stop_info *info = optee_stop_of(o, which);
	const struct mmp_rules *rules = o->plan->platform->rules;
	struct mmp_stop *stop = &o->plan->stop;

	mmp_stop_about(stop, (int)item->type, item->addr, item->size);
	mmp_stop_about(stop, other->type, other->base, other->size);
	mmp_stop_trace(stop, "%s: [%" PRIx64 " %" PRIx64 "] %s [%" PRIx64 " %" PRIx64 "]",
		       info->func, item->addr, item->addr + item->size,
		       o->release->version < V3_3 ? "intersecs" : "intersects",
		       other->base, other->base + other->size);
	return mmp_stop_at(stop, info,
			   "%s \"%.48s\" at 0x%" PRIx64 " size 0x%" PRIx64
			   " intersects %s at 0x%" PRIx64 " size 0x%" PRIx64,
			   mmp_memtype_label(rules, (int)item->type), item->name,
			   item->addr, item->size, mmp_memtype_label(rules, other->type),
			   other->base, other->size);
}

bool optee_is_shared_memory(const struct mmp_platform *platform,
			    const struct mmp_registration *special, unsigned type)
{
	return special->type == OPTEE_RAM_NSEC && type == OPTEE_NSEC_SHM;
}

bool optee_is_test_memory(const struct mmp_platform *platform,
			  const struct mmp_registration *sdp, unsigned type)
{
	const struct mmp_range *test = &optee_config(platform)->sdp_test_mem;

	return type == OPTEE_SEC_RAM_OVERALL && test->given && test->base == sdp->addr &&
	       test->size == sdp->size;
}

static int stop_of_pair(struct optee *o, enum optee_stop which, size_t one, size_t with)
{
	const struct mmp_registration *all = o->plan->platform->registrations;
	const struct other other = { (int)all[with].type, all[with].addr,
				     all[with].size };

	return overlap_stop(o, which, &all[one], &other);
}

/* If the array was written past its end, only the part inside it counts. */
static int check_against_map(struct optee *o, unsigned section)
{
	const struct mmp_plan *plan = o->plan;
	size_t entries = plan->count <= o->slots ? plan->count : o->slots, one, entry;
	int found =
		mmp_first_on_map(plan, entries, section, &o->predicates,
				 o->release->test_memory_exempt ? optee_is_test_memory
								: optee_is_shared_memory,
				 &one, &entry);

	if (found > 0) {
		const struct mmp_region *r = &plan->regions[entry];
		const struct other other = { r->type, r->pa, r->size };

		return overlap_stop(o, OPTEE_STOP_SPECIAL_OVERLAP,
				    &plan->platform->registrations[one], &other);
	}
	return found;
}

static int verify_special(struct optee *o, unsigned section)
{
	size_t one, later;
	int found =
		mmp_first_pair(o->plan->platform, section, &o->predicates, &one, &later);

	if (found > 0)
		return stop_of_pair(o, OPTEE_STOP_SPECIAL_OVERLAP, later, one);
	return found ? found : check_against_map(o, section);
}

static int check_sdp_against_ddr(struct optee *o)
{
	size_t sdp, ddr;
	int found = mmp_first_across(o->plan->platform, OPTEE_SECTION_SDP_MEM,
				     OPTEE_SECTION_NSEC_DDR, &o->predicates, &sdp, &ddr);

	if (found > 0)
		return stop_of_pair(o, OPTEE_STOP_SDP_DDR, sdp, ddr);
	return found;
}

int optee_verify_special(struct optee *o)
{
	bool shm_list = o->release->shm_list != OPTEE_SHM_LIST_UNCHECKED;

	if (o->config->secure_data_path && verify_special(o, OPTEE_SECTION_SDP_MEM))
		return -1;
	if (o->config->secure_data_path && shm_list && check_sdp_against_ddr(o))
		return -1;
	return shm_list ? verify_special(o, OPTEE_SECTION_NSEC_DDR) : 0;
}
