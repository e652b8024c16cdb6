/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PROBE_H
#define MMP_PROBE_H

/*
 * The questions of a proof: addresses that a board's MMU is asked to translate, with
 * what our walker says of each. First and last page of every mapped region, an
 * address in every hole, and spread ones, each for reading and for writing.
 */

#include "tables/layout.h"

#define MMP_SPREAD_PROBES 64

/*
 * Make the questions of a layout whose tables are in `memory`. The result is one block
 * for free(); NULL where memory ran out or there are more than MMP_PROBES_MAX.
 */
struct mmp_probe *mmp_probe_make(const struct mmp_layout *layout,
				 const struct mmp_memory *memory, size_t *ret_count);

#endif
