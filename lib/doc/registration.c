/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "doc/mistakes.h"
#include "json/number.h"

/* The registrations of a document. */

enum { WHAT_SIZE = 96 };

/* A name or an origin: any text of limited length. */
static int read_words(const json_t *value, const char *key, const char **ret_words,
		      struct mmp_error *err)
{
	const char *words;

	if (mmp_json_text_of(value, key, &words, err))
		return -1;
	if (strlen(words) > MMP_REGION_NAME_MAX)
		return mmp_fail(err, MMP_INVALID,
				"%s: has %zu bytes; at most %d are allowed", key,
				strlen(words), MMP_REGION_NAME_MAX);
	*ret_words = words;
	return 0;
}

/* The members of a registration, each at the place of its key in the rule set's table. */
struct members {
	const json_t *of[MMP_REGISTRATION_KEYS_MAX];
};

/*
 * The place of a key, or of the row without a name. It is looked for from `first` on, as
 * members mostly are in the order of the table, and then from the beginning.
 */
static size_t place_of_key(const struct mmp_registration_key *keys, const char *name,
			   size_t first)
{
	size_t place = first;

	while (keys[place].name && strcmp(keys[place].name, name))
		place++;
	return keys[place].name || !first ? place : place_of_key(keys, name, 0);
}

static size_t place_of_section(const struct mmp_registration_key *keys)
{
	size_t place = 0;

	while (keys[place].part != MMP_PART_SECTION)
		place++;
	return place;
}

static bool has_part(const struct mmp_rules *rules, unsigned section, enum mmp_part part)
{
	unsigned parts = rules->sections[section].parts;

	return !parts || parts & part || part == MMP_PART_SECTION ||
	       part == MMP_PART_ORIGIN;
}

/* Where the number of a part is stored; NULL if it is not a 64-bit number. */
static uint64_t *part_of(struct mmp_registration *one, enum mmp_part part)
{
	switch ((int)part) {
	case MMP_PART_ADDR:
		return &one->addr;
	case MMP_PART_VA:
		return &one->va;
	case MMP_PART_SIZE:
		return &one->size;
	case MMP_PART_GRANULARITY:
		return &one->granularity;
	default:
		return NULL;
	}
}

static int read_attr(const json_t *value, const char *key, uint32_t *ret_attr,
		     struct mmp_error *err)
{
	uint64_t attr;

	if (mmp_json_number(value, key, &attr, err))
		return -1;
	if (attr > UINT32_MAX)
		return mmp_fail(err, MMP_INVALID, "%s: 0x%" PRIx64 " is over 32 bits",
				key, attr);
	*ret_attr = (uint32_t)attr;
	return 0;
}

static int read_part(const struct mmp_rules *rules, const json_t *value,
		     const struct mmp_registration_key *key, struct mmp_registration *one,
		     struct mmp_error *err)
{
	uint64_t *number = part_of(one, key->part);
	const char *type;

	if (value && !has_part(rules, one->section, key->part))
		return mmp_fail(err, MMP_INVALID, "%s: %s has none", key->name,
				rules->sections[one->section].name);
	if (!value && (!key->required || !has_part(rules, one->section, key->part))) {
		if (number)
			*number = key->fallback;
		return 0;
	}
	if (number)
		return mmp_json_number(value, key->name, number, err);
	switch ((int)key->part) {
	case MMP_PART_TYPE:
		return mmp_json_text_of(value, key->name, &type, err) ||
				       mmp_memtype_find(rules, type, &one->type, err)
			       ? -1
			       : 0;
	case MMP_PART_NAME:
		return read_words(value, key->name, &one->name, err);
	case MMP_PART_ORIGIN:
		return read_words(value, key->name, &one->origin, err);
	case MMP_PART_ATTR:
		return read_attr(value, key->name, &one->attr, err);
	default: /* the section was already read; the words only repeat the attribute */
		return 0;
	}
}

static int unknown_key(const struct mmp_rules *rules, const char *key,
		       struct mmp_error *err)
{
	const char *known[MMP_REGISTRATION_KEYS_MAX];
	size_t count = 0;

	for (const struct mmp_registration_key *k = rules->registration_keys; k->name;
	     k++)
		known[count++] = k->name;
	return mmp_json_unknown_key("", key, known, count, err);
}

/* Find all members; the first unknown one is an error. */
static int find_members(const struct mmp_rules *rules, json_t *value,
			struct members *members, struct mmp_error *err)
{
	const struct mmp_registration_key *keys = rules->registration_keys;
	size_t place = 0;

