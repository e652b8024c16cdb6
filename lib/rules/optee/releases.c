/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/releases.h"

/*
 * The switches, one line each: the value, and the release from which it changes. A new
 * release is a name in version.h, a line in rules.c, and a change to the line of each
 * switch that differs.
 */

/* clang-format off */
#define SWITCHES(v) {								\
	.version = (v),								\
	/*  2 */ .kinds = (v) < V3_17 ? 2 : (v) < V3_18 ? 3 : 4,		\
	/*  2 */ .hidden_blocks = (v) < V3_6,					\
	/*  2 */ .guarded = (v) >= V3_16,					\
	/*  3 */ .io_rounding = (v) < V3_5,					\
	/*  4 */ .core_ranges = (v) < V3_22 ? OPTEE_CORE_REGISTERED :		\
			(v) < V4_5 ? OPTEE_CORE_AND_TA_RAM : OPTEE_CORE_AND_SEC_RAM, \
	/*  4 */ .asan_alone = (v) >= V4_7,					\
	/*  5 */ .size_first = (v) < V3_22,					\
	/*  6 */ .overlap_wraps = (v) < V3_5,					\
	/*  7 */ .merge = (v) < V4_4 ? OPTEE_MERGE_OVERLAP : OPTEE_MERGE_UNION,	\
	/*  8 */ .capacity = (v) < V4_4 ? OPTEE_CAPACITY_FIXED :		\
			(v) < V4_5 ? OPTEE_CAPACITY_COUNTED : OPTEE_CAPACITY_DOUBLES, \
	/*  8 */ .aslr_slot = (v) >= V3_8,					\
	/*  8 */ .relocatable_slot = (v) >= V3_22,				\
	/*  9 */ .shm_list = (v) < V3_8 ? OPTEE_SHM_LIST_CHECKED :		\
			(v) < V3_12 ? OPTEE_SHM_LIST_AND_END_CHECKED : OPTEE_SHM_LIST_UNCHECKED, \
	/* 10 */ .test_memory_exempt = (v) >= V4_6,				\
	/* 11 */ .dyn_va_spaces = (v) >= V4_6,					\
	/* 12 */ .granule = (v) < V3_8 ? OPTEE_GRANULE_ALIGNED :		\
			(v) < V4_5 ? OPTEE_GRANULE_CORE_PAGES : OPTEE_GRANULE_TWO, \
	/* 13 */ .sort = (v) < V3_8 ? OPTEE_SORT_LARGE_FIRST :			\
			(v) < V4_7 ? OPTEE_SORT_SMALL_FIRST : OPTEE_SORT_AND_SHARED, \
	/* 14 */ .placing = (v) < V3_8 ? OPTEE_PLACING_FLAT : OPTEE_PLACING_PACKED, \
	/* 15 */ .first = (v) < V3_22 ? OPTEE_FIRST_TEE_RAM :			\
			(v) < V4_5 ? OPTEE_FIRST_SECURE : OPTEE_FIRST_SECURE_OFFSET, \
	/* 16 */ .pager_space = (v) < V3_8 ? OPTEE_PAGER_GAP_ROUNDED :		\
			(v) < V3_22 ? OPTEE_PAGER_GAP :				\
			(v) < V4_4 ? OPTEE_PAGER_ONLY : OPTEE_PAGER_APPENDED,	\
	/* 17 */ .direction = (v) < V3_15 ? OPTEE_DIRECTION_HALF_GIB :		\
			(v) < V3_17 ? OPTEE_DIRECTION_HALF_BLOCK : OPTEE_DIRECTION_HALF_VA, \
	/* 18 */ .va_limit = (v) < V3_8 ? OPTEE_VA_UNLIMITED :			\
			(v) < V3_9 ? OPTEE_VA_WRAPS :				\
			(v) < V3_17 ? OPTEE_VA_ARM64 : OPTEE_VA_ALL,		\
	/* 19 */ .va_width_bug = (v) >= V3_8 && (v) <= V3_9,			\
	/* 20 */ .zero_refused = (v) >= V3_19,					\
	/* 21 */ .user_range_refused = (v) >= V3_16,				\
	/* 22 */ .aslr = (v) < V3_8 ? OPTEE_ASLR_NONE :				\
			(v) < V4_10_257 ? OPTEE_ASLR_ANY_CANDIDATE : OPTEE_ASLR_USER_SLOT, \
	/* 23 */ .shared_alignment = (v) >= V4_7,				\
	/* 24 */ .va_spaces_mapped = (v) >= V4_6,				\
	/* 25 */ .block_cap = (v) < V4_4 ? OPTEE_BLOCKS_ANY :			\
			(v) < V4_5 ? OPTEE_BLOCKS_PAGER_PAGES : OPTEE_BLOCKS_REGION_SIZE, \
	/* 26 */ .base_level_0 = (v) >= V3_15,					\
	/* 26 */ .va_bits_max = (v) >= V3_12 && (v) < V3_16 ? 47 : 48,		\
	/* 27 */ .core_major = (v) >= V4_6,					\
	/* 27 */ .ttbr0_of_boot_core = (v) < V3_8,				\
	/* 28 */ .user_slot_1_to_3 = (v) >= V3_15,				\
	/* 29 */ .lpae_tables = 5,						\
	/* 29 */ .virtualization_tables = (v) < V3_5 ? 0 : 3,			\
	/* 29 */ .aslr_tables = (v) < V3_8 ? 0 : (v) < V3_11 ? 2 : 3,		\
	/* 29 */ .dyn_config_tables = (v) < V4_6 ? 0 : 1,			\
	/* 29 */ .kasan_tables = (v) < V4_10 ? 0 : 1,				\
	/* 29 */ .sanitizer_tables = (v) < V4_10_257 ? 0 : 3,			\
	/* 29 */ .short_tables = (v) < V4_5 ? 4 : 6,				\
	/* 29 */ .short_aslr_tables = (v) < V3_8 ? 0 : (v) < V3_11 ? 1 : 2,	\
	/* 29 */ .dyn_config = (v) >= V4_6,					\
	/* 30 */ .short_l1_twice = (v) < V3_9,					\
	/* 31 */ .split_shifts = (v) < V3_7,					\
	/* 32 */ .exhausted_traced = (v) >= V3_15,				\
	/* 33 */ .ips = (v) < V3_2 ? OPTEE_IPS_ASSERT_48 : (v) < V3_8 ? OPTEE_IPS_MAX_PA : \
			(v) < V4_1 ? OPTEE_IPS_PA_BITS : OPTEE_IPS_CPU,		\
	/* 34 */ .registers = (v) < V3_1 ? OPTEE_REGISTERS_NO_CONTEXTIDR :	\
			(v) < V3_8 ? OPTEE_REGISTERS_WRITTEN : OPTEE_REGISTERS_KEPT, \
	/* 35 */ .ddr_loop = (v) < V3_8 ? OPTEE_DDR_MAP_NOT_READ : OPTEE_DDR_MAP_READ, \
	/* 35 */ .equal_base_grows = (v) < V3_8,				\
	/* 37 */ .ddr_secure = (v) < V3_9 ? OPTEE_DDR_SECURE_STAYS :		\
			(v) < V3_22 ? OPTEE_DDR_CORE_CARVED : OPTEE_DDR_SECURE_CARVED, \
	/* 38 */ .carve_any = (v) >= V4_6,					\
	/* 39 */ .end_by_pa_bits = (v) >= V3_8,					\
	/* 39 */ .end_by_ips = (v) >= V4_1,					\
	/* 40 */ .shm_list_joins = (v) >= V3_12,				\
	/* 43 */ .top_is_zero = (v) < V3_3,					\
	/* 44 */ .congruent = (v) >= V3_3,					\
	/* 45 */ .fixed_res_space = (v) < V3_1,					\
	/* 46 */ .short_va_to_mib = (v) < V3_1,					\
	/* 47 */ .builder = (v) < V3_1 ? OPTEE_BUILDER_3_0 : OPTEE_BUILDER_REGIONS, \
	/* 48 */ .copy = (v) < V3_1 ? OPTEE_COPY_CORE_0 :			\
			(v) < V3_2 ? OPTEE_COPY_CORE_0_OVER_BOOT : OPTEE_COPY_BOOT_CORE, \
	/* 49 */ .ddr_list = (v) < V3_1 ? OPTEE_DDR_LIST_NONE :			\
			(v) < V3_2 ? OPTEE_DDR_LIST_DIVIDED : OPTEE_DDR_LIST_WHOLE, \
	.predicates_pa = (v) >= V3_9,						\
	.seed_swapped = (v) >= V4_3,						\
	.ndebug_message = (v) >= V3_9,						\
	.load_checked = (v) >= V3_22,						\
}

#define ROW(v) [v] = SWITCHES(v),

const struct optee_release optee_releases[OPTEE_VERSION_COUNT] = {
	OPTEE_EACH_VERSION(ROW)
};
/* clang-format on */
