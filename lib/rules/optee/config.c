/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/config.h"
#include "rules/optee/releases.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static_assert(sizeof(struct optee_config) <= MMP_CONFIG_BYTES_MAX, "it has room there");

static const char *const arch_names[OPTEE_ARCH_COUNT + 1] = {
	[OPTEE_ARM64] = "arm64",
	[OPTEE_ARM32] = "arm32",
};

/* clang-format off */
#define AT(member) offsetof(struct optee_config, member)
#define OBJECT(key, need, text) { .name = key, .type = MMP_KEY_OBJECT, .required = need, .about = text }
#define NULLABLE(key, given, from, text) \
	{ .name = key, .type = MMP_KEY_OBJECT, .given_offset = AT(given), .nullable = true, \
	  .option = from, .about = text }
#define FLAG(member, on, from, text) \
	{ .name = #member, .type = MMP_KEY_FLAG, .offset = AT(member), .fallback = on, .max = 1, \
	  .option = from, .about = text }
#define COUNT(member, value, least, most, from, text) \
	{ .name = #member, .type = MMP_KEY_COUNT, .offset = AT(member), .fallback = value, \
	  .min = least, .max = most, .option = from, .about = text }
#define SIZE(member, need, value, from, text) \
	{ .name = #member, .type = MMP_KEY_SIZE, .offset = AT(member), .required = need, \
	  .fallback = value, .max = UINT64_MAX, .option = from, .about = text }
#define ADDRESS(member, need, from, text) \
	{ .name = #member, .type = MMP_KEY_ADDRESS, .offset = AT(member), .required = need, \
	  .max = UINT64_MAX, .option = from, .about = text }
/* The two keys of a range, both required if the object is present. */
#define RANGE_KEYS(member, first) \
	{ .name = #member "." first, .type = MMP_KEY_ADDRESS, .offset = AT(member.base), \
	  .required = true, .max = UINT64_MAX, .about = "where it begins" }, \
	{ .name = #member ".size", .type = MMP_KEY_SIZE, .offset = AT(member.size), \
	  .required = true, .max = UINT64_MAX, .about = "how long it is" }
