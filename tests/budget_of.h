/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BUDGET_OF_H
#define BUDGET_OF_H

/* For tests of budgets: platforms to ask about, and their budgets. */

#include "study/budget.h"

/* The budget of a platform, which must have one; free it with mmp_budget_done(). */
void make(struct mmp_budget *budget, const struct mmp_platform *platform);

/* The sample platform of QEMU; free it with mmp_platform_free(). */
struct mmp_platform *qemu(void);

/* Register a range in its phys_mem_map; returns the registration's ordinal. */
size_t add(struct mmp_platform *p, const char *type, const char *name, uint64_t addr,
	   uint64_t size);

#endif
