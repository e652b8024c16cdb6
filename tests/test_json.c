/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "json/number.h"
#include "json/text.h"

static struct mmp_error err;

static void numbers_are_taken_up_to_their_edges(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} rows[] = {
		{ "0", 0 },
		{ "18446744073709551615", UINT64_MAX },
		{ "0xffffffffffffffff", UINT64_MAX },
		{ "0xFFFF_FFFF", 0xffffffff },
		{ "1_000", 1000 },
		{ "64K", 65536 },
		{ "2MiB", 2 << 20 },
		{ "2mb", 2 << 20 },
		{ "2mib", 2 << 20 },
		{ "0x10K", 16384 },
		{ "16777215T", UINT64_C(16777215) << 40 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = 1;

		if (mmp_number_parse(rows[i].text, &value, &err))
			fail_msg("%s: %s", rows[i].text, err.text);
		assert_int_equal(value, rows[i].value);
	}
}

static void what_is_not_a_number_is_refused_and_changes_nothing(void **state)
{
	static const char *const rows[] = {
		"",     " ",         "x",    "-1",  "+1",   "0x",
		"0xg",  "1.5",       "_1",   "1_",  "1__0", "18446744073709551616",
		"1 K",  "1Q",        "1KK",  "K",   "0x1_", "0x1ffffffffffffffff",
		"16Mb", "16mB",      "16Mi", "1\n", "1 ",   " 1",
		"1e3",  "16777216T",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = 7;

		if (!mmp_number_parse(rows[i], &value, &err))
			fail_msg("\"%s\" was taken for %llu", rows[i],
				 (unsigned long long)value);
		assert_int_equal(err.code, MMP_INVALID);
		assert_int_equal(value, 7);
	}
}

static void json_numbers_are_exact_up_to_2_to_the_53(void **state)
{
	json_t *most = json_integer(INT64_C(1) << 53);
	json_t *over = json_integer((INT64_C(1) << 53) + 1);
	json_t *below = json_integer(-1), *real = json_real(1.0), *hex;
	uint64_t value = 0;

	(void)state;
	assert_int_equal(mmp_json_number(most, "n", &value, &err), 0);
	assert_int_equal(value, UINT64_C(1) << 53);
	assert_int_equal(mmp_json_number(over, "n", &value, &err), -1);
	assert_int_equal(mmp_json_number(below, "n", &value, &err), -1);
	assert_int_equal(mmp_json_number(real, "n", &value, &err), -1);
	assert_int_equal(mmp_json_number(json_true(), "n", &value, &err), -1);
	assert_int_equal(mmp_json_number(NULL, "n", &value, &err), -1);
	assert_non_null(strstr(err.text, "n: missing"));
	hex = mmp_json_hex(UINT64_MAX, 1);
	assert_int_equal(mmp_json_number(hex, "n", &value, &err), 0);
	assert_int_equal(value, UINT64_MAX);
	json_decref(most);
	json_decref(over);
	json_decref(below);
	json_decref(real);
	json_decref(hex);
}

static json_t *parse(const char *text, size_t values_max)
{
	return mmp_json_parse(text, strlen(text), values_max, &err);
}

static void what_others_would_misread_is_not_json(void **state)
{
	static const char *const rows[] = {
		"",
		"{",
		"[1,]",
		"{\"a\":1,\"a\":2}",
		"\"\\u0000\"",
		"\"\xff\"",
		"nul",
		"'a'",
		"[1] 2",
		"1e400",
		"\"\xc0\x80\"",
		"01",
		"{a:1}",
		"\"\xed\xa0\x80\"",
		"99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *value = parse(rows[i], 100);

		if (value)
			fail_msg("%s was parsed", rows[i]);
		assert_int_equal(err.code, MMP_PARSE);
	}
}

static void nesting_and_values_have_edges(void **state)
{
	char deep[2 * MMP_DEPTH_MAX + 3];
	json_t *value;

	(void)state;
	memset(deep, '[', MMP_DEPTH_MAX);
	memset(deep + MMP_DEPTH_MAX, ']', MMP_DEPTH_MAX);
	deep[2 * MMP_DEPTH_MAX] = '\0';
	value = parse(deep, 1000);
	assert_non_null(value);
	json_decref(value);
	memset(deep, '[', MMP_DEPTH_MAX + 1);
	memset(deep + MMP_DEPTH_MAX + 1, ']', MMP_DEPTH_MAX + 1);
	deep[2 * MMP_DEPTH_MAX + 2] = '\0';
	assert_null(parse(deep, 1000));
	assert_int_equal(err.code, MMP_PARSE);
	value = parse("[1,2,3]", 4);
	assert_non_null(value);
	json_decref(value);
	assert_null(parse("[1,2,3]", 3));
	assert_int_equal(err.code, MMP_TOO_LARGE);
}

