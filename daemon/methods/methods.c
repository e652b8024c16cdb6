/* SPDX-License-Identifier: BSD-2-Clause */
#include "methods/methods.h"

#include "model/rules.h"

#include "caller.h"
#include "memory.h"
#include "json/text.h"

/* clang-format off */
static const struct mmp_method *const nouns[] = {
	methods_service,
	methods_memtype,
	methods_descriptor,
	methods_platform,
	methods_register,
	methods_region,
	methods_layout,
	methods_check,
	methods_diff,
	methods_explain,
	methods_policy,
	methods_rule_sets,
	methods_build,
	methods_board,
	methods_push,
	methods_key,
	methods_job,
};
/* clang-format on */

enum { NOUNS = sizeof(nouns) / sizeof(nouns[0]) };

static size_t count_methods(const struct mmp_method *methods)
{
	size_t count = 0;

	while (methods[count].name)
		count++;
	return count;
}

struct mmp_method *methods_all(void)
{
	struct mmp_method *all, *at;
	size_t count = 0;

	for (size_t i = 0; i < NOUNS; i++)
		count += count_methods(nouns[i]);
	at = all = xcalloc(count + 1, sizeof(*all));
	for (size_t i = 0; i < NOUNS; i++)
		for (const struct mmp_method *m = nouns[i]; m->name; m++)
			*at++ = *m;
	return all;
}

/*
 * No revision ever reaches 2^64-1, so a caller's own 2^64-1 can be replaced by one
 * less.
 */
uint64_t methods_if_revision(const struct mmp_optional *given)
{
	if (!given->given)
		return MMP_ANY_REVISION;
	return given->value == MMP_ANY_REVISION ? MMP_ANY_REVISION - 1 : given->value;
}

const struct mmp_signature *methods_by(const struct mmp_call *call)
{
	return caller_signature(call);
}

json_t *methods_text(const char *text)
{
	return text ? mmp_json_words(text) : json_null();
}

const char *methods_rules(const char *given)
{
	return given ? given : mmp_rules_at(0)->name;
}
