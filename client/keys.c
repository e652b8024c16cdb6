/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "model/rules.h"
#include "runs.h"

/* clang-format off */
static const char *const type_names[] = {
	[MMP_KEY_OBJECT]  = "object",
	[MMP_KEY_CHOICE]  = "choice",
	[MMP_KEY_FLAG]    = "flag",
	[MMP_KEY_COUNT]   = "number",
	[MMP_KEY_SIZE]    = "bytes",
	[MMP_KEY_ADDRESS] = "address",
};
/* clang-format on */

static json_t *fallback_of(const struct mmp_rules *rules,
			   const struct mmp_config_key *key)
{
	struct mmp_config config;
	uint64_t fallback;
	char hex[24];

	if (key->required || key->type == MMP_KEY_OBJECT || key->nullable)
		return json_null();
	mmp_rules_defaults(rules, &config);
	fallback = mmp_config_get(&config, key);
	if (key->type == MMP_KEY_FLAG)
		return json_boolean(fallback);
	if (key->type == MMP_KEY_CHOICE)
		return json_string(key->choices[fallback]);
	if (key->type == MMP_KEY_COUNT)
		return json_integer((json_int_t)fallback);
	snprintf(hex, sizeof(hex), "0x%" PRIx64, fallback);
	return json_string(hex);
}

static const char *rules_name(const struct mmp_rules *rules)
{
	return rules ? rules->name : NULL;
}

struct outcome keys_run(struct session *session, const struct command *command,
			json_t *params, json_t *local)
{
	const char *name = json_string_value(json_object_get(params, "rules"));
	const struct mmp_rules *rules = mmp_rules_at(0);
	struct outcome outcome = { 0 };
	struct mmp_error err;

	if (name && mmp_rules_find(name, &rules, &err))
		return outcome_failed(&err);
	outcome.value = json_array();
	for (const struct mmp_config_key *key = rules->keys; key->name; key++)
		if (mmp_key_use(rules, key) == MMP_KEY_USED)
			json_array_append_new(
				outcome.value,
				json_pack("{s:s, s:s, s:b, s:o, s:s?, s:s?, s:s?, s:s}",
					  "name", key->name, "type",
					  type_names[key->type], "required",
					  key->required, "default",
					  fallback_of(rules, key), "option", key->option,
					  "since", rules_name(mmp_key_since(rules, key)),
					  "until", rules_name(mmp_key_until(rules, key)),
					  "about", key->about));
	return outcome;
}
