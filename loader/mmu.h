/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_MMU_H
#define LOADER_MMU_H

/*
 * The AArch64 part of the loader: our own map at EL3, and the translation regime of the
 * secure EL1, which we fill and ask but never run in.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/message.h"

enum mmu_memory { MMU_CODE, MMU_RAM, MMU_DEVICE };

/*
 * A part of the first 4 GiB that the loader itself uses, in units of 4 KiB. At most four
 * blocks of 2 MiB may be used in part. A later range of whole blocks takes them from an
 * earlier one.
 */
struct mmu_range {
	uint64_t base, size;
	enum mmu_memory memory;
};

/*
 * Map the ranges to themselves and switch EL3's MMU and caches on. Compiled code takes
 * unaligned accesses for granted, which only Normal memory allows.
 */
void mmu_own_map(const struct mmu_range *ranges, size_t count);

/* Clean and forget every cache line of the range, to the point of coherency. */
void mmu_clean(uint64_t pa, size_t length);

/*
 * Try an instruction at this address of EL1 or EL0, which translates to `pa`: RAM that
 * may be overwritten, and is restored. Of an AArch64 regime only.
 */
struct wire_trial_result mmu_execute(const struct wire_trial *trial, uint64_t pa);

/* ID_AA64PFR1_EL1.BT: does a guarded page refuse branches? */
bool mmu_has_bti(void);

/*
 * Switch EL1's MMU off, as what it walks may be about to change; copy; and clean the
 * copy to the point of coherency, where every walker looks.
 */
void mmu_install(uint64_t pa, const uint8_t *bytes, size_t length);

/*
 * The registers of the regime into EL1, old translations forgotten, and EL1's MMU on. For
 * a 32-bit regime EL1 becomes AArch32 (SCR_EL3.RW = 0).
 */
void mmu_activate(const struct wire_begin *begin);

/* RNDR where the processor has it, else 0. */
uint64_t mmu_random(void);

/* ID_AA64PFR0_EL1.EL1: can EL1 be AArch32? */
bool mmu_has_aarch32(void);

/* AT S1E1R, S1E1W, S1E0R or S1E0W: PAR_EL1. A walk that meets an external abort is a fault in it. */
uint64_t mmu_translate(uint64_t va, enum wire_access access);

#endif
