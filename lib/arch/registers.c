/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/registers.h"

const uint8_t mmp_pa_widths[MMP_PA_SIZES] = { 32, 36, 40, 42, 44, 48, 52, 56 };

/* PRRR.TR */
enum { STRONGLY_ORDERED, DEVICE, NORMAL };

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

uint64_t mmp_mair(const uint8_t *bytes, unsigned count)
{
	uint64_t mair = 0;

	for (unsigned n = 0; n < count; n++)
		mair |= (uint64_t)bytes[n] << (8 * n);
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

static unsigned mair_type(uint8_t byte)
{
	if (byte >> 4)
		return NORMAL;
	return byte ? DEVICE : STRONGLY_ORDERED;
}

uint32_t mmp_prrr(const uint8_t *bytes, unsigned count, bool shared)
{
	uint32_t prrr = PRRR_DS1 | PRRR_NS1;

	for (unsigned n = 0; n < count; n++) {
		prrr |= (uint32_t)mair_type(bytes[n]) << (2 * n);
		if (shared && mair_type(bytes[n]) == NORMAL)
			prrr |= UINT32_C(1) << (PRRR_NOS_SHIFT + n);
	}
	return prrr;
}

/* Normal memory: 1 write-back with write allocate (SMP), 3 without. */
uint32_t mmp_nmrr(const uint8_t *bytes, unsigned count, bool shared)
{
	uint32_t nmrr = 0, policy = shared ? 1 : 3;

	for (unsigned n = 0; n < count; n++)
		if (mair_type(bytes[n]) == NORMAL)
			nmrr |= policy << (2 * n) | policy << (NMRR_OUTER_SHIFT + 2 * n);
	return nmrr;
}

/* TTBR: S, NOS, inner and outer write-back with (SMP) or without write allocate. */
uint32_t mmp_ttbr_short_attributes(bool shared)
{
	return shared ? 0x6a : 0x59;
}
