/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "rules/optee/pipeline.h"

/*
 * collect_mem_ranges(), up to 3.7 the first part of init_mem_map(): first the core's own
 * ranges, if the firmware adds them by code, then the registrations, then the virtual
 * spaces. Ranges are collected up to the one that stops the boot, and then added in
 * order. Many ranges are added in groups (struct mmp_collected), unless the array may
 * become full.
 */

enum { VA_SPACES = 2, PLAIN_BELOW = 48 };

/* Ranges to be added to the map, in plan->spare. */
struct intake {
	struct optee *o;
	uint64_t size_mask;
	size_t count;
};

static inline void collect_one(struct intake *in, unsigned type, uint64_t pa,
			       uint64_t size)
{
	uint64_t mask = in->o->widths.pa;

	if (!(size & mask))
		return;
	in->o->plan->spare[in->count] = (struct mmp_region){ .type = (uint8_t)type,
							     .pa = pa & mask,
							     .size = size & in->size_mask,
							     .va = in->count };
	in->count++;
}

static void take_range(struct intake *in, unsigned type, const struct mmp_range *range)
{
	collect_one(in, type, range->base, range->size);
}

/* A range of the core, and the same memory again as SEC_RAM_OVERALL. */
static void take_twice(struct intake *in, unsigned type, const struct mmp_range *range)
{
	take_range(in, type, range);
	take_range(in, OPTEE_SEC_RAM_OVERALL, range);
}

/* Sums of link script addresses have the width of virtual addresses. */
static uint64_t end_of(const struct optee *o, const struct mmp_range *range)
{
	return (range->base + range->size) & o->widths.va;
}

static int load_below_secure(struct optee *o, enum optee_stop which, uint64_t at)
{
	const struct mmp_range *first = &o->plan->secure[0];

	mmp_stop_about(&o->plan->stop, OPTEE_TEE_RAM_RX, at,
		       o->config->layout.unpg_rx.size);
	return mmp_stop_at(&o->plan->stop, optee_stop_of(o, which),
			   "the core begins at 0x%" PRIx64
			   ", the first secure-only range at 0x%" PRIx64,
			   at, first->base);
}

static void take_init(struct intake *in)
{
	take_range(in, OPTEE_INIT_RAM_RX, &in->o->config->layout.init_rx);
	take_range(in, OPTEE_INIT_RAM_RO, &in->o->config->layout.init_ro);
}

/* From 4.5 on data is mapped twice, and so is the memory around the core. */
static int take_core_and_sec_ram(struct intake *in)
{
	struct optee *o = in->o;
	const struct optee_config *c = o->config;
	const struct mmp_range *first = &o->plan->secure[0];
	uint64_t rx = c->layout.unpg_rx.base, end = c->tee_ram.start + c->tee_ram.ph_size;
	uint64_t before = first->base & o->widths.va;

	collect_one(in, OPTEE_SEC_RAM_OVERALL, before, rx - before);
	if (rx < before && c->core_debug)
		return load_below_secure(o, OPTEE_STOP_LOAD_BELOW_SECURE, rx);
	o->initial_offset = rx - before;
	take_range(in, OPTEE_TEE_RAM_RX, &c->layout.unpg_rx);
	take_range(in, OPTEE_TEE_RAM_RO, &c->layout.unpg_ro);
	if (c->ns_virtualization) {
		take_twice(in, OPTEE_NEX_RAM_RO, &c->layout.unpg_rw);
		take_twice(in, OPTEE_NEX_RAM_RW, &c->layout.nex_rw);
	} else {
		take_twice(in, OPTEE_TEE_RAM_RW, &c->layout.unpg_rw);
	}
	if (c->pager) {
		take_init(in);
		collect_one(in, OPTEE_TEE_RAM, end_of(o, &c->layout.init_ro),
			    end - end_of(o, &c->layout.init_ro));
		return 0;
	}
	take_twice(in, c->ns_virtualization ? OPTEE_NEX_RAM_RW : OPTEE_TEE_RAM_RW,
		   &c->layout.free);
	end = end_of(o, c->layout.free.given   ? &c->layout.free
			: c->ns_virtualization ? &c->layout.nex_rw
					       : &c->layout.unpg_rw);
	collect_one(in, OPTEE_SEC_RAM_OVERALL, end, first->base + first->size - end);
	return 0;
}

static int no_ta_room(struct optee *o, enum optee_stop which,
		      const struct mmp_range *secure)
{
	mmp_stop_about(&o->plan->stop, -1, secure->base, secure->size);
	return mmp_stop_at(&o->plan->stop, optee_stop_of(o, which),
			   "nothing is left to trusted applications of 0x%" PRIx64
			   " bytes at 0x%" PRIx64,
			   secure->size, secure->base);
}

