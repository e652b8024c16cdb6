/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "model/attr.h"
#include "plan/range.h"
#include "rules/optee/plan_3_4.h"

/*
 * The list of init_mem_map(): registrations in order, kept sorted by (type, PA), merged
 * where they overlap; then the virtual spaces.
 *
 * The list is a static array, and the firmware tests the index it walks to, not the
 * number of entries: an append to a full array is caught, an insertion in the middle
 * is not. Where the array cannot fill up that makes no difference, and many
 * registrations are gathered (struct mmp_gathered); else they go one by one.
 */

#define SHM_VASPACE_SIZE 0x2000000u

/* RES_VASPACE and SHM_VASPACE. */
enum { VA_SPACES = 2, PLAIN_BELOW = 48 };

struct list {
	struct optee_3_4 *o;
	size_t limit;     /* the walk stops the boot when it comes here */
	uint64_t longest; /* no entry added to has its last byte farther from its first */
};

static int no_entry(const struct list *list, enum optee_3_4_stop which,
		    const struct mmp_region *new)
{
	struct mmp_plan *plan = list->o->plan;
	struct mmp_stop *stop = &plan->stop;
	const struct mmp_stop_info *info = &optee_3_4_stops[which];
	size_t slots = list->limit + 1;

	if (plan->count > slots)
		snprintf(stop->undefined_before, sizeof(stop->undefined_before),
			 "writes %zu %s past static_memory_map[CFG_MMAP_REGIONS + 1] "
			 "before this",
			 plan->count - slots,
			 plan->count - slots == 1 ? "entry" : "entries");
	mmp_stop_trace(stop, "%s: Out of entries (%zu) in memory_map", info->func, slots);
	mmp_stop_about(stop, new->type, new->pa, new->size);
	return mmp_stop_at(
		stop, info,
		"%s at 0x%" PRIx64 " size 0x%" PRIx64
		" finds no entry; mmap_regions is %zu, the map has %zu entries "
		"by now",
		mmp_memtype_label(&mmp_optee_3_4, new->type), new->pa, new->size,
		list->limit, plan->count);
}

static bool overlap(const struct optee_3_4 *o, const struct mmp_region *r,
		    const struct mmp_region *new)
{
	const struct mmp_widths *w = &o->widths;
	uint64_t last = mmp_range_last(r->pa, r->size, w->pa);
	uint64_t new_last = mmp_range_last(new->pa, new->size, w->pa);

	return (r->pa <= new->pa &&new->pa <= last) ||
	       (new->pa <= r->pa && r->pa <= new_last);
}

static void note_size(struct list *list, const struct mmp_region *r)
{
	uint64_t longest = (r->size - 1) & list->o->widths.pa; /* 0 reaches all */

	if (longest > list->longest)
		list->longest = longest;
}

/*
 * What lies behind the array is never walked again, so where a new entry pushes one out
 * of it, that one need not stay in order.
 */
static void insert(struct list *list, size_t at, const struct mmp_region *new)
{
	struct mmp_plan *plan = list->o->plan;
	size_t count = plan->count, slots = list->limit + 1;

	if (count > slots) {
		plan->regions[count] = plan->regions[slots - 1];
		plan->count = slots - 1;
	}
	mmp_plan_insert(plan, at, new);
	plan->count = count + 1;
	plan->regions[at].size &= list->o->widths.size;
	note_size(list, &plan->regions[at]);
}

/* The firmware's merge: not the union where the lower one is the shorter. */
static void merge(struct list *list, struct mmp_region *into,
		  const struct mmp_region *from)
{
	uint64_t pa = from->pa < into->pa ? from->pa : into->pa;
	uint64_t size = from->size > into->size ? from->size : into->size;

	into->size = (size + (into->pa - pa)) & list->o->widths.size;
	into->pa = pa;
	note_size(list, into);
}

/* Entries before this one end before `new` and have smaller addresses. */
static size_t first_to_reach(const struct list *list, size_t first,
			     const struct mmp_region *new)
{
	const struct mmp_plan *plan = list->o->plan;
	size_t end = plan->count < list->limit ? plan->count : list->limit;
	uint64_t pa = new->pa > list->longest ? new->pa - list->longest : 0;

	return mmp_regions_from(plan->regions, first, end, new->type, pa);
}

/* add_phys_mem(), among the entries from `first` on. */
static int add(void *context, size_t first, const struct mmp_region *new)
{
	struct list *list = context;
	struct mmp_plan *plan = list->o->plan;
	size_t n;

	if (first == plan->count)
		list->longest = 0;
	for (n = first_to_reach(list, first, new);; n++) {
		struct mmp_region *r = &plan->regions[n];

		if (n >= list->limit)
			return no_entry(list, OPTEE_3_4_STOP_NO_ENTRY, new);
		if (n == plan->count)
			break;
		if (new->type == r->type && overlap(list->o, r, new)) {
			merge(list, r, new);
			return 0;
		}
		if (new->type < r->type || (new->type == r->type &&new->pa < r->pa))
			break;
	}
	insert(list, n, new);
	return 0;
}

