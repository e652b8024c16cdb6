/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_CONFIG_H
#define MMP_RULES_TFA_CONFIG_H

/*
 * The build options of a TF-A image that its translation tables depend on: the `config`
 * of a platform document with these rules. A new key is a member here and a row in
 * config.c.
 */

#include "model/platform.h"

enum tfa_arch { TFA_ARM64, TFA_ARM32, TFA_ARCH_COUNT };

/* The translation regime of the image. In AArch32, EL1 is PL1&0 and EL2 is Hyp. */
enum tfa_regime { TFA_EL1, TFA_EL2, TFA_EL3, TFA_REGIME_COUNT };

struct __attribute__((may_alias)) tfa_config {
	unsigned arch;               /* enum tfa_arch */
	unsigned regime;             /* enum tfa_regime */
	uint64_t va_space, pa_space; /* bytes */
	uint64_t max_xlat_tables;    /* without the base table */
	uint64_t max_mmap_regions;
	bool dynamic;                     /* PLAT_XLAT_TABLES_DYNAMIC */
	uint64_t base_table, xlat_tables; /* addresses */
	struct {
		uint64_t parange; /* ID_AA64MMFR0_EL1.PARange */
		bool bti, ttcnp, ttst, sel2;
	} cpu;
	bool rme, rmm;
	bool table_nc, disable_dcache; /* flags of enable_mmu */
	bool debug;                    /* ENABLE_ASSERTIONS */
};

/* The configuration of a platform with these rules. */
static inline const struct tfa_config *tfa_config_of(const struct mmp_config *config)
{
	return (const struct tfa_config *)(const void *)config->bytes;
}

/* The configuration of a platform with TF-A rules. */
static inline const struct tfa_config *tfa_config(const struct mmp_platform *platform)
{
	return tfa_config_of(&platform->config);
}

extern const struct mmp_config_key tfa_keys[];

/* Check what the library requires of a configuration beyond the rows of its keys. */
int tfa_config_check(const struct mmp_rules *rules, const struct mmp_config *config,
		     struct mmp_error *err);

/* log2 of the VA space, rounded up. */
unsigned tfa_va_bits(const struct tfa_config *config);

/* Level of the base table, and its entries. */
int tfa_base_level(const struct tfa_config *config);
uint32_t tfa_base_entries(const struct tfa_config *config);

#endif
