/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_RELEASES_H
#define MMP_OPTEE_RELEASES_H

/*
 * The rule sets of OP-TEE, one per release. All share one planner; the differences are in
 * the row of switches (release.h), the types (types.c) and the stops (stops.c).
 */

#include "model/rules.h"
#include "rules/optee/release.h"

extern const struct optee_release optee_releases[OPTEE_VERSION_COUNT];

/* The row of a rule set, which must be one of OP-TEE's. */
static inline const struct optee_release *optee_release_of(const struct mmp_rules *rules)
{
	return rules->release;
}

#endif