/* Devices are rounded out to whole level 2 (short: level 1) entries. */
struct mmp_region optee_3_4_listed(const struct mmp_registration *r,
				   const struct mmp_widths *widths)
{
	struct mmp_region region = { .type = (uint8_t)r->type,
				     .pa = r->addr & widths->pa,
				     .size = r->size & widths->pa };
	uint64_t mask = widths->pgdir - 1, below = region.pa & mask;

	if (r->type == OPTEE_3_4_IO_NSEC || r->type == OPTEE_3_4_IO_SEC) {
		region.pa -= below;
		region.size = (region.size + below + mask) & ~mask & widths->pa;
	}
	return region;
}

static int check_address(struct optee_3_4 *o, const struct mmp_registration *r)
{
	const struct mmp_region about = { .type = (uint8_t)r->type,
					  .pa = r->addr & o->widths.pa,
					  .size = r->size & o->widths.pa };

	if (about.pa || !o->config->core_debug)
		return 0;
	if (mmp_optee_3_4.types[r->type].panics)
		return optee_3_4_stop(o, OPTEE_3_4_STOP_INVALID_TYPE, &about,
				      "has a type that cannot be mapped");
	if (mmp_optee_3_4.types[r->type].attr)
		return optee_3_4_stop(o, OPTEE_3_4_STOP_ADDRESS_ZERO, &about,
				      "maps memory, so its address must not be 0");
	return 0;
}

/* All up to the first whose address stops the boot; *ret_stop is that one, or NULL. */
static size_t gather(struct optee_3_4 *o, const struct mmp_registration **ret_stop)
{
	const struct mmp_platform *platform = o->plan->platform;
	size_t count = 0;

	*ret_stop = NULL;
	for (size_t i = 0; i < platform->count; i++) {
		const struct mmp_registration *r = &platform->registrations[i];

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP || !(r->size & o->widths.pa))
			continue;
		if (check_address(o, r)) {
			*ret_stop = r;
			break;
		}
		o->plan->spare[count] = optee_3_4_listed(r, &o->widths);
		o->plan->spare[count].va = count;
		count++;
	}
	return count;
}

static bool may_fill(const struct optee_3_4 *o, size_t count)
{
	return count + VA_SPACES > o->entries;
}

static int add_gathered(struct optee_3_4 *o, size_t count)
{
	struct list list = { o, SIZE_MAX - 1, 0 };
	struct mmp_gathered gathered = { .plan = o->plan,
					 .all = o->plan->spare,
					 .count = count,
					 .pa_mask = o->widths.pa,
					 .add = add,
					 .context = &list };

	if (count >= PLAIN_BELOW && !mmp_gathered_wraps(&gathered)) {
		if (mmp_gathered_add_in_groups(&gathered))
			return -1;
		if (!may_fill(o, o->plan->count))
			return 0;
		o->plan->count = 0;
	}
	list.limit = o->entries;
	return mmp_gathered_add_in_order(&gathered);
}

static int add_registrations(struct optee_3_4 *o)
{
	const struct mmp_registration *stops;
	struct mmp_stop stop;
	size_t count = gather(o, &stops);

	stop = o->plan->stop;
	o->plan->stop = (struct mmp_stop){ 0 };
	if (add_gathered(o, count))
		return -1;
	o->plan->stop = stop;
	return stops ? -1 : 0;
}

/* add_va_space(): before the first entry of a larger type; an empty one stays. */
static int add_va_space(struct optee_3_4 *o, unsigned type, uint64_t size)
{
	const struct mmp_region new = { .type = (uint8_t)type,
					.size = size & o->widths.size };
	const struct list list = { o, o->entries, 0 };
	struct mmp_plan *plan = o->plan;
	size_t n = 0;

	while (n < list.limit && n < plan->count && plan->regions[n].type <= type)
		n++;
	if (n >= list.limit)
		return no_entry(&list, OPTEE_3_4_STOP_NO_ENTRY_SPACE, &new);
	mmp_plan_insert(plan, n, &new);
	return 0;
}

/* END goes into the slot behind the last entry; types above 14 can fill that one too. */
static int check_end(struct optee_3_4 *o)
{
	struct mmp_plan *plan = o->plan;

	if (plan->count <= o->entries)
		return 0;
	return mmp_stop_at(&plan->stop, &optee_3_4_stops[OPTEE_3_4_STOP_PAST_ARRAY],
			   "%zu entries and their end do not fit into the %zu of "
			   "mmap_regions + 1",
			   plan->count, o->entries + 1);
}

int optee_3_4_collect(struct optee_3_4 *o)
{
	/* Room for the virtual spaces, the pager's, and END. */
	if (mmp_plan_reserve(o->plan, o->plan->platform->count + VA_SPACES + 2))
		return -1;
	if (add_registrations(o))
		return -1;
	o->plan->collected = true;
	if (optee_3_4_verify_special(o) && !o->plan->past_tests)
		return -1;
	if (add_va_space(o, OPTEE_3_4_RES_VASPACE, o->config->reserved_vaspace_size) ||
	    add_va_space(o, OPTEE_3_4_SHM_VASPACE, SHM_VASPACE_SIZE))
		return -1;
	return check_end(o);
}
