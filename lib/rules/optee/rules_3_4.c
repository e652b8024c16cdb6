/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/plan_3_4.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "model/attr.h"

/* clang-format off */
static const struct mmp_memtype types[OPTEE_3_4_TYPE_COUNT] = {
	/* name, label, attribute word, panics, about */
	[OPTEE_3_4_END]           = { "MEM_AREA_END",           "END",           0x0000, true,  "ends the firmware's map; registered, it hides what comes behind it" },
	[OPTEE_3_4_TEE_RAM]       = { "MEM_AREA_TEE_RAM",       "TEE_RAM_RWX",   0x1871, false, "the core, when its data is executable" },
	[OPTEE_3_4_TEE_RAM_RX]    = { "MEM_AREA_TEE_RAM_RX",    "TEE_RAM_RX",    0x1851, false, "code of the core" },
	[OPTEE_3_4_TEE_RAM_RO]    = { "MEM_AREA_TEE_RAM_RO",    "TEE_RAM_RO",    0x1811, false, "constants of the core" },
	[OPTEE_3_4_TEE_RAM_RW]    = { "MEM_AREA_TEE_RAM_RW",    "TEE_RAM_RW",    0x1831, false, "data of the core" },
	[OPTEE_3_4_TEE_COHERENT]  = { "MEM_AREA_TEE_COHERENT",  "TEE_COHERENT",  0x0871, false, "uncached memory of the core, executable; not flat mapped" },
	[OPTEE_3_4_TEE_ASAN]      = { "MEM_AREA_TEE_ASAN",      "TEE_ASAN",      0x1831, false, "shadow memory of the address sanitizer" },
	[OPTEE_3_4_TA_RAM]        = { "MEM_AREA_TA_RAM",        "TA_RAM",        0x1831, false, "secure memory that trusted applications run from" },
	[OPTEE_3_4_NSEC_SHM]      = { "MEM_AREA_NSEC_SHM",      "NSEC_SHM",      0x1031, false, "memory shared with the normal world, in the reserved window" },
	[OPTEE_3_4_RAM_NSEC]      = { "MEM_AREA_RAM_NSEC",      "RAM_NSEC",      0x1031, false, "non-secure RAM" },
	[OPTEE_3_4_RAM_SEC]       = { "MEM_AREA_RAM_SEC",       "RAM_SEC",       0x1831, false, "secure RAM" },
	[OPTEE_3_4_IO_NSEC]       = { "MEM_AREA_IO_NSEC",       "IO_NSEC",       0x0031, false, "non-secure peripherals; rounded out to whole sections" },
	[OPTEE_3_4_IO_SEC]        = { "MEM_AREA_IO_SEC",        "IO_SEC",        0x0831, false, "secure peripherals; rounded out to whole sections" },
	[OPTEE_3_4_RES_VASPACE]   = { "MEM_AREA_RES_VASPACE",   "RES_VASPACE",   0x0000, false, "virtual space for mappings at run time" },
	[OPTEE_3_4_SHM_VASPACE]   = { "MEM_AREA_SHM_VASPACE",   "SHM_VASPACE",   0x0000, false, "virtual space for dynamic shared memory" },
	[OPTEE_3_4_TA_VASPACE]    = { "MEM_AREA_TA_VASPACE",    "TA_VASPACE",    0x0000, true,  "virtual space of trusted applications; only looked up" },
	[OPTEE_3_4_PAGER_VASPACE] = { "MEM_AREA_PAGER_VASPACE", "PAGER_VASPACE", 0x0800, false, "virtual space that the pager fills" },
	[OPTEE_3_4_SDP_MEM]       = { "MEM_AREA_SDP_MEM",       "SDP_MEM",       0x0000, true,  "secure data path memory; only in section sdp_mem" },
	[OPTEE_3_4_DDR_OVERALL]   = { "MEM_AREA_DDR_OVERALL",   "DDR_OVERALL",   0x0000, true,  "all DDR; only in section ddr_overall" },
	[OPTEE_3_4_MAXTYPE]       = { NULL,                     NULL,            0x0000, true,  "one past the last type" },
};

/* Options that came after this release. */
static const struct {
	const char *key;
	enum mmp_key_use use;
} missing[] = {
	{ "aslr",                 MMP_KEY_OFF },
	{ "ns_virtualization",    MMP_KEY_OFF },
	{ "dyn_config",           MMP_KEY_OFF },
	{ "bti",                  MMP_KEY_OFF },
	{ "memtag",               MMP_KEY_OFF },
	{ "pa_bits",              MMP_KEY_IGNORED },
	{ "auto_max_pa_bits",     MMP_KEY_IGNORED },
	{ "aslr_seed",            MMP_KEY_IGNORED },
	{ "sanitize_undefined",   MMP_KEY_IGNORED },
	{ "map_ext_dt_secure",    MMP_KEY_IGNORED },
	{ "phys_relocatable",     MMP_KEY_IGNORED },
	{ "layout.nex_rw",        MMP_KEY_IGNORED },
	{ "layout.free",          MMP_KEY_IGNORED },
	{ "layout.identity_map",  MMP_KEY_IGNORED },
	{ "nex_dyn_vaspace_size", MMP_KEY_IGNORED },
	{ "tee_dyn_vaspace_size", MMP_KEY_IGNORED },
	{ "boot_mem_size",        MMP_KEY_IGNORED },
	{ "cpu",                  MMP_KEY_IGNORED },
};

