/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/rules.h"

#include "methods/methods.h"
#include "methods/shapes.h"

static int rules_list(struct mmp_call *call, const void *params, json_t **ret_result,
		      struct mmp_error *err)
{
	(void)call, (void)params, (void)err;
	*ret_result = json_pack("{s:o}", "rules", mmp_rules_write());
	return 0;
}

/* clang-format off */
const struct mmp_method methods_rule_sets[] = {
	{ "rules.list", "List the rule sets, and what each adds to the one before it",
	  NULL, 0, mmp_rules_shape, MMP_READ | MMP_AT_ONCE, rules_list },
	{ 0 },
};
/* clang-format on */
