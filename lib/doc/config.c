/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "doc/mistakes.h"
#include "doc/platform.h"
#include "json/number.h"

enum { NAME_SIZE = 128, SIBLINGS_MAX = 96 };

/* Objects are read recursively; `prefix` is "" or "tee_ram." and so on. */
struct config_reading {
	const struct mmp_rules *rules;
	struct mmp_config *config;
	bool lenient; /* nothing is required */
	bool *given;  /* of each key in the table: it has a value; NULL: nobody asks */
	struct mmp_error *err;
	struct mmp_mistakes *mistakes; /* NULL: reading ends at the first mistake */
	/* Where to look first: most documents name the keys in the order of the table. */
	const struct mmp_config_key *next;
};

/* After a mistake: -1, or 0 if mistakes are collected and this one was recorded. */
static int go_on(struct config_reading *r, const char *prefix, const char *key)
{
	if (!r->mistakes)
		return -1;
	mmp_mistake(r->mistakes, r->err, "config.%s%s", prefix, key);
	return 0;
}

static int read_object(struct config_reading *r, const char *prefix, const json_t *object,
		       const struct mmp_config_key *first);

/* The part of a key's name after `prefix`, or NULL if it is not a direct child. */
static const char *child_of(const struct mmp_config_key *key, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(key->name, prefix, length) != 0 || strchr(key->name + length, '.'))
		return NULL;
	return key->name + length;
}

static int unknown(struct config_reading *r, const char *prefix, const char *key)
{
	const char *names[SIBLINGS_MAX];
	char what[NAME_SIZE];
	size_t count = 0;

	if (r->mistakes && mmp_mistakes_are_full(r->mistakes))
		return -1;
	for (const struct mmp_config_key *k = r->rules->keys; k->name; k++)
		if (child_of(k, prefix) && count < SIBLINGS_MAX)
			names[count++] = child_of(k, prefix);
	/* The prefix ends with its dot. */
	snprintf(what, sizeof(what), "config%s%s", *prefix ? "." : "", prefix);
	if (*prefix)
		what[strlen(what) - 1] = '\0';
	return mmp_json_unknown_key(what, key, names, count, r->err);
}

/* The words of a choice, for messages: "arm64" or "arm32". */
static const char *words_of(const struct mmp_config_key *key, char words[NAME_SIZE])
{
	size_t length = 0;

	words[0] = '\0';
	for (const char *const *c = key->choices; *c && length < NAME_SIZE; c++)
		length += (size_t)snprintf(words + length, NAME_SIZE - length, "%s\"%s\"",
					   c == key->choices ? ""
					   : c[1]            ? ", "
							     : " or ",
					   *c);
	return words;
}

static int read_choice(struct config_reading *r, const struct mmp_config_key *key,
		       const json_t *value)
{
	char words[NAME_SIZE];

	for (unsigned i = 0; json_is_string(value) && key->choices[i]; i++)
		if (!strcmp(json_string_value(value), key->choices[i])) {
			mmp_config_set(r->config, key, i);
			return 0;
		}
	return mmp_fail(r->err, MMP_INVALID, "config.%s: must be %s", key->name,
			words_of(key, words));
}

static int read_number(struct config_reading *r, const struct mmp_config_key *key,
		       const json_t *value)
{
	uint64_t number;

	if (mmp_json_number(value, key->name, &number, r->err)) {
		struct mmp_error why = *r->err;

		return mmp_fail(r->err, why.code, "config.%s", why.text);
	}
	if (key->type == MMP_KEY_COUNT && (number < key->min || number > key->max))
		return mmp_fail(r->err, MMP_INVALID,
				"config.%s: %" PRIu64 " is not in %" PRIu64
				" .. %" PRIu64,
				key->name, number, key->min, key->max);
	mmp_config_set(r->config, key, number);
	return 0;
}

