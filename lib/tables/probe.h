/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PROBE_H
#define MMP_PROBE_H

/*
 * The questions of a proof: addresses for the board's MMU to translate, with the answers
 * of our own walker. They are the first and last page of every mapped region, addresses
 * in every hole, and spread addresses, each for reading and writing by EL1, and in mapped
 * memory by EL0 too. The board also tries to execute instructions.
 */

#include "tables/layout.h"

#define MMP_SPREAD_PROBES 64

/*
 * Make the questions of a layout whose tables are in `memory`. The result is one block
 * for free(); NULL if memory runs out, or if there are more than MMP_PROBES_MAX.
 */
struct mmp_probe *mmp_probe_make(const struct mmp_layout *layout,
				 const struct mmp_memory *memory, size_t *ret_count);

/*
 * Make the instructions to be executed: in each region at EL1 and EL0, and, if that gives
 * another result, as the target of a branch and under WXN. At most MMP_TRIALS_MAX; one
 * block for free(), or NULL if memory runs out.
 */
struct mmp_trial *mmp_trial_make(const struct mmp_layout *layout,
				 const struct mmp_memory *memory, size_t *ret_count);

/* Output addresses from here on are address size faults; 0: none are. */
uint64_t mmp_probe_pa_limit(const struct mmp_layout *layout);

#endif
