/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/platform.h"
#include "json/text.h"

/* Every key of every rule set, by its row: edges, defaults and what is refused. */

static struct mmp_error err;

/* {"tee_ram": {"start": value}} of "tee_ram.start". Takes `value`. */
static json_t *config_of(const char *name, json_t *take_value)
{
	const char *dot = strchr(name, '.');
	json_t *config = json_object();
	char front[64];

	if (!dot) {
		json_object_set_new(config, name, take_value);
		return config;
	}
	snprintf(front, sizeof(front), "%.*s", (int)(dot - name), name);
	json_object_set_new(config, front, config_of(dot + 1, take_value));
	return config;
}

static int read_key(const struct mmp_rules *rules, const char *name, json_t *take_value,
		    struct mmp_config *config)
{
	json_t *json = config_of(name, take_value);
	int failed = mmp_config_read_some(rules, json, config, &err);

	json_decref(json);
	return failed;
}

/* Calls `check` for each key that the rule set uses, rule set after rule set. */
static void each_key(void (*check)(const struct mmp_rules *rules,
				   const struct mmp_config_key *key))
{
	const struct mmp_rules *rules;

	for (size_t n = 0; (rules = mmp_rules_at(n)); n++)
		for (const struct mmp_config_key *key = rules->keys; key->name; key++)
			if (mmp_key_use(rules, key) == MMP_KEY_USED)
				check(rules, key);
}

static void check_row(const struct mmp_rules *rules, const struct mmp_config_key *key)
{
	if (!key->about || !*key->about)
		fail_msg("%s, %s: no line of help", rules->name, key->name);
	if (mmp_config_key_find(rules, key->name) != key)
		fail_msg("%s, %s: the name is there twice", rules->name, key->name);
	if (key->type == MMP_KEY_COUNT && !key->nullable &&
	    (key->fallback < key->min || key->fallback > key->max))
		fail_msg("%s, %s: the default is not allowed", rules->name, key->name);
}

static void
each_row_has_help_a_name_of_its_own_and_a_default_that_is_allowed(void **state)
{
	(void)state;
	each_key(check_row);
}

static void check_value(const struct mmp_rules *rules, const struct mmp_config_key *key)
{
	struct mmp_config config;

	if (key->type == MMP_KEY_OBJECT)
		return;
	mmp_rules_defaults(rules, &config);
	mmp_config_set(&config, key, key->max);
	if (key->type != MMP_KEY_CHOICE && mmp_config_get(&config, key) != key->max)
		fail_msg("%s, %s: set and read back", rules->name, key->name);
	for (const struct mmp_config_key *k = rules->keys; k->name; k++)
		if (k != key && k->type == key->type && k->offset == key->offset &&
		    k->type != MMP_KEY_OBJECT)
			fail_msg("%s: %s and %s are the same member", rules->name,
				 key->name, k->name);
}

static void each_key_has_a_member_of_its_own(void **state)
{
	(void)state;
	each_key(check_value);
}

static void check_bounds(const struct mmp_rules *rules, const struct mmp_config_key *key)
{
	struct mmp_config config;

	if (key->type != MMP_KEY_COUNT)
		return;
	if (key->max < INT64_MAX &&
	    !read_key(rules, key->name, json_integer((json_int_t)key->max + 1), &config))
		fail_msg("%s, %s: more than its most was taken", rules->name, key->name);
	if (key->min &&
	    !read_key(rules, key->name, json_integer((json_int_t)key->min - 1), &config))
		fail_msg("%s, %s: less than its least was taken", rules->name, key->name);
	assert_int_equal(err.code, MMP_INVALID);
	if (!strstr(err.text, key->name))
		fail_msg("%s: \"%s\" does not name %s", rules->name, err.text, key->name);
}

static void a_count_beyond_its_bounds_is_refused_by_name(void **state)
{
	(void)state;
	each_key(check_bounds);
}

static void check_kind(const struct mmp_rules *rules, const struct mmp_config_key *key)
{
	struct mmp_config config;
	json_t *wrong = key->type == MMP_KEY_FLAG ? json_string("yes") : json_true();

	if (!read_key(rules, key->name, wrong, &config))
		fail_msg("%s, %s: a value of another kind was taken", rules->name,
			 key->name);
	assert_int_equal(err.code, MMP_INVALID);
	if (!strstr(err.text, key->name))
		fail_msg("%s: \"%s\" does not name %s", rules->name, err.text, key->name);
}

static void a_value_of_another_kind_is_refused_by_name(void **state)
{
	(void)state;
	each_key(check_kind);
}

static void an_unknown_key_is_refused_with_the_nearest(void **state)
{
	struct mmp_config config;

	(void)state;
	for (size_t n = 0; mmp_rules_at(n); n++) {
		const struct mmp_rules *rules = mmp_rules_at(n);
		char name[64], wrong[72];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(rules->keys->name, "."),
			 rules->keys->name);
		snprintf(wrong, sizeof(wrong), "%sx", name);
		assert_int_equal(read_key(rules, wrong, json_integer(1), &config), -1);
		if (!strstr(err.text, wrong) || !strstr(err.text, name))
			fail_msg("%s: \"%s\"", rules->name, err.text);
	}
}

static void defaults_are_written_as_they_are_read(void **state)
{
	(void)state;
	for (size_t n = 0; mmp_rules_at(n); n++) {
		const struct mmp_rules *rules = mmp_rules_at(n);
		struct mmp_config config, again;
		json_t *empty = json_object(), *written, *twice;

		assert_int_equal(mmp_config_read_some(rules, empty, &config, &err), 0);
		written = mmp_config_write(rules, &config);
		if (mmp_config_read_some(rules, written, &again, &err))
			fail_msg("%s: %s", rules->name, err.text);
		twice = mmp_config_write(rules, &again);
		if (!json_equal(written, twice))
			fail_msg("%s: defaults change when they are read back",
				 rules->name);
		json_decref(empty);
		json_decref(written);
		json_decref(twice);
	}
}

