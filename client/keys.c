/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "model/rules.h"
#include "runs.h"
#include "json/writer.h"

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

static void write_key(struct mmp_writer *w, const struct mmp_rules *rules,
		      const struct mmp_config_key *key)
{
	mmp_writer_begin(w, '{');
	mmp_member_text(w, "name", key->name);
	mmp_member_text(w, "type", type_names[key->type]);
	mmp_member_flag(w, "required", key->required);
	mmp_member_take(w, "default", fallback_of(rules, key));
	mmp_member_text(w, "option", key->option);
	mmp_member_text(w, "since", rules_name(mmp_key_since(rules, key)));
	mmp_member_text(w, "until", rules_name(mmp_key_until(rules, key)));
	mmp_member_text(w, "about", key->about);
	mmp_writer_end(w, '}');
}

struct outcome keys_run(struct session *session, const struct command *command,
			json_t *params, json_t *local)
{
	const char *name = json_string_value(json_object_get(params, "rules"));
	const struct mmp_rules *rules = mmp_rules_at(0);
	struct mmp_writer keys = MMP_BUILDER;
	struct outcome outcome = { 0 };
	struct mmp_error err;

	if (name && mmp_rules_find(name, &rules, &err))
		return outcome_failed(&err);
	mmp_writer_begin(&keys, '[');
	for (const struct mmp_config_key *key = rules->keys; key->name; key++)
		if (mmp_key_use(rules, key) == MMP_KEY_USED)
			write_key(&keys, rules, key);
	mmp_writer_end(&keys, ']');
	outcome.value = mmp_writer_done(&keys);
	return outcome;
}