/* core_mmu_get_ta_range(), 3.22 to 4.4. */
static int take_ta_ram(struct intake *in)
{
	struct optee *o = in->o;
	const struct optee_config *c = o->config;
	const struct mmp_range *secure = o->plan->secure;
	uint64_t load =
		c->tee_ram.load_addr_given ? c->tee_ram.load_addr : c->tee_ram.start;
	uint64_t test = c->sdp_test_mem.given ? c->sdp_test_mem.size : 0;
	uint64_t core = (load - secure->base + c->tee_ram.va_size) & o->widths.va;

	if (c->ta_ram.given) {
		take_range(in, OPTEE_TA_RAM, &c->ta_ram);
	} else if (o->plan->secure_count == 2) {
		if (c->core_debug && secure[1].size <= test)
			return no_ta_room(o, OPTEE_STOP_TA_ROOM_SECOND, &secure[1]);
		collect_one(in, OPTEE_TA_RAM, secure[1].base,
			    (secure[1].size - test) & o->widths.size);
	} else {
		if (c->core_debug && load < secure->base)
			return load_below_secure(o, OPTEE_STOP_TA_LOAD_BELOW_SECURE,
						 load);
		if (c->core_debug && secure->size <= core + test)
			return no_ta_room(o, OPTEE_STOP_TA_ROOM, secure);
		collect_one(in, OPTEE_TA_RAM, secure->base + core,
			    (secure->size - core - test) & o->widths.size);
	}
	return 0;
}

static void take_core_noexec(struct intake *in)
{
	const struct optee_config *c = in->o->config;
	uint64_t begin = in->o->plan->secure[0].base & in->o->widths.va;

	collect_one(in, OPTEE_TEE_RAM_RO, begin, c->layout.unpg_rx.base - begin);
	take_range(in, OPTEE_TEE_RAM_RX, &c->layout.unpg_rx);
	take_range(in, OPTEE_TEE_RAM_RO, &c->layout.unpg_ro);
	take_range(in, c->ns_virtualization ? OPTEE_NEX_RAM_RO : OPTEE_TEE_RAM_RW,
		   &c->layout.unpg_rw);
	if (c->ns_virtualization)
		take_range(in, OPTEE_NEX_RAM_RW, &c->layout.nex_rw);
	if (c->pager)
		take_init(in);
}

/* 3.22 to 4.4. */
static int take_core_and_ta_ram(struct intake *in)
{
	const struct optee_config *c = in->o->config;

	if (c->rwdata_noexec)
		take_core_noexec(in);
	else
		collect_one(in, OPTEE_TEE_RAM, c->tee_ram.start, c->tee_ram.ph_size);
	if (!c->ns_virtualization)
		return take_ta_ram(in);
	take_range(in, OPTEE_SEC_RAM_OVERALL, &c->trusted_dram);
	return 0;
}

static int take_core(struct intake *in)
{
	const struct optee_config *c = in->o->config;
	const struct mmp_plan *plan = in->o->plan;

	switch ((enum optee_core_ranges)in->o->release->core_ranges) {
	case OPTEE_CORE_REGISTERED:
		return 0;
	case OPTEE_CORE_AND_TA_RAM:
		if (take_core_and_ta_ram(in))
			return -1;
		break;
	case OPTEE_CORE_AND_SEC_RAM:
		if (c->rwdata_noexec) {
			if (take_core_and_sec_ram(in))
				return -1;
		} else {
			collect_one(in, OPTEE_TEE_RAM, c->tee_ram.start,
				    c->tee_ram.ph_size);
			take_range(in, OPTEE_SEC_RAM_OVERALL, &plan->secure[0]);
		}
		for (unsigned i = 1; i < plan->secure_count; i++)
			take_range(in, OPTEE_SEC_RAM_OVERALL, &plan->secure[i]);
		break;
	}
	if (c->kasan && (c->pager || in->o->release->asan_alone))
		take_range(in, OPTEE_TEE_ASAN, &c->layout.asan_map);
	return 0;
}

static int check_address(struct optee *o, const struct mmp_registration *r)
{
	const struct mmp_region about = { .type = (uint8_t)r->type,
					  .pa = r->addr & o->widths.pa,
					  .size = r->size & o->widths.pa };

	if (about.pa || !o->config->core_debug)
		return 0;
	if (o->types[r->type].stops)
		return optee_stop(o, OPTEE_STOP_INVALID_TYPE, &about,
				  "has a type that cannot be mapped");
	if (o->types[r->type].attr)
		return optee_stop(o, OPTEE_STOP_ADDRESS_ZERO, &about,
				  "maps memory, so its address must not be 0");
	return 0;
}

