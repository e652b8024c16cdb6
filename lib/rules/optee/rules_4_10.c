/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/plan_4_10.h"

#include <inttypes.h>

#include "model/attr.h"

/* clang-format off */
static const struct mmp_memtype types[OPTEE_TYPE_COUNT] = {
	/* name, label, attribute word, panics, about */
	[0]                     = { NULL,                       NULL,              0x0000, true,  "no type has this number" },
	[OPTEE_TEE_RAM]         = { "MEM_AREA_TEE_RAM",         "TEE_RAM_RWX",     0x3871, false, "the core, when its data is executable" },
	[OPTEE_TEE_RAM_RX]      = { "MEM_AREA_TEE_RAM_RX",      "TEE_RAM_RX",      0x3851, false, "code of the core" },
	[OPTEE_TEE_RAM_RO]      = { "MEM_AREA_TEE_RAM_RO",      "TEE_RAM_RO",      0x3811, false, "constants of the core" },
	[OPTEE_TEE_RAM_RW]      = { "MEM_AREA_TEE_RAM_RW",      "TEE_RAM_RW",      0x3831, false, "data of the core" },
	[OPTEE_INIT_RAM_RO]     = { "MEM_AREA_INIT_RAM_RO",     "INIT_RAM_RO",     0x3811, false, "constants of init (pager)" },
	[OPTEE_INIT_RAM_RX]     = { "MEM_AREA_INIT_RAM_RX",     "INIT_RAM_RX",     0x3851, false, "code of init (pager)" },
	[OPTEE_NEX_RAM_RO]      = { "MEM_AREA_NEX_RAM_RO",      "NEX_RAM_RO",      0x3831, false, "constants of the nexus, writable while it starts" },
	[OPTEE_NEX_RAM_RW]      = { "MEM_AREA_NEX_RAM_RW",      "NEX_RAM_RW",      0x3831, false, "data of the nexus" },
	[OPTEE_NEX_DYN_VASPACE] = { "MEM_AREA_NEX_DYN_VASPACE", "NEX_DYN_VASPACE", 0x3831, false, "virtual space of the nexus; tables without descriptors" },
	[OPTEE_TEE_DYN_VASPACE] = { "MEM_AREA_TEE_DYN_VASPACE", "TEE_DYN_VASPACE", 0x3831, false, "virtual space of the core; tables without descriptors" },
	[OPTEE_TEE_COHERENT]    = { "MEM_AREA_TEE_COHERENT",    "TEE_COHERENT",    0x0871, false, "uncached memory of the core, executable" },
	[OPTEE_TEE_ASAN]        = { "MEM_AREA_TEE_ASAN",        "TEE_ASAN",        0x3831, false, "shadow memory of the address sanitizer" },
	[OPTEE_IDENTITY_MAP_RX] = { "MEM_AREA_IDENTITY_MAP_RX", "IDENTITY_MAP_RX", 0x3851, false, "code that turns the MMU on, mapped at its own address (ASLR)" },
	[OPTEE_NSEC_SHM]        = { "MEM_AREA_NSEC_SHM",        "NSEC_SHM",        0x1031, false, "memory shared with the normal world, in the reserved window" },
	[OPTEE_NEX_NSEC_SHM]    = { "MEM_AREA_NEX_NSEC_SHM",    "NEX_NSEC_SHM",    0x1031, false, "shared memory of the nexus; stops the boot when registered" },
	[OPTEE_RAM_NSEC]        = { "MEM_AREA_RAM_NSEC",        "RAM_NSEC",        0x1031, false, "non-secure RAM" },
	[OPTEE_RAM_SEC]         = { "MEM_AREA_RAM_SEC",         "RAM_SEC",         0x1831, false, "secure RAM" },
	[OPTEE_ROM_SEC]         = { "MEM_AREA_ROM_SEC",         "ROM_SEC",         0x1811, false, "secure ROM" },
	[OPTEE_IO_NSEC]         = { "MEM_AREA_IO_NSEC",         "IO_NSEC",         0x0031, false, "non-secure peripherals" },
	[OPTEE_IO_SEC]          = { "MEM_AREA_IO_SEC",          "IO_SEC",          0x0831, false, "secure peripherals" },
	[OPTEE_EXT_DT]          = { "MEM_AREA_EXT_DT",          "EXT_DT",          0x0031, false, "the external device tree" },
	[OPTEE_MANIFEST_DT]     = { "MEM_AREA_MANIFEST_DT",     "MANIFEST_DT",     0x1811, false, "the manifest device tree" },
	[OPTEE_TRANSFER_LIST]   = { "MEM_AREA_TRANSFER_LIST",   "TRANSFER_LIST",   0x1831, false, "the transfer list of firmware handoff" },
	[OPTEE_RES_VASPACE]     = { "MEM_AREA_RES_VASPACE",     "RES_VASPACE",     0x0000, false, "virtual space for mappings at run time" },
	[OPTEE_SHM_VASPACE]     = { "MEM_AREA_SHM_VASPACE",     "SHM_VASPACE",     0x0000, false, "virtual space for dynamic shared memory" },
	[OPTEE_TS_VASPACE]      = { "MEM_AREA_TS_VASPACE",      "TS_VASPACE",      0x0000, true,  "virtual space of trusted applications; only looked up" },
	[OPTEE_PAGER_VASPACE]   = { "MEM_AREA_PAGER_VASPACE",   "PAGER_VASPACE",   0x0800, false, "virtual space that the pager fills" },
	[OPTEE_SDP_MEM]         = { "MEM_AREA_SDP_MEM",         "SDP_MEM",         0x0000, true,  "secure data path memory; only in section sdp_mem" },
	[OPTEE_DDR_OVERALL]     = { "MEM_AREA_DDR_OVERALL",     "DDR_OVERALL",     0x0000, true,  "all DDR; only in section ddr_overall" },
	[OPTEE_SEC_RAM_OVERALL] = { "MEM_AREA_SEC_RAM_OVERALL", "SEC_RAM_OVERALL", 0x3831, false, "all secure RAM but code and constants of the core" },
	[OPTEE_MAXTYPE]         = { NULL,                       NULL,              0x0000, true,  "one past the last type" },
};

