/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/plan_3_4.h"

#include <inttypes.h>

#include "model/attr.h"
#include "plan/range.h"

#define MAP "init_mmu_map"
#define DDR "discover_nsec_memory"

/* clang-format off */
const struct mmp_stop_info optee_3_4_stops[OPTEE_3_4_STOP_COUNT] = {
	/* id, kind, message, func, file, line, stage, about, fix */
	[OPTEE_3_4_STOP_SEC_NSEC] = { "secure-nsec-overlap", MMP_STOP_PANIC, "Invalid memory access config: sec/nsec", "core_init_mmu_map", "core_mmu.c", 982, MAP,
		"the reserved window of shared memory lies over secure memory", "move the window out of the secure-only ranges" },
	[OPTEE_3_4_STOP_ADDRESS_ZERO] = { "address-zero", MMP_STOP_ASSERT, "m.addr || !core_mmu_type_to_attr(m.type)", "init_mem_map", "core_mmu.c", 816, MAP,
		"a registration that maps memory has address 0", "register it at its real address" },
	[OPTEE_3_4_STOP_NO_ENTRY] = { "map-full", MMP_STOP_PANIC, "", "add_phys_mem", "core_mmu.c", 540, MAP,
		"the memory map has no entry left for a registration", "raise mmap_regions, or merge registrations" },
	[OPTEE_3_4_STOP_NO_ENTRY_SPACE] = { "map-full-va-space", MMP_STOP_PANIC, "", "add_va_space", "core_mmu.c", 579, MAP,
		"the memory map has no entry left for a virtual space", "raise mmap_regions: it must be two more than there are merged registrations" },
	[OPTEE_3_4_STOP_NO_ENTRY_PAGER] = { "map-full-pager", MMP_STOP_PANIC, "", "add_pager_vaspace", "core_mmu.c", 777, MAP,
		"the memory map has no entry left for the pager's virtual space", "raise mmap_regions by one" },
	[OPTEE_3_4_STOP_PAST_ARRAY] = { "map-overflow", MMP_STOP_UNDEFINED, "", "init_mem_map", "core_mmu.c", 846, MAP,
		"the memory map is written past its end, unnoticed", "raise mmap_regions: it must be two more than there are merged registrations" },
	[OPTEE_3_4_STOP_SPECIAL_OVERLAP] = { "special-overlap", MMP_STOP_PANIC, "Special memory intersection", "verify_special_mem_areas", "core_mmu.c", 512, MAP,
		"SDP memory or non-secure DDR intersects its like or a mapped range", "give it a range of its own" },
	[OPTEE_3_4_STOP_SDP_DDR] = { "sdp-over-ddr", MMP_STOP_PANIC, "SDP <-> NSEC DDR memory intersection", "check_sdp_intersection_with_nsec_ddr", "core_mmu.c", 447, MAP,
		"SDP memory intersects non-secure DDR", "leave the SDP range out of the registered DDR" },
	[OPTEE_3_4_STOP_ALIGNMENT] = { "unaligned", MMP_STOP_PANIC, "Impossible memory alignment", "init_mem_map", "core_mmu.c", 856, MAP,
		"an entry's address or size is no multiple of 4 KiB", "register whole pages" },
	[OPTEE_3_4_STOP_INVALID_TYPE] = { "invalid-type", MMP_STOP_PANIC, "invalid type", "core_mmu_type_to_attr", "core_mmu.c", 633, MAP,
		"this memory type cannot be mapped", "register it in its own section, or as another type" },
	[OPTEE_3_4_STOP_TEE_RAM_BELOW] = { "tee-ram-below-start", MMP_STOP_ASSERT, "va >= TEE_RAM_VA_START", "init_mem_map", "core_mmu.c", 901, MAP,
		"memory of the core lies below tee_ram.start", "let tee_ram.start be the lowest address of the core" },
	[OPTEE_3_4_STOP_TEE_RAM_BEYOND] = { "tee-ram-beyond-end", MMP_STOP_ASSERT, "end <= TEE_RAM_VA_START + TEE_RAM_VA_SIZE", "init_mem_map", "core_mmu.c", 902, MAP,
		"memory of the core lies beyond tee_ram.va_size", "raise tee_ram.va_size" },
	[OPTEE_3_4_STOP_FLAT_ALIGNMENT] = { "tee-ram-unaligned", MMP_STOP_ASSERT, "!((va | end) & SMALL_PAGE_MASK)", "init_mem_map", "core_mmu.c", 906, MAP,
		"the core's virtual range is not in whole pages", "let tee_ram.va_size be a multiple of 0x1000" },
	[OPTEE_3_4_STOP_TEE_RAM_PLACE] = { "tee-ram-outside-secure", MMP_STOP_PANIC, "TEE_RAM can't fit in secure_only", "core_init_mmu_map", "core_mmu.c", 996, MAP,
		"memory of the core lies outside the secure-only ranges", "register it inside one of them" },
	[OPTEE_3_4_STOP_TA_RAM_PLACE] = { "ta-ram-outside-secure", MMP_STOP_PANIC, "TA_RAM can't fit in secure_only", "core_init_mmu_map", "core_mmu.c", 1000, MAP,
		"memory of trusted applications lies outside the secure-only ranges", "register it inside one of them" },
	[OPTEE_3_4_STOP_NSEC_SHM_PLACE] = { "nsec-shm-outside-window", MMP_STOP_PANIC, "NS_SHM can't fit in nsec_shared", "core_init_mmu_map", "core_mmu.c", 1004, MAP,
		"NSEC_SHM lies outside the reserved window of shared memory", "register it inside reserved_shm" },
	[OPTEE_3_4_STOP_PARTIAL_PAGE] = { "region-unaligned", MMP_STOP_PANIC, "unaligned region", "core_init_mmu_tables", "core_mmu_lpae.c", 361, MAP,
		"the core's virtual range is not in whole pages, in a build without asserts", "let tee_ram.va_size be a multiple of 0x1000" },
	[OPTEE_3_4_STOP_DDR_BOTH] = { "ddr-both-sections", MMP_STOP_ASSERT, "phys_nsec_ddr_begin == phys_nsec_ddr_end", "discover_nsec_memory", "generic_boot.c", 993, DDR,
		"both ddr_overall and the older nsec_ddr are used", "register all DDR with register_ddr()" },
	[OPTEE_3_4_STOP_DDR_PARTIAL] = { "ddr-sdp-partial", MMP_STOP_PANIC, "", "carve_out_phys_mem", "core_mmu.c", 251, DDR,
		"SDP memory lies partly in a DDR bank, or one of them is empty or wraps", "register DDR banks that hold SDP memory whole" },
	[OPTEE_3_4_STOP_DDR_WRAPS] = { "ddr-wraps", MMP_STOP_PANIC, "", "core_mmu_set_discovered_nsec_ddr", "core_mmu.c", 340, DDR,
		"the last DDR bank ends beyond the width of addresses", "register the bank's real size" },
	[OPTEE_3_4_STOP_DDR_PA_WIDTH] = { "ddr-over-pa-width", MMP_STOP_PANIC, "", "calc_physical_addr_size_bits", "core_mmu_lpae.c", 444, DDR,
		"DDR ends beyond 48 bits of physical address", "register DDR below 2^48" },
	[OPTEE_3_4_STOP_DDR_GONE] = { "ddr-all-secure", MMP_STOP_UNDEFINED, "", "core_mmu_set_discovered_nsec_ddr", "core_mmu.c", 338, DDR,
		"nothing is left of the registered DDR; the firmware reads before its array", "register the normal world's DDR, not only SDP memory" },
};
/* clang-format on */

