/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_BUDGET_H
#define MMP_DOC_BUDGET_H

#include "doc/layout.h"
#include "study/budget.h"

/*
 * A budget as JSON. `enough` is false if the firmware finds too few tables or map
 * entries at boot, or too few tables for the shared memory, where `shm_counts` (it was
 * asked for). Detail map leaves the list of tables out.
 */
json_t *mmp_budget_write(const struct mmp_budget *budget, bool shm_counts,
			 enum mmp_detail detail);

#endif