#define TABLES "core_mmu_map_region", "core_mmu.c", 2040, "init_mmu_map"
static const struct mmp_stop_info table_stops[MMP_TABLE_STOP_COUNT] = {
	[MMP_STOP_NO_TABLE] = { "tables-exhausted", MMP_STOP_PANIC, "Can't divide MMU entry", TABLES,
		"no translation table is left", "raise max_xlat_tables, or line regions up so that they need fewer" },
	[MMP_STOP_OUTSIDE_BASE] = { "va-outside-tables", MMP_STOP_PANIC, "can't find table for mapping", TABLES,
		"a region's virtual address is beyond the base table", "raise va_bits" },
	[MMP_STOP_MAPPED_TWICE] = { "mapped-twice", MMP_STOP_PANIC, "Page is already mapped", TABLES,
		"two regions have the same virtual page", NULL },
	[MMP_STOP_SECURITY_MIX] = { "table-security-mix", MMP_STOP_PANIC, "Can't divide MMU entry", TABLES,
		"a secure and a non-secure region share a level 2 table", "move one of them to another MiB" },
	[MMP_STOP_BOOT_MEMORY] = { "boot-memory-exhausted", MMP_STOP_PANIC, "", "mem_alloc", "boot_mem.c", 117, "init_mmu_map",
		"boot memory is used up", "give the core more memory after its image" },
	[MMP_STOP_NO_USER_VA] = { "no-user-va", MMP_STOP_ASSERT, "user_va_idx != -1", "set_user_va_idx", "core_mmu_lpae.c", 994, "init_mmu_map",
		"regions use every 1 GiB slot that user mode could have", "leave one of the slots [1G,2G), [2G,3G), [3G,4G) free" },
	[MMP_STOP_MAX_VA] = { "va-too-high", MMP_STOP_ASSERT, "max_va < BIT64(CFG_LPAE_ADDR_SPACE_BITS)", "core_init_mmu", "core_mmu_lpae.c", 1130, "init_mmu_map",
		"a region ends beyond the virtual address space", "raise va_bits" },
	[MMP_STOP_NO_L1_TABLE] = { "l1-tables-exhausted", MMP_STOP_PANIC, "", "core_init_mmu_prtn_ta_core", "core_mmu_lpae.c", 1050, "init_mmu_map",
		"no translation table is left for a core's own level 1 table", "raise max_xlat_tables: base level 0 needs one per core and base table" },
	[MMP_STOP_PA_WIDTH] = { "pa-width", MMP_STOP_ASSERT, "b <= size_bits", "get_physical_addr_size_bits", "core_mmu_lpae.c", 1228, "init_mmu_map",
		"pa_bits is more than the CPU has", "lower pa_bits, or set auto_max_pa_bits" },
};
/* clang-format on */

