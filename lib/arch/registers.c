/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/registers.h"

#include "model/attr.h"

/* clang-format off */
static const uint8_t mair_bytes[MMP_KIND_COUNT] = {
	[MMP_KIND_DEVICE_NGNRE]  = 0x04,
	[MMP_KIND_NORMAL]        = 0xff,
	[MMP_KIND_DEVICE_NGNRNE] = 0x00,
	[MMP_KIND_TAGGED]        = 0xff, /* 0xf0 where the CPU has tags */
};

/* PRRR.TR: 0 strongly ordered, 1 device, 2 normal */
static const uint8_t prrr_types[MMP_KIND_COUNT] = {
	[MMP_KIND_DEVICE_NGNRE]  = 1,
	[MMP_KIND_NORMAL]        = 2,
	[MMP_KIND_DEVICE_NGNRNE] = 0,
	[MMP_KIND_TAGGED]        = 2,
};
/* clang-format on */

enum { NORMAL = 2, MAIR_TAGGED = 0xf0 };

#define TCR_EPD1      (UINT64_C(1) << 23)
#define TCR_SH0_INNER (UINT64_C(3) << 12)
#define TCR_ORGN0_WB  (UINT64_C(3) << 10)
#define TCR_IRGN0_WB  (UINT64_C(3) << 8)
#define TCR_RES1      (UINT64_C(1) << 31) /* TTBCR.EAE in AArch32 */
#define TCR_IPS_SHIFT 32

#define PRRR_DS1         (UINT32_C(1) << 17)
#define PRRR_NS1         (UINT32_C(1) << 19)
#define PRRR_NOS_SHIFT   24
#define NMRR_OUTER_SHIFT 16

uint64_t mmp_mair(const struct mmp_encoding *encoding)
{
	uint64_t mair = 0;

	for (unsigned kind = 0; kind < encoding->kinds; kind++) {
		uint64_t byte = mair_bytes[kind];

		if (kind == MMP_KIND_TAGGED && encoding->cpu_tags)
			byte = MAIR_TAGGED;
		mair |= byte << (8 * kind);
	}
	return mair;
}

uint64_t mmp_tcr_el1(unsigned va_bits, unsigned ps)
{
	return TCR_RES1 | TCR_EPD1 | TCR_SH0_INNER | TCR_ORGN0_WB | TCR_IRGN0_WB |
	       (64 - va_bits) | (uint64_t)ps << TCR_IPS_SHIFT;
}

uint32_t mmp_ttbcr_long(void)
{
	return (uint32_t)(TCR_RES1 | TCR_EPD1 | TCR_SH0_INNER | TCR_ORGN0_WB |
			  TCR_IRGN0_WB);
}

uint32_t mmp_prrr(const struct mmp_encoding *encoding)
{
	uint32_t prrr = PRRR_DS1 | PRRR_NS1;

	for (unsigned kind = 0; kind < encoding->kinds; kind++) {
		prrr |= (uint32_t)prrr_types[kind] << (2 * kind);
		if (encoding->shared && prrr_types[kind] == NORMAL)
			prrr |= UINT32_C(1) << (PRRR_NOS_SHIFT + kind);
	}
	return prrr;
}

/* Normal memory: 1 write-back with write allocate (SMP), 3 without. */
uint32_t mmp_nmrr(const struct mmp_encoding *encoding)
{
	uint32_t nmrr = 0, policy = encoding->shared ? 1 : 3;

	for (unsigned kind = 0; kind < encoding->kinds; kind++)
		if (prrr_types[kind] == NORMAL)
			nmrr |= policy << (2 * kind) |
				policy << (NMRR_OUTER_SHIFT + 2 * kind);
	return nmrr;
}

/* TTBR: S, NOS, inner and outer write-back with (SMP) or without write allocate. */
uint32_t mmp_ttbr_short_attributes(const struct mmp_encoding *encoding)
{
	return encoding->shared ? 0x6a : 0x59;
}
