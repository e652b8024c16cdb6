/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RANDOM_PLATFORM_H
#define RANDOM_PLATFORM_H

#include "model/platform.h"

#define DEFAULT_SEED  UINT64_C(0x6d6d70)
#define DEFAULT_CASES 2000u

/* Make what follows depend on the seed and the number of the case only. */
void random_begin(uint64_t seed, uint64_t n);

/* A random number, 0 to end - 1. */
uint64_t random_below(uint64_t end);

/* A platform, sound or broken; the caller frees it with mmp_platform_free(). */
struct mmp_platform *random_platform(const struct mmp_rules *rules);

#endif
