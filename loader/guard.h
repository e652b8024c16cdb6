/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_GUARD_H
#define LOADER_GUARD_H

/* Shared by guard.c and tables.c: where the walker of a regime begins. */

#include "loader/core.h"

enum { GUARD_PAGE = 4096, GUARD_LAST_LEVEL = 3 };

/*
 * A base table: its address, size, level, and the bits of its address that must be
 * zero.
 */
struct guard_base {
	uint64_t pa, low_bits;
	uint32_t bytes;
	unsigned int level;
};

struct guard_bases {
	unsigned int count;
	struct guard_base base[2];
};

/* Get the base tables of a known regime. WIRE_TCR_UNKNOWN: *ret_bases is not set. */
enum wire_status guard_bases_of(const struct wire_begin *begin,
				struct guard_bases *ret_bases);

/* Whether the range is inside the span. */
bool guard_inside(uint64_t base, uint64_t size, const struct wire_span *span);

#endif
