/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CHECKS_H
#define MMP_CHECKS_H

/*
 * The functions after the rows of mmp_checks[] that read a map or tables, and what
 * rule sets share. Each is documented by its row.
 */

#include "plan/extent.h"
#include "plan/planner.h"
#include "policy/policy.h"

typedef void mmp_check_run(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings);

mmp_check_run mmp_check_write_execute;
/* Of all mappings of a physical page at once: checks_pages.c. */
mmp_check_run mmp_check_both_worlds, mmp_check_write_execute_alias;
mmp_check_run mmp_check_cached_and_device;

/*
 * Physical pages that one mapping has on one side and another on the other, where a
 * registration of the platform is among them: "A words B", in n log n.
 */
typedef bool mmp_page_side(const struct mmp_rules *rules, const struct mmp_leaf *leaf);
void mmp_check_pages(const struct mmp_check *check, const struct mmp_check_input *input,
		     struct mmp_findings *findings, mmp_page_side *one,
		     mmp_page_side *other, const char *words);
mmp_check_run mmp_check_pa_over_descriptor, mmp_check_spare_tables;
mmp_check_run mmp_check_va_wraps, mmp_check_mapped_twice;

/*
 * What several checks read of one map, made when the first asks for it: the rights that an
 * entry comes to, by type (where registrations have words instead, by word), and the
 * entries that are mapped, by physical address.
 */
enum { MMP_LEAVES_SEEN = 64 };

struct mmp_check_views {
	struct mmp_leaf_seen {
		uint64_t key; /* what it is of, and 1 more; 0: nothing yet */
		bool readable;
		struct mmp_leaf leaf;
	} * leaves;
	struct mmp_extent *mapped; /* `of`: the entry */
	size_t mapped_count;
	bool has_mapped;
};

/* Nothing is made yet; mmp_check_views_done() frees what came to be. */
void mmp_check_views_init(struct mmp_check_views *views);
void mmp_check_views_done(struct mmp_check_views *views);

/* mmp_region_leaf() and mmp_region_is_mapped() of entries of input's layout. */
bool mmp_check_leaf(const struct mmp_check_input *input, const struct mmp_region *r,
		    struct mmp_leaf *ret_leaf);
bool mmp_check_is_mapped(const struct mmp_check_input *input, const struct mmp_region *r);
/* Those of the layout that are mapped, by physical address; borrowed. */
const struct mmp_extent *mmp_check_mapped(const struct mmp_check_input *input,
					  size_t *ret_count);

/* For stops of rule sets that mean the same. */
mmp_check_run mmp_check_unaligned; /* an entry of the map is not in whole pages */

/* Say that entry r of the map "is wrong so": type, range, and what. */
void mmp_finding_of_entry(struct mmp_findings *findings, const struct mmp_check *check,
			  const struct mmp_region *r, const char *what);
/* Say where entry r of the placed map would be in virtual space. */
void mmp_finding_of_va(struct mmp_findings *findings, const struct mmp_check *check,
		       const struct mmp_plan *plan, const struct mmp_region *r);

/* The rights of an entry; false if its type cannot be mapped, or not be read. */
bool mmp_region_leaf(const struct mmp_platform *p, const struct mmp_region *r,
		     struct mmp_leaf *ret_leaf);
/* Whether there is physical memory behind an entry. */
bool mmp_region_is_mapped(const struct mmp_platform *p, const struct mmp_region *r);
/* The last byte of an entry in `mask`; the top of the space where it wraps. */
uint64_t mmp_region_last(const struct mmp_region *r, uint64_t mask);

#endif
