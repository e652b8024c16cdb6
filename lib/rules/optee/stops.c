/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/stops.h"

/*
 * One row per stop. The firmware's text, and its place, are expressions of the release
 * `v`; a stop that a release does not have has no id there. The line is known for two
 * releases; 0: not known.
 */
#define MAP      "init_mmu_map"
#define DDR      "discover_nsec_memory"
#define CORE_MMU "core_mmu.c"
#define LPAE     "core_mmu_lpae.c"
#define V7       "core_mmu_v7.c"

#define STOP(v, which, line_3_4, line_257, exists, kind, id, message, func, file, stage, \
	     about, fix)                                                                 \
	[which] = { (exists) ? (id) : NULL,                                              \
		    kind,                                                                \
		    message,                                                             \
		    func,                                                                \
		    file,                                                                \
		    (v) == V4_10_257 ? (line_257)                                        \
		    : (v) == V3_4    ? (line_3_4)                                        \
				     : 0,                                                   \
		    stage,                                                               \
		    about,                                                               \
		    fix }

/* clang-format off */
#define STOPS(v) [v] = { \
	/* which, its line in 3.4.0 and in 4.10.0-257, exists, kind, id, message, function, file, stage, about, fix */ \
	STOP(v, OPTEE_STOP_SECURE_EMPTY, 0, 180, (v) >= V3_22, MMP_STOP_ASSERT, "secure-memory-empty", "base && size", \
	     "core_mmu_set_secure_memory", CORE_MMU, "set_secure_memory", \
	     "a relocatable core is told an empty range of secure memory, or one at address 0", \
	     "give trusted_dram its real base and size"), \
	STOP(v, OPTEE_STOP_LOAD_ADDRESS, 0, 1660, (v) >= V3_22, MMP_STOP_PANIC, "load-address-unaligned", "OP-TEE load address is not page aligned", \
	     "core_init_mmu_map", CORE_MMU, MAP, \
	     "a relocatable core must be loaded at a 4 KiB boundary", \
	     "load it at a multiple of 0x1000"), \
	STOP(v, OPTEE_STOP_SEC_NSEC, 982, 1080, true, MMP_STOP_PANIC, "secure-nsec-overlap", "Invalid memory access config: sec/nsec", \
	     (v) < V3_8 ? "core_init_mmu_map" : "check_sec_nsec_mem_config", CORE_MMU, MAP, \
	     "the reserved window of shared memory overlaps secure memory", \
	     "move the window out of the secure-only ranges"), \
	STOP(v, OPTEE_STOP_LOAD_BELOW_SECURE, 0, 1146, (v) >= V4_5, MMP_STOP_ASSERT, "load-below-secure", "VCORE_UNPG_RX_PA >= ram_start", \
	     "collect_mem_ranges", CORE_MMU, MAP, \
	     "the core's code begins below the first secure-only range", \
	     "let the first secure-only range begin at or below the code"), \
	STOP(v, OPTEE_STOP_TA_LOAD_BELOW_SECURE, 0, 0, (v) >= V3_22 && (v) <= V4_4, MMP_STOP_ASSERT, "load-below-secure", "core_mmu_tee_load_pa >= secure_only[0].paddr", \
	     "core_mmu_get_ta_range", CORE_MMU, MAP, \
	     "the core is loaded below the first secure-only range", \
	     "let the first secure-only range begin at or below the load address"), \
	STOP(v, OPTEE_STOP_TA_ROOM, 0, 0, (v) >= V3_22 && (v) <= V4_4, MMP_STOP_ASSERT, "ta-ram-no-room", "secure_only[0].size > load_offs + TEE_RAM_VA_SIZE + TEE_SDP_TEST_MEM_SIZE", \
	     "core_mmu_get_ta_range", CORE_MMU, MAP, \
	     "the core and the SDP test memory leave nothing of the secure-only range to trusted applications", \
	     "enlarge trusted_dram, or make tee_ram.va_size smaller"), \
	STOP(v, OPTEE_STOP_TA_ROOM_SECOND, 0, 0, (v) >= V3_22 && (v) <= V4_4, MMP_STOP_ASSERT, "ta-ram-no-room", "secure_only[1].size > TEE_SDP_TEST_MEM_SIZE", \
	     "core_mmu_get_ta_range", CORE_MMU, MAP, \
	     "the SDP test memory leaves nothing of the second secure-only range to trusted applications", \
	     "enlarge trusted_dram"), \
	STOP(v, OPTEE_STOP_ADDRESS_ZERO, 816, 1226, true, MMP_STOP_ASSERT, "address-zero", (v) < V3_22 ? "m.addr || !core_mmu_type_to_attr(m.type)" : "mem->addr || !core_mmu_type_to_attr(mem->type)", \
	     (v) < V3_8 ? "init_mem_map" : "collect_mem_ranges", CORE_MMU, MAP, \
	     "a registration that maps memory has address 0", \
	     "register it at its real address"), \
	STOP(v, OPTEE_STOP_NO_ENTRY, 540, 0, (v) <= V4_4, MMP_STOP_PANIC, "map-full", "", \
	     (v) < V4_4 ? "add_phys_mem" : "grow_mem_map", CORE_MMU, MAP, \
	     "the memory map has no entry left for a registration", \
	     "raise mmap_regions, or merge registrations"), \
	STOP(v, OPTEE_STOP_NO_ENTRY_SPACE, 579, 0, (v) <= V4_4, MMP_STOP_PANIC, "map-full-va-space", "", \
	     (v) < V4_4 ? "add_va_space" : "grow_mem_map", CORE_MMU, MAP, \
	     "the memory map has no entry left for a virtual space", \
	     "raise mmap_regions: it must be two more than there are merged registrations"), \
	STOP(v, OPTEE_STOP_NO_ENTRY_PAGER, 777, 0, (v) <= V4_4, MMP_STOP_PANIC, "map-full-pager", "", \
	     (v) < V4_4 ? "add_pager_vaspace" : "grow_mem_map", CORE_MMU, MAP, \
	     "the memory map has no entry left for the pager's virtual space", \
	     "raise mmap_regions by one"), \
	STOP(v, OPTEE_STOP_NO_ENTRY_IDENTITY, 0, 0, (v) >= V3_8 && (v) <= V4_4, MMP_STOP_PANIC, "map-full-identity", "", \
	     (v) < V4_4 ? "mem_map_add_id_map" : "grow_mem_map", CORE_MMU, MAP, \
	     "the memory map has no entry left for the identity map of ASLR", \
	     "raise mmap_regions by one"), \
	STOP(v, OPTEE_STOP_PAST_ARRAY, 846, 0, (v) <= V4_3, MMP_STOP_UNDEFINED, "map-overflow", "", \
	     "init_mem_map", CORE_MMU, MAP, \
	     "the memory map is written past its end, unnoticed", \
	     "raise mmap_regions: it must be two more than there are merged registrations"), \
	STOP(v, OPTEE_STOP_SPECIAL_OVERLAP, 512, 739, true, MMP_STOP_PANIC, (v) < V3_12 ? "special-overlap" : "sdp-overlap", "Special memory intersection", \
	     "verify_special_mem_areas", CORE_MMU, MAP, \
	     (v) < V3_12 ? "SDP memory or non-secure DDR intersects its like or a mapped range" : "SDP memory intersects other SDP memory or a mapped range", \
	     (v) < V3_12 ? "give it a range of its own" : (v) < V4_6 ? "give SDP memory a range of its own, outside trusted_dram" : "give SDP memory a range of its own, outside trusted_dram; only sdp_test_mem may be there"), \
	STOP(v, OPTEE_STOP_SDP_DDR, 447, 0, (v) <= V3_11, MMP_STOP_PANIC, "sdp-over-ddr", "SDP <-> NSEC DDR memory intersection", \
	     "check_sdp_intersection_with_nsec_ddr", CORE_MMU, MAP, \
	     "SDP memory intersects non-secure DDR", \
	     "leave the SDP range out of the registered DDR"), \
	STOP(v, OPTEE_STOP_BOOT_MEMORY, 0, 0, (v) >= V4_5, MMP_STOP_PANIC, "boot-memory-exhausted", "", \
	     "mem_alloc_tmp", "boot_mem.c", MAP, \
	     "boot memory is used up", \
	     "give the core more memory after its image"), \
	STOP(v, OPTEE_STOP_ALIGNMENT, 856, 1260, true, MMP_STOP_PANIC, "unaligned", "Impossible memory alignment", \
	     (v) < V3_8 ? "init_mem_map" : "assign_mem_granularity", CORE_MMU, MAP, \
	     "an entry's address or size is not a multiple of 4 KiB", \
	     "register whole pages"), \
	STOP(v, OPTEE_STOP_PAGER_SPACE, 0, 0, (v) >= V3_22, MMP_STOP_ASSERT, "pager-space-full", "end - begin < TEE_RAM_VA_SIZE", \
	     "add_pager_vaspace", CORE_MMU, MAP, \
	     "the core's memory leaves nothing of tee_ram.va_size to the pager", \
	     "raise tee_ram.va_size above the distance of its first and last byte"), \
	STOP(v, OPTEE_STOP_VA_ALIGNMENT, 0, 1305, (v) >= V3_8, MMP_STOP_ASSERT, "va-unaligned", "!(va & (map->region_size - 1))", \
	     (v) < V3_17 ? "assign_mem_va" : "assign_mem_va_dir", CORE_MMU, MAP, \
	     "the virtual address of the core would not be aligned to its region_size", \
	     "let the core begin at a multiple of 0x1000; register no PAGER_VASPACE"), \
	STOP(v, OPTEE_STOP_VA_SIZE, 0, 1306, (v) >= V3_8, MMP_STOP_ASSERT, "va-size-unaligned", "!(map->size & (map->region_size - 1))", \
	     (v) < V3_17 ? "assign_mem_va" : "assign_mem_va_dir", CORE_MMU, MAP, \
	     "virtual space that counts as the core's is not a multiple of its region_size", \
	     "register no PAGER_VASPACE: the firmware makes its own"), \
	STOP(v, OPTEE_STOP_INVALID_TYPE, 633, 921, true, MMP_STOP_PANIC, "invalid-type", "invalid type", \
	     "core_mmu_type_to_attr", CORE_MMU, MAP, \
	     "this memory type cannot be mapped", \
	     "register it in its own section, or as another type"), \
	STOP(v, OPTEE_STOP_TEE_RAM_BELOW, 901, 0, (v) <= V3_7, MMP_STOP_ASSERT, "tee-ram-below-start", "va >= TEE_RAM_VA_START", \
	     "init_mem_map", CORE_MMU, MAP, \
	     "memory of the core is below tee_ram.start", \
	     "let tee_ram.start be the lowest address of the core"), \
	STOP(v, OPTEE_STOP_TEE_RAM_BEYOND, 902, 0, (v) <= V3_7, MMP_STOP_ASSERT, "tee-ram-beyond-end", (v) < V3_2 ? "end <= TEE_RAM_VA_START + CFG_TEE_RAM_VA_SIZE" : "end <= TEE_RAM_VA_START + TEE_RAM_VA_SIZE", \
	     "init_mem_map", CORE_MMU, MAP, \
	     "memory of the core is beyond tee_ram.va_size", \
	     "raise tee_ram.va_size"), \
	STOP(v, OPTEE_STOP_FLAT_ALIGNMENT, 906, 0, (v) <= V3_7, MMP_STOP_ASSERT, "tee-ram-unaligned", "!((va | end) & SMALL_PAGE_MASK)", \
	     "init_mem_map", CORE_MMU, MAP, \
	     "the core's virtual range is not in whole pages", \
	     "let tee_ram.va_size be a multiple of 0x1000"), \
	STOP(v, OPTEE_STOP_NO_VA, 0, 1560, (v) >= V3_8, MMP_STOP_PANIC, "no-va", "", \
	     "init_mem_map", CORE_MMU, MAP, \
	     "the regions do not fit into the virtual address space from the core's load address", \
	     "make regions smaller, or let the core begin elsewhere"), \
	STOP(v, OPTEE_STOP_TEE_RAM_PLACE, 996, 1590, true, MMP_STOP_PANIC, "tee-ram-outside-secure", "TEE_RAM can't fit in secure_only", \
	     (v) < V3_8 ? "core_init_mmu_map" : "check_mem_map", CORE_MMU, MAP, \
	     "memory of the core is outside the secure-only ranges", \
	     "register it inside one of them"), \
	STOP(v, OPTEE_STOP_TA_RAM_PLACE, 1000, 0, (v) <= V4_4, MMP_STOP_PANIC, "ta-ram-outside-secure", "TA_RAM can't fit in secure_only", \
	     (v) < V3_8 ? "core_init_mmu_map" : "check_mem_map", CORE_MMU, MAP, \
	     "memory of trusted applications is outside the secure-only ranges", \
	     "register it inside one of them"), \
	STOP(v, OPTEE_STOP_SEC_RAM_PLACE, 0, 1594, (v) >= V4_5, MMP_STOP_PANIC, "sec-ram-outside-secure", "SEC_RAM_OVERALL can't fit in secure_only", \
	     "check_mem_map", CORE_MMU, MAP, \
	     "a SEC_RAM_OVERALL entry is inside none of the secure-only ranges", \
	     "keep the secure-only ranges apart, with the core in the first"), \
	STOP(v, OPTEE_STOP_NSEC_SHM_PLACE, 1004, 1598, true, MMP_STOP_PANIC, "nsec-shm-outside-window", "NS_SHM can't fit in nsec_shared", \
	     (v) < V3_8 ? "core_init_mmu_map" : "check_mem_map", CORE_MMU, MAP, \
	     "NSEC_SHM is outside the reserved window of shared memory", \
	     "register it inside reserved_shm"), \
	STOP(v, OPTEE_STOP_UNHANDLED_TYPE, 0, 1618, (v) >= V3_22, MMP_STOP_PANIC, "unhandled-type", "", \
	     (v) < V3_8 ? "core_init_mmu_map" : "check_mem_map", CORE_MMU, MAP, \
	     "the final check does not know this memory type", \
	     "do not register it at boot"), \
	STOP(v, OPTEE_STOP_SHM_LIST_END, 0, 0, (v) >= V3_8 && (v) <= V3_11, MMP_STOP_PANIC, "nsec-ddr-over-pa-width", "", \
	     "check_nsec_ddr_max_pa", LPAE, MAP, \
	     "a range of dynamic shared memory ends beyond the width of physical addresses", \
	     "raise pa_bits; in 3.8 the range must end one byte earlier"), \
	STOP(v, OPTEE_STOP_PARTIAL_PAGE, 361, 870, true, MMP_STOP_PANIC, "region-unaligned", "unaligned region", \
	     (v) < V3_5 ? "core_init_mmu_tables" : (v) < V3_15 ? "core_init_mmu_prtn" : "core_init_mmu_prtn_tee", LPAE, MAP, \
	     "the core's virtual range is not in whole pages, in a build without asserts", \
	     "let tee_ram.va_size be a multiple of 0x1000"), \
	STOP(v, OPTEE_STOP_USER_VA, 0, 0, (v) == V3_0, MMP_STOP_PANIC, "va-in-user-range", "va conflicts with user ta address", \
	     "map_memarea", V7, MAP, \
	     "an entry has a virtual address below 32 MiB, which user mode has", \
	     "place the core higher, or make regions smaller"), \
	STOP(v, OPTEE_STOP_UNMAPPABLE, 0, 0, (v) == V3_0, MMP_STOP_PANIC, "region-unaligned", "memarea can't be mapped", \
	     "map_memarea", V7, MAP, \
	     "the core's virtual range is not in whole pages, in a build without asserts", \
	     "let tee_ram.va_size be a multiple of 0x1000"), \
	STOP(v, OPTEE_STOP_NO_L2, 0, 0, (v) == V3_0, MMP_STOP_ASSERT, "tables-exhausted", "l2", \
	     "map_page_memarea", V7, MAP, \
	     "no level 2 table is left; each region smaller than 1 MiB takes one", \
	     "raise max_xlat_tables, or register whole MiB"), \
	STOP(v, OPTEE_STOP_NO_L2_NULL, 0, 0, (v) == V3_0, MMP_STOP_UNDEFINED, "tables-exhausted", "", \
	     "map_page_memarea", V7, MAP, \
	     "no level 2 table is left, and a build without asserts writes to address 0", \
	     "raise max_xlat_tables, or register whole MiB"), \
	STOP(v, OPTEE_STOP_PAST_BASE, 0, 0, (v) == V3_0, MMP_STOP_UNDEFINED, "va-past-tables", "", \
	     "core_init_mmu_tables", LPAE, MAP, \
	     "an entry's virtual address is past the base table, so it overwrites the memory after that", \
	     "raise va_bits, or make regions smaller"), \
	STOP(v, OPTEE_STOP_PAGE_TWICE, 0, 0, (v) == V3_0, MMP_STOP_ASSERT, "mapped-twice", "!desc || !l2[pg_idx] || l2[pg_idx] == desc", \
	     "map_page_memarea", V7, MAP, \
	     "two regions have the same virtual page", \
	     NULL), \
	STOP(v, OPTEE_STOP_SECTION_TWICE, 0, 0, (v) == V3_0, MMP_STOP_ASSERT, "mapped-twice", "!attr || !ttb[idx] || ttb[idx] == (pa | attr)", \
	     "map_memarea_sections", V7, MAP, \
	     "two regions have the same virtual section", \
	     NULL), \
	STOP(v, OPTEE_STOP_TABLE_TWICE, 0, 0, (v) == V3_0, MMP_STOP_ASSERT, "mapped-twice", "!attr || !ttb[idx] || ttb[idx] == (pa | attr)", \
	     "map_page_memarea_in_pgdirs", V7, MAP, \
	     "a section of another region is where a level 2 table must go", \
	     NULL), \
	STOP(v, OPTEE_STOP_DDR_BOTH, 993, 186, (v) >= V3_1, MMP_STOP_ASSERT, "ddr-both-sections", (v) < V3_4 ? "&__start_phys_nsec_ddr_section == &__end_phys_nsec_ddr_section" : (v) < V3_12 ? "phys_nsec_ddr_begin == phys_nsec_ddr_end" : "phys_ddr_overall_compat_begin == phys_ddr_overall_compat_end", \
	     DDR, (v) < V3_12 ? "generic_boot.c" : "boot.c", DDR, \
	     "both ddr_overall and the older nsec_ddr are used", \
	     "register all DDR with register_ddr()"), \
	STOP(v, OPTEE_STOP_DDR_PARTIAL, 251, 0, (v) <= V4_5, MMP_STOP_PANIC, (v) < V3_8 ? "ddr-sdp-partial" : "ddr-partial", "", \
	     "carve_out_phys_mem", CORE_MMU, DDR, \
	     (v) < V3_8 ? "SDP memory is partly in a DDR bank, or one of them is empty or wraps" : "a range that is cut out of DDR is partly in a bank, or one of them is empty or wraps", \
	     (v) < V3_8 ? "register DDR banks that hold SDP memory whole" : "register DDR banks that hold it whole, or none of it"), \
	STOP(v, OPTEE_STOP_DDR_OVERLAP, 0, 459, (v) >= V3_1, MMP_STOP_PANIC, "ddr-overlaps-map", "", \
	     "check_phys_mem_is_outside", CORE_MMU, DDR, \
	     "DDR of the normal world overlaps a mapped range", \
	     "leave the range out of the registered DDR"), \
	STOP(v, OPTEE_STOP_DDR_WRAPS, 340, 0, (v) <= V3_7, MMP_STOP_PANIC, "ddr-wraps", "", \
	     "core_mmu_set_discovered_nsec_ddr", CORE_MMU, DDR, \
	     "the last DDR bank ends beyond the width of addresses", \
	     "register the bank's real size"), \
	STOP(v, OPTEE_STOP_DDR_PA_WIDTH, 444, 545, true, MMP_STOP_PANIC, "ddr-over-pa-width", "", \
	     (v) < V3_8 ? "calc_physical_addr_size_bits" : "core_mmu_set_discovered_nsec_ddr", (v) < V3_8 ? LPAE : CORE_MMU, DDR, \
	     (v) < V3_8 ? "DDR ends beyond 48 bits of physical address" : "DDR ends beyond the width of physical addresses", \
	     (v) < V3_8 ? "register DDR below 2^48" : "raise pa_bits"), \
	STOP(v, OPTEE_STOP_DDR_GONE, 338, 541, true, MMP_STOP_UNDEFINED, "ddr-all-secure", "", \
	     "core_mmu_set_discovered_nsec_ddr", CORE_MMU, DDR, \
	     "nothing is left of the registered DDR; the firmware reads before its array", \
	     "register the normal world's DDR, not only memory that is cut out of it"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_NO_TABLE, 1427, 2040, true, MMP_STOP_PANIC, "tables-exhausted", (v) < V3_1 ? "running out of xlat tables" : "Can't divide MMU entry", \
	     (v) < V3_1 ? "init_xlation_table" : "core_mmu_map_region", (v) < V3_1 ? LPAE : CORE_MMU, MAP, \
	     "no translation table is left", \
	     "raise max_xlat_tables, or line regions up so that they need fewer"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_OUTSIDE_BASE, 1415, 2040, true, MMP_STOP_PANIC, "va-outside-tables", "can't find table for mapping", \
	     "core_mmu_map_region", CORE_MMU, MAP, \
	     "a region's virtual address is beyond the base table", \
	     "raise va_bits, or make regions smaller"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_MAPPED_TWICE, 1435, 2040, true, MMP_STOP_PANIC, "mapped-twice", "Page is already mapped", \
	     "core_mmu_map_region", CORE_MMU, MAP, \
	     "two regions have the same virtual page", \
	     NULL), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_SECURITY_MIX, 1427, 2040, true, MMP_STOP_PANIC, "table-security-mix", "Can't divide MMU entry", \
	     "core_mmu_map_region", CORE_MMU, MAP, \
	     "a secure and a non-secure region share a level 2 table", \
	     "move one of them to another MiB"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_BROKEN_SPLIT, 1413, 0, (v) < V3_7, MMP_STOP_UNDEFINED, "split-not-a-table", "", \
	     "core_mmu_map_region", CORE_MMU, MAP, \
	     "a page is in the 1 GiB block of another region; the firmware splits the block wrongly and follows its memory as a table", \
	     "give each region a range of its own"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_NO_L1_TABLE, 0, 1050, (v) >= V3_15, MMP_STOP_PANIC, "l1-tables-exhausted", "", \
	     "core_init_mmu_prtn_ta_core", LPAE, MAP, \
	     "no translation table is left for a core's own level 1 table", \
	     "raise max_xlat_tables: base level 0 needs one per core and base table"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_BOOT_MEMORY, 0, 117, (v) >= V4_5, MMP_STOP_PANIC, "boot-memory-exhausted", "", \
	     "mem_alloc", "boot_mem.c", MAP, \
	     "boot memory is used up", \
	     "give the core more memory after its image"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_BOOT_MEMORY_UNEVEN, 0, 112, (v) >= V4_6, MMP_STOP_ASSERT, "boot-memory-uneven", "IS_POWER_OF_TWO(align) && !(len % align)", \
	     "mem_alloc", "boot_mem.c", MAP, \
	     "with KASAN the allocator wants a multiple of 8 bytes, and the index of the cores' level 1 tables has fewer", \
	     "let cores times base tables per core be a multiple of 8, or turn dyn_config off"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_NO_USER_VA, 397, 994, true, MMP_STOP_ASSERT, "no-user-va", "user_va_idx != -1", \
	     (v) < V3_5 ? "core_init_mmu_tables" : (v) < V3_15 ? "core_init_mmu" : "set_user_va_idx", LPAE, MAP, \
	     "regions use every 1 GiB slot that user mode could have", \
	     (v) < V3_15 ? "leave one 1 GiB slot above the first free, or raise va_bits" : "leave one of the slots [1G,2G), [2G,3G), [3G,4G) free"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_MAX_VA, 400, 1130, true, MMP_STOP_ASSERT, "va-too-high", (v) < V3_12 ? "max_va < CFG_LPAE_ADDR_SPACE_SIZE" : "max_va < BIT64(CFG_LPAE_ADDR_SPACE_BITS)", \
	     (v) < V3_5 ? "core_init_mmu_tables" : "core_init_mmu", LPAE, MAP, \
	     "a region ends beyond the virtual address space", \
	     "raise va_bits"), \
	STOP(v, OPTEE_STOP_TABLES + MMP_STOP_PA_WIDTH, 444, 1228, true, (v) < V3_2 ? MMP_STOP_ASSERT : (v) < V4_1 ? MMP_STOP_PANIC : MMP_STOP_ASSERT, "pa-width", (v) < V3_2 ? "!(max_addr & ADDR_MASK_48_TO_63)" : (v) < V4_1 ? "" : "b <= size_bits", \
	     (v) < V4_1 ? "calc_physical_addr_size_bits" : "get_physical_addr_size_bits", LPAE, (v) < V3_2 ? MAP : (v) < V4_1 ? "init_mmu_regs" : MAP, \
	     (v) < V4_1 ? "memory ends beyond 48 bits of physical address, or a virtual space has size 0" : "pa_bits is more than the CPU has", \
	     (v) < V4_1 ? "register memory below 2^48; reserved_vaspace_size must not be 0" : "lower pa_bits, or set auto_max_pa_bits") \
},

const struct mmp_stop_info optee_stops[OPTEE_VERSION_COUNT][OPTEE_STOP_COUNT] = {
	OPTEE_EACH_VERSION(STOPS)
};
/* clang-format on */
