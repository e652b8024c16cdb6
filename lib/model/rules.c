/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/rules.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct mmp_rules *mmp_rules_at(size_t n)
{
	for (const struct mmp_firmware *const *f = mmp_firmwares; *f; f++)
		for (const struct mmp_rules *const *r = (*f)->rules; *r; r++)
			if (!n--)
				return *r;
	return NULL;
}

enum { NAMES_MAX = 64, RULES_MAX = 128 };

/* "name-4.11": 411; 0 if no version follows the firmware's name. */
static unsigned version_of(const char *name)
{
	const char *dash = strchr(name, '-');
	unsigned major, minor = 0;

	return dash && sscanf(dash + 1, "%3u.%3u", &major, &minor) ? major * 100 + minor
								   : 0;
}

/* The distance of the versions; UINT_MAX for another firmware, or without a version. */
static unsigned apart(const char *wanted, const char *name)
{
	size_t firmware = strcspn(name, "-") + 1;
	unsigned one = version_of(wanted), other = version_of(name);

	if (!one || strncmp(wanted, name, firmware) != 0)
		return UINT_MAX;
	return one > other ? one - other : other - one;
}

const char *mmp_rules_nearest(const char *name)
{
	const char *names[RULES_MAX], *near;
	unsigned least = UINT_MAX;
	const struct mmp_rules *r;
	size_t count = 0;

	for (size_t n = 0; (r = mmp_rules_at(n)); n++)
		if (apart(name, r->name) < least)
			least = apart(name, r->name);
	/* Versions are compared by number first, then by spelling. */
	for (size_t n = 0; (r = mmp_rules_at(n)) && count < RULES_MAX; n++)
		if (apart(name, r->name) == least)
			names[count++] = r->name;
	near = mmp_nearest(name, names, count);
	return near || least == UINT_MAX ? near : names[0];
}

int mmp_rules_find(const char *name, const struct mmp_rules **ret_rules,
		   struct mmp_error *err)
{
	const struct mmp_rules *r;
	const char *near;

	for (size_t n = 0; (r = mmp_rules_at(n)); n++)
		if (!strcmp(r->name, name)) {
			*ret_rules = r;
			return 0;
		}
	near = mmp_rules_nearest(name);
	return mmp_fail(err, MMP_INVALID,
			"rules: \"%.64s\" is not a rule set%s%s (rules.list has them)",
			name, near ? "; nearest: " : "", near ? near : "");
}

void mmp_rules_defaults(const struct mmp_rules *rules, struct mmp_config *config)
{
	memset(config, 0, sizeof(*config));
	for (const struct mmp_config_key *k = rules->keys; k->name; k++)
		mmp_config_set(config, k, k->fallback);
	if (rules->defaults)
		rules->defaults(rules, config);
}

const struct mmp_config_key *mmp_config_key_find(const struct mmp_rules *rules,
						 const char *name)
{
	for (const struct mmp_config_key *k = rules->keys; name && k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

uint64_t mmp_config_value(const struct mmp_rules *rules, const struct mmp_config *config,
			  const char *name)
{
	const struct mmp_config_key *key = mmp_config_key_find(rules, name);

	return key ? mmp_config_get(config, key) : 0;
}

bool mmp_config_is_set(const struct mmp_rules *rules, const struct mmp_config *config,
		       const struct mmp_config_key *key)
{
	size_t length;

	(void)rules;
	if (key->type != MMP_KEY_OBJECT)
		return mmp_config_get(config, key) != key->fallback;
	length = strlen(key->name);
	/* The keys of an object come right after it. */
	for (const struct mmp_config_key *k = key + 1;
	     k->name && !strncmp(k->name, key->name, length) && k->name[length] == '.';
	     k++)
		if (k->type != MMP_KEY_OBJECT && mmp_config_get(config, k) != k->fallback)
			return true;
	return false;
}

enum mmp_key_use mmp_key_use(const struct mmp_rules *rules,
			     const struct mmp_config_key *key)
{
	return rules->key_use ? rules->key_use(rules, key) : MMP_KEY_USED;
}

/* Rule sets are in order of age, so those that use a key are neighbours. */
const struct mmp_rules *mmp_key_since(const struct mmp_rules *rules,
				      const struct mmp_config_key *key)
{
	const struct mmp_rules *since = NULL;
	const struct mmp_rules *const *all = rules->firmware->rules;

	for (; *all; all++)
		if (mmp_key_use(*all, key) == MMP_KEY_USED)
			since = *all;
	return since == all[-1] ? NULL : since;
}

const struct mmp_rules *mmp_key_until(const struct mmp_rules *rules,
				      const struct mmp_config_key *key)
{
	const struct mmp_rules *const *all = rules->firmware->rules;

	while (*all && mmp_key_use(*all, key) != MMP_KEY_USED)
		all++;
	return *all == rules->firmware->rules[0] ? NULL : *all;
}

struct mmp_widths mmp_widths_of(const struct mmp_rules *rules,
				const struct mmp_config *config)
{
	if (rules->widths)
		return rules->widths(rules, config);
	return (struct mmp_widths){ UINT64_MAX, UINT64_MAX, UINT64_MAX, 0x200000 };
}

int mmp_memtype_find(const struct mmp_rules *rules, const char *name, unsigned *ret_type,
		     struct mmp_error *err)
{
	const char *prefix =
		rules->firmware->type_prefix ? rules->firmware->type_prefix : "";
	const char *names[NAMES_MAX], *nearest;
	char full[64];
	size_t count = 0;

	for (unsigned type = 0; type < rules->type_count; type++) {
		if (!rules->types[type].name)
			continue;
		if (!strcmp(rules->types[type].name, name)) {
			*ret_type = type;
			return 0;
		}
		if (count < NAMES_MAX)
			names[count++] = rules->types[type].name;
	}
	/* The short names are those in the firmware's own messages. */
	snprintf(full, sizeof(full), "%s%.48s",
		 strncmp(name, prefix, strlen(prefix)) == 0 ? "" : prefix, name);
	nearest = mmp_nearest(full, names, count);
	return mmp_fail(err, MMP_INVALID, "type: %s has no memory type \"%.64s\"%s%s%s",
			rules->name, name, nearest ? "; nearest: \"" : "",
			nearest ? nearest : "", nearest ? "\"" : "");
}

unsigned mmp_memtype_number(const struct mmp_rules *rules, unsigned type)
{
	unsigned number = 0;

	for (unsigned t = 0; t < type; t++)
		number += rules->types[t].name || rules->types[t].stops;
	return number;
}

const char *mmp_memtype_label(const struct mmp_rules *rules, int type)
{
	if (type < 0 || (unsigned)type >= rules->type_count || !rules->types[type].label)
		return "unknown type";
	return rules->types[type].label;
}

int mmp_section_find(const struct mmp_rules *rules, const char *name,
		     unsigned *ret_section, struct mmp_error *err)
{
	const struct mmp_registration_key *key = rules->registration_keys;
	char known[200] = "";

	while (key->part != MMP_PART_SECTION)
		key++;
	for (unsigned s = 0; s < rules->section_count; s++) {
		if (!strcmp(rules->sections[s].name, name)) {
			*ret_section = s;
			return 0;
		}
		if (*known)
			strncat(known, ", ", sizeof(known) - strlen(known) - 1);
		strncat(known, rules->sections[s].name,
			sizeof(known) - strlen(known) - 1);
	}
	return mmp_fail(err, MMP_INVALID, "%s: \"%.64s\" is not one of %s", key->name,
			name, known);
}
