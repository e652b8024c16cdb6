/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_CHECKS_H
#define MMP_RULES_TFA_CHECKS_H

#include "policy/policy.h"
#include "rules/tfa/tfa.h"

extern const struct mmp_policy tfa_policy;

/*
 * What would make the library take a region that it refuses, where `run` has made the
 * calls before it: a change that was tried and accepted. text[0 .. size) is empty if none
 * was found.
 */
void tfa_find_fix(const struct tfa_run *run, const struct tfa_region *region,
		  const struct tfa_result *result, char *text, size_t size);

/*
 * How many tables the calls of a platform need without a limit, or 0 if they stop for
 * another reason; and in *ret_entries how many regions the list holds at the most.
 */
uint32_t tfa_tables_needed(const struct mmp_platform *platform, uint32_t *ret_entries);

/*
 * The change of one region that saves the most tables: to leave it out where it is inside
 * another with the same attributes, and to map whole blocks of 2 MiB. Empty: none saves.
 */
void tfa_find_saving(const struct mmp_platform *platform, char *text, size_t size);

#endif