#define RANGE(member, first, from, text) \
	NULLABLE(#member, member.given, from, text), RANGE_KEYS(member, first)

const struct mmp_config_key mmp_optee_keys[] = {
	{ "arch", MMP_KEY_CHOICE, AT(arch), 0, false, false, OPTEE_ARM64, 0, 0, "CFG_ARM64_core", "arm64 or arm32", arch_names },
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
	{ "aslr_seed", MMP_KEY_ADDRESS, AT(aslr_seed), 0, false, false, 0, 0, UINT64_MAX, NULL, "the seed that boot is given, 64 bits; 0: no ASLR", NULL },
	FLAG(unmap_core_at_el0, true, "CFG_CORE_UNMAP_CORE_AT_EL0", "a second base table for user mode"),
	FLAG(ns_virtualization, false, "CFG_NS_VIRTUALIZATION", "several normal-world guests"),
	{ "dyn_config", MMP_KEY_FLAG, AT(dyn_config), AT(dyn_config_given), false, false, false, 0, 1, "CFG_DYN_CONFIG", "tables and map come from boot memory; from 4.6 on unless pager", NULL },
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
	{ "trusted_dram", MMP_KEY_OBJECT, 0, AT(trusted_dram.given), false, true, 0, 0, 0, "TZDRAM_BASE, TZDRAM_SIZE", "secure DRAM", NULL },
	RANGE_KEYS(trusted_dram, "base"),
	RANGE(reserved_shm, "start", "CFG_CORE_RESERVED_SHM", "the reserved window of shared memory"),
	RANGE(sdp_test_mem, "base", "TEE_SDP_TEST_MEM_BASE, _SIZE", "the SDP test memory"),
	RANGE(ta_ram, "start", "TA_RAM_START, TA_RAM_SIZE", "memory of trusted applications (informative)"),
	OBJECT("tee_ram", true, "the core's own memory"),
	ADDRESS(tee_ram.start, true, "TEE_RAM_START", "where it begins"),
	SIZE(tee_ram.ph_size, true, 0, "TEE_RAM_PH_SIZE", "its physical size"),
	SIZE(tee_ram.va_size, true, 0, "TEE_RAM_VA_SIZE", "its virtual size"),
	{ "tee_ram.load_addr", MMP_KEY_ADDRESS, AT(tee_ram.load_addr), AT(tee_ram.load_addr_given), true, false, 0, 0, UINT64_MAX, "TEE_LOAD_ADDR", "where the image is loaded; null: tee_ram.start", NULL },
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
	{ "max_xlat_tables", MMP_KEY_COUNT, AT(max_xlat_tables), AT(max_xlat_tables_given), true, false, 0, 0, 1000000, "MAX_XLAT_TABLES", "the platform's own number of tables; null: the firmware's", NULL },
	{ "boot_mem_size", MMP_KEY_SIZE, AT(boot_mem_size), AT(boot_mem_size_given), true, false, 0, 0, UINT64_MAX, NULL, "bytes of boot memory, for the map and, with dyn_config, the tables; null: no limit", NULL },
	OBJECT("cpu", false, "what the CPU reports"),
	{ "cpu.parange", MMP_KEY_COUNT, AT(cpu.parange), 0, false, false, 5, 0, 6, "ID_AA64MMFR0_EL1.PARange", "physical address range, as encoded", NULL },
	{ "cpu.bti", MMP_KEY_FLAG, AT(cpu.bti), 0, false, false, false, 0, 1, "ID_AA64PFR1_EL1.BT", "branch target identification", NULL },
	{ "cpu.mte", MMP_KEY_FLAG, AT(cpu.mte), 0, false, false, false, 0, 1, "ID_AA64PFR1_EL1.MTE", "memory tagging", NULL },
	{ 0 },
};
/* clang-format on */

static uint64_t config_value(const struct optee_config *config,
			     const struct mmp_config_key *key)
{
	return mmp_config_get((const struct mmp_config *)(const void *)config, key);
}

/* The seed and the size of boot memory are not addresses of the target. */
static bool is_of_target(const struct mmp_config_key *key)
{
	return (key->type == MMP_KEY_ADDRESS || key->type == MMP_KEY_SIZE) &&
	       strcmp(key->name, "aslr_seed") != 0 &&
	       strcmp(key->name, "boot_mem_size") != 0;
}

int optee_config_check(const struct optee_config *config, struct mmp_error *err)
{
	bool narrow = config->arch == OPTEE_ARM32 && !config->large_phys_addr;

	if (config->boot_core_pos >= config->nb_core)
		return mmp_fail(err, MMP_INVALID,
				"config.boot_core_pos: %" PRIu64
				", but there are %" PRIu64 " cores, counted from 0",
				config->boot_core_pos, config->nb_core);
	for (const struct mmp_config_key *k = mmp_optee_keys; narrow && k->name; k++)
		if (is_of_target(k) && config_value(config, k) > UINT32_MAX)
			return mmp_fail(err, MMP_INVALID,
					"config.%s: 0x%" PRIx64
					" is over the 32 bits of arm32 without "
					"large_phys_addr",
					k->name, config_value(config, k));
	return 0;
}

struct mmp_widths optee_widths(const struct mmp_rules *rules,
			       const struct mmp_config *config)
{
	const struct optee_config *c = optee_config_of(config);
	bool arm64 = c->arch == OPTEE_ARM64;

	return (struct mmp_widths){
		.pa = arm64 || c->large_phys_addr ? UINT64_MAX : UINT32_MAX,
		.va = arm64 ? UINT64_MAX : UINT32_MAX,
		.size = arm64 ? UINT64_MAX : UINT32_MAX,
		.pgdir = arm64 || c->lpae ? 0x200000 : 0x100000,
	};
}

/*
 * SRAM if there is any, then DRAM. A relocatable core has one range, from its load
 * address.
 */
unsigned optee_secure(const struct mmp_rules *rules, const struct mmp_config *config,
		      struct mmp_range ranges[MMP_SECURE_RANGES_MAX])
{
	const struct optee_config *c = optee_config_of(config);
	bool relocatable = optee_release_of(rules)->load_checked && c->phys_relocatable;
	unsigned count = 0;

	if (c->trusted_sram.given && !relocatable)
		ranges[count++] = c->trusted_sram;
	ranges[count] = c->trusted_dram;
	if (relocatable && c->tee_ram.load_addr_given)
		ranges[count].base = c->tee_ram.load_addr;
	return count + 1;
}

static uint64_t add_bytes(uint64_t bytes, uint64_t more)
{
	return bytes + more < bytes ? UINT64_MAX : bytes + more;
}

/*
 * The sum of every size in a key, and of what no key has: the identity map, and the part
 * from the start of memory to the core's code.
 */
uint64_t optee_own_bytes(const struct mmp_rules *rules, const struct mmp_config *config)
{
	const struct optee_config *c = optee_config_of(config);
	const struct mmp_range *first =
		c->trusted_sram.given ? &c->trusted_sram : &c->trusted_dram;
	uint64_t bytes = c->layout.identity_map.end - c->layout.identity_map.start;

	if (c->layout.unpg_rx.size)
		bytes = add_bytes(bytes, c->layout.unpg_rx.base - first->base);
	for (const struct mmp_config_key *k = mmp_optee_keys; k->name; k++)
		if (k->type == MMP_KEY_SIZE)
			bytes = add_bytes(bytes, mmp_config_get(config, k));
	return bytes;
}

unsigned optee_va_bits(const struct mmp_rules *rules, const struct mmp_config *config)
{
	const struct optee_config *c = optee_config_of(config);

	return c->arch == OPTEE_ARM64 ? (unsigned)c->va_bits : 32;
}

void optee_set_seed(const struct mmp_rules *rules, struct mmp_config *config,
		    uint64_t seed)
{
	optee_edit(config)->aslr = true;
	optee_edit(config)->aslr_seed = seed;
}

/* The reserved window of shared memory moves with its registration. */
bool optee_follow(const struct mmp_rules *rules, struct mmp_config *config,
		  const struct mmp_registration *from, uint64_t to)
{
	struct mmp_range *window = &optee_edit(config)->reserved_shm;

	if (!window->given || window->base != from->addr || window->size != from->size)
		return false;
	window->base = to;
	return true;
}
