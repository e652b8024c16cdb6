/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_FINDINGS_H
#define MMP_DOC_FINDINGS_H

#include <jansson.h>

#include "policy/policy.h"

/*
 * An array: id, severity, stops, message, fix (or null), regions; regions_omitted, a number;
 * because_of, the id of the finding that it comes of; patch, the fix as a JSON patch of the
 * document (RFC 6902), where there is one that holds.
 */
json_t *mmp_findings_write(const struct mmp_findings *findings);

/*
 * Put into the answer what a run of the checks found: `verdict` ("boots", "doubtful",
 * "stops"), `stops_at` (id, stage, kind, message, and the place) if it stops, `findings`,
 * and `findings_omitted`, a number, if there are too many to list. Returns the verdict.
 */
enum mmp_verdict mmp_verdict_write(json_t *answer, const struct mmp_findings *findings);

/* Run every check on a platform and what was computed of it (or NULL), and write that. */
enum mmp_verdict mmp_policy_write(json_t *answer, const struct mmp_platform *platform,
				  const struct mmp_layout *layout);

/*
 * An array of what words from a board may mean, the likeliest first: id, severity, stops,
 * about, fix, rules (names), causes (findings that it comes of), firmware (its own words and
 * where it says them). In all rule sets if `rules` is NULL.
 */
json_t *mmp_words_write(const char *words, const struct mmp_rules *rules);

/* An array of what a rule set's checks can find: id, severity, stops, about, fix (or null). */
json_t *mmp_finding_kinds_write(const struct mmp_rules *rules);

#endif
