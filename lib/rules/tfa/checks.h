/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_CHECKS_H
#define MMP_RULES_TFA_CHECKS_H

#include "policy/policy.h"
#include "rules/tfa/tfa.h"

extern const struct mmp_policy tfa_policy;

/*
 * Find a change with which the library accepts a region that it refuses after the calls
 * that `run` has made. It was tried and accepted. text[0 .. size) is empty if none was
 * found.
 */
void tfa_find_fix(const struct tfa_run *run, const struct tfa_region *region,
		  const struct tfa_result *result, char *text, size_t size);

/*
 * The number of tables that all calls of the run's platform need without a limit, or 0 if
 * they stop for another reason. *ret_entries is the largest number of regions in the list.
 * The run's own results are lost.
 */
uint32_t tfa_tables_needed(struct tfa_run *run, uint32_t *ret_entries);

/*
 * Find the change of one region that saves the most tables: removing a region that is
 * inside another with the same attributes, or mapping whole blocks of 2 MiB. Empty if
 * none saves any.
 */
void tfa_find_saving(const struct mmp_platform *platform, char *text, size_t size);

#endif
