/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_SWEEP_H
#define MMP_DOC_SWEEP_H

#include <jansson.h>

#include "study/sweep.h"

/*
 * The report of a sweep, a new reference: seeds, failures and fallbacks as intervals,
 * how often each candidate is used, and the highest number of tables needed, with a
 * seed.
 */
json_t *mmp_sweep_write(const struct mmp_sweep *sweep, const struct mmp_seeds *seeds,
			bool sampled);

#endif
