/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "doc/mistakes.h"
#include "doc/platform.h"

enum { KEY_SIZE = 400 };

static const char *const formats[] = { MMP_PLATFORM_FORMAT, "optee-map-vector-1",
				       "tfa-map-vector-1", "no-such-format" };

static const char *const head_keys[] = { "format",        "name",
					 "rules",         "config",
					 "registrations", "optee_version",
					 "tfa_version",   "" };

static json_t *document(const char *format)
{
	return json_pack("{s:s, s:s, s:s, s:{}, s:[]}", "format", format, "name", "x",
			 "rules", "optee-4.10", "config", "registrations");
}

static const char *text_of(const json_t *list, size_t n, const char *member)
{
	return json_string_value(json_object_get(json_array_get(list, n), member));
}

/* How many mistakes a document of the format has, with another key and without. */
static size_t count_with(const char *format, const char *key, json_t **ret_list)
{
	json_t *given = document(format);
	size_t omitted;

	if (key)
		json_object_set_new(given, key, json_integer(1));
	*ret_list = mmp_platform_mistakes(given, &omitted);
	assert_int_equal(omitted, 0);
	json_decref(given);
	return json_array_size(*ret_list);
}

static void check_key(const char *format, const char *key)
{
	bool is_format_bad = !strcmp(format, "no-such-format");
	json_t *list, *usual;
	char message[96];

	assert_int_equal(count_with(format, key, &list),
			 count_with(format, NULL, &usual) + 1);
	if (is_format_bad)
		assert_string_equal(text_of(list, 0, "path"), "format");
	snprintf(message, sizeof(message), "%.64s: no such key", key);
	assert_memory_equal(text_of(list, is_format_bad, "message"), message,
			    strlen(message));
	json_decref(list);
	json_decref(usual);
}

/* The head was once read again for ever, as such a key was taken for the other one. */
static void a_key_that_begins_like_another_is_told_once(void **state)
{
	static const size_t lengths[] = { 0, 1, 2, 58, 64, 95, 96, 97, 192, 300 };
	static const char *const marks[] = { ":", "[", ".", "[0]", ": ", "..", "[[", "" };
	char key[KEY_SIZE], more[KEY_SIZE];

	(void)state;
	memset(more, 'x', sizeof(more));
	for (size_t f = 0; f < COUNT(formats); f++)
		for (size_t h = 0; h < COUNT(head_keys); h++)
			for (size_t m = 0; m < COUNT(marks); m++)
				for (size_t l = 0; l < COUNT(lengths); l++) {
					if (!*marks[m] && !lengths[l])
						continue; /* the key itself */
					snprintf(key, sizeof(key), "%s%s%.*s",
						 head_keys[h], marks[m], (int)lengths[l],
						 more);
					check_key(formats[f], key);
				}
}

static void all_such_keys_together_are_told_in_their_order(void **state)
{
	json_t *given = document(MMP_PLATFORM_FORMAT), *list;
	char key[KEY_SIZE];
	size_t omitted;

	(void)state;
	for (size_t h = 0; h < COUNT(head_keys); h++) {
		snprintf(key, sizeof(key), "%s[", head_keys[h]);
		json_object_set_new(given, key, json_null());
	}
	json_object_set_new(given, "name", json_string(""));
	json_object_set_new(given, "format", json_integer(1));
	list = mmp_platform_mistakes(given, &omitted);
	assert_string_equal(text_of(list, 0, "path"), "format");
	for (size_t h = 0; h < COUNT(head_keys); h++) {
		snprintf(key, sizeof(key), "%s[", head_keys[h]);
		assert_string_equal(text_of(list, 1 + h, "path"), key);
	}
	assert_string_equal(text_of(list, 1 + COUNT(head_keys), "path"), "name");
	json_decref(list);
	json_decref(given);
}

