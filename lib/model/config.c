/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/config.h"

#include <assert.h>
#include <string.h>

const char *const mmp_arch_names[MMP_ARCH_COUNT] = {
	[MMP_ARM64] = "arm64",
	[MMP_ARM32] = "arm32",
};

#define AT(member) offsetof(struct mmp_config, member)

#define OBJECT(key, need, about)                                                         \
	{                                                                                \
		key, MMP_KEY_OBJECT, 0, 0, false, need, 0, 0, 0, NULL, about             \
	}
#define NULLABLE(key, given, option, about)                                              \
	{                                                                                \
		key, MMP_KEY_OBJECT, 0, AT(given), true, false, 0, 0, 0, option, about   \
	}
#define FLAG(member, on, option, about)                                                  \
	{                                                                                \
#member, MMP_KEY_FLAG, AT(member), 0, false, false, on, 0, 1, option,    \
			about                                                            \
	}
#define COUNT(member, fallback, min, max, option, about)                                 \
	{                                                                                \
#member, MMP_KEY_COUNT, AT(member), 0, false, false, fallback, min, max, \
			option, about                                                    \
	}
#define SIZE(member, need, fallback, option, about)                                      \
	{                                                                                \
#member, MMP_KEY_SIZE, AT(member), 0, false, need, fallback, 0,          \
			UINT64_MAX, option, about                                        \
	}
#define ADDRESS(member, need, option, about)                                             \
	{                                                                                \
#member, MMP_KEY_ADDRESS, AT(member), 0, false, need, 0, 0, UINT64_MAX,  \
			option, about                                                    \
	}
