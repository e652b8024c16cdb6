#ifndef MMP_PLANNER_H
#define MMP_PLANNER_H

/*
 * What each rule set brings to lib/plan: one planner. Its functions return 0, or -1
 * with the plan's (or the DDR's) stop noted or, where memory ran out, without one.
 */

#include "plan/plan.h"

struct mmp_planner {
	const struct mmp_rules *rules;
	int (*make)(struct mmp_plan *plan);
	int (*discover)(struct mmp_ddr *ddr, const struct mmp_plan *plan);
};

extern const struct mmp_planner mmp_planner_optee_4_10;

/* Room for `count` regions in regions and spare. -1 where memory ran out. */
int mmp_plan_reserve(struct mmp_plan *plan, size_t count);
int mmp_ddr_reserve(struct mmp_ddr *ddr, size_t count);

/* Put `region` at `at`; there is room. */
void mmp_plan_insert(struct mmp_plan *plan, size_t at, const struct mmp_region *region);

#endif
