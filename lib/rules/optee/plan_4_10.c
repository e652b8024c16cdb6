/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/plan_4_10.h"

#include <inttypes.h>

#include "model/attr.h"
#include "plan/range.h"
#include "plan/sort.h"
#include "rules/optee/boot_memory.h"

#define MAP "init_mmu_map"
#define DDR "discover_nsec_memory"

/* clang-format off */
const struct mmp_stop_info optee_4_10_stops[OPTEE_STOP_COUNT] = {
	/* id, kind, message, func, file, line, stage, about, fix */
	[OPTEE_STOP_LOAD_ADDRESS] = { "load-address-unaligned", MMP_STOP_PANIC, "OP-TEE load address is not page aligned", "core_init_mmu_map", "core_mmu.c", 1660, MAP,
		"a relocatable core must be loaded at a 4 KiB boundary", "load it at a multiple of 0x1000" },
	[OPTEE_STOP_SEC_NSEC] = { "secure-nsec-overlap", MMP_STOP_PANIC, "Invalid memory access config: sec/nsec", "check_sec_nsec_mem_config", "core_mmu.c", 1080, MAP,
		"the reserved window of shared memory lies over secure memory", "move the window out of the secure-only ranges" },
	[OPTEE_STOP_LOAD_BELOW_SECURE] = { "load-below-secure", MMP_STOP_ASSERT, "VCORE_UNPG_RX_PA >= ram_start", "collect_mem_ranges", "core_mmu.c", 1146, MAP,
		"the core's code begins below the first secure-only range", "let the first secure-only range begin at or below the code" },
	[OPTEE_STOP_ADDRESS_ZERO] = { "address-zero", MMP_STOP_ASSERT, "mem->addr || !core_mmu_type_to_attr(mem->type)", "collect_mem_ranges", "core_mmu.c", 1226, MAP,
		"a registration that maps memory has address 0", "register it at its real address" },
	[OPTEE_STOP_SDP_OVERLAP] = { "sdp-overlap", MMP_STOP_PANIC, "Special memory intersection", "verify_special_mem_areas", "core_mmu.c", 739, MAP,
		"SDP memory intersects other SDP memory or a mapped range", "give SDP memory a range of its own, outside trusted_dram; only sdp_test_mem may lie there" },
	[OPTEE_STOP_BOOT_MEMORY] = { "boot-memory-exhausted", MMP_STOP_PANIC, "", "mem_alloc_tmp", "boot_mem.c", 0, MAP,
		"boot memory is used up", "give the core more memory after its image" },
	[OPTEE_STOP_ALIGNMENT] = { "unaligned", MMP_STOP_PANIC, "Impossible memory alignment", "assign_mem_granularity", "core_mmu.c", 1260, MAP,
		"an entry's address or size is no multiple of 4 KiB", "register whole pages" },
	[OPTEE_STOP_PAGER_SPACE] = { "pager-space-full", MMP_STOP_ASSERT, "end - begin < TEE_RAM_VA_SIZE", "add_pager_vaspace", "core_mmu.c", 0, MAP,
		"the core's memory leaves nothing of tee_ram.va_size to the pager", "raise tee_ram.va_size above what lies between its first and last byte" },
	[OPTEE_STOP_VA_ALIGNMENT] = { "va-unaligned", MMP_STOP_ASSERT, "!(va & (map->region_size - 1))", "assign_mem_va_dir", "core_mmu.c", 1305, MAP,
		"the virtual address of the core would not be aligned to its region_size", "let the first secure-only range begin at a multiple of 0x1000; register no PAGER_VASPACE" },
	[OPTEE_STOP_VA_SIZE] = { "va-size-unaligned", MMP_STOP_ASSERT, "!(map->size & (map->region_size - 1))", "assign_mem_va_dir", "core_mmu.c", 1306, MAP,
		"virtual space that counts as the core's is no multiple of its region_size", "register no PAGER_VASPACE: the pager makes its own" },
	[OPTEE_STOP_INVALID_TYPE] = { "invalid-type", MMP_STOP_PANIC, "invalid type", "core_mmu_type_to_attr", "core_mmu.c", 921, MAP,
		"this memory type cannot be mapped", "register it in its own section, or as another type" },
	[OPTEE_STOP_NO_VA] = { "no-va", MMP_STOP_PANIC, "", "init_mem_map", "core_mmu.c", 1560, MAP,
		"the regions do not fit into the virtual address space from the core's load address", "make regions smaller, or let the core begin elsewhere" },
	[OPTEE_STOP_TEE_RAM_PLACE] = { "tee-ram-outside-secure", MMP_STOP_PANIC, "TEE_RAM can't fit in secure_only", "check_mem_map", "core_mmu.c", 1590, MAP,
		"memory of the core lies outside the secure-only ranges", "register it inside one of them" },
	[OPTEE_STOP_SEC_RAM_PLACE] = { "sec-ram-outside-secure", MMP_STOP_PANIC, "SEC_RAM_OVERALL can't fit in secure_only", "check_mem_map", "core_mmu.c", 1594, MAP,
		"a SEC_RAM_OVERALL entry is inside none of the secure-only ranges", "keep the secure-only ranges apart, with the core in the first" },
	[OPTEE_STOP_NSEC_SHM_PLACE] = { "nsec-shm-outside-window", MMP_STOP_PANIC, "NS_SHM can't fit in nsec_shared", "check_mem_map", "core_mmu.c", 1598, MAP,
		"NSEC_SHM lies outside the reserved window of shared memory", "register it inside reserved_shm" },
	[OPTEE_STOP_UNHANDLED_TYPE] = { "unhandled-type", MMP_STOP_PANIC, "", "check_mem_map", "core_mmu.c", 1618, MAP,
		"the final check does not know this memory type", "do not register it at boot" },
	[OPTEE_STOP_DDR_BOTH] = { "ddr-both-sections", MMP_STOP_ASSERT, "phys_ddr_overall_compat_begin == phys_ddr_overall_compat_end", "discover_nsec_memory", "boot.c", 186, DDR,
		"both ddr_overall and the deprecated nsec_ddr are used", "register all DDR with register_ddr()" },
	[OPTEE_STOP_DDR_OVERLAP] = { "ddr-overlaps-map", MMP_STOP_PANIC, "", "check_phys_mem_is_outside", "core_mmu.c", 459, DDR,
		"DDR of the normal world overlaps a mapped range", "leave the range out of the registered DDR" },
	[OPTEE_STOP_DDR_PA_WIDTH] = { "ddr-over-pa-width", MMP_STOP_PANIC, "", "core_mmu_set_discovered_nsec_ddr", "core_mmu.c", 545, DDR,
		"DDR ends beyond the width of physical addresses", "raise pa_bits" },
	[OPTEE_STOP_DDR_GONE] = { "ddr-all-secure", MMP_STOP_UNDEFINED, "", "core_mmu_set_discovered_nsec_ddr", "core_mmu.c", 541, DDR,
		"nothing is left of the registered DDR; the firmware reads before its array", "register the normal world's DDR, not the secure memory" },
};
/* clang-format on */

