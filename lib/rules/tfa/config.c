/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/config.h"

#include <assert.h>
#include <inttypes.h>

#include "base/page.h"

static_assert(sizeof(struct tfa_config) <= MMP_CONFIG_BYTES_MAX, "it fits into a config");

#define BYTES_4G  (UINT64_C(1) << 32)
#define BYTES_48  (UINT64_C(1) << 48)
#define SPACE_MAX (UINT64_C(1) << 52)

static const char *const arch_names[TFA_ARCH_COUNT + 1] = {
	[TFA_ARM64] = "arm64",
	[TFA_ARM32] = "arm32",
};

static const char *const regime_names[TFA_REGIME_COUNT + 1] = {
	[TFA_EL1] = "el1",
	[TFA_EL2] = "el2",
	[TFA_EL3] = "el3",
};

/* clang-format off */
#define AT(member) offsetof(struct tfa_config, member)
#define CHOICE(member, first, words, from, text) \
	{ .name = #member, .type = MMP_KEY_CHOICE, .offset = AT(member), .fallback = first, \
	  .option = from, .about = text, .choices = words }
#define FLAG(member, on, from, text) \
	{ .name = #member, .type = MMP_KEY_FLAG, .offset = AT(member), .fallback = on, .max = 1, \
	  .option = from, .about = text }
#define NUMBER(member, value, least, most, from, text) \
	{ .name = #member, .type = MMP_KEY_COUNT, .offset = AT(member), .fallback = value, \
	  .min = least, .max = most, .option = from, .about = text }
#define BYTES(member, value, from, text) \
	{ .name = #member, .type = MMP_KEY_SIZE, .offset = AT(member), .fallback = value, \
	  .max = UINT64_MAX, .option = from, .about = text }
#define ADDRESS(member, value, from, text) \
	{ .name = #member, .type = MMP_KEY_ADDRESS, .offset = AT(member), .fallback = value, \
	  .max = UINT64_MAX, .option = from, .about = text }

const struct mmp_config_key tfa_keys[] = {
	CHOICE(arch, TFA_ARM64, arch_names, "ARCH", "arm64 (aarch64) or arm32 (aarch32, long descriptors)"),
	CHOICE(regime, TFA_EL3, regime_names, NULL, "el3 (BL1, BL31), el1 (BL2; in arm32 BL1, BL2 and SP_MIN) or el2 (in arm32: Hyp)"),
	BYTES(va_space, BYTES_4G, "PLAT_VIRT_ADDR_SPACE_SIZE", "size of the virtual address space in bytes"),
	BYTES(pa_space, BYTES_4G, "PLAT_PHY_ADDR_SPACE_SIZE", "size of the physical address space in bytes"),
	NUMBER(max_xlat_tables, 8, 0, 65536, "MAX_XLAT_TABLES", "tables besides the base table"),
	NUMBER(max_mmap_regions, 16, 0, 1000000, "MAX_MMAP_REGIONS", "regions that the list has room for"),
	FLAG(dynamic, false, "PLAT_XLAT_TABLES_DYNAMIC", "the image can add and remove regions at run time"),
	ADDRESS(base_table, 0xe0c0040, NULL, "address of tf_base_xlat_table"),
	ADDRESS(xlat_tables, 0xe0c1000, NULL, "address of tf_xlat_tables"),
	{ .name = "cpu", .type = MMP_KEY_OBJECT, .about = "what the CPU reports" },
	NUMBER(cpu.parange, 5, 0, 7, "ID_AA64MMFR0_EL1.PARange", "physical address range, as encoded"),
	FLAG(cpu.bti, false, "ENABLE_BTI", "branch target identification, built in and supported by the CPU"),
	FLAG(cpu.ttcnp, false, "FEAT_TTCNP", "TTBR0 has the bit CnP"),
	FLAG(cpu.ttst, false, "FEAT_TTST", "small translation tables"),
	FLAG(cpu.sel2, true, "FEAT_SEL2", "secure EL2; only counts with rme"),
	FLAG(rme, false, "ENABLE_FEAT_RME", "realm management extension, built in and supported by the CPU"),
	FLAG(rmm, false, "ENABLE_RMM", "the image runs a realm management monitor"),
	FLAG(disable_dcache, false, "DISABLE_DCACHE", "flag of enable_mmu: the data cache stays off"),
	FLAG(table_nc, false, "XLAT_TABLE_NC", "flag of enable_mmu: tables are read without caches"),
	FLAG(debug, true, "ENABLE_ASSERTIONS", "assertions stop the firmware; false: a release build goes on"),
	{ 0 },
};
/* clang-format on */

unsigned tfa_va_bits(const struct tfa_config *c)
{
	unsigned bits = 0;

	while (bits < 64 && (c->va_space - 1) >> bits)
		bits++;
	return bits;
}

int tfa_base_level(const struct tfa_config *c)
{
	uint64_t last = c->va_space - 1;

	if (c->arch == TFA_ARM32)
		return last >> 30 ? 1 : 2;
	return last >> 39 ? 0 : last >> 30 ? 1 : last >> 21 ? 2 : 3;
}

uint32_t tfa_base_entries(const struct tfa_config *c)
{
	return (uint32_t)(c->va_space >> (39 - 9 * (unsigned)tfa_base_level(c)));
}

static int check_address(const char *key, uint64_t at, uint64_t alignment, uint64_t size,
			 struct mmp_error *err)
{
	if (at & (alignment - 1))
		return mmp_fail(err, MMP_INVALID,
				"config.%s: 0x%" PRIx64
				" is not a multiple of 0x%" PRIx64,
				key, at, alignment);
	if (at > BYTES_48 - size)
		return mmp_fail(err, MMP_INVALID,
				"config.%s: 0x%" PRIx64 " with 0x%" PRIx64
				" bytes of tables ends beyond 2^48",
				key, at, size);
	return 0;
}

int tfa_config_check(const struct mmp_rules *rules, const struct mmp_config *config,
		     struct mmp_error *err)
{
	const struct tfa_config *c = tfa_config_of(config);

	(void)rules;
	if (c->va_space < MMP_PAGE || c->va_space > SPACE_MAX)
		return mmp_fail(err, MMP_INVALID,
				"config.va_space: 0x%" PRIx64 " is not in 0x%" PRIx64
				" .. 0x%" PRIx64,
				c->va_space, MMP_PAGE, SPACE_MAX);
	if (c->arch == TFA_ARM32 && c->va_space > BYTES_4G)
		return mmp_fail(err, MMP_INVALID,
				"config.va_space: 0x%" PRIx64
				" is more than the 2^32 bytes of arm32",
				c->va_space);
	if (c->arch == TFA_ARM32 && c->regime == TFA_EL3)
		return mmp_fail(err, MMP_INVALID,
				"config.regime: el3 does not exist in arm32; its images "
				"use el1");
	if (!c->pa_space || c->pa_space & (c->pa_space - 1))
		return mmp_fail(err, MMP_INVALID,
				"config.pa_space: 0x%" PRIx64
				" is not a power of two, which the build of the firmware "
				"demands",
				c->pa_space);
	if (check_address("base_table", c->base_table, 8, tfa_base_entries(c) * 8, err) ||
	    check_address("xlat_tables", c->xlat_tables, MMP_PAGE,
			  c->max_xlat_tables * MMP_PAGE, err))
		return -1;
	return 0;
}
