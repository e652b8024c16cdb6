/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "doc/diff.h"
#include "doc/platform.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "work/diff.h"
#include "work/inputs.h"

struct diff_params {
	json_t *before, *after;
	uint64_t before_revision, after_revision;
	const char *rules;
	json_t *fail_on;
};

/* clang-format off */
static const struct mmp_param diff_params[] = {
	{ "before", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct diff_params, before), true,
	  METHODS_PLATFORM_ABOUT, NULL },
	{ "before_revision", MMP_PARAM_UINT, offsetof(struct diff_params, before_revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "after", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct diff_params, after), false,
	  "the other side, in the same forms; by default BEFORE itself, if rules is given", NULL },
	{ "after_revision", MMP_PARAM_UINT, offsetof(struct diff_params, after_revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "rules", MMP_PARAM_TEXT, offsetof(struct diff_params, rules), false,
	  "rule set of the other side, to see what another release does with the same platform", NULL },
	{ "fail_on", MMP_PARAM_ARRAY, offsetof(struct diff_params, fail_on), false,
	  "kinds of changes that make passed false: nonsecure, write, execute, widen, stop, moved, any, ...", NULL },
	{ 0 },
};
/* clang-format on */

/* The same platform under another rule set. */
static int under_rules(const struct mmp_platform *platform, const char *name,
		       struct mmp_platform **ret_platform, struct mmp_error *err)
{
	const struct mmp_rules *rules;

	if (mmp_rules_find(name, &rules, err))
		return -1;
	return mmp_platform_under(platform, rules, ret_platform, err);
}

static int read_after(struct mmp_call *call, const struct diff_params *p,
		      struct diff_side *after, struct mmp_error *err)
{
	const json_t *given = p->after ? p->after : p->before;
	uint64_t revision = p->after ? p->after_revision : p->before_revision;
	struct mmp_platform *other;
	int outcome = input_platform_or_build(
		call, given, revision, &after->take_platform, &after->revision, err);

	if (outcome || !p->rules)
		return outcome;
	outcome = under_rules(after->take_platform, p->rules, &other, err);
	mmp_platform_free(after->take_platform);
	after->take_platform = outcome ? NULL : other;
	return outcome;
}

static int diff(struct mmp_call *call, const void *params, json_t **ret_result,
		struct mmp_error *err)
{
	const struct diff_params *p = params;
	struct diff_side before = { 0 }, after = { 0 };
	int one, other;

	(void)ret_result;
	if (!p->after && !p->rules)
		return mmp_fail(err, MMP_INVALID,
				"after: missing; give another platform, or rules to "
				"compare the same one");
	one = input_platform_or_build(call, p->before, p->before_revision,
				      &before.take_platform, &before.revision, err);
	if (one < 0)
		return mmp_while(err, "before");
	other = read_after(call, p, &after, err);
	if (!one && !other)
		return diff_run(call, &before, &after, p->fail_on);
	mmp_platform_free(before.take_platform);
	mmp_platform_free(after.take_platform);
	return other < 0 ? mmp_while(err, "after") : MMP_LATER;
}

/* clang-format off */
const struct mmp_method methods_diff[] = {
	{ "layout.diff", "Compare two platforms; the worst differences come first",
	  diff_params, sizeof(struct diff_params), mmp_diff_shape, MMP_READ, diff },
	{ 0 },
};
/* clang-format on */
