/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_REGISTERS_H
#define MMP_REGISTERS_H

/*
 * System registers of EL1&0 and PL1&0, made field by field from a rule set's numbers.
 * Source: Arm ARM, DDI 0487 issue K.a, D17.2 (MAIR_EL1, TCR_EL1, TTBR0_EL1) and G8.2
 * (MAIR0, NMRR, PRRR, TTBCR, DACR).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* MAIR: byte n is the memory type of leaves with number n. */
uint64_t mmp_mair(const uint8_t *bytes, unsigned count);

/*
 * TCR_EL1 for TTBR0 only, inner shareable, write-back; va_bits is the width of virtual
 * addresses, ps is IPS.
 */
uint64_t mmp_tcr_el1(unsigned va_bits, unsigned ps);

/* TTBCR for the same with long descriptors in AArch32. */
uint32_t mmp_ttbcr_long(void);

/*
 * PRRR and NMRR for short descriptors in AArch32, from the MAIR bytes of the memory
 * types. `shared`: normal memory is shareable, and write-back with write allocate; else
 * without.
 */
uint32_t mmp_prrr(const uint8_t *bytes, unsigned count, bool shared);
uint32_t mmp_nmrr(const uint8_t *bytes, unsigned count, bool shared);
uint32_t mmp_ttbr_short_attributes(bool shared);

/* The widths of physical address in bits, by the number in TCR_EL1.IPS and PARange. */
#define MMP_PA_SIZES 8
extern const uint8_t mmp_pa_widths[MMP_PA_SIZES];

#define MMP_TTBCR_SHORT 7u          /* N = 7: TTBR0 maps the low 32 MiB */
#define MMP_DACR_SHORT  5u          /* domains 0 and 1: client */
#define MMP_SCTLR_SHORT 0x30000000u /* AFE and TRE */

#endif