static int read_flag(struct config_reading *r, const struct mmp_config_key *key,
		     const json_t *value)
{
	if (!json_is_boolean(value))
		return mmp_fail(r->err, MMP_INVALID, "config.%s: must be true or false",
				key->name);
	if (json_is_true(value) && mmp_key_use(r->rules, key) == MMP_KEY_OFF)
		return mmp_fail(r->err, MMP_INVALID,
				"config.%s: %s has no %s; leave it out or say false",
				key->name, r->rules->name,
				key->option ? key->option : key->name);
	mmp_config_set(r->config, key, json_is_true(value));
	return 0;
}

static int read_member(struct config_reading *r, const struct mmp_config_key *key,
		       const json_t *value)
{
	char prefix[NAME_SIZE];

	switch (key->type) {
	case MMP_KEY_OBJECT:
		if (!json_is_object(value))
			return mmp_fail(r->err, MMP_INVALID,
					"config.%s: must be an object%s", key->name,
					key->nullable ? " or null" : "");
		snprintf(prefix, sizeof(prefix), "%s.", key->name);
		return read_object(r, prefix, value, key + 1);
	case MMP_KEY_CHOICE:
		return read_choice(r, key, value);
	case MMP_KEY_FLAG:
		return read_flag(r, key, value);
	case MMP_KEY_COUNT:
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		return read_number(r, key, value);
	}
	return 0;
}

static bool key_is_named(const struct mmp_config_key *key, const char *prefix,
			 size_t length, const char *name)
{
	return !strncmp(key->name, prefix, length) && !strcmp(key->name + length, name);
}

static const struct mmp_config_key *find_key(struct config_reading *r, const char *prefix,
					     const char *name)
{
	const struct mmp_config_key *keys = r->rules->keys;
	const struct mmp_config_key *from = r->next ? r->next : keys, *k = from;
	size_t length = strlen(prefix);

	if (strchr(name, '.'))
		return NULL;
	do {
		if (k->name && key_is_named(k, prefix, length, name)) {
			r->next = k + 1;
			return k;
		}
		k = k->name ? k + 1 : keys;
	} while (k != from);
	return NULL;
}

static int read_key(struct config_reading *r, const char *prefix, const char *name,
		    const json_t *value)
{
	const struct mmp_config_key *key = find_key(r, prefix, name);

	if (!key)
		return unknown(r, prefix, name);
	if (json_is_null(value)) {
		if (key->nullable)
			return 0;
		return mmp_fail(r->err, MMP_INVALID,
				"config.%s: null; leave it out for the default",
				key->name);
	}
	if (mmp_config_given(r->config, key))
		*mmp_config_given(r->config, key) = true;
	if (r->given)
		r->given[key - r->rules->keys] = true;
	return read_member(r, key, value);
}

/* The keys of an object come right after it in the table: from `first` on. */
static int check_required(struct config_reading *r, const char *prefix,
			  const json_t *object, const struct mmp_config_key *first)
{
	size_t length = strlen(prefix);

	for (const struct mmp_config_key *k = first;
	     k->name && !strncmp(k->name, prefix, length); k++) {
		const char *name = k->required ? child_of(k, prefix) : NULL;

		if (!name || json_object_get(object, name))
			continue;
		mmp_fail(r->err, MMP_INVALID, "config.%s: missing (%s)", k->name,
			 k->about);
		if (go_on(r, prefix, ""))
			return -1;
	}
	return 0;
}

static int read_object(struct config_reading *r, const char *prefix, const json_t *object,
		       const struct mmp_config_key *first)
{
	void *at = json_object_iter((json_t *)(uintptr_t)object);

	for (; at; at = json_object_iter_next((json_t *)(uintptr_t)object, at))
		if (read_key(r, prefix, json_object_iter_key(at),
			     json_object_iter_value(at)) &&
		    go_on(r, prefix, json_object_iter_key(at)))
			return -1;
	if (r->lenient && !*prefix)
		return 0;
	return check_required(r, prefix, object, first);
}