#define TABLES(line) "core_mmu_map_region", "core_mmu.c", line, "init_mmu_map"
static const struct mmp_stop_info table_stops[MMP_TABLE_STOP_COUNT] = {
	[MMP_STOP_NO_TABLE] = { "tables-exhausted", MMP_STOP_PANIC, "Can't divide MMU entry", TABLES(1427),
		"no translation table is left", "raise max_xlat_tables, or line regions up so that they need fewer" },
	[MMP_STOP_OUTSIDE_BASE] = { "va-outside-tables", MMP_STOP_PANIC, "can't find table for mapping", TABLES(1415),
		"a region's virtual address is beyond the base table", "raise va_bits, or make regions smaller" },
	[MMP_STOP_MAPPED_TWICE] = { "mapped-twice", MMP_STOP_PANIC, "Page is already mapped", TABLES(1435),
		"two regions have the same virtual page", NULL },
	[MMP_STOP_SECURITY_MIX] = { "table-security-mix", MMP_STOP_PANIC, "Can't divide MMU entry", TABLES(1427),
		"a secure and a non-secure region share a level 2 table", "move one of them to another MiB" },
	[MMP_STOP_BROKEN_SPLIT] = { "split-not-a-table", MMP_STOP_UNDEFINED, "", TABLES(1413),
		"a page lies in the 1 GiB block of another region; the firmware splits the block wrongly and follows its memory as a table", "give each region a range of its own" },
	[MMP_STOP_NO_USER_VA] = { "no-user-va", MMP_STOP_ASSERT, "user_va_idx != -1", "core_init_mmu_tables", "core_mmu_lpae.c", 397, "init_mmu_map",
		"regions use every 1 GiB slot that user mode could have", "leave one 1 GiB slot above the first free, or raise va_bits" },
	[MMP_STOP_MAX_VA] = { "va-too-high", MMP_STOP_ASSERT, "max_va < CFG_LPAE_ADDR_SPACE_SIZE", "core_init_mmu_tables", "core_mmu_lpae.c", 400, "init_mmu_map",
		"a region ends beyond the virtual address space", "raise va_bits" },
	[MMP_STOP_PA_WIDTH] = { "pa-width", MMP_STOP_PANIC, "", "calc_physical_addr_size_bits", "core_mmu_lpae.c", 444, "init_mmu_regs",
		"memory ends beyond 48 bits of physical address, or a virtual space has size 0", "register memory below 2^48; reserved_vaspace_size must not be 0" },
};
/* clang-format on */

static uint32_t attr(const struct mmp_rules *rules, const struct mmp_config *config,
		     unsigned type)
{
	return types[type].attr;
}

static struct mmp_encoding encoding(const struct mmp_rules *rules,
				    const struct mmp_config *config)
{
	const struct optee_config *c = optee_config_of(config);

	return (struct mmp_encoding){
		.format = c->arch == OPTEE_ARM64 || c->lpae ? MMP_FORMAT_LPAE
							    : MMP_FORMAT_SHORT,
		.kinds = 2,
		.hidden_blocks = true,
		.section_pxn = c->hwsupp_mem_perm_pxn,
		.shared = !c->no_smp,
	};
}

static enum mmp_key_use key_use(const struct mmp_rules *rules,
				const struct mmp_config_key *key)
{
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		if (!strcmp(missing[i].key, key->name))
			return missing[i].use;
	return MMP_KEY_USED;
}

static void defaults(const struct mmp_rules *rules, struct mmp_config *config)
{
	optee_edit(config)->mmap_regions = 127;
}

/* CFG_CORE_UNMAP_CORE_AT_EL0: a second base table for user mode, on 32-bit cores too. */
unsigned mmp_optee_3_4_base_tables(const struct optee_config *config)
{
	return config->unmap_core_at_el0 ? 2 : 1;
}

static int check(const struct mmp_rules *rules, const struct mmp_config *config,
		 struct mmp_error *err)
{
	const struct optee_config *c = optee_config_of(config);
	uint64_t gigabytes = UINT64_C(1) << (c->va_bits - 30);
	uint64_t bytes = gigabytes * 8 * c->nb_core * 2;

	if (optee_config_check(c, err))
		return -1;
	if (c->arch == OPTEE_ARM64 && bytes > MMP_POOL_MAX)
		return mmp_fail(err, MMP_INVALID,
				"config.va_bits: %" PRIu64 " with %" PRIu64
				" cores: base tables of 0x%" PRIx64
				" bytes, at most 0x%x are made",
				c->va_bits, c->nb_core, bytes, MMP_POOL_MAX);
	return 0;
}

/* Without CFG_TEE_CORE_DEBUG. */
static enum mmp_stop_detail stop_detail(const struct mmp_rules *rules,
					const struct mmp_config *config)
{
	return optee_config_of(config)->core_debug ? MMP_STOP_TELLS_ALL
						   : MMP_STOP_TELLS_NOTHING;
}

const struct mmp_rules mmp_optee_3_4 = {
	.name = "optee-3.4",
	.about = "OP-TEE 3.4.0 (January 2019): 19 memory types, static map, flat-mapped "
		 "core, hidden blocks",
	.firmware = &mmp_optee,
	.types = types,
	.type_count = OPTEE_3_4_TYPE_COUNT,
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
	.attr = attr,
	.encoding = encoding,
	.key_use = key_use,
	.defaults = defaults,
	.check = check,
	.plan = optee_3_4_plan,
	.discover = optee_3_4_discover,
	.policy = &optee_3_4_policy,
};