static uint32_t attr(const struct mmp_rules *rules, const struct mmp_config *config,
		     unsigned type)
{
	if (type == OPTEE_EXT_DT && optee_config_of(config)->map_ext_dt_secure)
		return types[type].attr | MMP_ATTR_SECURE;
	return types[type].attr;
}

static struct mmp_encoding encoding(const struct mmp_rules *rules,
				    const struct mmp_config *config)
{
	const struct optee_config *c = optee_config_of(config);
	bool arm64 = c->arch == OPTEE_ARM64;

	return (struct mmp_encoding){
		.format = arm64 || c->lpae ? MMP_FORMAT_LPAE : MMP_FORMAT_SHORT,
		.kinds = MMP_KIND_COUNT,
		.guarded = true,
		.px_is_guarded = arm64 && c->bti,
		.cpu_bti = arm64 && c->cpu.bti,
		.cpu_tags = arm64 && c->memtag && c->cpu.mte,
		.section_pxn = c->hwsupp_mem_perm_pxn,
		.shared = !c->no_smp,
	};
}

/* CFG_DYN_CONFIG is on unless the pager forces it off (mk/config.mk). */
static void complete(const struct mmp_rules *rules, struct mmp_config *config)
{
	struct optee_config *c = optee_edit(config);

	if (!c->dyn_config_given)
		c->dyn_config = !c->pager;
}

static int check(const struct mmp_rules *rules, const struct mmp_config *config,
		 struct mmp_error *err)
{
	const struct optee_config *c = optee_config_of(config);

	if (optee_config_check(c, err))
		return -1;
	if (c->pager && c->dyn_config)
		return mmp_fail(
			err, MMP_INVALID,
			"config.dyn_config: true does not go with pager; leave it out");
	if (c->rwdata_noexec && (!c->layout.unpg_rx.given || !c->layout.unpg_rw.given))
		return mmp_fail(err, MMP_INVALID,
				"config.layout.%s: missing; rwdata_noexec needs it",
				c->layout.unpg_rx.given ? "unpg_rw" : "unpg_rx");
	return 0;
}

/* Without CFG_TEE_CORE_DEBUG. */
static enum mmp_stop_detail stop_detail(const struct mmp_rules *rules,
					const struct mmp_config *config)
{
	return optee_config_of(config)->core_debug ? MMP_STOP_TELLS_ALL
						   : MMP_STOP_TELLS_MESSAGE;
}

const struct mmp_rules mmp_optee_4_10 = {
	.name = "optee-4.10",
	.about = "OP-TEE 4.10 (August 2026): 30 memory types, doubling map, tagged "
		 "memory, ASLR",
	.firmware = &mmp_optee,
	.types = types,
	.type_count = OPTEE_TYPE_COUNT,
	.keys = mmp_optee_keys,
	.sections = mmp_optee_sections,
	.section_count = OPTEE_SECTION_COUNT,
	.registration_keys = mmp_optee_registration_keys,
	.table_stops = table_stops,
	.pages_window = "MEM_AREA_SHM_VASPACE",
	.blocks_window = "MEM_AREA_RES_VASPACE",
	.stop_detail = stop_detail,
	.widths = optee_widths,
	.secure = optee_secure,
	.own_bytes = optee_own_bytes,
	.va_bits = optee_va_bits,
	.follow = optee_follow,
	.set_seed = optee_set_seed,
	.attr = attr,
	.encoding = encoding,
	.complete = complete,
	.check = check,
	.plan = optee_4_10_plan,
	.discover = optee_4_10_discover,
	.policy = &optee_4_10_policy,
};
