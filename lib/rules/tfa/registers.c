/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/registers.h"

#include "arch/registers.h"

/*
 * setup_mmu_cfg() of both architectures, and the bits of SCTLR that enable_mmu() sets.
 * Source: TF-A 2.15, lib/xlat_tables_v2/aarch64 and aarch32, xlat_tables_arch.c.
 */

/* clang-format off */
#define MAIR		UINT64_C(0x4400ff)	/* write-back, device-nGnRnE, non-cacheable */
#define CACHED_WALKS	UINT64_C(0x3500)	/* SH0, ORGN0, IRGN0 */
#define EAE		(UINT64_C(1) << 31)	/* TTBCR: long descriptors */
#define EPD1		(UINT64_C(1) << 23)
#define RES1		(UINT64_C(1) << 31 | UINT64_C(1) << 23)	/* TCR_EL2, TCR_EL3, HTCR */
#define CNP		UINT64_C(1)
#define SCTLR_M		(UINT64_C(1) << 0)
#define SCTLR_C		(UINT64_C(1) << 2)
#define SCTLR_WXN	(UINT64_C(1) << 19)
/* clang-format on */

enum { IPS_SHIFT = 32, PS_SHIFT = 16 };

/* tcr_physical_addr_size_bits(). */
static uint64_t size_bits(uint64_t last)
{
	uint64_t n = 0;

	last &= (UINT64_C(1) << 48) - 1;
	while (n < 5 && last >> mmp_pa_widths[n])
		n++;
	return n;
}

/*
 * 64 (32) minus the number of bits, which the firmware takes from the lowest bit that is
 * set.
 */
static uint64_t t0sz(const struct tfa_config *c)
{
	unsigned bits = c->va_space ? (unsigned)__builtin_ctzll(c->va_space) : 64;

	if (c->arch == TFA_ARM32)
		return bits < 32 ? 32 - bits : 0;
	return 64 - bits;
}

static uint64_t tcr(const struct tfa_context *context)
{
	const struct tfa_config *c = context->config;
	uint64_t walks = c->table_nc ? 0 : CACHED_WALKS, ps;

	if (c->arch == TFA_ARM32)
		return t0sz(c) |
		       (c->regime == TFA_EL2 ? RES1 | CACHED_WALKS : EAE | EPD1 | walks);
	ps = size_bits(c->dynamic ? c->pa_space - 1 : context->list.max_pa);
	return t0sz(c) | walks |
	       (c->regime == TFA_EL1 ? EPD1 | ps << IPS_SHIFT : RES1 | ps << PS_SHIFT);
}

struct tfa_registers tfa_registers_of(const struct tfa_context *context)
{
	const struct tfa_config *c = context->config;

	return (struct tfa_registers){
		.mair = MAIR,
		.tcr = tcr(context),
		.ttbr0 = context->tables.base_pa | (c->cpu.ttcnp ? CNP : 0),
		.sctlr_set = SCTLR_M | SCTLR_WXN | (c->disable_dcache ? 0 : SCTLR_C),
		.sctlr_clear = c->disable_dcache ? SCTLR_C : 0,
	};
}