	*members = (struct members){ 0 };
	for (void *at = json_object_iter(value); at;
	     at = json_object_iter_next(value, at)) {
		const char *key = json_object_iter_key(at);

		place = place_of_key(keys, key, place);
		if (!keys[place].name)
			return unknown_key(rules, key, err);
		members->of[place++] = json_object_iter_value(at);
	}
	return 0;
}

static int read_section(const struct mmp_rules *rules, const struct members *members,
			struct mmp_registration *one, struct mmp_error *err)
{
	size_t place = place_of_section(rules->registration_keys);
	const char *section;

	return mmp_json_text_of(members->of[place], rules->registration_keys[place].name,
				&section, err) ||
			       mmp_section_find(rules, section, &one->section, err)
		       ? -1
		       : 0;
}

static int read_members(const struct mmp_rules *rules, const struct members *members,
			struct mmp_registration *ret_one, struct mmp_error *err)
{
	const struct mmp_registration_key *keys = rules->registration_keys;
	struct mmp_registration one = { .name = "", .origin = "platform" };

	if (read_section(rules, members, &one, err))
		return -1;
	for (size_t i = 0; keys[i].name; i++)
		if (read_part(rules, members->of[i], &keys[i], &one, err))
			return -1;
	*ret_one = one;
	return 0;
}

static int read_object(const struct mmp_rules *rules, const json_t *value,
		       struct mmp_registration *ret_one, struct mmp_error *err)
{
	struct members members;

	if (!json_is_object(value))
		return mmp_fail(err, MMP_INVALID, "must be an object");
	if (find_members(rules, (json_t *)(uintptr_t)value, &members, err))
		return -1;
	return read_members(rules, &members, ret_one, err);
}

int mmp_registration_read(const struct mmp_rules *rules, const json_t *value,
			  const char *what, struct mmp_registration *ret_one,
			  struct mmp_error *err)
{
	if (read_object(rules, value, ret_one, err))
		return mmp_while(err, "%s", what);
	return 0;
}

int mmp_registration_read_given(const struct mmp_rules *rules,
				mmp_registration_given *given, const void *data,
				const char *what, struct mmp_registration *ret_one,
				struct mmp_error *err)
{
	const struct mmp_registration_key *keys = rules->registration_keys;
	struct members members = { 0 };

	for (size_t i = 0; keys[i].name; i++)
		members.of[i] = given(data, &keys[i]);
	if (read_members(rules, &members, ret_one, err))
		return mmp_while(err, "%s", what);
	return 0;
}

/* Record a mistake in a part. */
static void mistake_of(struct mmp_mistakes *mistakes, struct mmp_error *err,
		       const char *what, size_t n, const char *key)
{
	mmp_while(err, "%s", what);
	mmp_mistake(mistakes, err, "registrations.%zu.%s", n, key);
}

static void gather_parts(const struct mmp_rules *rules, const json_t *value,
			 const char *what, size_t n, struct mmp_mistakes *mistakes)
{
	const struct mmp_registration_key *keys = rules->registration_keys;
	struct mmp_registration one = { .name = "", .origin = "platform" };
	struct members members = { 0 };
	struct mmp_error err;
	const char *key;
	json_t *part;

	json_object_foreach((json_t *)(uintptr_t)value, key, part) {
		size_t place = place_of_key(keys, key, 0);

		if (keys[place].name) {
			members.of[place] = part;
		} else {
			unknown_key(rules, key, &err);
			mistake_of(mistakes, &err, what, n, key);
		}
	}
	if (read_section(rules, &members, &one, &err)) {
		mistake_of(mistakes, &err, what, n, keys[place_of_section(keys)].name);
		return;
	}
	for (size_t i = 0; keys[i].name; i++)
		if (read_part(rules, members.of[i], &keys[i], &one, &err))
			mistake_of(mistakes, &err, what, n, keys[i].name);
}

static void name_registration(const json_t *value, size_t n, char what[WHAT_SIZE])
{
	const char *name = json_string_value(json_object_get(value, "name"));

	snprintf(what, WHAT_SIZE, "registrations[%zu]%s%.48s%s", n, name ? " \"" : "",
		 name ? name : "", name ? "\"" : "");
}