/* "[{},{"a":0,"a1":0, ...}]", with members that hold commas; the caller frees it. */
static char *members(size_t count, bool is_open)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	mmp_buffer_text(&text, "[{},{\"a,{\":0");
	for (size_t i = 1; i < count; i++)
		mmp_buffer_printf(&text, ",\"a%zu\":%s", i, i % 3 ? "[1,2]" : "\",,\"");
	mmp_buffer_text(&text, is_open ? "" : "},{\"b\":{\"c\":1,\"d\":2}}]");
	return text.bytes;
}

static void an_object_has_only_so_many_members_and_a_list_any_number(void **state)
{
	char *fits = members(MMP_MEMBERS_MAX, false),
	     *over = members(MMP_MEMBERS_MAX + 1, false),
	     *open = members(MMP_MEMBERS_MAX + 1, true), *list;
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	json_t *value = parse(fits, SIZE_MAX);

	(void)state;
	assert_int_equal(json_object_size(json_array_get(value, 1)), MMP_MEMBERS_MAX);
	json_decref(value);
	assert_null(parse(over, SIZE_MAX));
	assert_int_equal(err.code, MMP_TOO_LARGE);
	assert_string_equal(err.text,
			    "4097 members of one object in it, 4096 are the limit");
	assert_null(parse(open, SIZE_MAX));
	assert_int_equal(err.code, MMP_TOO_LARGE);
	mmp_buffer_text(&text, "{\"list\":[0");
	for (size_t i = 0; i < 2 * MMP_MEMBERS_MAX; i++)
		mmp_buffer_text(&text, ",{}");
	mmp_buffer_text(&text, "]}");
	list = text.bytes;
	value = parse(list, SIZE_MAX);
	assert_non_null(value);
	json_decref(value);
	free(fits);
	free(over);
	free(open);
	mmp_buffer_done(&text);
}

static void an_answer_over_its_limit_leaves_the_buffer_as_it_was(void **state)
{
	struct mmp_buffer buffer = MMP_BUFFER_EMPTY;
	json_t *value = json_string("four");

	(void)state;
	assert_int_equal(mmp_json_print(value, 6, &buffer, &err), 0);
	assert_int_equal(buffer.length, 6);
	assert_int_equal(mmp_json_print(value, 5, &buffer, &err), -1);
	assert_int_equal(err.code, MMP_TOO_LARGE);
	assert_int_equal(buffer.length, 6);
	mmp_buffer_done(&buffer);
	json_decref(value);
}

static void words_keep_what_is_utf_8_and_say_what_is_not(void **state)
{
	static const struct {
		const char *bytes, *words, *mended;
	} rows[] = {
		{ "plain", "plain", "plain" },
		{ "caf\xc3\xa9", "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "cut \xc3", "cut ?", "cut " },
		{ "\xc0\x80x", "??x", "x" },
		{ "\xed\xa0\x80", "???", "" },
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
		{ "\xf4\x90\x80\x80", "????", "" },
		{ "\xe0\x9f\xbf.", "???.", "." },
		{ "\xf0\x90\x80", "???", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *words = mmp_json_words(rows[i].bytes);
		char text[16];

		assert_string_equal(json_string_value(words), rows[i].words);
		json_decref(words);
		snprintf(text, sizeof(text), "%s", rows[i].bytes);
		mmp_text_mend(text);
		assert_string_equal(text, rows[i].mended);
	}
}

static void a_string_that_is_missing_is_empty(void **state)
{
	json_t *object = json_pack("{s:s, s:i}", "a", "text", "n", 1);

	(void)state;
	assert_string_equal(mmp_json_string(object, "a"), "text");
	assert_string_equal(mmp_json_string(object, "n"), "");
	assert_string_equal(mmp_json_string(object, "none"), "");
	assert_string_equal(mmp_json_string(NULL, "none"), "");
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_taken_up_to_their_edges),
		cmocka_unit_test(what_is_not_a_number_is_refused_and_changes_nothing),
		cmocka_unit_test(json_numbers_are_exact_up_to_2_to_the_53),
		cmocka_unit_test(what_others_would_misread_is_not_json),
		cmocka_unit_test(nesting_and_values_have_edges),
		cmocka_unit_test(
			an_object_has_only_so_many_members_and_a_list_any_number),
		cmocka_unit_test(an_answer_over_its_limit_leaves_the_buffer_as_it_was),
		cmocka_unit_test(words_keep_what_is_utf_8_and_say_what_is_not),
		cmocka_unit_test(a_string_that_is_missing_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
