/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/findings.h"
#include "methods/methods.h"

struct list {
	const char *rules;
};

/* clang-format off */
static const struct mmp_param list_params[] = {
	{ "rules", MMP_PARAM_TEXT, offsetof(struct list, rules), false,
	  "rule set; else the newest of the first firmware", NULL },
	{ 0 },
};
/* clang-format on */

static int list(struct mmp_call *call, const void *params, json_t **ret_result,
		struct mmp_error *err)
{
	const struct list *p = params;
	const struct mmp_rules *rules;

	(void)call;
	if (mmp_rules_find(methods_rules(p->rules), &rules, err))
		return -1;
	*ret_result = json_pack("{s:s, s:o}", "rules", rules->name, "kinds",
				mmp_finding_kinds_write(rules));
	return 0;
}

/* clang-format off */
const struct mmp_method methods_policy[] = {
	{ "policy.list", "What the checks of a rule set can find",
	  list_params, sizeof(struct list), "kinds: id, severity, stops, about, fix", MMP_READ | MMP_AT_ONCE, list },
	{ 0 },
};
/* clang-format on */
