/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PROBE_H
#define MMP_PROBE_H

/*
 * The questions of a proof: addresses that a board's MMU is asked to translate, with
 * what our walker says of each. First and last page of every mapped region, an
 * address in every hole, and spread ones, each for reading and for writing, by EL1, and
 * where something is mapped by EL0 too. And instructions that the board tries to run.
 */

#include "tables/layout.h"

#define MMP_SPREAD_PROBES 64

/*
 * Make the questions of a layout whose tables are in `memory`. The result is one block
 * for free(); NULL if memory ran out or there are more than MMP_PROBES_MAX.
 */
struct mmp_probe *mmp_probe_make(const struct mmp_layout *layout,
				 const struct mmp_memory *memory, size_t *ret_count);

/*
 * The instructions to be tried: in each region for EL1 and EL0, and where it tells
 * something, as a branch's target and under WXN. At most MMP_TRIALS_MAX; one block for
 * free(), or NULL if memory ran out.
 */
struct mmp_trial *mmp_trial_make(const struct mmp_layout *layout,
				 const struct mmp_memory *memory, size_t *ret_count);

/* Output addresses from here on are address size faults; 0: of none. */
uint64_t mmp_probe_pa_limit(const struct mmp_layout *layout);

#endif
