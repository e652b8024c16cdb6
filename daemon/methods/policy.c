/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/findings.h"
#include "methods/methods.h"
#include "methods/shapes.h"

struct policy_list_params {
	const char *rules;
};

/* clang-format off */
static const struct mmp_param list_params[] = {
	{ "rules", MMP_PARAM_TEXT, offsetof(struct policy_list_params, rules), false,
	  "rule set, that is, firmware and release; by default the newest of the first firmware", NULL },
	{ 0 },
};
/* clang-format on */

static int policy_list(struct mmp_call *call, const void *params, json_t **ret_result,
		       struct mmp_error *err)
{
	const struct policy_list_params *p = params;
	const struct mmp_rules *rules;

	(void)call;
	if (mmp_rules_find(methods_rules(p->rules), &rules, err))
		return -1;
	*ret_result = json_pack("{s:s, s:o}", "rules", rules->name, "kinds",
				mmp_finding_kinds_write(rules));
	return 0;
}

struct policy_explain_params {
	const char *words, *rules;
};

/* clang-format off */
static const struct mmp_param explain_params[] = {
	{ "words", MMP_PARAM_TEXT, offsetof(struct policy_explain_params, words), true,
	  "an id, a panic's text, an assertion, a function, file:line, or a whole line of a log", NULL },
	{ "rules", MMP_PARAM_TEXT, offsetof(struct policy_explain_params, rules), false,
	  "search only this rule set; by default all of them", NULL },
	{ 0 },
};
/* clang-format on */

static int explain(struct mmp_call *call, const void *params, json_t **ret_result,
		   struct mmp_error *err)
{
	const struct policy_explain_params *p = params;
	const struct mmp_rules *rules = NULL;
	json_t *matches;

	(void)call;
	if (p->rules && mmp_rules_find(p->rules, &rules, err))
		return -1;
	matches = mmp_words_write(p->words, rules);
	if (!json_array_size(matches)) {
		json_decref(matches);
		return mmp_fail(
			err, MMP_NOT_FOUND,
			"\"%.120s\": no rule set has a stop or a finding with such "
			"words",
			p->words);
	}
	*ret_result = json_pack("{s:s, s:o}", "words", p->words, "matches", matches);
	return 0;
}

/* clang-format off */
const struct mmp_method methods_policy[] = {
	{ "policy.explain", "Explain what a board printed, or the id of a finding, and what to do about it",
	  explain_params, sizeof(struct policy_explain_params), mmp_words_shape, MMP_READ | MMP_AT_ONCE, explain },
	{ "policy.list", "List what the checks of a rule set can find",
	  list_params, sizeof(struct policy_list_params), mmp_kinds_shape, MMP_READ | MMP_AT_ONCE, policy_list },
	{ 0 },
};
/* clang-format on */
