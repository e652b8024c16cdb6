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
extern const struct mmp_planner mmp_planner_optee_3_4;

/* Room for `count` regions in regions and spare. -1 where memory ran out. */
int mmp_plan_reserve(struct mmp_plan *plan, size_t count);
int mmp_ddr_reserve(struct mmp_ddr *ddr, size_t count);

/* Put `region` at `at`; there is room. */
void mmp_plan_insert(struct mmp_plan *plan, size_t at, const struct mmp_region *region);

/* What the firmware's types hold, as masks; and what one level 2 (short: level 1) entry
 * of the base table's next maps. */
struct mmp_widths {
	uint64_t pa, va, size;
	uint64_t pgdir; /* bytes */
};

struct mmp_widths mmp_widths_of(const struct mmp_config *config);

/* secure[]: SRAM where there is one, then DRAM. */
void mmp_plan_set_secure(struct mmp_plan *plan);
/* Whether the region lies inside one of them, computed in `mask`. */
bool mmp_plan_in_secure(const struct mmp_plan *plan, const struct mmp_region *region,
			uint64_t mask);

/* Note a stop that is about one region. Returns -1. */
int mmp_plan_stop(struct mmp_plan *plan, const struct mmp_stop_info *info,
		  const struct mmp_region *region, const char *what);

/*
 * Adding many ranges to a map that is kept sorted by (type, PA). Firmware walks its
 * list from the start for every range, which is quadratic. Two ranges can only meet if
 * they have one type and touch, directly or through others. So they are first sorted
 * into such groups, and each group goes through the firmware's own step alone, in the
 * order of registration, at the end of the map. Groups never see each other, so the
 * result is the same. Where a step makes an entry longer than its ranges were, so that
 * it reaches the next group, the two become one. Ranges that wrap break the argument.
 */
struct mmp_gathered {
	struct mmp_plan *plan;  /* the map; empty */
	struct mmp_region *all; /* `va` is the order of registration */
	size_t count;
	uint64_t pa_mask;
	/* Add one range to those from `first` on. */
	int (*add)(void *context, size_t first, const struct mmp_region *one);
	void *context;
};

bool mmp_gathered_wraps(const struct mmp_gathered *gathered);
int mmp_gathered_add_in_groups(struct mmp_gathered *gathered);
/* As they were registered; the plain way. */
int mmp_gathered_add_in_order(struct mmp_gathered *gathered);

/* Normal-world DDR: the ranges of a section as registered, and how they are cut. Sizes
 * have the width of physical addresses there. */
bool mmp_platform_uses(const struct mmp_platform *platform, enum mmp_section section);
int mmp_ddr_copy(struct mmp_ddr *ddr, const struct mmp_platform *platform,
		 enum mmp_section section, uint64_t pa_mask);
void mmp_ddr_drop(struct mmp_ddr *ddr, size_t n);
/* Cut [at, at + size) out of the middle of range n. */
int mmp_ddr_split(struct mmp_ddr *ddr, size_t n, uint64_t at, uint64_t size,
		  uint64_t pa_mask);

#endif
