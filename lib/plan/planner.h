/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PLANNER_H
#define MMP_PLANNER_H

/*
 * Helpers for the planners of rule sets. Functions that can fail return 0, or -1 with the
 * stop of the plan (or of the DDR) set; without a stop, memory ran out.
 */

#include "plan/plan.h"
#include "plan/range.h"

/* Make room for `count` regions in regions and spare. -1 if memory runs out. */
int mmp_plan_reserve(struct mmp_plan *plan, size_t count);

/* Make room for `count` results. -1 if memory runs out. */
int mmp_plan_reserve_results(struct mmp_plan *plan, size_t count);

/* Insert `region` at index `at`; there must be room. */
void mmp_plan_insert(struct mmp_plan *plan, size_t at, const struct mmp_region *region);

/* Fill in secure[] from the rule set. */
void mmp_plan_set_secure(struct mmp_plan *plan);
/* Whether the region is inside one of the secure ranges, computed in `mask`. */
bool mmp_plan_in_secure(const struct mmp_plan *plan, const struct mmp_region *region,
			uint64_t mask);

/*
 * Print "size 0x1000", or, if the size came out negative, "which ends 0x8000 bytes before
 * it begins". Returns `words`.
 */
#define MMP_SIZE_WORDS 64
const char *mmp_size_words(const struct mmp_platform *platform, uint64_t size,
			   char words[MMP_SIZE_WORDS]);

/* Set a stop that is about one region. Returns -1. */
int mmp_plan_stop(struct mmp_plan *plan, const struct mmp_stop_info *info,
		  const struct mmp_region *region, const char *what);

/*
 * Add many ranges to a map that is sorted by (type, PA). Firmware walks its list from the
 * start for every range, which is quadratic. Two ranges can only meet if they have the
 * same type and touch, directly or through others. So the ranges are first sorted into
 * such groups, and each group goes through the firmware's own step separately, in the
 * order of registration, at the end of the map. Groups do not affect each other, so the
 * result is the same. If a step makes an entry longer than its ranges, so that it reaches
 * the next group, both groups are processed again as one, with twice the ranges, so that
 * a chain of groups is not restarted for each of them. This is not valid for ranges that
 * wrap.
 */
struct mmp_collected {
	struct mmp_plan *plan;  /* the map; empty */
	struct mmp_region *all; /* `va` holds the order of registration */
	size_t count;
	uint64_t pa_mask;
	bool touching; /* neighbours are merged too, not only overlapping ranges */
	/* Add one range to the entries from `first` on. */
	int (*add)(void *context, size_t first, const struct mmp_region *one);
	void *context;
};

/*
 * The first entry in [first, end), sorted by (type, PA), that is at or after the given
 * place.
 */
size_t mmp_regions_from(const struct mmp_region *regions, size_t first, size_t end,
			unsigned type, uint64_t pa);

/* Whether a range wraps in pa_mask, so that groups must not be used. */
bool mmp_collected_wraps(const struct mmp_collected *collected);
/* Add all ranges, group by group. -1 if `add` failed. */
int mmp_collected_add_in_groups(struct mmp_collected *collected);
/* Add all ranges in the order of registration, without groups. */
int mmp_collected_add_in_order(struct mmp_collected *collected);

/*
 * Memory that is not in the map (SDP, DDR) must not overlap other such memory, nor the
 * map. These find, in n log n, the pair that nested loops over all of them in order would
 * find first. They return 1 if there is such a pair, 0 if not, and -1 if memory runs out.
 * Ranges are compared in `in`, as mmp_ranges_meet() does.
 */
int mmp_first_pair(const struct mmp_platform *platform, unsigned section,
		   const struct mmp_predicates *in, size_t *ret_one, size_t *ret_other);
/* A pair with one of each section. */
int mmp_first_across(const struct mmp_platform *platform, unsigned one, unsigned other,
		     const struct mmp_predicates *in, size_t *ret_one, size_t *ret_other);

/* Whether a registration may meet entries of a type. */
typedef bool mmp_may_meet(const struct mmp_platform *platform,
			  const struct mmp_registration *registration, unsigned type);

/* A pair of a registration and one of the map's first `entries` entries. */
int mmp_first_on_map(const struct mmp_plan *plan, size_t entries, unsigned section,
		     const struct mmp_predicates *in, mmp_may_meet *may_meet,
		     size_t *ret_one, size_t *ret_entry);

/*
 * Normal-world DDR: the ranges of a section as registered, and how they are cut. Sizes
 * have the width of physical addresses there.
 */
bool mmp_platform_uses(const struct mmp_platform *platform, unsigned section);
int mmp_ddr_copy(struct mmp_ddr *ddr, const struct mmp_platform *platform,
		 unsigned section, uint64_t pa_mask);
void mmp_ddr_drop(struct mmp_ddr *ddr, size_t n);
/* Whether the ranges are sorted, do not meet, and do not wrap or leave `mask`. */
bool mmp_ddr_is_apart(const struct mmp_ddr *ddr, uint64_t mask);
/* The index of the first of such ranges that ends at or after `pa`, or count. */
size_t mmp_ddr_reaching(const struct mmp_ddr *ddr, uint64_t pa);
/* Cut [at, at + size) out of the middle of range n. */
int mmp_ddr_split(struct mmp_ddr *ddr, size_t n, uint64_t at, uint64_t size,
		  uint64_t pa_mask);

#endif