/* Up to 3.4, devices are rounded out to whole PGDIRs here. */
static void take_registration(struct intake *in, const struct mmp_registration *r)
{
	struct mmp_region region;

	if (!in->o->release->io_rounding) {
		collect_one(in, r->type, r->addr, r->size);
		return;
	}
	region = optee_listed(in->o->release, &in->o->widths, r);
	collect_one(in, r->type, region.pa, region.size);
}

static int take_registrations(struct intake *in)
{
	const struct mmp_platform *platform = in->o->plan->platform;

	for (size_t i = 0; i < platform->count; i++) {
		const struct mmp_registration *r = &platform->registrations[i];

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP ||
		    (in->o->release->size_first && !(r->size & in->o->widths.pa)))
			continue;
		if (check_address(in->o, r))
			return -1;
		take_registration(in, r);
	}
	return 0;
}

struct mmp_region optee_listed(const struct optee_release *release,
			       const struct mmp_widths *widths,
			       const struct mmp_registration *r)
{
	struct mmp_region region = { .type = (uint8_t)r->type,
				     .pa = r->addr & widths->pa,
				     .size = r->size & widths->pa };
	uint64_t mask = widths->pgdir - 1, below = region.pa & mask;

	if (release->io_rounding && optee_is_io(r->type)) {
		region.pa -= below;
		region.size = (region.size + below + mask) & ~mask & widths->pa;
	}
	return region;
}

static int add_in_order(struct intake *in)
{
	for (size_t i = 0; i < in->count; i++) {
		struct mmp_region *one = &in->o->plan->spare[i];

		one->va = 0;
		if (optee_add(in->o, 0, one))
			return -1;
	}
	return 0;
}

/* Whether the array may become full at some point, so that the order matters. */
static bool may_fill(const struct optee *o, size_t collected)
{
	switch ((enum optee_capacity)o->release->capacity) {
	case OPTEE_CAPACITY_FIXED:
		return o->plan->count + VA_SPACES > o->limit;
	case OPTEE_CAPACITY_COUNTED:
		return collected > o->slots;
	case OPTEE_CAPACITY_DOUBLES:
		break;
	}
	return false;
}

/* Add many ranges, in groups. */
static int add_many(struct intake *in)
{
	struct optee *o = in->o, without_limit = *o;
	struct mmp_collected collected = { .plan = o->plan,
					   .all = o->plan->spare,
					   .count = in->count,
					   .pa_mask = o->widths.pa,
					   .touching =
						   o->release->merge == OPTEE_MERGE_UNION,
					   .add = optee_add,
					   .context = &without_limit };

	if (mmp_collected_wraps(&collected))
		return add_in_order(in);
	without_limit.limit = without_limit.slots = SIZE_MAX;
	if (mmp_collected_add_in_groups(&collected))
		return -1;
	o->entries = without_limit.entries;
	o->boot_memory_tmp = without_limit.boot_memory_tmp;
	if (!may_fill(o, in->count))
		return 0;
	o->plan->count = 0;
	collected.context = o;
	return mmp_collected_add_in_order(&collected);
}

/* Room for the core's ranges, the virtual spaces, the pager's, the identity map, END. */
enum { OWN_ENTRIES = 32 };

int optee_collect(struct optee *o)
{
	/* Ranges that merge to their union become map entries directly. */
	struct intake in = { .o = o,
			     .size_mask = o->release->merge == OPTEE_MERGE_UNION
						  ? o->widths.size
						  : o->widths.pa };
	struct mmp_stop stop;
	int stopped;

	if (mmp_plan_reserve(o->plan, o->plan->platform->count + OWN_ENTRIES) ||
	    optee_take_array(o))
		return -1;
	stopped = take_core(&in) || take_registrations(&in);
	if (stopped) {
		stop = o->plan->stop;
		mmp_stop_clear(&o->plan->stop);
	}
	if (in.count < PLAIN_BELOW || o->config->boot_mem_size_given ? add_in_order(&in)
								     : add_many(&in))
		return -1;
	if (stopped) {
		o->plan->stop = stop;
		return -1;
	}
	o->plan->collected = true;
	if (optee_verify_special(o) && !o->plan->past_tests)
		return -1;
	return optee_add_va_spaces(o);
}
