/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_DIFF_H
#define MMP_DOC_DIFF_H

/*
 * What is different between two platforms, in meaning: one line a change, the worst
 * first. Memory is compared by its physical address, registrations by their name and
 * regions by what they map, so that a virtual address that shifts is one line.
 */

#include <jansson.h>

#include "policy/policy.h"

/*
 * One of the two: a platform, its layout as far as it was made (stopped: it was not), and
 * its findings as mmp_findings_write has them. All borrowed.
 */
struct mmp_diff_side {
	const struct mmp_platform *platform;
	const struct mmp_layout *layout;
	bool stopped;
	const json_t *findings;
};

/* Kinds of changes, and groups of them; what --fail-on and fail_on take. */
struct mmp_diff_kind {
	const char *name, *about;
};

extern const struct mmp_diff_kind
	mmp_diff_kinds[]; /* the worst first; ends without a name */
extern const struct mmp_diff_kind mmp_diff_groups[]; /* "widen", "any"; ends the same */

/*
 * Compare. *ret_diff: same, changes (kind, text, and what it is about), failing (the
 * kinds of changes that are in fail_on, an array of names, or NULL), passed, omitted (changes
 * over MMP_DIFF_MAX of their kind, a number). MMP_INVALID
 * names what is in fail_on and is not a kind.
 */
int mmp_diff_write(const struct mmp_diff_side *before, const struct mmp_diff_side *after,
		   const json_t *fail_on, json_t **ret_diff, struct mmp_error *err);

/*
 * Only what was put in: rule set, configuration, registrations. A text for people of at
 * most `size` bytes, "" if nothing differs: "va_bits: 36, was 32; and 3 more".
 */
void mmp_diff_summary(const struct mmp_platform *before, const struct mmp_platform *after,
		      char *text, size_t size);

#endif