static void a_bad_version_of_a_recording_is_told_once(void **state)
{
	json_t *given = document("optee-map-vector-1"), *list;
	size_t omitted;

	(void)state;
	json_object_del(given, "rules");
	json_object_set_new(given, "optee_version", json_string("9.9"));
	list = mmp_platform_mistakes(given, &omitted);
	assert_string_equal(text_of(list, 0, "path"), "optee_version");
	assert_string_not_equal(text_of(list, 1, "path"), "optee_version");
	json_decref(list);
	json_decref(given);
}

static void over_the_limit_mistakes_are_only_counted(void **state)
{
	json_t *given = document(MMP_PLATFORM_FORMAT), *list;
	char key[KEY_SIZE];
	size_t omitted;

	(void)state;
	for (unsigned i = 0; i < MMP_MISTAKES_MAX + 7; i++) {
		snprintf(key, sizeof(key), "name[%u", i);
		json_object_set_new(given, key, json_null());
	}
	json_object_set_new(given, "waivers", json_null());
	list = mmp_platform_mistakes(given, &omitted);
	assert_int_equal(json_array_size(list), MMP_MISTAKES_MAX);
	assert_true(omitted > 7);
	json_decref(list);
	json_decref(given);
}

static size_t omitted_of(size_t registrations)
{
	json_t *given = document(MMP_PLATFORM_FORMAT), *list;
	json_t *bad = json_array();
	size_t omitted;

	for (size_t i = 0; i < registrations; i++)
		json_array_append_new(bad, json_integer(7));
	json_object_set_new(given, "registrations", bad);
	list = mmp_platform_mistakes(given, &omitted);
	assert_int_equal(json_array_size(list), MMP_MISTAKES_MAX);
	json_decref(list);
	json_decref(given);
	return omitted;
}

static void so_many_mistakes_end_the_count(void **state)
{
	size_t few = omitted_of(MMP_MISTAKES_MAX), rest = MMP_MISTAKES_COUNTED - few;

	(void)state;
	assert_int_equal(omitted_of(MMP_MISTAKES_MAX + rest - 1),
			 MMP_MISTAKES_COUNTED - 1);
	assert_int_equal(omitted_of(MMP_MISTAKES_MAX + rest), MMP_MISTAKES_COUNTED);
	assert_int_equal(omitted_of(MMP_MISTAKES_MAX + rest + 1), MMP_MISTAKES_COUNTED);
	assert_int_equal(omitted_of(MMP_MISTAKES_MAX + 2 * rest), MMP_MISTAKES_COUNTED);
}

static void unknown_keys_of_a_config_are_counted_to_the_last(void **state)
{
	json_t *given = document(MMP_PLATFORM_FORMAT), *list;
	json_t *config = json_object_get(given, "config");
	size_t omitted, missing;
	char key[KEY_SIZE];

	(void)state;
	list = mmp_platform_mistakes(given, &omitted);
	missing = json_array_size(list);
	json_decref(list);
	for (unsigned i = 0; i < MMP_MISTAKES_MAX + 7; i++) {
		snprintf(key, sizeof(key), "va_bits[%u", i);
		json_object_set_new(config, key, json_null());
	}
	list = mmp_platform_mistakes(given, &omitted);
	assert_int_equal(json_array_size(list), MMP_MISTAKES_MAX);
	assert_int_equal(omitted, 7 + missing);
	assert_non_null(strstr(text_of(list, MMP_MISTAKES_MAX - 1, "message"),
			       "va_bits[99: no such key"));
	json_decref(list);
	json_decref(given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_begins_like_another_is_told_once),
		cmocka_unit_test(all_such_keys_together_are_told_in_their_order),
		cmocka_unit_test(a_bad_version_of_a_recording_is_told_once),
		cmocka_unit_test(over_the_limit_mistakes_are_only_counted),
		cmocka_unit_test(so_many_mistakes_end_the_count),
		cmocka_unit_test(unknown_keys_of_a_config_are_counted_to_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
