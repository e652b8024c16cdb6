/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CHECKS_H
#define MMP_CHECKS_H

/*
 * Functions of rows of mmp_checks[] that read a map or tables, and helpers that rule sets
 * share. The rows document the checks.
 */

#include "plan/extent.h"
#include "plan/planner.h"
#include "policy/policy.h"

typedef void mmp_check_run(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings);

mmp_check_run mmp_check_write_execute;
/* Checks of all mappings of a physical page together: checks_pages.c. */
mmp_check_run mmp_check_both_worlds, mmp_check_write_execute_alias;
mmp_check_run mmp_check_cached_and_device;

/*
 * Find physical pages that are mapped on one side by one mapping and on the other side by
 * another, if one of the two comes from a registration of the platform. The finding reads
 * "A words B". Takes n log n.
 */
typedef bool mmp_page_side(const struct mmp_rules *rules, const struct mmp_leaf *leaf);
void mmp_check_pages(const struct mmp_check *check, const struct mmp_check_input *input,
		     struct mmp_findings *findings, mmp_page_side *one,
		     mmp_page_side *other, const char *words);
mmp_check_run mmp_check_pa_over_descriptor, mmp_check_spare_tables;
mmp_check_run mmp_check_va_wraps, mmp_check_mapped_twice;

/*
 * What several checks read of one map, made when first used: the rights of entries, by
 * type (or by attribute word, if registrations have those), and the mapped entries,
 * sorted by physical address.
 */
enum { MMP_LEAVES_SEEN = 64 };

struct mmp_check_views {
	struct mmp_leaf_seen {
		uint64_t key; /* type or word, plus 1; 0: not made yet */
		bool readable;
		struct mmp_leaf leaf;
	} * leaves;
	struct mmp_extent *mapped; /* `of`: index of the entry */
	size_t mapped_count;
	bool has_mapped;
};

/* Initialise without views; mmp_check_views_done() frees those that were made. */
void mmp_check_views_init(struct mmp_check_views *views);
void mmp_check_views_done(struct mmp_check_views *views);

/*
 * mmp_region_leaf(), and whether an entry maps physical memory, for entries of input's
 * layout, cached.
 */
bool mmp_check_leaf(const struct mmp_check_input *input, const struct mmp_region *r,
		    struct mmp_leaf *ret_leaf);
bool mmp_check_is_mapped(const struct mmp_check_input *input, const struct mmp_region *r);
/* The mapped entries of the layout, by physical address; borrowed. */
const struct mmp_extent *mmp_check_mapped(const struct mmp_check_input *input,
					  size_t *ret_count);

/* For stops of rule sets with this meaning. */
mmp_check_run mmp_check_unaligned; /* an entry of the map is not in whole pages */

/* Add a finding about entry r of the map: its type, its range, and what is wrong. */
void mmp_finding_of_entry(struct mmp_findings *findings, const struct mmp_check *check,
			  const struct mmp_region *r, const char *what);
/* Add a finding about entry r of the placed map, with its virtual address. */
void mmp_finding_of_va(struct mmp_findings *findings, const struct mmp_check *check,
		       const struct mmp_plan *plan, const struct mmp_region *r);

/*
 * The rights of an entry; false if its type cannot be mapped, or its rights not be read.
 */
bool mmp_region_leaf(const struct mmp_platform *p, const struct mmp_region *r,
		     struct mmp_leaf *ret_leaf);
/* The last byte of an entry in `mask`; the top of the address space if it wraps. */
uint64_t mmp_region_last(const struct mmp_region *r, uint64_t mask);

#endif