/* A range: its object and its two keys, all of them required where the object stands. */
#define RANGE(member, from, option, about)                                               \
	NULLABLE(#member, member.given, option, about),                                  \
		{ #member "." from,                                                      \
		  MMP_KEY_ADDRESS,                                                       \
		  AT(member.base),                                                       \
		  0,                                                                     \
		  false,                                                                 \
		  true,                                                                  \
		  0,                                                                     \
		  0,                                                                     \
		  UINT64_MAX,                                                            \
		  NULL,                                                                  \
		  "where it begins" },                                                   \
	{                                                                                \
#member ".size", MMP_KEY_SIZE, AT(member.size), 0, false, true, 0, 0,    \
			UINT64_MAX, NULL, "how long it is"                               \
	}

/* clang-format off */
const struct mmp_config_key mmp_config_keys[] = {
	{ "arch", MMP_KEY_CHOICE, AT(arch), 0, false, false, MMP_ARM64, 0, 0, "CFG_ARM64_core", "arm64 or arm32" },
	FLAG(lpae, true, "CFG_WITH_LPAE", "64-bit descriptors; false: short descriptors"),
	COUNT(va_bits, 32, 30, 48, "CFG_LPAE_ADDR_SPACE_BITS", "width of virtual addresses in bits"),
	COUNT(pa_bits, 32, 32, 52, "CFG_CORE_ARM64_PA_BITS", "width of physical addresses in bits"),
	FLAG(auto_max_pa_bits, false, "CFG_AUTO_MAX_PA_BITS", "take the width of physical addresses from the CPU"),
	COUNT(nb_core, 1, 1, 256, "CFG_TEE_CORE_NB_CORE", "number of cores"),
	COUNT(num_threads, 2, 1, 256, "CFG_NUM_THREADS", "number of threads, each with a user table"),
	COUNT(boot_core_pos, 0, 0, 255, NULL, "index of the core that boots"),
	FLAG(rwdata_noexec, true, "CFG_CORE_RWDATA_NOEXEC", "writable data of the core is not executable"),
	FLAG(pager, false, "CFG_WITH_PAGER", "demand paging of the core"),
	FLAG(aslr, false, "CFG_CORE_ASLR", "the core's base is random"),
	{ "aslr_seed", MMP_KEY_ADDRESS, AT(aslr_seed), 0, false, false, 0, 0, UINT64_MAX, NULL, "the seed that boot is given, 64 bits; 0: no ASLR" },
	FLAG(unmap_core_at_el0, true, "CFG_CORE_UNMAP_CORE_AT_EL0", "a second base table for user mode"),
	FLAG(ns_virtualization, false, "CFG_NS_VIRTUALIZATION", "several normal-world guests"),
	{ "dyn_config", MMP_KEY_FLAG, AT(dyn_config), AT(dyn_config_given), false, false, false, 0, 1, "CFG_DYN_CONFIG", "tables and map come from boot memory; optee-4.10: on unless pager" },
	FLAG(kasan, false, "CFG_CORE_SANITIZE_KADDRESS", "kernel address sanitizer"),
	FLAG(sanitize_undefined, false, "CFG_CORE_SANITIZE_UNDEFINED", "undefined behaviour sanitizer"),
	FLAG(core_debug, true, "CFG_TEE_CORE_DEBUG", "assertions and names in panics; false: NDEBUG"),
	FLAG(bti, false, "CFG_CORE_BTI", "branch target identification"),
	FLAG(memtag, false, "CFG_MEMTAG", "memory tagging"),
	FLAG(map_ext_dt_secure, false, "CFG_MAP_EXT_DT_SECURE", "the external device tree is mapped secure"),
	FLAG(dyn_shm, true, "CFG_CORE_DYN_SHM", "dynamic shared memory: normal-world DDR is discovered"),
	FLAG(secure_data_path, false, "CFG_SECURE_DATA_PATH", "SDP memory is registered and checked"),
	FLAG(phys_relocatable, false, "CFG_CORE_PHYS_RELOCATABLE", "the core runs where it was loaded"),
	FLAG(large_phys_addr, false, "CFG_CORE_LARGE_PHYS_ADDR", "arm32: 64-bit physical addresses"),
	FLAG(no_smp, false, "CFG_NO_SMP", "short descriptors: memory is not shareable"),
	FLAG(hwsupp_mem_perm_pxn, true, "CFG_HWSUPP_MEM_PERM_PXN", "short descriptors: sections have PXN"),
	RANGE(trusted_sram, "base", "TZSRAM_BASE, TZSRAM_SIZE", "secure SRAM, the first of the secure-only ranges"),
	{ "trusted_dram", MMP_KEY_OBJECT, 0, AT(trusted_dram.given), false, true, 0, 0, 0, "TZDRAM_BASE, TZDRAM_SIZE", "secure DRAM" },
	{ "trusted_dram.base", MMP_KEY_ADDRESS, AT(trusted_dram.base), 0, false, true, 0, 0, UINT64_MAX, NULL, "where it begins" },
	{ "trusted_dram.size", MMP_KEY_SIZE, AT(trusted_dram.size), 0, false, true, 0, 0, UINT64_MAX, NULL, "how long it is" },
	RANGE(reserved_shm, "start", "CFG_CORE_RESERVED_SHM", "the reserved window of shared memory"),
	RANGE(sdp_test_mem, "base", "TEE_SDP_TEST_MEM_BASE, _SIZE", "the SDP test memory"),
	RANGE(ta_ram, "start", "TA_RAM_START, TA_RAM_SIZE", "memory of trusted applications (informative)"),
	OBJECT("tee_ram", true, "the core's own memory"),
	ADDRESS(tee_ram.start, true, "TEE_RAM_START", "where it begins"),
	SIZE(tee_ram.ph_size, true, 0, "TEE_RAM_PH_SIZE", "its physical size"),
	SIZE(tee_ram.va_size, true, 0, "TEE_RAM_VA_SIZE", "its virtual size"),
	{ "tee_ram.load_addr", MMP_KEY_ADDRESS, AT(tee_ram.load_addr), AT(tee_ram.load_addr_given), true, false, 0, 0, UINT64_MAX, "TEE_LOAD_ADDR", "where the image is loaded; null: tee_ram.start" },
	OBJECT("layout", false, "ranges of the link script; an absent one has size 0"),
	RANGE(layout.unpg_rx, "start", "VCORE_UNPG_RX", "code"),
	RANGE(layout.unpg_ro, "start", "VCORE_UNPG_RO", "constants"),
	RANGE(layout.unpg_rw, "start", "VCORE_UNPG_RW", "data"),
	RANGE(layout.nex_rw, "start", "VCORE_NEX_RW", "data of the nexus"),
	RANGE(layout.free, "start", "VCORE_FREE", "from the end of the image to the end of the core's memory"),
	RANGE(layout.asan_map, "start", "ASAN_MAP", "shadow memory of the address sanitizer"),
	RANGE(layout.init_rx, "start", "VCORE_INIT_RX", "init code (pager)"),
	RANGE(layout.init_ro, "start", "VCORE_INIT_RO", "init constants (pager)"),
	NULLABLE("layout.identity_map", layout.identity_map.given, "__identity_map_init", "code that turns the MMU on (ASLR)"),
	ADDRESS(layout.identity_map.start, true, NULL, "its first byte"),
	ADDRESS(layout.identity_map.end, true, NULL, "one past its last byte"),
	SIZE(reserved_vaspace_size, false, 0xa00000, "CFG_RESERVED_VASPACE_SIZE", "virtual space for mappings at run time"),
	SIZE(nex_dyn_vaspace_size, false, 0x100000, "CFG_NEX_DYN_VASPACE_SIZE", "virtual space of the nexus for dynamic mappings"),
	SIZE(tee_dyn_vaspace_size, false, 0x100000, "CFG_TEE_DYN_VASPACE_SIZE", "virtual space of the core for dynamic mappings"),
	COUNT(mmap_regions, 13, 1, 1000000, "CFG_MMAP_REGIONS", "entries of the memory map"),
	{ "max_xlat_tables", MMP_KEY_COUNT, AT(max_xlat_tables), AT(max_xlat_tables_given), true, false, 0, 0, 1000000, "MAX_XLAT_TABLES", "the platform's own number of tables; null: the firmware's" },
	{ "boot_mem_size", MMP_KEY_SIZE, AT(boot_mem_size), AT(boot_mem_size_given), true, false, 0, 0, UINT64_MAX, NULL, "bytes of boot memory, for the map and, with dyn_config, the tables; null: no limit" },
	OBJECT("cpu", false, "what the CPU reports"),
	{ "cpu.parange", MMP_KEY_COUNT, AT(cpu.parange), 0, false, false, 5, 0, 6, "ID_AA64MMFR0_EL1.PARange", "physical address range, as encoded" },
	{ "cpu.bti", MMP_KEY_FLAG, AT(cpu.bti), 0, false, false, false, 0, 1, "ID_AA64PFR1_EL1.BT", "branch target identification" },
	{ "cpu.mte", MMP_KEY_FLAG, AT(cpu.mte), 0, false, false, false, 0, 1, "ID_AA64PFR1_EL1.MTE", "memory tagging" },
	{ 0 },
};
/* clang-format on */

const size_t mmp_config_key_count =
	sizeof(mmp_config_keys) / sizeof(mmp_config_keys[0]) - 1;

void mmp_config_set(struct mmp_config *config, const struct mmp_config_key *key,
		    uint64_t value)
{
	char *at = (char *)config + key->offset;

	switch (key->type) {
	case MMP_KEY_OBJECT:
		break;
	case MMP_KEY_CHOICE:
		*(enum mmp_arch *)(void *)at = (enum mmp_arch)value;
		break;
	case MMP_KEY_FLAG:
		*(bool *)at = value != 0;
		break;
	case MMP_KEY_COUNT:
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		*(uint64_t *)(void *)at = value;
		break;
	}
}

uint64_t mmp_config_get(const struct mmp_config *config, const struct mmp_config_key *key)
{
	const char *at = (const char *)config + key->offset;

	switch (key->type) {
	case MMP_KEY_OBJECT:
		return 0;
	case MMP_KEY_CHOICE:
		return *(const enum mmp_arch *)(const void *)at;
	case MMP_KEY_FLAG:
		return *(const bool *)at;
	case MMP_KEY_COUNT:
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		return *(const uint64_t *)(const void *)at;
	}
	return 0;
}

bool *mmp_config_given(struct mmp_config *config, const struct mmp_config_key *key)
{
	return key->given_offset ? (bool *)((char *)config + key->given_offset) : NULL;
}

static_assert(sizeof(mmp_config_keys) / sizeof(mmp_config_keys[0]) <= MMP_CONFIG_KEYS_MAX,
	      "a bit for every key");

void mmp_config_leave_out(struct mmp_config *config, const struct mmp_config_key *key,
			  bool left_out)
{
	size_t n = (size_t)(key - mmp_config_keys);
	uint64_t bit = UINT64_C(1) << n % 64;

	config->left_out[n / 64] &= ~bit;
	if (left_out)
		config->left_out[n / 64] |= bit;
}

bool mmp_config_left_out(const struct mmp_config *config,
			 const struct mmp_config_key *key)
{
	size_t n = (size_t)(key - mmp_config_keys);

	return config->left_out[n / 64] >> n % 64 & 1;
}

void mmp_config_init(struct mmp_config *config)
{
	memset(config, 0, sizeof(*config));
	for (const struct mmp_config_key *k = mmp_config_keys; k->name; k++)
		mmp_config_set(config, k, k->fallback);
}

const struct mmp_config_key *mmp_config_key_find(const char *name)
{
	for (const struct mmp_config_key *k = mmp_config_keys; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}
