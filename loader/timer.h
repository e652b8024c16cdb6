/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_TIMER_H
#define LOADER_TIMER_H

/*
 * The core's own counter, so that every wait has an end. Source: Arm ARM, DDI 0487,
 * chapter D11 "The Generic Timer in AArch64 state".
 */

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t timer_now(void)
{
	uint64_t now;

	__asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(now) : : "memory");
	return now;
}

/*
 * Convert a time to ticks. If nobody has set the counter's frequency, assume that of
 * QEMU.
 */
static inline uint64_t timer_ticks(uint64_t ms)
{
	uint64_t hz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return (hz ? hz : 62500000) * ms / 1000;
}

static inline bool timer_over(uint64_t since, uint64_t ticks)
{
	return timer_now() - since >= ticks;
}

#endif
