/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_REGISTERS_H
#define MMP_RULES_TFA_REGISTERS_H

#include "rules/tfa/context.h"

/* What enable_mmu() writes. */
struct tfa_registers {
	uint64_t mair, tcr, ttbr0;       /* of the regime; AArch32: MAIR0, TTBCR */
	uint64_t sctlr_set, sctlr_clear; /* bits */
};

/* The registers for the tables of a context that has run. */
struct tfa_registers tfa_registers_of(const struct tfa_context *context);

#endif