bool optee_3_4_is_tee_ram(unsigned type)
{
	return (type >= OPTEE_3_4_TEE_RAM && type <= OPTEE_3_4_TEE_RAM_RW) ||
	       type == OPTEE_3_4_TEE_ASAN;
}

int optee_3_4_stop(struct optee_3_4 *o, enum optee_3_4_stop which,
		   const struct mmp_region *region, const char *what)
{
	return mmp_plan_stop(o->plan, &optee_3_4_stops[which], region, what);
}

/* calc_physical_addr_size_bits(). */
bool optee_3_4_pa_size(uint64_t max_pa, unsigned *ret_ps)
{
	static const uint8_t widths[] = { 32, 36, 40, 42, 44, 48 };

	for (unsigned ps = 0; ps < sizeof(widths); ps++)
		if (!(max_pa >> widths[ps])) {
			*ret_ps = ps;
			return true;
		}
	return false;
}

static void lpae_shape(struct mmp_table_shape *shape, const struct optee_config *c)
{
	shape->va_bits = c->arch == OPTEE_ARM64 ? (unsigned)c->va_bits : 32;
	shape->base_entries = 1u << (shape->va_bits - 30);
	shape->cores = (uint32_t)c->nb_core;
	shape->boot_core = (uint32_t)c->boot_core_pos;
	shape->per_core = mmp_optee_3_4_base_tables(c);
	shape->index_major = true;
	shape->search_user_va = true;
	shape->user_va_last = shape->base_entries - 1;
	shape->check_max_va = true;
	shape->split_is_broken = true;
	shape->max_tables = 5;
}

