/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PLAIN_PLATFORM_H
#define PLAIN_PLATFORM_H

#include "model/platform.h"
#include "random_platform.h"

/*
 * Where the firmware has nested loops, the planners have something quicker. The tests have
 * the loops, as plain as they can be, and random platforms: both find the same.
 */
#define PAGE UINT64_C(0x1000)
#define CORE UINT64_C(0xe000000)
#define FROM UINT64_C(0x40000000)
enum { CASES = 400, MOST = 300 };

/* True once in n times. */
bool one_in(uint64_t n);

/* A sound platform without registrations; the caller frees it. */
struct mmp_platform *new_platform(const struct mmp_rules *rules);

void add(struct mmp_platform *platform, unsigned section, unsigned type, uint64_t addr,
	 uint64_t size);

/* Whole pages, near each other or not; seldom empty, seldom past the end. */
void add_random(struct mmp_platform *platform, unsigned section, unsigned type,
		uint64_t pages);

#endif
