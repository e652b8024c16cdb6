/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_RELEASE_H
#define MMP_OPTEE_RELEASE_H

/*
 * The differences between releases of OP-TEE: one row of switches per release. The steps
 * of the planner read them, so that all releases share one pipeline. The numbers are
 * those in tests/golden/optee-switches.md. Types and stops have their own tables
 * (types.c, stops.c), and their own sections there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/optee/version.h"

/* clang-format off */
enum optee_core_ranges { OPTEE_CORE_REGISTERED, OPTEE_CORE_AND_TA_RAM, OPTEE_CORE_AND_SEC_RAM };
enum optee_merge { OPTEE_MERGE_OVERLAP, OPTEE_MERGE_UNION };
enum optee_capacity { OPTEE_CAPACITY_FIXED, OPTEE_CAPACITY_COUNTED, OPTEE_CAPACITY_DOUBLES };
enum optee_shm_list { OPTEE_SHM_LIST_CHECKED, OPTEE_SHM_LIST_AND_END_CHECKED, OPTEE_SHM_LIST_UNCHECKED };
enum optee_granule { OPTEE_GRANULE_ALIGNED, OPTEE_GRANULE_CORE_PAGES, OPTEE_GRANULE_TWO };
enum optee_sort { OPTEE_SORT_LARGE_FIRST, OPTEE_SORT_SMALL_FIRST, OPTEE_SORT_AND_SHARED };
enum optee_placing { OPTEE_PLACING_FLAT, OPTEE_PLACING_PACKED };
enum optee_first { OPTEE_FIRST_TEE_RAM, OPTEE_FIRST_SECURE, OPTEE_FIRST_SECURE_OFFSET };
enum optee_pager_space { OPTEE_PAGER_GAP_ROUNDED, OPTEE_PAGER_GAP, OPTEE_PAGER_ONLY, OPTEE_PAGER_APPENDED };
enum optee_direction { OPTEE_DIRECTION_HALF_GIB, OPTEE_DIRECTION_HALF_BLOCK, OPTEE_DIRECTION_HALF_VA };
enum optee_va_limit { OPTEE_VA_UNLIMITED, OPTEE_VA_WRAPS, OPTEE_VA_ARM64, OPTEE_VA_ALL };
enum optee_aslr { OPTEE_ASLR_NONE, OPTEE_ASLR_ANY_CANDIDATE, OPTEE_ASLR_USER_SLOT };
enum optee_block_cap { OPTEE_BLOCKS_ANY, OPTEE_BLOCKS_PAGER_PAGES, OPTEE_BLOCKS_REGION_SIZE };
enum optee_ips { OPTEE_IPS_ASSERT_48, OPTEE_IPS_MAX_PA, OPTEE_IPS_PA_BITS, OPTEE_IPS_CPU };
enum optee_registers { OPTEE_REGISTERS_NO_CONTEXTIDR, OPTEE_REGISTERS_WRITTEN, OPTEE_REGISTERS_KEPT };
enum optee_ddr_secure { OPTEE_DDR_SECURE_STAYS, OPTEE_DDR_CORE_CARVED, OPTEE_DDR_SECURE_CARVED };
enum optee_ddr_loop { OPTEE_DDR_MAP_NOT_READ, OPTEE_DDR_MAP_READ };
enum optee_builder { OPTEE_BUILDER_3_0, OPTEE_BUILDER_REGIONS };
enum optee_copy { OPTEE_COPY_CORE_0, OPTEE_COPY_CORE_0_OVER_BOOT, OPTEE_COPY_BOOT_CORE };
enum optee_ddr_list { OPTEE_DDR_LIST_NONE, OPTEE_DDR_LIST_DIVIDED, OPTEE_DDR_LIST_WHOLE };
/* clang-format on */

struct optee_release {
	uint8_t version; /* enum optee_version */

	/* The attribute word (2). */
	uint8_t kinds; /* memory types 0 .. kinds - 1 are accepted */
	bool hidden_blocks, guarded;

