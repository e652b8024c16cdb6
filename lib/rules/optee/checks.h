/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_CHECKS_H
#define MMP_OPTEE_CHECKS_H

/*
 * Internal to the checks of OP-TEE: what its releases share. The rows document the
 * checks.
 */

#include "policy/checks.h"
#include "rules/optee/optee.h"

/* In a row of a check: the stop with that name, for releases that have it (stops.h). */
#define OPTEE_OWN_STOP(which) .is_own_stop = true, .own_stop = OPTEE_STOP_##which

/* Checks for every release, in checks_shared.c; ends with a row without a function. */
extern const struct mmp_check optee_checks[];

/*
 * Checks of the document alone, for every release: checks_document.c, checks_ranges.c and
 * so on. Each table ends with a row without a function.
 */
extern const struct mmp_check optee_checks_document[], optee_checks_ranges[];
extern const struct mmp_check optee_checks_dram[];

/* Likewise, sizes and registrations that the rest of the document refutes: checks_keys.c */
extern const struct mmp_check optee_checks_keys[];

/* What single releases do: checks_releases.c */
extern const struct mmp_check optee_checks_releases[];

/* Checks of what stops the boot after the map, from that release on: checks_later.c. */
extern const struct mmp_check optee_checks_later_3_0[], optee_checks_later_3_12[];
extern const struct mmp_check optee_checks_later_4_5[];

/* Fixes for stops, and the keys of the firmware's own ranges: proposals.c. */
void optee_propose(struct mmp_findings *findings, const struct mmp_stop *stop);
const char *optee_key_of(const struct mmp_platform *platform, unsigned type,
			 uint64_t base, uint64_t size);

/* Whether the core itself registers this, up to 3.21, by its source or by its range. */
bool optee_is_own(const struct mmp_platform *platform,
		  const struct mmp_registration *registration);

/* What the firmware prints before its stops, and in addition to them: proposals.c. */
extern const struct mmp_word optee_words[];

/* Whether a type has that label, as in the firmware's log: "TA_RAM". */
bool optee_is_type(const struct mmp_rules *rules, unsigned type, const char *label);

/* Rows of that table with functions elsewhere: checks_pairs.c, checks_va.c. */
mmp_check_run optee_check_ddr_twice, optee_check_ddr_both;
mmp_check_run optee_check_no_user_va, optee_check_in_user_va, optee_check_va_outside;
mmp_check_run optee_check_max_va, optee_check_security_mix;

/* A row of optee_checks_keys whose function is elsewhere: checks_swapped.c. */
mmp_check_run optee_check_swapped;

/* Rows of optee_checks_dram whose functions are elsewhere: checks_owners.c. */
mmp_check_run optee_check_two_owners, optee_check_core_given, optee_check_test_memory;

/* Entries that the check of the finished map rejects with the stop of the row. */
mmp_check_run optee_check_refused;

/* Registrations whose type panics; with `empty_at_zero` those at 0 even with size 0. */
void optee_check_invalid_type(const struct mmp_check *check,
			      const struct mmp_check_input *input,
			      struct mmp_findings *findings, bool empty_at_zero);

/* Whether the reserved window, of that type, overlaps a secure-only range. */
void optee_check_window(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings, unsigned type, uint64_t mask);

/*
 * The space for mappings at run time, of that type: core_mmu_add_mapping() uses only the
 * table that contains its first address.
 */
void optee_check_window_cut(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings, unsigned type);

/*
 * The smallest physical address width, of those the architecture can be configured with,
 * that holds `last`, or 0.
 */
unsigned optee_width_for(uint64_t last);

/* The widths of virtual addresses that are proposed, in bits, ascending. */
enum { OPTEE_VA_WIDTHS = 5 };
extern const uint8_t optee_va_widths[OPTEE_VA_WIDTHS];

/*
 * Registrations of a section that intersect another one of it, or an entry of the map
 * that is not exempt.
 */
void optee_check_special(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings, unsigned section, uint64_t mask,
			 mmp_may_meet *spared);

/* Registrations of one section that intersect one of the other section. */
void optee_check_sections(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings, unsigned one, unsigned other,
			  uint64_t mask);

#endif