static void gather_registration(const struct mmp_rules *rules,
				const struct mmp_config *config, const json_t *value,
				size_t n, struct mmp_mistakes *mistakes)
{
	size_t before = json_array_size(mistakes->list) + mistakes->omitted;
	struct mmp_registration one;
	struct mmp_error err;
	char what[WHAT_SIZE];

	name_registration(value, n, what);
	if (mmp_registration_read(rules, value, what, &one, &err)) {
		if (json_is_object(value))
			gather_parts(rules, value, what, n, mistakes);
		if (json_array_size(mistakes->list) + mistakes->omitted == before)
			mmp_mistake(mistakes, &err, "registrations.%zu", n);
	} else if (rules->check_registration &&
		   rules->check_registration(rules, config, &one, &err)) {
		mmp_while(&err, "%s", what);
		mmp_mistake(mistakes, &err, "registrations.%zu", n);
	}
}

void mmp_registrations_mistakes(const struct mmp_rules *rules,
				const struct mmp_config *config, const json_t *list,
				struct mmp_mistakes *mistakes)
{
	struct mmp_error err;
	json_t *value;
	size_t i;

	if (!json_is_array(list)) {
		mmp_fail(&err, MMP_INVALID, "registrations: %s",
			 list ? "must be an array" : "missing");
		mmp_mistake(mistakes, &err, "registrations");
	}
	json_array_foreach(list, i, value) {
		if (mmp_mistakes_are_enough(mistakes))
			break;
		gather_registration(rules, config, value, i, mistakes);
	}
}

void mmp_attr_words_print(struct mmp_writer *w, const struct mmp_rules *rules,
			  uint32_t attr)
{
	char text[MMP_WORDS_SIZE] = "", *at = text, *word;

	if (rules->attr_words)
		rules->attr_words(rules, attr, text);
	mmp_writer_begin(w, '[');
	while ((word = strsep(&at, " ")))
		if (*word)
			mmp_writer_text(w, word);
	mmp_writer_end(w, ']');
}

json_t *mmp_attr_words_write(const struct mmp_rules *rules, uint32_t attr)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_attr_words_print(&builder, rules, attr);
	return mmp_writer_done(&builder);
}

static void write_part(struct mmp_writer *w, const struct mmp_rules *rules,
		       struct mmp_registration *one, enum mmp_part part)
{
	switch (part) {
	case MMP_PART_SECTION:
		mmp_writer_text(w, rules->sections[one->section].name);
		break;
	case MMP_PART_TYPE:
		mmp_writer_text(w, rules->types[one->type].name);
		break;
	case MMP_PART_NAME:
		mmp_writer_text(w, one->name);
		break;
	case MMP_PART_ORIGIN:
		mmp_writer_text(w, one->origin);
		break;
	case MMP_PART_ATTR:
		mmp_writer_hex(w, one->attr, 8);
		break;
	case MMP_PART_WORDS:
		mmp_attr_words_print(w, rules, one->attr);
		break;
	case MMP_PART_ADDR:
	case MMP_PART_VA:
	case MMP_PART_SIZE:
	case MMP_PART_GRANULARITY:
		mmp_writer_hex(w, *part_of(one, part), 1);
		break;
	}
}

void mmp_registration_print(struct mmp_writer *w, const struct mmp_rules *rules,
			    const struct mmp_registration *registration,
			    const uint64_t *ordinal)
{
	struct mmp_registration one = *registration;

	mmp_writer_begin(w, '{');
	for (const struct mmp_registration_key *k = rules->registration_keys; k->name;
	     k++)
		if (has_part(rules, one.section, k->part)) {
			mmp_writer_key(w, k->name);
			write_part(w, rules, &one, k->part);
		}
	if (ordinal)
		mmp_member_number(w, "ordinal", (int64_t)*ordinal);
	mmp_writer_end(w, '}');
}

json_t *mmp_registration_write(const struct mmp_rules *rules,
			       const struct mmp_registration *registration)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_registration_print(&builder, rules, registration, NULL);
	return mmp_writer_done(&builder);
}

static int add_registration(struct mmp_platform *platform, const json_t *value, size_t n,
			    struct mmp_error *err)
{
	struct mmp_registration one;
	const struct mmp_rules *rules = platform->rules;
	char what[WHAT_SIZE];

	if (read_object(rules, value, &one, err) ||
	    (rules->check_registration &&
	     rules->check_registration(rules, &platform->config, &one, err))) {
		name_registration(value, n, what);
		return mmp_while(err, "%s", what);
	}
	return mmp_platform_add(platform, &one, err);
}

int mmp_registrations_read(struct mmp_platform *platform, const json_t *list,
			   struct mmp_error *err)
{
	size_t i;
	json_t *value;

	if (!json_is_array(list))
		return mmp_fail(err, MMP_INVALID, "registrations: %s",
				list ? "must be an array" : "missing");
	json_array_foreach(list, i, value) {
		if (add_registration(platform, value, i, err))
			return -1;
	}
	return 0;
}
