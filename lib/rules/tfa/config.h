/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_CONFIG_H
#define MMP_RULES_TFA_CONFIG_H

/*
 * What a TF-A image was built with, as far as its translation tables depend on it: the
 * `config` of a platform document with these rules. `key table`: config.c.
 */

#include <stdbool.h>
#include <stdint.h>

enum tfa_arch { TFA_ARM64, TFA_ARM32, TFA_ARCH_COUNT };

/* The translation regime of the image. In AArch32, EL1 is PL1&0 and EL2 is Hyp. */
enum tfa_regime { TFA_EL1, TFA_EL2, TFA_EL3, TFA_REGIME_COUNT };

extern const char *const tfa_arch_names[];   /* "arm64", "arm32"; ends with NULL */
extern const char *const tfa_regime_names[]; /* "el1", "el2", "el3"; likewise */

struct tfa_config {
	uint64_t arch;               /* enum tfa_arch */
	uint64_t regime;             /* enum tfa_regime */
	uint64_t va_space, pa_space; /* bytes; 0 stands for 2^64 */
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

#endif