uint32_t optee_4_10_attr(const struct optee_4_10 *o, unsigned type)
{
	return mmp_optee_4_10.attr(&mmp_optee_4_10, &o->plan->platform->config, type);
}

bool optee_4_10_is_tee_ram(unsigned type)
{
	return (type >= OPTEE_TEE_RAM && type <= OPTEE_NEX_RAM_RW) ||
	       type == OPTEE_TEE_ASAN;
}

bool optee_4_10_is_va_space(unsigned type)
{
	switch (type) {
	case OPTEE_NEX_DYN_VASPACE:
	case OPTEE_TEE_DYN_VASPACE:
	case OPTEE_RES_VASPACE:
	case OPTEE_SHM_VASPACE:
	case OPTEE_TS_VASPACE:
	case OPTEE_PAGER_VASPACE:
		return true;
	default:
		return false;
	}
}

int optee_4_10_stop(struct optee_4_10 *o, enum optee_4_10_stop which,
		    const struct mmp_region *region, const char *what)
{
	return mmp_plan_stop(o->plan, &optee_4_10_stops[which], region, what);
}

/*
 * MAX_XLAT_TABLES (core_mmu_lpae.c, core_mmu_v7.c). Tables that base level 0 wants
 * for every core are part of it.
 */
static uint32_t default_tables(const struct optee_config *c, bool lpae, unsigned per_core,
			       unsigned base_level)
{
	uint32_t tables = 6 + (c->aslr ? 2 : 0);

	if (!lpae)
		return tables;
	tables = base_level ? 5 : 8 + per_core * (uint32_t)c->nb_core;
	if (c->ns_virtualization)
		tables += 3;
	if (c->aslr)
		tables += 3;
	if (c->kasan)
		tables += 1;
	if (c->dyn_config)
		tables += 1;
	if (c->sanitize_undefined)
		tables += 3;
	return tables;
}

static void lpae_shape(struct mmp_table_shape *shape, const struct optee_config *c)
{
	shape->va_bits = c->arch == OPTEE_ARM64 ? (unsigned)c->va_bits : 32;
	shape->base_level = shape->va_bits < 40;
	shape->exhausted = "core_mmu_xlat_table_alloc: %u xlat tables exhausted";
	shape->base_entries = 1u << (shape->va_bits - (shape->base_level ? 30 : 39));
	shape->cores = (uint32_t)c->nb_core;
	shape->boot_core = (uint32_t)c->boot_core_pos;
	shape->per_core = c->unmap_core_at_el0 ? 2 : 1;
	shape->own_level_1 = shape->base_level == 0;
	shape->search_user_va = true;
	shape->user_va_last = 3;
	shape->check_max_va = true;
}

