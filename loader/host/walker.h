/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_WALKER_H
#define LOADER_WALKER_H

/*
 * The results of AT S1E1R, S1E1W, S1E0R and S1E0W on a Cortex-A57 in the secure state, in
 * software: stage 1 of EL1&0, 4 KiB granule, levels 0 to 3, no extensions after Armv8.0.
 * It replaces the hardware in the simulated board. It shares no code with mmp's table
 * builder or its walker, so that it can find their mistakes.
 *
 * Source: Arm ARM, DDI 0487, chapter D8 "The AArch64 Virtual Memory System Architecture".
 */

#include <stdbool.h>
#include <stdint.h>

#include "wire/message.h"

struct walker {
	uint64_t mair, tcr, ttbr0;
	unsigned int pa_bits; /* implemented by the processor: 32 .. 48 */

	/* Read 8 bytes of secure physical memory; false if nothing answers. */
	bool (*read)(void *context, uint64_t pa, uint64_t *ret_word);
	void *context;
};

/* The value of PAR_EL1 after the instruction. */
uint64_t walker_translate(const struct walker *walker, uint64_t va,
			  enum wire_access access);

#endif