static int read_config(struct config_reading *r, const json_t *value)
{
	if (!json_is_object(value))
		return mmp_fail(r->err, MMP_INVALID, "config: must be an object");
	mmp_rules_defaults(r->rules, r->config);
	if (read_object(r, "", value, r->rules->keys))
		return -1;
	if (r->rules->complete)
		r->rules->complete(r->rules, r->config);
	return 0;
}

int mmp_config_read_given(const struct mmp_rules *rules, const json_t *value,
			  struct mmp_config *ret_config, bool given[],
			  struct mmp_error *err)
{
	struct mmp_config config;
	struct config_reading r = {
		.rules = rules, .config = &config, .given = given, .err = err
	};

	if (read_config(&r, value) || (rules->check && rules->check(rules, &config, err)))
		return -1;
	*ret_config = config;
	return 0;
}

int mmp_config_read(const struct mmp_rules *rules, const json_t *value,
		    struct mmp_config *ret_config, struct mmp_error *err)
{
	return mmp_config_read_given(rules, value, ret_config, NULL, err);
}

void mmp_config_mistakes(const struct mmp_rules *rules, const json_t *value,
			 struct mmp_config *ret_config, struct mmp_mistakes *mistakes)
{
	struct mmp_error err = { .code = MMP_OK };
	struct config_reading r = {
		.rules = rules, .config = ret_config, .err = &err, .mistakes = mistakes
	};
	size_t before = json_array_size(mistakes->list);

	if (read_config(&r, value) ||
	    (json_array_size(mistakes->list) == before && rules->check &&
	     rules->check(rules, ret_config, &err)))
		mmp_mistake(mistakes, &err, "config");
}

int mmp_config_read_some(const struct mmp_rules *rules, const json_t *value,
			 struct mmp_config *ret_config, struct mmp_error *err)
{
	struct mmp_config config;
	struct config_reading r = {
		.rules = rules, .config = &config, .lenient = true, .err = err
	};

	if (read_config(&r, value))
		return -1;
	*ret_config = config;
	return 0;
}

static json_t *write_value(const struct mmp_config *config,
			   const struct mmp_config_key *key)
{
	uint64_t value = mmp_config_get(config, key);

	switch (key->type) {
	case MMP_KEY_OBJECT:
		return json_object();
	case MMP_KEY_CHOICE:
		return json_string(key->choices[value]);
	case MMP_KEY_FLAG:
		return json_boolean(value);
	case MMP_KEY_COUNT:
		return json_integer((json_int_t)value);
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		return mmp_json_hex(value, 1);
	}
	return NULL;
}

/*
 * The object that holds the key, found by the dotted name; NULL if it is missing or
 * null.
 */
static json_t *holder_of(json_t *root, const char *name, const char **ret_last)
{
	json_t *at = root;
	const char *dot;

	while (at && (dot = strchr(name, '.'))) {
		char part[NAME_SIZE];

		snprintf(part, sizeof(part), "%.*s", (int)(dot - name), name);
		at = json_object_get(at, part);
		name = dot + 1;
	}
	*ret_last = name;
	return json_is_object(at) ? at : NULL;
}

json_t *mmp_config_write(const struct mmp_rules *rules, const struct mmp_config *config)
{
	json_t *root = json_object();

	for (const struct mmp_config_key *k = rules->keys; k->name; k++) {
		struct mmp_config *c = (struct mmp_config *)(uintptr_t)config;
		bool null = k->nullable && !*mmp_config_given(c, k);
		const char *last;
		json_t *holder = holder_of(root, k->name, &last);

		/* Keys without effect are written only if they were set. */
		if (holder && (mmp_key_use(rules, k) == MMP_KEY_USED ||
			       (!null && mmp_config_is_set(rules, config, k))))
			json_object_set_new(holder, last,
					    null ? json_null() : write_value(config, k));
	}
	return root;
}
