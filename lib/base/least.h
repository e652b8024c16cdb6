/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_LEAST_H
#define MMP_LEAST_H

#include <stdint.h>

/* The smaller of two numbers. */
static inline uint64_t mmp_least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The larger of two numbers. */
static inline uint64_t mmp_greatest(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#endif
