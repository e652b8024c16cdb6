/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_GUARD_H
#define LOADER_GUARD_H

/* What guard.c and tables.c share: where the walker of a regime begins. */

#include "loader/core.h"

enum { GUARD_PAGE = 4096, GUARD_LAST_LEVEL = 3 };

/* A base table: its address, size, level, and the bits of its address that are zero. */
struct guard_base {
	uint64_t pa, low_bits;
	uint32_t bytes;
	unsigned int level;
};

struct guard_bases {
	unsigned int count;
	struct guard_base base[2];
};

/* Of a regime that is known. WIRE_TCR_UNKNOWN: there is nothing in *ret_bases. */
enum wire_status guard_bases_of(const struct wire_begin *begin,
				struct guard_bases *ret_bases);

bool guard_inside(uint64_t base, uint64_t size, const struct wire_span *span);

#endif
