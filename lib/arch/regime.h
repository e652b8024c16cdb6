/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_REGIME_H
#define MMP_REGIME_H

/*
 * A translation regime: whose addresses the tables translate, in which format, and the
 * registers that go with them. A new regime is one of these and a row in mmp_regimes[].
 */

#include "arch/format.h"
#include "model/registers.h"

struct mmp_regime {
	const char *name;  /* "el1" */
	const char *about; /* one line */
	const struct mmp_format *format;
	bool aarch64;  /* else 32-bit virtual addresses and registers */
	bool has_user; /* its tables serve user mode too */
	bool pushable; /* the loader can put such tables in place and prove them */
	/* The register that holds the address of the first base table, as manifests name it. */
	const char *base_register;
	enum mmp_register_form base_form;
	/*
	 * The Arm ARM's names of its registers in lower case, by enum mmp_register_role.
	 * A base register with a name is set to a base table before the MMU is turned on.
	 */
	const char *names[MMP_REGISTER_ROLE_COUNT];
	/* The value of TCR: bits of virtual address, and its field for the physical size;
	 * NULL if nothing of it depends on them. */
	uint64_t (*tcr)(unsigned va_bits, unsigned ps);
};

extern const struct mmp_regime mmp_regime_el1;      /* EL1&0, AArch64 */
extern const struct mmp_regime mmp_regime_pl1_long; /* PL1&0, AArch32, long descriptors */
extern const struct mmp_regime
	mmp_regime_pl1_short; /* PL1&0, AArch32, short descriptors */

extern const struct mmp_regime mmp_regime_el2; /* EL2, AArch64 */
extern const struct mmp_regime mmp_regime_el3; /* EL3, AArch64 */
extern const struct mmp_regime mmp_regime_hyp; /* Hyp, AArch32 */

extern const struct mmp_regime *const mmp_regimes[]; /* ends with NULL */

#endif
