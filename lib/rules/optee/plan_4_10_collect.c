/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "plan/range.h"
#include "rules/optee/plan_4_10.h"

/*
 * collect_mem_ranges(): the core's own ranges, then the registrations, then the
 * virtual spaces; kept sorted by (type, PA), merged as they come.
 * Many at once are gathered first (struct mmp_gathered); a limit on boot memory makes
 * the order of events count, and takes the plain way.
 */

/* What the firmware's allocator takes besides the array, and one entry of the array. */
enum { BOOT_MEMORY_FIXED = 576, MAP_ENTRY_BYTES = 40 };

enum { PLAIN_BELOW = 48 };

#define SHM_VASPACE_SIZE 0x2000000u

static int out_of_boot_memory(struct optee_4_10 *o)
{
	return mmp_stop_at(&o->plan->stop, &optee_4_10_stops[OPTEE_STOP_BOOT_MEMORY],
			   "the memory map of %zu entries takes 0x%" PRIx64
			   " bytes, boot_mem_size is 0x%" PRIx64,
			   o->map_capacity, o->boot_memory_tmp, o->config->boot_mem_size);
}

static int take_boot_memory(struct optee_4_10 *o, size_t entries)
{
	o->map_capacity = entries;
	o->boot_memory_tmp += entries * MAP_ENTRY_BYTES;
	if (o->config->boot_mem_size_given && !o->plan->past_limits &&
	    o->boot_memory_tmp > (o->config->boot_mem_size & ~UINT64_C(7)))
		return out_of_boot_memory(o);
	return 0;
}

int optee_4_10_begin_boot_memory(struct optee_4_10 *o)
{
	o->boot_memory_tmp = BOOT_MEMORY_FIXED;
	return take_boot_memory(o, 0);
}

/* The array doubles when it is full; the old one stays taken. */
int optee_4_10_grow(struct optee_4_10 *o)
{
	if (mmp_plan_reserve(o->plan, o->plan->count + 1))
		return -1;
	if (o->plan->count < o->map_capacity)
		return 0;
	return take_boot_memory(o, 2 * o->map_capacity);
}

static bool mergeable(const struct optee_4_10 *o, const struct mmp_region *a,
		      const struct mmp_region *b)
{
	if (a->type != b->type)
		return false;
	if (a->pa == b->pa)
		return true;
	if (a->pa < b->pa)
		return ((a->pa + a->size) & o->pa_mask) >= b->pa;
	return ((b->pa + b->size) & o->pa_mask) >= a->pa;
}

static void note_size(struct optee_4_10 *o, const struct mmp_region *r)
{
	if (r->size > o->longest)
		o->longest = r->size;
}

static void merge(struct optee_4_10 *o, struct mmp_region *into,
		  const struct mmp_region *from)
{
	uint64_t last = mmp_range_last(into->pa, into->size, o->pa_mask);
	uint64_t other = mmp_range_last(from->pa, from->size, o->pa_mask);

	if (other > last)
		last = other;
	if (from->pa < into->pa)
		into->pa = from->pa;
	into->size = (last - into->pa + 1) & o->size_mask;
	note_size(o, into);
}

/* Merge entry n + 1 into n. Only one neighbour on each side is ever looked at. */
static bool merge_next(struct optee_4_10 *o, size_t n)
{
	struct mmp_plan *plan = o->plan;
	struct mmp_region *r = &plan->regions[n];

	if (!mergeable(o, r, r + 1))
		return false;
	merge(o, r, r + 1);
	plan->count--;
	memmove(r + 1, r + 2, (plan->count - n - 1) * sizeof(*r));
	return true;
}

/* Entries before this one end before `new` and have smaller addresses. */
static size_t first_to_reach(const struct optee_4_10 *o, size_t first,
			     const struct mmp_region *new)
{
	uint64_t pa = new->pa > o->longest ? new->pa - o->longest : 0;

	return mmp_regions_from(o->plan->regions, first, o->plan->count, new->type, pa);
}

