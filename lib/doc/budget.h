/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_BUDGET_H
#define MMP_DOC_BUDGET_H

#include "doc/layout.h"
#include "study/budget.h"

/*
 * Write the members of a budget into the open object. `enough` is false if the firmware
 * finds too few tables or map entries at boot, or, with `shm_counts` (the shared memory
 * was asked for), too few tables for the shared memory. MMP_DETAIL_MAP leaves out the
 * list of tables.
 */
void mmp_budget_members(struct mmp_writer *writer, const struct mmp_budget *budget,
			bool shm_counts, enum mmp_detail detail);

#endif
