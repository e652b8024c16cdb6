/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_MMU_H
#define LOADER_MMU_H

/*
 * The AArch64 part of the loader: our own map at EL3, and the translation regime of the
 * secure EL1, which we set up and query but never run in.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/message.h"

/* Both kinds of RAM are mapped alike; pushes may write the window only. */
enum mmu_use { MMU_CODE, MMU_OWN, MMU_WINDOW, MMU_DEVICE };

/*
 * A part of the first 4 GiB that the loader itself uses, in units of 4 KiB. At most
 * four blocks of 2 MiB may be used in part. If a later range covers whole blocks, it
 * replaces an earlier range there.
 */
struct mmu_range {
	uint64_t base, size;
	enum mmu_use use;
};

/*
 * Map each range to itself; the list ends with a range of size 0. Then turn on EL3's MMU
 * and caches: compiled code relies on unaligned accesses, which only Normal memory allows.
 */
void mmu_own_map(const struct mmu_range *ranges);

/* Clean and invalidate every cache line of the range, to the point of coherency. */
void mmu_clean(uint64_t pa, size_t length);

/*
 * Try an instruction at this address in EL1 or EL0, which translates to `pa`: RAM that
 * may be overwritten and is restored. Only for an AArch64 regime.
 */
struct wire_trial_result mmu_execute(const struct wire_trial *trial, uint64_t pa);

/* Restore what a trial has overwritten that did not return, for example a watchdog's. */
void mmu_end_trial(void);

/* ID_AA64PFR1_EL1.BT: whether a guarded page refuses branches. */
bool mmu_has_bti(void);

/*
 * Turn off EL1's MMU, as its tables may be about to change; copy; and clean the copy to
 * the point of coherency, where every walker sees it.
 */
void mmu_install(uint64_t pa, const uint8_t *bytes, size_t length);

/*
 * Write the registers of the regime to EL1, invalidate old translations, and turn on
 * EL1's MMU. For a 32-bit regime EL1 becomes AArch32 (SCR_EL3.RW = 0).
 */
void mmu_activate(const struct wire_begin *begin);

/* RNDR if the processor has it, otherwise 0. */
uint64_t mmu_random(void);

/* ID_AA64PFR0_EL1.EL1: whether EL1 can be AArch32. */
bool mmu_has_aarch32(void);

/*
 * Run AT S1E1R, S1E1W, S1E0R or S1E0W; returns PAR_EL1. An external abort during the
 * walk is reported in it as a fault.
 */
uint64_t mmu_translate(uint64_t va, enum wire_access access);

#endif
