/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "doc/platform.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