/* --- straight from the text --- */

/* Read both ways; false if the text is left to mmp_config_read. */
static bool read_text(const struct mmp_rules *rules, const char *text)
{
	struct mmp_config quick, slow;
	json_t *json;

	if (!mmp_config_read_text(rules, text, strlen(text), &quick))
		return false;
	json = mmp_json_parse(text, strlen(text), SIZE_MAX, &err);
	if (!json || mmp_config_read(rules, json, &slow, &err))
		fail_msg("%s: %s", text, err.text);
	json_decref(json);
	for (const struct mmp_config_key *k = rules->keys; k->name; k++) {
		bool *given = mmp_config_given(&quick, k);

		assert_int_equal(mmp_config_get(&quick, k), mmp_config_get(&slow, k));
		assert_true(!given || *given == *mmp_config_given(&slow, k));
	}
	return true;
}

/* What is read of a text with a mistake is what it says. Returns how many are left. */
static unsigned spoil(const struct mmp_rules *rules, char *text)
{
	static const char wrong[] = "{}[]\",:0x9.-n\\ \n";
	unsigned left = 0;

	for (char *at = text; *at; at++) {
		char was = *at;

		*at = wrong[(at - text) % (sizeof(wrong) - 1)];
		left += !read_text(rules, text);
		*at = '\0';
		left += !read_text(rules, text);
		*at = was;
	}
	return left;
}

/* A text without a required key is left to mmp_config_read. */
static void lack(const struct mmp_rules *rules, const json_t *config)
{
	for (const struct mmp_config_key *k = rules->keys; k->name; k++) {
		json_t *copy = json_deep_copy(config), *holder = copy;
		const char *name = k->name, *dot;
		char part[64], *text;

		for (; holder && (dot = strchr(name, '.')); name = dot + 1) {
			snprintf(part, sizeof(part), "%.*s", (int)(dot - name), name);
			holder = json_object_get(holder, part);
		}
		if (k->required && json_object_get(holder, name)) {
			json_object_del(holder, name);
			text = json_dumps(copy, JSON_COMPACT);
			if (read_text(rules, text))
				fail_msg("%s is missing: %s", k->name, text);
			free(text);
		}
		json_decref(copy);
	}
}

static void check_vector(const char *folder, const char *file, bool spoiled)
{
	struct mmp_platform *platform;
	char path[512], *text;
	json_t *json;

	snprintf(path, sizeof(path), "%s/tests/vectors/%s/%s",
		 getenv("top_srcdir") ? getenv("top_srcdir") : ".", folder, file);
	json = json_load_file(path, 0, NULL);
	assert_int_equal(mmp_platform_read(json, &platform, &err), 0);
	json_decref(json);
	json = mmp_config_write(platform->rules, &platform->config);
	text = json_dumps(json, JSON_COMPACT);
	if (!read_text(platform->rules, text))
		fail_msg("%s/%s: %s", folder, file, text);
	if (spoiled) {
		assert_in_range(spoil(platform->rules, text), strlen(text),
				2 * strlen(text) - 1);
		lack(platform->rules, json);
	}
	free(text);
	json_decref(json);
	mmp_platform_free(platform);
}

static int is_json(const struct dirent *entry)
{
	return strstr(entry->d_name, ".json") != NULL;
}

static void a_config_is_read_from_its_text_as_from_its_json(void **state)
{
	static const char *const folders[] = { "real", "corners", "tfa-2.15/map" };
	char path[256];

	(void)state;
	for (size_t f = 0; f < sizeof(folders) / sizeof(folders[0]); f++) {
		struct dirent **names;
		int count;

		snprintf(path, sizeof(path), "%s/tests/vectors/%s",
			 getenv("top_srcdir") ? getenv("top_srcdir") : ".", folders[f]);
		count = scandir(path, &names, is_json, alphasort);
		assert_true(count > 0);
		for (int i = 0; i < count; i++) {
			check_vector(folders[f], names[i]->d_name, i % 20 == 0);
			free(names[i]);
		}
		free(names);
	}
}

static void a_text_that_is_not_only_a_config_is_left_alone(void **state)
{
	static const char *const texts[] = {
		"",
		"null",
		"[]",
		"{} {}",
		"{\"config\": {}}",
		"{\"va_bits\": 39, \"va_bits\": 39}",
		"{\"tee_ram.start\": 1}",
		"{\"va_bits\": 39.0}",
		"{\"va_bits\": -1}",
		"{\"va_bits\": 9007199254740993}",
	};
	const struct mmp_rules *rules;
	struct mmp_config config;

	(void)state;
	assert_int_equal(mmp_rules_find("optee-4.10", &rules, &err), 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(
			mmp_config_read_text(rules, texts[i], strlen(texts[i]), &config));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_row_has_help_a_name_of_its_own_and_a_default_that_is_allowed),
		cmocka_unit_test(each_key_has_a_member_of_its_own),
		cmocka_unit_test(a_count_beyond_its_bounds_is_refused_by_name),
		cmocka_unit_test(a_value_of_another_kind_is_refused_by_name),
		cmocka_unit_test(an_unknown_key_is_refused_with_the_nearest),
		cmocka_unit_test(defaults_are_written_as_they_are_read),
		cmocka_unit_test(a_config_is_read_from_its_text_as_from_its_json),
		cmocka_unit_test(a_text_that_is_not_only_a_config_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