static void short_shape(struct mmp_table_shape *shape)
{
	shape->va_bits = 32;
	shape->base_level = 1;
	shape->exhausted = "alloc_l2_table: %u L2 tables exhausted";
	shape->base_entries = 4096;
	shape->cores = shape->per_core = 1;
	shape->user_va_end = OPTEE_SHORT_USER_VA_END;
}

/*
 * With CFG_DYN_CONFIG from boot memory, whose first byte is __vcore_free_start; else
 * symbols in .nozi. Of short descriptors nothing is recorded, so they follow nothing.
 */
static void set_places(struct mmp_table_shape *shape, const struct optee_config *c)
{
	static const struct mmp_table_places boot_memory = {
		.follow = true,
		.count = 4,
		.order = { MMP_RUN_INDEX, MMP_RUN_BASE, MMP_RUN_USER, MMP_RUN_XLAT },
	};
	static const struct mmp_table_places symbols = {
		.count = 3,
		.order = { MMP_RUN_USER, MMP_RUN_XLAT, MMP_RUN_BASE },
	};
	static const struct mmp_table_places unknown = {
		.count = 2,
		.order = { MMP_RUN_BASE, MMP_RUN_XLAT },
	};

	if (shape->encoding.format == MMP_FORMAT_SHORT)
		shape->places = unknown;
	else
		shape->places =
			c->dyn_config && c->layout.free.given ? boot_memory : symbols;
	shape->places.from = c->layout.free.base;
	shape->places.room = c->layout.free.size;
}

static void set_shape(struct optee_4_10 *o)
{
	const struct optee_config *c = o->config;
	struct mmp_table_shape *shape = &o->plan->shape;
	bool lpae;

	shape->encoding =
		mmp_optee_4_10.encoding(&mmp_optee_4_10, &o->plan->platform->config);
	lpae = shape->encoding.format == MMP_FORMAT_LPAE;
	if (lpae)
		lpae_shape(shape, c);
	else
		short_shape(shape);
	shape->limited = !c->dyn_config;
	shape->max_tables =
		c->max_xlat_tables_given
			? (uint32_t)c->max_xlat_tables
			: default_tables(c, lpae, shape->per_core, shape->base_level);
	shape->index_bytes = shape->max_tables <= UINT8_MAX ? 1 : 2;
	shape->boot_memory =
		c->boot_mem_size_given ? c->boot_mem_size & ~UINT64_C(7) : UINT64_MAX;
	shape->boot_memory_tmp = o->boot_memory_tmp;
	optee_set_boot_room(shape, o->plan->platform);
	shape->user_tables = (uint32_t)c->num_threads;
	shape->asserts = c->core_debug;
	shape->pa_mask = o->pa_mask;
	shape->va_mask = o->va_mask;
	shape->pa_stays_zero = true;
	set_places(shape, c);
}

/* core_mmu_save_mem_map() moves the map to the heap, with five entries more. */
static void set_room(struct optee_4_10 *o)
{
	o->plan->map = (struct mmp_map_room){ .entries = (size_t)o->config->mmap_regions,
					      .allocated = o->map_capacity,
					      .late = 5 };
}

/* TCR_EL1.IPS (get_physical_addr_size_bits). */
static int set_registers(struct optee_4_10 *o)
{
	static const uint8_t widths[] = { 32, 36, 40, 42, 44, 48 };
	const struct optee_config *c = o->config;
	struct mmp_register_plan *registers = &o->plan->registers;
	unsigned ps = 0;

	registers->says_offsets = true;
	registers->parange = (unsigned)c->cpu.parange;
	while (ps < sizeof(widths) && c->pa_bits > widths[ps])
		ps++;
	registers->ps = c->auto_max_pa_bits ? (unsigned)c->cpu.parange : ps;
	registers->ps_stops =
		c->arch == OPTEE_ARM64 && c->core_debug && registers->ps > c->cpu.parange;
	return 0;
}

static int granularity(struct optee_4_10 *o)
{
	struct mmp_plan *plan = o->plan;
	uint8_t pgdir_shift = o->pgdir == 0x200000 ? 21 : 20;

	for (size_t n = 0; n < plan->count; n++) {
		struct mmp_region *r = &plan->regions[n];

		if ((r->pa | r->size) & 0xfff)
			return optee_4_10_stop(o, OPTEE_STOP_ALIGNMENT, r,
					       "is not in whole 4 KiB pages");
		r->granule_shift = optee_4_10_is_tee_ram(r->type) ? 12 : pgdir_shift;
		r->max_block_shift = o->config->pager && r->type == OPTEE_PAGER_VASPACE
					     ? 12
					     : r->granule_shift;
	}
	return 0;
}

