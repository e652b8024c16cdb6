/* SPDX-License-Identifier: BSD-2-Clause */
#include "args_kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "memory.h"
#include "model/rules.h"

/* Words that become values: strings, numbers, ranges and config keys. */

int take_text(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	json_t *value = json_string(text);

	if (!value)
		return mmp_fail(err, MMP_BAD_REQUEST, "%s is not UTF-8", key);
	json_object_set_new(into, key, value);
	return 0;
}

int take_count(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	uint64_t value;

	if (mmp_number_parse(text, &value, err))
		return mmp_while(err, "%s", key);
	if (value > INT64_MAX)
		return mmp_fail(err, MMP_BAD_REQUEST, "%s: %s is too large", key, text);
	json_object_set_new(into, key, json_integer((json_int_t)value));
	return 0;
}

/*
 * Whether this is a long decimal number that is only round in hex: 11200000 is probably
 * meant to be hex.
 */
static bool looks_hex(const char *text)
{
	size_t length = strlen(text);

	return length >= 7 && strspn(text, "0123456789") == length &&
	       strcmp(text + length - 3, "000") == 0;
}

static int refuse_hex(const char *key, const char *text, struct mmp_error *err)
{
	return mmp_fail(err, MMP_BAD_REQUEST,
			"%s: did you mean 0x%.20s? %.20s is decimal, and is read as a "
			"number only where it is written 0x%llx",
			key, text, text, strtoull(text, NULL, 10));
}

int take_subject(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	return looks_hex(text) ? refuse_hex(key, text, err)
			       : take_text(key, text, into, err);
}

int take_address(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	uint64_t value;
	char hex[24];

	if (looks_hex(text))
		return refuse_hex(key, text, err);
	if (mmp_number_parse(text, &value, err))
		return mmp_while(err, "%s", key);
	snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)value);
	json_object_set_new(into, key, json_string(hex));
	return 0;
}

int take_range(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	const char *plus = strchr(text, '+');
	json_t *range = json_object();
	char base[64];
	int failed;

	if (!plus || (size_t)(plus - text) >= sizeof(base)) {
		json_decref(range);
		return mmp_fail(err, MMP_BAD_REQUEST,
				"%s: \"%.64s\" is not of the form BASE+SIZE, such as "
				"0xe1c4000+64K",
				key, text);
	}
	snprintf(base, sizeof(base), "%.*s", (int)(plus - text), text);
	failed = take_address("base", base, range, err) ||
		 take_address("size", plus + 1, range, err);
	json_object_set_new(into, key, range);
	return failed ? mmp_while(err, "%s", key) : 0;
}

/* One NAME=ADDRESS of a placement; the names are those of the pools. */
static int take_place(const char *text, json_t *into, struct mmp_error *err)
{
	static const char *const names[][2] = {
		{ "base=", "base_tables_pa" },
		{ "xlat=", "xlat_tables_pa" },
		{ "user=", "user_l2_tables_pa" },
		{ "index=", "user_l1_idx_pa" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(text, names[i][0], strlen(names[i][0])) == 0)
			return take_address(names[i][1], text + strlen(names[i][0]), into,
					    err);
	return mmp_fail(err, MMP_BAD_REQUEST,
			"\"%.64s\" is neither firmware nor base=ADDRESS,xlat=ADDRESS",
			text);
}

int take_placement(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	json_t *places;
	int failed = 0;

	if (strcmp(text, "firmware") == 0)
		return take_text(key, text, into, err);
	places = json_object();
	while (*text && !failed) {
		size_t length = strcspn(text, ",");
		char *one = memory_copy(text, length);

		failed = take_place(one, places, err);
		free(one);
		text += length + (text[length] == ',');
	}
	json_object_set_new(into, key, places);
	return failed ? mmp_while(err, "%s", key) : 0;
}

int take_flag(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	(void)text;
	(void)err;
	json_object_set_new(into, key, json_true());
	return 0;
}

/* The parent object of a dotted name, created if it is missing. */
static json_t *config_parent(json_t *config, const char *name, const char **ret_leaf)
{
	const char *dot = strchr(name, '.');
	json_t *parent;
	char front[64];

	*ret_leaf = dot ? dot + 1 : name;
	if (!dot)
		return config;
	snprintf(front, sizeof(front), "%.*s", (int)(dot - name), name);
	parent = json_object_get(config, front);
	if (!parent) {
		parent = json_object();
		json_object_set_new(config, front, parent);
	}
	return config_parent(parent, dot + 1, ret_leaf);
}

static json_t *config_value(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	return value ? value : json_string(text); /* true, 4, null; else text like "2M" */
}

/*
 * Look for the key among those of all firmwares, as only the daemon knows the platform's
 * firmware.
 */
static size_t all_config_keys(const char **names, size_t room)
{
	size_t count = 0;

	for (const struct mmp_firmware *const *f = mmp_firmwares; *f; f++)
		for (const struct mmp_config_key *k = (*f)->rules[0]->keys; k->name; k++)
			if (count++ < room)
				names[count - 1] = k->name;
	return count;
}

static bool is_config_key(const char *name)
{
	for (const struct mmp_firmware *const *f = mmp_firmwares; *f; f++)
		if (mmp_config_key_find((*f)->rules[0], name))
			return true;
	return false;
}

static int config_unknown(const char *name, struct mmp_error *err)
{
	size_t count = all_config_keys(NULL, 0);
	const char **names = calloc(count, sizeof(*names));
	const char *near = NULL;

	if (names)
		near = mmp_nearest(name, names, all_config_keys(names, count));
	free(names);
	return mmp_fail(err, MMP_BAD_REQUEST,
			"no such config key: %.64s%s%s (`mmpctl config keys` lists them)",
			name, near ? "; the nearest is " : "", near ? near : "");
}

int take_config(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	const char *equals = strchr(text, '='), *leaf;
	json_t *config = json_object_get(into, key);
	char name[64];

	if (!equals || (size_t)(equals - text) >= sizeof(name))
		return mmp_fail(err, MMP_BAD_REQUEST,
				"\"%.64s\" is not KEY=VALUE, such as bti=true", text);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
	if (!is_config_key(name))
		return config_unknown(name, err);
	if (!config) {
		config = json_object();
		json_object_set_new(into, key, config);
	}
	config = config_parent(config, name, &leaf);
	json_object_set_new(config, leaf, config_value(equals + 1));
	return 0;
}
