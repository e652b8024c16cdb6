/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_REGISTERS_H
#define MMP_REGISTERS_H

/*
 * System registers that go with the tables, as values to write.
 * Source: Arm ARM, DDI 0487 issue K.a, D17.2 (MAIR_EL1, TCR_EL1, TTBR0_EL1) and G8.2
 * (MAIR0, NMRR, PRRR, TTBCR, DACR).
 */

#include "model/encoding.h"
#include <stdint.h>

/* Byte n is the memory of kind n (model/attr.h). */
uint64_t mmp_mair(const struct mmp_encoding *encoding);

/* TTBR0 only, inner shareable, write-back; va_bits wide; ps is TCR_EL1.IPS. */
uint64_t mmp_tcr_el1(unsigned va_bits, unsigned ps);

/* AArch32, long descriptors: the same for TTBCR. */
uint32_t mmp_ttbcr_long(void);

/* AArch32, short descriptors. */
uint32_t mmp_prrr(const struct mmp_encoding *encoding);
uint32_t mmp_nmrr(const struct mmp_encoding *encoding);
uint32_t mmp_ttbr_short_attributes(const struct mmp_encoding *encoding);

#define MMP_TTBCR_SHORT 7u          /* N = 7: TTBR0 has the low 32 MiB */
#define MMP_DACR_SHORT  5u          /* domains 0 and 1: client */
#define MMP_SCTLR_SHORT 0x30000000u /* AFE and TRE */

#endif
