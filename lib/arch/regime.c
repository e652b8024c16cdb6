/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/regime.h"

#include <string.h>

#include "arch/lpae.h"
#include "arch/registers.h"
#include "arch/short_desc.h"

const struct mmp_regime mmp_regime_el1 = {
	.name = "el1",
	.about = "EL1&0, AArch64: TTBR0_EL1",
	.format = &mmp_format_lpae,
	.aarch64 = true,
	.has_user = true,
	.pushable = true,
	.tcr = mmp_tcr_el1,
	.base_register = "ttbr0_el1",
	.base_form = MMP_REGISTER_64,
	.names = {
		[MMP_REGISTER_MAIR] = "mair_el1",
		[MMP_REGISTER_TCR] = "tcr_el1",
		[MMP_REGISTER_BASE] = "ttbr0_el1",
	},
};

const struct mmp_regime mmp_regime_pl1_long = {
	.name = "pl1-long",
	.about = "PL1&0, AArch32, long descriptors: TTBR0",
	.format = &mmp_format_lpae,
	.has_user = true,
	.pushable = true,
	.base_register = "ttbr0",
	.base_form = MMP_REGISTER_32,
	.names = {
		[MMP_REGISTER_MAIR] = "mair0",
		[MMP_REGISTER_TCR] = "ttbcr",
		[MMP_REGISTER_BASE] = "ttbr0",
	},
};

const struct mmp_regime mmp_regime_pl1_short = {
	.name = "pl1-short",
	.about = "PL1&0, AArch32, short descriptors: TTBR0",
	.format = &mmp_format_short,
	.has_user = true,
	.pushable = true,
	.base_register = "ttbr0",
	.base_form = MMP_REGISTER_32,
	.names = {
		[MMP_REGISTER_TCR] = "ttbcr",
		[MMP_REGISTER_BASE] = "ttbr0",
		[MMP_REGISTER_BASE_UPPER] = "ttbr1",
	},
};

/* Without user mode AP[1] is set, and the single bit XN controls execution. */
const struct mmp_regime mmp_regime_el2 = {
	.name = "el2",
	.about = "EL2, AArch64: TTBR0_EL2",
	.format = &mmp_format_lpae_el2,
	.aarch64 = true,
	.base_register = "ttbr0",
	.base_form = MMP_REGISTER_64,
	.names = {
		[MMP_REGISTER_MAIR] = "mair_el2",
		[MMP_REGISTER_TCR] = "tcr_el2",
		[MMP_REGISTER_BASE] = "ttbr0_el2",
	},
};

const struct mmp_regime mmp_regime_el3 = {
	.name = "el3",
	.about = "EL3, AArch64: TTBR0_EL3",
	.format = &mmp_format_lpae_el3,
	.aarch64 = true,
	.base_register = "ttbr0",
	.base_form = MMP_REGISTER_64,
	.names = {
		[MMP_REGISTER_MAIR] = "mair_el3",
		[MMP_REGISTER_TCR] = "tcr_el3",
		[MMP_REGISTER_BASE] = "ttbr0_el3",
	},
};

const struct mmp_regime mmp_regime_hyp = {
	.name = "hyp",
	.about = "Hyp mode, AArch32: HTTBR",
	.format = &mmp_format_lpae_el2,
	.base_register = "ttbr0",
	.base_form = MMP_REGISTER_32,
	.names = {
		[MMP_REGISTER_MAIR] = "hmair0",
		[MMP_REGISTER_TCR] = "htcr",
		[MMP_REGISTER_BASE] = "httbr",
	},
};

const struct mmp_regime *const mmp_regimes[] = {
	&mmp_regime_el1,
	&mmp_regime_pl1_long,
	&mmp_regime_pl1_short,
	&mmp_regime_el2,
	&mmp_regime_el3,
	&mmp_regime_hyp,
	NULL,
};
