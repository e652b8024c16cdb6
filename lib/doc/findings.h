/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_FINDINGS_H
#define MMP_DOC_FINDINGS_H

#include <jansson.h>

#include "policy/policy.h"

/* An array: id, severity, stops, message, fix (or null), regions; regions_omitted, a number. */
json_t *mmp_findings_write(const struct mmp_findings *findings);

/*
 * Run every check on a platform and what was computed of it (or NULL): `findings` of
 * the answer, and `findings_omitted`, a number, where there are too many to list.
 */
void mmp_policy_write(json_t *answer, const struct mmp_platform *platform,
		      const struct mmp_layout *layout);

/* An array of what a rule set's checks can find: id, severity, stops, about, fix (or null). */
json_t *mmp_finding_kinds_write(const struct mmp_rules *rules);

#endif
