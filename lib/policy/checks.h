/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CHECKS_H
#define MMP_CHECKS_H

/*
 * The functions behind the rows of mmp_checks[] that read a map or tables, and what
 * rule sets share. Each is documented by its row.
 */

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

/* For stops of rule sets that mean the same. */
mmp_check_run mmp_check_unaligned; /* an entry of the map is not in whole pages */

/* Say that entry r of the map "is wrong so": type, range, and what. */
void mmp_finding_of_entry(struct mmp_findings *findings, const struct mmp_check *check,
			  const struct mmp_region *r, const char *what);
/* Say where entry r of the placed map would be in virtual space. */
void mmp_finding_of_va(struct mmp_findings *findings, const struct mmp_check *check,
		       const struct mmp_plan *plan, const struct mmp_region *r);

/* The rights of an entry; false where its type cannot be mapped, or not be read. */
bool mmp_region_leaf(const struct mmp_platform *p, const struct mmp_region *r,
		     struct mmp_leaf *ret_leaf);
/* Whether there is physical memory behind an entry. */
bool mmp_region_is_mapped(const struct mmp_platform *p, const struct mmp_region *r);
/* The last byte of an entry in `mask`; the top of the space where it wraps. */
uint64_t mmp_region_last(const struct mmp_region *r, uint64_t mask);

#endif
