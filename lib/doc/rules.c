/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/rules.h"

#include <string.h>

static bool has_type(const struct mmp_rules *rules, const char *name)
{
	for (unsigned t = 0; t < rules->type_count; t++)
		if (rules->types[t].name && !strcmp(rules->types[t].name, name))
			return true;
	return false;
}

static bool has_key(const struct mmp_rules *rules, const char *name)
{
	const struct mmp_config_key *key = mmp_config_key_find(rules, name);

	return key && mmp_key_use(rules, key) == MMP_KEY_USED;
}

/* What `one` has and `other` does not. */
static json_t *difference(const struct mmp_rules *one, const struct mmp_rules *other)
{
	json_t *list = json_array();

	for (unsigned t = 0; t < one->type_count; t++)
		if (one->types[t].name && !has_type(other, one->types[t].name))
			json_array_append_new(list, json_string(one->types[t].name));
	for (const struct mmp_config_key *key = one->keys; key->name; key++)
		if (has_key(one, key->name) && !has_key(other, key->name))
			json_array_append_new(list, json_sprintf("config.%s", key->name));
	return list;
}

/* `before` is the next older one, or NULL. */
static json_t *write_one(const struct mmp_rules *rules, const struct mmp_rules *before)
{
	unsigned types = 0;

	for (unsigned t = 0; t < rules->type_count; t++)
		types += rules->types[t].name != NULL;
	return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o}", "name", rules->name,
			 "firmware", rules->firmware->name, "about", rules->about,
			 "types", (int)types, "adds",
			 before ? difference(rules, before) : json_array(), "drops",
			 before ? difference(before, rules) : json_array());
}

json_t *mmp_rules_write(void)
{
	json_t *all = json_array();

	for (const struct mmp_firmware *const *f = mmp_firmwares; *f; f++)
		for (const struct mmp_rules *const *r = (*f)->rules; *r; r++)
			json_array_append_new(all, write_one(r[0], r[1]));
	return all;
}