static bool shared_between_guests(const struct optee_4_10 *o, unsigned type)
{
	return o->config->ns_virtualization &&
	       (type == OPTEE_NEX_DYN_VASPACE || type == OPTEE_NEX_NSEC_SHM);
}

#define ORDER(a, b)                                                                      \
	do {                                                                             \
		if ((a) != (b))                                                          \
			return (a) < (b) ? -1 : 1;                                       \
	} while (0)

static int before_assignment(const struct mmp_region *a, const struct mmp_region *b,
			     const void *context)
{
	const struct optee_4_10 *o = context;

	ORDER(a->granule_shift, b->granule_shift);
	ORDER(a->pa, b->pa);
	if (o->plan->shape.encoding.format == MMP_FORMAT_SHORT)
		ORDER(optee_4_10_attr(o, a->type) & MMP_ATTR_SECURE,
		      optee_4_10_attr(o, b->type) & MMP_ATTR_SECURE);
	ORDER(shared_between_guests(o, a->type), shared_between_guests(o, b->type));
	return 0;
}

/*
 * With short descriptors the sort asks for the security of entries that tie, and so
 * stops for a type that cannot be mapped before any of them has an address.
 */
static int check_ties(struct optee_4_10 *o)
{
	const struct mmp_region *r = o->plan->regions;
	bool asks = o->plan->shape.encoding.format == MMP_FORMAT_SHORT;

	for (size_t n = 1; asks && n < o->plan->count; n++) {
		bool tie = r[n - 1].granule_shift == r[n].granule_shift &&
			   r[n - 1].pa == r[n].pa;

		for (size_t k = n - 1; tie && k <= n; k++)
			if (mmp_optee_4_10.types[r[k].type].panics)
				return optee_4_10_stop(
					o, OPTEE_STOP_INVALID_TYPE, &r[k],
					"has a type that cannot be mapped");
	}
	return 0;
}

static int check_ranges(struct optee_4_10 *o)
{
	const struct optee_config *c = o->config;
	const struct mmp_range *shm = &c->reserved_shm;
	struct mmp_plan *plan = o->plan;
	uint64_t load =
		c->tee_ram.load_addr_given ? c->tee_ram.load_addr : c->tee_ram.start;

	if (c->phys_relocatable && (load & 0xfff))
		return mmp_stop_at(
			&plan->stop, &optee_4_10_stops[OPTEE_STOP_LOAD_ADDRESS],
			"load address 0x%" PRIx64 " is no multiple of 0x1000", load);
	for (unsigned i = 0; shm->given && i < plan->secure_count; i++) {
		const struct mmp_range *s = &plan->secure[i];

		if (!mmp_range_intersects(s->base, s->size, shm->base, shm->size,
					  o->pa_mask))
			continue;
		mmp_stop_about(&plan->stop, OPTEE_NSEC_SHM, shm->base, shm->size);
		mmp_stop_about(&plan->stop, -1, s->base, s->size);
		return mmp_stop_at(&plan->stop, &optee_4_10_stops[OPTEE_STOP_SEC_NSEC],
				   "reserved_shm at 0x%" PRIx64 " size 0x%" PRIx64
				   " lies over secure memory at 0x%" PRIx64
				   " size 0x%" PRIx64,
				   shm->base, shm->size, s->base, s->size);
	}
	return 0;
}

/* secure_only[]: a relocatable core knows one range, the one that it is loaded into. */
static void set_secure(struct mmp_plan *plan)
{
	const struct optee_config *c = optee_config(plan->platform);

	if (c->phys_relocatable)
		plan->secure[plan->secure_count++] = c->trusted_dram;
	else
		mmp_plan_set_secure(plan);
}

int optee_4_10_plan(struct mmp_plan *plan)
{
	const struct optee_config *config = optee_config(plan->platform);
	struct mmp_widths widths =
		mmp_widths_of(plan->platform->rules, &plan->platform->config);
	struct optee_4_10 o = {
		.plan = plan,
		.config = config,
		.pa_mask = widths.pa,
		.va_mask = widths.va,
		.size_mask = widths.size,
		.pgdir = widths.pgdir,
	};

	set_secure(plan);
	if (optee_4_10_begin_boot_memory(&o) || (check_ranges(&o) && !plan->past_tests) ||
	    optee_4_10_collect(&o) || granularity(&o))
		return -1;
	plan->shape.encoding =
		mmp_optee_4_10.encoding(&mmp_optee_4_10, &plan->platform->config);
	mmp_region_sort(plan->regions, plan->count, before_assignment, &o);
	if (check_ties(&o) || optee_4_10_assign(&o))
		return -1;
	set_shape(&o);
	set_room(&o);
	if (optee_4_10_check(&o) && !plan->past_tests)
		return -1;
	return set_registers(&o);
}