/* add_phys_mem(), among the entries from `first` on. */
static int add(struct optee_4_10 *o, size_t first, const struct mmp_region *new)
{
	struct mmp_plan *plan = o->plan;
	size_t n;

	if (first == plan->count)
		o->longest = 0;
	for (n = first_to_reach(o, first, new); n < plan->count; n++) {
		struct mmp_region *r = &plan->regions[n];

		if (mergeable(o, new, r)) {
			merge(o, r, new);
			if (n + 1 < plan->count)
				merge_next(o, n);
			if (n > first)
				merge_next(o, n - 1);
			return 0;
		}
		if (new->type < r->type || (new->type == r->type &&new->pa < r->pa))
			break;
	}
	if (optee_4_10_grow(o))
		return -1;
	mmp_plan_insert(plan, n, new);
	note_size(o, new);
	return 0;
}

/* Ranges on their way into the map: added at once, or gathered to be grouped. */
struct intake {
	struct optee_4_10 *o;
	bool gather;
	size_t count; /* gathered, in plan->spare; `va` is the order of registration */
};

static int take(struct intake *in, unsigned type, uint64_t pa, uint64_t size)
{
	struct optee_4_10 *o = in->o;
	struct mmp_region new = { .type = (uint8_t)type,
				  .pa = pa & o->pa_mask,
				  .size = size & o->size_mask };

	if (!(size & o->pa_mask))
		return 0;
	if (!in->gather)
		return add(o, 0, &new);
	new.va = in->count;
	o->plan->spare[in->count++] = new;
	return 0;
}

static int take_range(struct intake *in, unsigned type, const struct mmp_range *range)
{
	return take(in, type, range->base, range->size);
}

static int take_load_gap(struct intake *in, const struct mmp_range *first, uint64_t rx)
{
	struct optee_4_10 *o = in->o;

	if (take(in, OPTEE_SEC_RAM_OVERALL, first->base, rx - first->base))
		return -1;
	if (rx < first->base && o->config->core_debug) {
		mmp_stop_about(&o->plan->stop, OPTEE_TEE_RAM_RX, rx,
			       o->config->layout.unpg_rx.size);
		return mmp_stop_at(&o->plan->stop,
				   &optee_4_10_stops[OPTEE_STOP_LOAD_BELOW_SECURE],
				   "code begins at 0x%" PRIx64
				   ", the first secure-only range at 0x%" PRIx64,
				   rx, first->base);
	}
	o->initial_offset = rx - first->base;
	return 0;
}

static int take_pager_ranges(struct intake *in)
{
	const struct optee_config *c = in->o->config;
	uint64_t end = c->tee_ram.start + c->tee_ram.ph_size;
	uint64_t from = c->layout.init_ro.base + c->layout.init_ro.size;

	if (take_range(in, OPTEE_INIT_RAM_RX, &c->layout.init_rx) ||
	    take_range(in, OPTEE_INIT_RAM_RO, &c->layout.init_ro))
		return -1;
	return take(in, OPTEE_TEE_RAM, from, end - from);
}

/* A range of the core, and the same memory again as SEC_RAM_OVERALL. */
static int take_twice(struct intake *in, unsigned type, const struct mmp_range *range)
{
	if (take_range(in, type, range))
		return -1;
	return take_range(in, OPTEE_SEC_RAM_OVERALL, range);
}

