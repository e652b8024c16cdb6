#include <inttypes.h>

#include "plan/optee_3_4.h"
#include "plan/range.h"

/*
 * verify_special_mem_areas() and check_sdp_intersection_with_nsec_ddr(): memory that
 * is not in the map, against its like and against the map as it is before the virtual
 * spaces, devices rounded.
 */

static bool meets(const struct optee_3_4 *o, const struct mmp_registration *a,
		  const struct mmp_registration *b)
{
	return mmp_range_intersects(a->addr, a->size, b->addr, b->size, o->widths.va);
}

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

static int check_pairs(struct optee_3_4 *o, enum mmp_section section)
{
	const struct mmp_platform *p = o->plan->platform;
	const struct mmp_registration *all = p->registrations;

	for (size_t i = 0; i < p->count; i++)
		for (size_t k = i + 1; all[i].section == section && k < p->count; k++) {
			const struct other other = { (int)all[i].type, all[i].addr,
						     all[i].size };

			if (all[k].section == section && meets(o, &all[i], &all[k]))
				return overlap_stop(o, OPTEE_3_4_STOP_SPECIAL_OVERLAP,
						    &all[k], &other);
		}
	return 0;
}

/* Of an array that was written past its end, what lies inside it. */
static int check_against_map(struct optee_3_4 *o, const struct mmp_registration *item)
{
	for (size_t n = 0; n < o->plan->count && n <= o->entries; n++) {
		const struct mmp_region *r = &o->plan->regions[n];
		const struct other other = { r->type, r->pa, r->size };

		if (item->type == OPTEE_3_4_RAM_NSEC && r->type == OPTEE_3_4_NSEC_SHM)
			continue;
		if (mmp_range_intersects(item->addr, item->size, r->pa, r->size,
					 o->widths.va))
			return overlap_stop(o, OPTEE_3_4_STOP_SPECIAL_OVERLAP, item,
					    &other);
	}
	return 0;
}

static int verify(struct optee_3_4 *o, enum mmp_section section)
{
	const struct mmp_platform *p = o->plan->platform;

	if (check_pairs(o, section))
		return -1;
	for (size_t i = 0; i < p->count; i++)
		if (p->registrations[i].section == section &&
		    check_against_map(o, &p->registrations[i]))
			return -1;
	return 0;
}

static int check_sdp_against_ddr(struct optee_3_4 *o)
{
	const struct mmp_platform *p = o->plan->platform;
	const struct mmp_registration *all = p->registrations;

	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; all[i].section == MMP_SDP_MEM && k < p->count; k++) {
			const struct other other = { (int)all[k].type, all[k].addr,
						     all[k].size };

			if (all[k].section == MMP_NSEC_DDR && meets(o, &all[i], &all[k]))
				return overlap_stop(o, OPTEE_3_4_STOP_SDP_DDR, &all[i],
						    &other);
		}
	return 0;
}

int optee_3_4_verify_special(struct optee_3_4 *o)
{
	if (o->config->secure_data_path &&
	    (verify(o, MMP_SDP_MEM) || check_sdp_against_ddr(o)))
		return -1;
	return verify(o, MMP_NSEC_DDR);
}
