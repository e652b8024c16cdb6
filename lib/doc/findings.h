/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_FINDINGS_H
#define MMP_DOC_FINDINGS_H

#include <jansson.h>

#include "policy/policy.h"
#include "json/writer.h"

/*
 * Write the result of the checks as members: `verdict` ("boots", "doubtful", "stops"),
 * `stops_at` (id, stage, kind, message, and the place) if the boot stops, `findings`,
 * and `findings_omitted`, a number, if there are too many to list. Returns the verdict.
 *
 * A finding has id, severity, stops, message, fix (or null), regions; regions_omitted, a
 * number; because_of, the id of the finding that causes this one; patch, the fix as a
 * JSON patch of the document (RFC 6902), if there is one that works.
 */
enum mmp_verdict mmp_verdict_members(struct mmp_writer *writer,
				     const struct mmp_findings *findings);

/* Write only `verdict` and `stops_at`. */
enum mmp_verdict mmp_verdict_word_members(struct mmp_writer *writer,
					  const struct mmp_findings *findings);

/*
 * Run every check on a platform and its layout (or NULL), and write the result like
 * mmp_verdict_members; or add it to an answer.
 */
enum mmp_verdict mmp_policy_members(struct mmp_writer *writer,
				    const struct mmp_platform *platform,
				    const struct mmp_layout *layout);
enum mmp_verdict mmp_policy_write(json_t *answer, const struct mmp_platform *platform,
				  const struct mmp_layout *layout);

/*
 * What words from a board may mean, the likeliest first, a new reference: an array of
 * id, severity, stops, about, fix, rules (names), causes (findings that cause it),
 * firmware (its own words and where it prints them). Searches all rule sets if `rules`
 * is NULL.
 */
json_t *mmp_words_write(const char *words, const struct mmp_rules *rules);

/*
 * What the checks of a rule set can find: an array of id, severity, stops, about, fix
 * (or null). A new reference.
 */
json_t *mmp_finding_kinds_write(const struct mmp_rules *rules);

#endif
