/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OPTEE_BOARD_H
#define OPTEE_BOARD_H

/* For tests of what a release of OP-TEE does: a platform, and the layout made of it. */

#include "tables/layout.h"

extern struct optee_board {
	struct mmp_platform *platform;
	struct mmp_layout layout;
	struct mmp_error err;
} board;

/* Set up a new platform; `begin_3_4` fills in a core of 2 MiB at BOARD_DRAM. */
#define BOARD_DRAM UINT64_C(0xe000000)
void begin_with(const struct mmp_rules *rules);
int begin_3_4(void **state);
int end(void **state);

/* Register something; `map` in the section phys_mem_map. */
void add(unsigned section, unsigned type, uint64_t addr, uint64_t size);
void map(unsigned type, uint64_t addr, uint64_t size);

/* Make the layout, which must succeed, or must stop with that id. */
void computes(void);
const struct mmp_stop *stops(const char *id);

/* The first region of a type, which must exist. */
const struct mmp_region *region_of(unsigned type);

#endif
