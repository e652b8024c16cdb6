/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/stops.h"

#define CORE  "lib/xlat_tables_v2/xlat_tables_core.c"
#define UTILS "lib/xlat_tables_v2/xlat_tables_utils.c"
#define ARCH  "lib/xlat_tables_v2/aarch64/xlat_tables_arch.c"

/* clang-format off */
const struct mmp_stop_info tfa_stops[TFA_STOP_COUNT] = {
	[TFA_STOP_ADD_AFTER_INIT] = {
		"tfa-add-after-init", MMP_STOP_ASSERT, "!ctx->initialized", "mmap_add_region_ctx", CORE, 826, "add",
		"a static region was added after init_xlat_tables()",
		"add it before init, or as a dynamic region (PLAT_XLAT_TABLES_DYNAMIC)" },
	[TFA_STOP_REFUSED] = {
		"tfa-region-refused", MMP_STOP_ASSERT, "false", "mmap_add_region_ctx", CORE, 831, "add",
		"mmap_add_region_check() refused a static region", NULL },
	[TFA_STOP_ALLOC_SIZE] = {
		"tfa-alloc-size-zero", MMP_STOP_ASSERT, "mm->size > 0U", "mmap_add_region_alloc_va_ctx", CORE, 972, "add_alloc_va",
		"a region that needs a VA has size 0", "leave the region out" },
	[TFA_STOP_ALLOC_WRAPS] = {
		"tfa-alloc-va-wraps", MMP_STOP_ASSERT, "mm->base_va > ctx->max_va", "mmap_add_region_alloc_va_ctx", CORE, 977, "add_alloc_va",
		"no VA is left after the last region: the next one wraps to 0",
		"raise PLAT_VIRT_ADDR_SPACE_SIZE, or give the region a VA of its own" },
	[TFA_STOP_INIT_TWICE] = {
		"tfa-init-twice", MMP_STOP_ASSERT, "!ctx->initialized", "init_xlat_tables_ctx", CORE, 1233, "init",
		"init_xlat_tables() was called twice", "call it once, after the last static region" },
	[TFA_STOP_VA_SMALL] = {
		"tfa-va-space-small", MMP_STOP_ASSERT, "ctx->va_max_address >= (xlat_get_min_virt_addr_space_size() - 1U)", "init_xlat_tables_ctx", CORE, 1241, "init",
		"PLAT_VIRT_ADDR_SPACE_SIZE is smaller than the CPU allows",
		"raise PLAT_VIRT_ADDR_SPACE_SIZE to 2^25 or more (2^16 with FEAT_TTST)" },
	[TFA_STOP_VA_LARGE] = {
		"tfa-va-space-large", MMP_STOP_ASSERT, "ctx->va_max_address <= (MAX_VIRT_ADDR_SPACE_SIZE - 1U)", "init_xlat_tables_ctx", CORE, 1243, "init",
		"PLAT_VIRT_ADDR_SPACE_SIZE is larger than the library allows",
		"lower PLAT_VIRT_ADDR_SPACE_SIZE to 2^48 (AArch32: 2^32) or less" },
	[TFA_STOP_VA_POWER] = {
		"tfa-va-space-power", MMP_STOP_ASSERT, "IS_POWER_OF_TWO(ctx->va_max_address + 1U)", "init_xlat_tables_ctx", CORE, 1244, "init",
		"PLAT_VIRT_ADDR_SPACE_SIZE is not a power of two", "make PLAT_VIRT_ADDR_SPACE_SIZE the next power of two" },
	[TFA_STOP_NO_TABLE] = {
		"tfa-tables-exhausted", MMP_STOP_ASSERT, "ctx->next_table < ctx->tables_num", "xlat_table_get_empty", CORE, 99, "init",
		"MAX_XLAT_TABLES is too small for the regions", NULL },
	[TFA_STOP_SPACE] = {
		"tfa-physical-space", MMP_STOP_ASSERT, "(pas == MT_NS) || (pas == MT_SECURE)", "xlat_arch_get_pas", ARCH, 118, "init",
		"a region is MT_ROOT or MT_REALM, which needs RME", "use MT_SECURE or MT_NS, or build with ENABLE_FEAT_RME" },
	[TFA_STOP_RME_REGIME] = {
		"tfa-rme-regime", MMP_STOP_ASSERT, "ctx->xlat_regime == EL3_REGIME", "xlat_arch_get_pas", ARCH, 71, "init",
		"with RME, the tables must be those of EL3", "set the regime to el3, or turn rme off" },
	[TFA_STOP_NO_SEL2] = {
		"tfa-rme-secure", MMP_STOP_ASSERT, "false", "xlat_arch_get_pas", ARCH, 105, "init",
		"with RME, a region is MT_SECURE but the CPU does not have FEAT_SEL2", "use MT_ROOT (EL3_PAS), or a CPU with FEAT_SEL2" },
	[TFA_STOP_TYPE] = {
		"tfa-memory-type", MMP_STOP_ASSERT, "mem_type == MT_NON_CACHEABLE", "xlat_desc", CORE, 227, "init",
		"the memory type in bits 2:0 of the attributes is reserved", "use MT_DEVICE, MT_NON_CACHEABLE or MT_MEMORY" },
	[TFA_STOP_CPU_PA] = {
		"tfa-cpu-pa-range", MMP_STOP_ASSERT, "ctx->pa_max_address <= xlat_arch_get_max_supported_pa()", "init_xlat_tables_ctx", CORE, 1276, "init",
		"PLAT_PHY_ADDR_SPACE_SIZE is larger than the CPU's physical address range",
		"lower PLAT_PHY_ADDR_SPACE_SIZE to what ID_AA64MMFR0_EL1.PARange says" },
	[TFA_STOP_CHANGE_EARLY] = {
		"tfa-change-before-init", MMP_STOP_ASSERT, "ctx->initialized", "xlat_change_mem_attributes_ctx", UTILS, 479, "change_attributes",
		"attributes were changed before init_xlat_tables()", "call init first, or add the region with the attributes that it needs" },
	[TFA_STOP_GET_EARLY] = {
		"tfa-get-before-init", MMP_STOP_ASSERT, "ctx->initialized", "xlat_get_mem_attributes_internal", UTILS, 385, "get_attributes",
		"attributes were asked for before init_xlat_tables()", "call init first" },
	[TFA_STOP_PA_48] = {
		"tfa-pa-48-bits", MMP_STOP_ASSERT, "(max_addr & ADDR_MASK_48_TO_63) == 0U", "tcr_physical_addr_size_bits", ARCH, 132, "enable_mmu",
		"a physical address is beyond 48 bits, which the descriptors cannot hold",
		"keep regions (and in a dynamic image PLAT_PHY_ADDR_SPACE_SIZE) below 2^48" },
	[TFA_STOP_NOT_MAPPED] = {
		"tfa-tables-exhausted-dynamic", MMP_STOP_PANIC, "Not enough memory to map region:", "init_xlat_tables_ctx", CORE, 1270, "init",
		"MAX_XLAT_TABLES is too small for the regions", NULL },
	[TFA_STOP_NO_RMM] = {
		"tfa-realm-without-rmm", MMP_STOP_PANIC, "", "xlat_arch_get_pas", ARCH, 82, "init",
		"a region is MT_REALM but the image is built without an RMM", "build with ENABLE_RMM=1, or use another physical address space" },
	[TFA_STOP_PAST_ARRAY] = {
		"tfa-tables-past-array", MMP_STOP_UNDEFINED, "tables past the end of the array", "xlat_table_get_empty", CORE, 0, "init",
		"MAX_XLAT_TABLES is too small for the regions: without assertions, the firmware writes tables past the end of its array", NULL },
};
/* clang-format on */