static int take_core(struct intake *in)
{
	const struct optee_config *c = in->o->config;
	const struct mmp_range *first = &in->o->plan->secure[0];
	unsigned free_type = c->ns_virtualization ? OPTEE_NEX_RAM_RW : OPTEE_TEE_RAM_RW;
	uint64_t free_end = c->layout.free.base + c->layout.free.size;

	if (take_load_gap(in, first, c->layout.unpg_rx.base) ||
	    take_range(in, OPTEE_TEE_RAM_RX, &c->layout.unpg_rx) ||
	    take_range(in, OPTEE_TEE_RAM_RO, &c->layout.unpg_ro))
		return -1;
	if (c->ns_virtualization) {
		if (take_twice(in, OPTEE_NEX_RAM_RO, &c->layout.unpg_rw) ||
		    take_twice(in, OPTEE_NEX_RAM_RW, &c->layout.nex_rw))
			return -1;
	} else if (take_twice(in, OPTEE_TEE_RAM_RW, &c->layout.unpg_rw)) {
		return -1;
	}
	if (c->pager)
		return take_pager_ranges(in);
	if (take_twice(in, free_type, &c->layout.free))
		return -1;
	return take(in, OPTEE_SEC_RAM_OVERALL, free_end,
		    first->base + first->size - free_end);
}

static int take_core_executable(struct intake *in)
{
	const struct optee_config *c = in->o->config;

	if (take(in, OPTEE_TEE_RAM, c->tee_ram.start, c->tee_ram.ph_size))
		return -1;
	return take_range(in, OPTEE_SEC_RAM_OVERALL, &in->o->plan->secure[0]);
}

static int check_registration(struct optee_4_10 *o, const struct mmp_registration *r)
{
	const struct mmp_region about = { .type = (uint8_t)r->type,
					  .pa = r->addr & o->pa_mask,
					  .size = r->size & o->size_mask };

	if (about.pa || !o->config->core_debug)
		return 0;
	if (mmp_optee_4_10.types[r->type].panics)
		return optee_4_10_stop(o, OPTEE_STOP_INVALID_TYPE, &about,
				       "has a type that cannot be mapped");
	if (optee_4_10_attr(o, r->type))
		return optee_4_10_stop(o, OPTEE_STOP_ADDRESS_ZERO, &about,
				       "maps memory, so its address must not be 0");
	return 0;
}

static int take_registrations(struct intake *in)
{
	const struct mmp_platform *platform = in->o->plan->platform;

	for (size_t i = 0; i < platform->count; i++) {
		const struct mmp_registration *r = &platform->registrations[i];

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP)
			continue;
		if (check_registration(in->o, r) || take(in, r->type, r->addr, r->size))
			return -1;
	}
	return 0;
}

static int take_all(struct intake *in)
{
	const struct optee_config *c = in->o->config;
	const struct mmp_plan *plan = in->o->plan;

	if (c->rwdata_noexec ? take_core(in) : take_core_executable(in))
		return -1;
	for (unsigned i = 1; i < plan->secure_count; i++)
		if (take_range(in, OPTEE_SEC_RAM_OVERALL, &plan->secure[i]))
			return -1;
	if (c->kasan && take_range(in, OPTEE_TEE_ASAN, &c->layout.asan_map))
		return -1;
	return take_registrations(in);
}

static int add_one(void *context, size_t first, const struct mmp_region *one)
{
	return add(context, first, one);
}

static int add_gathered(struct intake *in)
{
	struct mmp_gathered gathered = { .plan = in->o->plan,
					 .all = in->o->plan->spare,
					 .count = in->count,
					 .pa_mask = in->o->pa_mask,
					 .touching = true,
					 .add = add_one,
					 .context = in->o };

	if (mmp_gathered_wraps(&gathered))
		return mmp_gathered_add_in_order(&gathered);
	return mmp_gathered_add_in_groups(&gathered);
}