/* The copies of the level 1 table are not per core. */
static void short_shape(struct mmp_table_shape *shape, const struct optee_config *c)
{
	shape->va_bits = 32;
	shape->base_entries = 4096;
	shape->cores = 1;
	shape->per_core = mmp_optee_3_4_base_tables(c);
	shape->max_tables = 4;
	shape->user_va_end = OPTEE_SHORT_USER_VA_END;
}

static void set_shape(struct optee_3_4 *o)
{
	const struct optee_config *c = o->config;
	struct mmp_table_shape *shape = &o->plan->shape;

	shape->encoding =
		mmp_optee_3_4.encoding(&mmp_optee_3_4, &o->plan->platform->config);
	shape->base_level = 1;
	if (o->lpae)
		lpae_shape(shape, c);
	else
		short_shape(shape, c);
	shape->limited = true;
	if (c->max_xlat_tables_given)
		shape->max_tables = (uint32_t)c->max_xlat_tables;
	shape->asserts = c->core_debug;
	shape->pa_mask = o->widths.pa;
	shape->va_mask = o->widths.va;
}

/*
 * core_mmu_add_mapping() takes what boot has left, and in the end the entry of
 * RES_VASPACE itself.
 */
static void set_room(struct optee_3_4 *o)
{
	size_t entries = (size_t)o->config->mmap_regions, used = o->plan->count;

	o->plan->map =
		(struct mmp_map_room){ .limited = true,
				       .entries = entries,
				       .allocated = entries,
				       .late = used > entries ? 0 : entries - used + 1 };
}

/*
 * One past the end of non-secure DDR, but the last byte of a map entry; an empty
 * virtual space counts as the highest address of all.
 */
static uint64_t highest_address(const struct optee_3_4 *o)
{
	const struct mmp_platform *p = o->plan->platform;
	uint64_t max = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		uint64_t end = (r->addr + r->size) & o->widths.pa;

		if (r->section == OPTEE_SECTION_NSEC_DDR && end > max)
			max = end;
	}
	for (size_t n = 0; n < o->plan->count; n++) {
		const struct mmp_region *r = &o->plan->regions[n];
		uint64_t last = mmp_range_last(r->pa, r->size, o->widths.pa);

		if (last > max)
			max = last;
	}
	return max;
}

static void set_registers(struct optee_3_4 *o)
{
	struct mmp_register_plan *registers = &o->plan->registers;
	bool fits;

	registers->says_ttbr1 = true;
	if (!o->lpae)
		return;
	registers->says_max_pa = true;
	registers->ttbr0_table = o->plan->shape.boot_core * o->plan->shape.per_core;
	registers->parange = (unsigned)o->config->cpu.parange;
	o->plan->max_pa = highest_address(o);
	fits = optee_3_4_pa_size(o->plan->max_pa, &registers->ps);
	registers->ps_stops = o->config->arch == OPTEE_ARM64 && !fits;
}

static int check_window(struct optee_3_4 *o)
{
	const struct mmp_range *shm = &o->config->reserved_shm;
	struct mmp_plan *plan = o->plan;

	for (unsigned i = 0; i < plan->secure_count; i++) {
		const struct mmp_range *s = &plan->secure[i];

		if (!mmp_range_intersects(s->base, s->size, shm->base, shm->size,
					  o->widths.va))
			continue;
		mmp_stop_about(&plan->stop, OPTEE_3_4_NSEC_SHM, shm->base, shm->size);
		mmp_stop_about(&plan->stop, -1, s->base, s->size);
		return mmp_stop_at(&plan->stop, &optee_3_4_stops[OPTEE_3_4_STOP_SEC_NSEC],
				   "reserved_shm at 0x%" PRIx64 " size 0x%" PRIx64
				   " lies over secure memory at 0x%" PRIx64
				   " size 0x%" PRIx64,
				   shm->base, shm->size, s->base, s->size);
	}
	return 0;
}

