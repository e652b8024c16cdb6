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

mmp_check_run mmp_check_write_execute, mmp_check_both_worlds, mmp_check_not_reserved;
mmp_check_run mmp_check_pa_over_descriptor, mmp_check_pa_over_ips, mmp_check_ddr_twice;
mmp_check_run mmp_check_spare_tables;
mmp_check_run mmp_check_no_user_va, mmp_check_va_outside, mmp_check_max_va;
mmp_check_run mmp_check_va_wraps, mmp_check_in_user_va;
mmp_check_run mmp_check_mapped_twice, mmp_check_security_mix;

/* For stops of rule sets that mean the same. */
mmp_check_run mmp_check_unaligned; /* an entry of the map is not in whole pages */

/* Registrations whose type panics; those at 0 even with size 0 where `empty_at_zero`. */
void mmp_check_invalid_type(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings, bool empty_at_zero);

/* The reserved window, of that type, over a secure-only range. */
void mmp_check_window(const struct mmp_check *check, const struct mmp_check_input *input,
		      struct mmp_findings *findings, unsigned type, uint64_t mask);

/*
 * The space for mappings at run time, of that type: core_mmu_add_mapping() uses the one
 * table that its first address lies in.
 */
void mmp_check_window_cut(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings, unsigned type);

/* Say that entry r of the map "is wrong so": type, range, and what. */
void mmp_finding_of_entry(struct mmp_findings *findings, const struct mmp_check *check,
			  const struct mmp_region *r, const char *what);

/*
 * The widths of physical addresses that an architecture can be told, the smallest one
 * that holds `last`, or 0.
 */
unsigned mmp_width_for(uint64_t last);

/*
 * Registrations of a section that intersect another of it, or an entry of the map
 * where that is not spared.
 */
void mmp_check_special(const struct mmp_check *check, const struct mmp_check_input *input,
		       struct mmp_findings *findings, enum mmp_section section,
		       uint64_t mask, mmp_may_meet *spared);

/* Registrations of one section that intersect one of the other. */
void mmp_check_sections(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings, enum mmp_section one,
			enum mmp_section other, uint64_t mask);

#endif