static int sdp_stop(struct optee_4_10 *o, const struct mmp_registration *sdp,
		    unsigned type, uint64_t base, uint64_t size)
{
	struct mmp_stop *stop = &o->plan->stop;

	mmp_stop_about(stop, OPTEE_SDP_MEM, sdp->addr, sdp->size);
	mmp_stop_about(stop, (int)type, base, size);
	mmp_stop_trace(stop,
		       "verify_special_mem_areas: [%" PRIx64 " %" PRIx64
		       "] intersects [%" PRIx64 " %" PRIx64 "]",
		       sdp->addr, sdp->addr + sdp->size, base, base + size);
	return mmp_stop_at(stop, &optee_4_10_stops[OPTEE_STOP_SDP_OVERLAP],
			   "SDP memory \"%.48s\" at 0x%" PRIx64 " size 0x%" PRIx64
			   " intersects %s at 0x%" PRIx64 " size 0x%" PRIx64,
			   sdp->name, sdp->addr, sdp->size,
			   mmp_memtype_label(&mmp_optee_4_10, (int)type), base, size);
}

bool optee_4_10_is_test_memory(const struct mmp_platform *platform,
			       const struct mmp_registration *sdp, unsigned type)
{
	const struct mmp_range *test = &optee_config(platform)->sdp_test_mem;

	return type == OPTEE_SEC_RAM_OVERALL && test->given && test->base == sdp->addr &&
	       test->size == sdp->size;
}

/* verify_special_mem_areas(): first all pairs of SDP memory, then each against the map. */
static int check_sdp(struct optee_4_10 *o)
{
	const struct mmp_plan *plan = o->plan;
	const struct mmp_registration *all = plan->platform->registrations;
	size_t one, other;
	int found = mmp_first_pair(plan->platform, OPTEE_SECTION_SDP_MEM, o->pa_mask,
				   &one, &other);

	if (found > 0)
		return sdp_stop(o, &all[other], OPTEE_SDP_MEM, all[one].addr,
				all[one].size);
	if (!found)
		found = mmp_first_on_map(plan, plan->count, OPTEE_SECTION_SDP_MEM,
					 o->pa_mask, optee_4_10_is_test_memory, &one,
					 &other);
	if (found > 0) {
		const struct mmp_region *r = &plan->regions[other];

		return sdp_stop(o, &all[one], r->type, r->pa, r->size);
	}
	return found;
}

/* add_va_space(): before the first entry of a larger type; an empty one stays. */
static int add_va_space(struct optee_4_10 *o, unsigned type, uint64_t size)
{
	const struct mmp_region new = { .type = (uint8_t)type,
					.size = size & o->size_mask,
					.mapping = MMP_MAP_EMPTY };
	struct mmp_plan *plan = o->plan;
	size_t n = 0;

	while (n < plan->count && plan->regions[n].type <= type)
		n++;
	if (optee_4_10_grow(o))
		return -1;
	mmp_plan_insert(plan, n, &new);
	return 0;
}

static int add_va_spaces(struct optee_4_10 *o)
{
	const struct optee_config *c = o->config;

	if (add_va_space(o, OPTEE_RES_VASPACE, c->reserved_vaspace_size) ||
	    add_va_space(o, OPTEE_SHM_VASPACE, SHM_VASPACE_SIZE))
		return -1;
	if (!c->dyn_config)
		return 0;
	if (c->ns_virtualization &&
	    add_va_space(o, OPTEE_NEX_DYN_VASPACE,
			 (c->nex_dyn_vaspace_size + o->pgdir - 1) & ~(o->pgdir - 1)))
		return -1;
	return add_va_space(o, OPTEE_TEE_DYN_VASPACE, c->tee_dyn_vaspace_size);
}

int optee_4_10_collect(struct optee_4_10 *o)
{
	const struct mmp_platform *platform = o->plan->platform;
	struct intake in = { .o = o };

	if (mmp_plan_reserve(o->plan, platform->count + 32))
		return -1;
	in.gather = platform->count >= PLAIN_BELOW && !o->config->boot_mem_size_given;
	if (take_boot_memory(o, (size_t)o->config->mmap_regions))
		return -1;
	if (take_all(&in) || (in.gather && add_gathered(&in)))
		return -1;
	o->plan->collected = true;
	if (o->config->secure_data_path && check_sdp(o) && !o->plan->past_tests)
		return -1;
	return add_va_spaces(o);
}