enum optee_3_4_stop optee_3_4_refused(const struct mmp_plan *plan,
				      const struct mmp_region *r, uint64_t mask)
{
	const struct mmp_range *shm = &optee_config(plan->platform)->reserved_shm;

	switch (r->type) {
	case OPTEE_3_4_TEE_RAM:
	case OPTEE_3_4_TEE_RAM_RX:
	case OPTEE_3_4_TEE_RAM_RO:
	case OPTEE_3_4_TEE_RAM_RW:
		return mmp_plan_in_secure(plan, r, mask) ? OPTEE_3_4_STOP_COUNT
							 : OPTEE_3_4_STOP_TEE_RAM_PLACE;
	case OPTEE_3_4_TA_RAM:
		return mmp_plan_in_secure(plan, r, mask) ? OPTEE_3_4_STOP_COUNT
							 : OPTEE_3_4_STOP_TA_RAM_PLACE;
	case OPTEE_3_4_NSEC_SHM:
		return mmp_range_inside(r->pa, r->size, shm->base, shm->size, mask)
			       ? OPTEE_3_4_STOP_COUNT
			       : OPTEE_3_4_STOP_NSEC_SHM_PLACE;
	default:
		return OPTEE_3_4_STOP_COUNT;
	}
}

const char *optee_3_4_refused_what(enum optee_3_4_stop which)
{
	return which == OPTEE_3_4_STOP_NSEC_SHM_PLACE
		       ? "is not inside reserved_shm"
		       : "is inside none of the secure-only ranges";
}

static int check_places(struct optee_3_4 *o)
{
	for (size_t n = 0; n < o->plan->count; n++) {
		const struct mmp_region *r = &o->plan->regions[n];
		enum optee_3_4_stop which = optee_3_4_refused(o->plan, r, o->widths.va);

		if (which != OPTEE_3_4_STOP_COUNT)
			return optee_3_4_stop(o, which, r, optee_3_4_refused_what(which));
	}
	return 0;
}

/*
 * core_init_mmu_tables() of core_mmu_lpae.c. All entries were in whole pages before the
 * pager's space was added; that it is too is an assert.
 */
static int check_pages(struct optee_3_4 *o)
{
	for (size_t n = 0; o->lpae && n < o->plan->count; n++) {
		const struct mmp_region *r = &o->plan->regions[n];

		if ((r->pa | r->size) & 0xfff)
			return optee_3_4_stop(o, OPTEE_3_4_STOP_PARTIAL_PAGE, r,
					      "is not in whole pages");
	}
	return 0;
}

/* Virtual spaces get no tables; a size is signed where mapping counts it down. */
static void set_mappings(struct optee_3_4 *o)
{
	for (size_t n = 0; n < o->plan->count; n++) {
		struct mmp_region *r = &o->plan->regions[n];

		r->max_block_shift = 30;
		if (o->config->pager && optee_3_4_is_tee_ram(r->type))
			r->max_block_shift = 12;
		if (r->type == OPTEE_3_4_RES_VASPACE ||
		    r->type == OPTEE_3_4_SHM_VASPACE || r->size > o->widths.size / 2)
			r->mapping = MMP_MAP_NOTHING;
		else if (!(r->attr & MMP_ATTR_VALID_BLOCK))
			r->mapping = MMP_MAP_COUNTER;
	}
}

int optee_3_4_plan(struct mmp_plan *plan)
{
	const struct optee_config *config = optee_config(plan->platform);
	struct optee_3_4 o = {
		.plan = plan,
		.config = config,
		.widths = mmp_widths_of(plan->platform->rules, &plan->platform->config),
		.lpae = config->arch == OPTEE_ARM64 || config->lpae,
		.entries =
			plan->past_limits ? SIZE_MAX - 1 : (size_t)config->mmap_regions,
	};

	mmp_plan_set_secure(plan);
	if ((check_window(&o) && !plan->past_tests) || optee_3_4_collect(&o) ||
	    optee_3_4_assign(&o) || (check_places(&o) && !plan->past_tests) ||
	    (check_pages(&o) && !plan->past_tests))
		return -1;
	set_mappings(&o);
	set_shape(&o);
	set_room(&o);
	set_registers(&o);
	return 0;
}
