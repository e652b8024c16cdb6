/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_DIFF_H
#define MMP_DOC_DIFF_H

/*
 * The semantic difference between two platforms: one line per change, the worst first.
 * Memory is compared by its physical address, registrations by their name and regions
 * by what they map, so that a shifted virtual address is one line.
 */

#include <jansson.h>

#include "policy/policy.h"

/*
 * One of the two platforms. The layout is as far as it was computed (`stopped`: it is
 * not complete), the findings are as mmp_verdict_members writes them. All borrowed.
 */
struct mmp_diff_side {
	const struct mmp_platform *platform;
	const struct mmp_layout *layout;
	bool stopped;
	const json_t *findings;
};

/* Kinds of changes and groups of kinds, as --fail-on and fail_on take them. */
struct mmp_diff_kind {
	const char *name, *about;
};

extern const struct mmp_diff_kind
	mmp_diff_kinds[]; /* the worst first; ends with a row without a name */
extern const struct mmp_diff_kind mmp_diff_groups[]; /* "widen", "any"; ends alike */

/*
 * Compare. *ret_diff is a new reference: same, changes (kind, text, and the objects
 * concerned), failing (the kinds of changes that are in fail_on, an array of names or
 * NULL), passed, omitted (the number of changes over MMP_DIFF_MAX of their kind).
 * MMP_INVALID names an item of fail_on that is not a kind.
 */
int mmp_diff_write(const struct mmp_diff_side *before, const struct mmp_diff_side *after,
		   const json_t *fail_on, json_t **ret_diff, struct mmp_error *err);

/*
 * Compare only the input: rule set, configuration, registrations. Writes a text for
 * people of at most `size` bytes, "" if nothing differs: "va_bits: 36, was 32; and 3
 * more".
 */
void mmp_diff_summary(const struct mmp_platform *before, const struct mmp_platform *after,
		      char *text, size_t size);

#endif