	/* Collecting (3 to 11). */
	bool io_rounding;    /* IO_SEC and IO_NSEC are rounded to PGDIRs */
	uint8_t core_ranges; /* enum optee_core_ranges */
	bool asan_alone;     /* TEE_ASAN without the pager, too */
	bool size_first;     /* an empty range is skipped before its address is checked */
	bool overlap_wraps;  /* "one base is in the other" */
	uint8_t merge;       /* enum optee_merge */
	uint8_t capacity;    /* enum optee_capacity */
	bool aslr_slot, relocatable_slot; /* one entry more with these options */
	uint8_t shm_list;                 /* enum optee_shm_list */
	bool test_memory_exempt;          /* SDP test memory in SEC_RAM_OVERALL */
	bool dyn_va_spaces;

	/* Granule, sort and virtual addresses (12 to 23). */
	uint8_t granule;         /* enum optee_granule */
	uint8_t sort;            /* enum optee_sort */
	uint8_t placing;         /* enum optee_placing */
	uint8_t first;           /* enum optee_first */
	uint8_t pager_space;     /* enum optee_pager_space */
	uint8_t direction;       /* enum optee_direction */
	uint8_t va_limit;        /* enum optee_va_limit */
	bool va_width_bug;       /* 64 - va_bits counts as the width */
	bool zero_refused;       /* candidate address 0 */
	bool user_range_refused; /* short: a candidate below 32 MiB */
	uint8_t aslr;            /* enum optee_aslr */
	bool shared_alignment;   /* memory of another sharing starts a PGDIR */

	/* Tables and registers (24 to 34). */
	bool va_spaces_mapped;    /* and PA 0 means empty */
	uint8_t block_cap;        /* enum optee_block_cap */
	bool base_level_0;        /* from 40 bits on */
	uint8_t va_bits_max;      /* what the firmware can be built with */
	bool core_major;          /* base tables are [core][index] */
	bool ttbr0_of_boot_core;  /* else of core 0, and an offset per core */
	bool user_slot_1_to_3;    /* else any above 0 */
	uint8_t lpae_tables;      /* MAX_XLAT_TABLES: without options, */
	uint8_t aslr_tables;      /* with ASLR, more, */
	uint8_t kasan_tables;     /* with KASAN, more, */
	uint8_t sanitizer_tables; /* and with UBSan */
	uint8_t virtualization_tables, dyn_config_tables;
	uint8_t short_tables, short_aslr_tables;
	bool dyn_config;       /* an option puts tables in boot memory */
	bool short_l1_twice;   /* with unmap_core_at_el0 */
	bool split_shifts;     /* a block's pieces are a shift count apart */
	bool exhausted_traced; /* LPAE */
	uint8_t ips;           /* enum optee_ips */
	uint8_t registers;     /* enum optee_registers */

	/* Discovery of DDR (35 to 40); types.c has the ignored types. */
	uint8_t ddr_loop;      /* enum optee_ddr_loop */
	bool equal_base_grows; /* a carve at the base does not reduce the size */
	uint8_t ddr_secure;    /* enum optee_ddr_secure */
	bool carve_any;        /* any intersection is cut, not only what is inside */
	bool end_by_pa_bits;   /* the end is held against PA_BITS, else raises max_pa */
	bool end_by_ips;       /* ... against the width that IPS says */
	bool shm_list_joins;   /* the dynamic SHM list takes part in discovery */

	/* 3.0 to 3.3 (43 to 49). */
	bool top_is_zero;     /* a range's end at the top of the address space is 0 */
	bool congruent;       /* VA = PA modulo PGDIR above two PGDIRs */
	bool fixed_res_space; /* RES_VASPACE has 10 PGDIRs */
	bool short_va_to_mib; /* short: each entry that is not flat begins a MiB */
	uint8_t builder;      /* enum optee_builder */
	uint8_t copy;         /* enum optee_copy */
	uint8_t ddr_list;     /* enum optee_ddr_list */

	/* Switches without a number. */
	bool predicates_pa;  /* predicates compute in paddr_t, else in vaddr_t */
	bool seed_swapped;   /* kaslr-seed of the device tree is byte-swapped */
	bool ndebug_message; /* a panic without core_debug has its text */
	bool load_checked;   /* a relocatable core's load address must be page aligned */
};

#endif
