/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "doc/layout.h"
#include "doc/platform.h"
#include "json/number.h"
#include "json/text.h"
#include "json/writer.h"

struct row {
	const char *name, *note, *board;
	uint64_t pa, count;
	uint32_t attr;
	uint16_t port;
	uint8_t level;
	int gain;
	int64_t offset;
	bool live;
};

static void write_halves(struct mmp_writer *w, const void *data)
{
	const struct row *row = data;

	mmp_writer_begin(w, '[');
	mmp_writer_number(w, (int64_t)(row->count / 2));
	mmp_writer_null(w);
	mmp_writer_end(w, ']');
}

static void write_rest(struct mmp_writer *w, const void *data)
{
	const struct row *row = data;

	if (row->live)
		mmp_member_flag(w, "live", true);
}

/* clang-format off */
static const struct mmp_column columns[] = {
	{ "name",   MMP_COLUMN_TEXT,     MMP_AT(struct row, name) },
	{ "note",   MMP_COLUMN_GIVEN,    MMP_AT(struct row, note) },
	{ "board",  MMP_COLUMN_FILLED,   MMP_AT(struct row, board) },
	{ "pa",     MMP_COLUMN_HEX,      MMP_AT(struct row, pa) },
	{ "attr",   MMP_COLUMN_HEX,      MMP_AT(struct row, attr), .digits = 8 },
	{ "count",  MMP_COLUMN_UNSIGNED, MMP_AT(struct row, count) },
	{ "port",   MMP_COLUMN_UNSIGNED, MMP_AT(struct row, port) },
	{ "level",  MMP_COLUMN_UNSIGNED, MMP_AT(struct row, level) },
	{ "gain",   MMP_COLUMN_INT,      MMP_AT(struct row, gain) },
	{ "offset", MMP_COLUMN_INT,      MMP_AT(struct row, offset) },
	{ "alive",  MMP_COLUMN_FLAG,     MMP_AT(struct row, live) },
	{ "halves", .write = write_halves },
	{ "",       MMP_COLUMN_MEMBERS,  .write = write_rest },
	{ 0 },
};
/* clang-format on */

static const struct row rows[] = {
	{ "uart", "t\"x", "desk", 0x9000000, 7, 0xc0de, 65535, 255, -3, INT64_MIN, true },
	{ NULL, NULL, "", UINT64_MAX, INT64_MAX, 0, 0, 0, INT32_MAX, -1, false },
};

static const char *const row_texts[] = {
	"{\"name\":\"uart\",\"note\":\"t\\\"x\",\"board\":\"desk\",\"pa\":\"0x9000000\","
	"\"attr\":"
	"\"0x0000c0de\",\"count\":7,\"port\":65535,\"level\":255,\"gain\":-3,"
	"\"offset\":-9223372036854775808,\"alive\":true,\"halves\":[3,null],"
	"\"live\":true}",
	"{\"name\":null,\"board\":null,\"pa\":\"0xffffffffffffffff\",\"attr\":"
	"\"0x00000000\","
	"\"count\":9223372036854775807,\"port\":0,\"level\":0,\"gain\":2147483647,"
	"\"offset\":-1,\"alive\":false,\"halves\":[4611686018427387903,null]}",
};

static void a_row_is_an_object_of_its_columns(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mmp_buffer text = MMP_BUFFER_EMPTY;
		struct mmp_writer w = MMP_WRITER(&text);

		mmp_writer_begin(&w, '[');
		mmp_writer_row(&w, columns, &rows[i]);
		mmp_writer_begin(&w, '[');
		mmp_writer_end(&w, ']');
		mmp_writer_end(&w, ']');
		assert_memory_equal(text.bytes + 1, row_texts[i], strlen(row_texts[i]));
		assert_string_equal(text.bytes + 1 + strlen(row_texts[i]), ",[]]");
		mmp_buffer_done(&text);
	}
}

static char *printed(json_t *value)
{
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void a_row_is_built_as_it_is_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *value = mmp_row_json(columns, &rows[i]);
		char *text = printed(value);

		assert_string_equal(text, row_texts[i]);
		free(text);
		json_decref(value);
	}
}

/* Values, whole objects and a failure inside of them, in both ways. */
static void write_values(struct mmp_writer *w, json_t *take_last)
{
	mmp_writer_begin(w, '{');
	mmp_member_take(w, "real", json_real(0.25));
	mmp_writer_members(w, json_pack("{s:i, s:[n]}", "one", 1, "list"));
	mmp_member_begin(w, "deep", '[');
	mmp_writer_begin(w, '{');
	mmp_member_hex(w, "pa", 0x40, 4);
	mmp_writer_end(w, '}');
	mmp_writer_text(w, "a\tb");
	mmp_writer_end(w, ']');
	mmp_member_take(w, "last", take_last);
	mmp_writer_end(w, '}');
}

static void a_value_is_built_as_it_is_written(void **state)
{
	struct mmp_buffer out = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&out), builder = MMP_BUILDER;
	json_t *value;
	char *text;

	(void)state;
	write_values(&w, json_true());
	write_values(&builder, json_true());
	value = mmp_writer_done(&builder);
	text = printed(value);
	assert_string_equal(text, out.bytes);
	assert_string_equal(text, "{\"real\":0.25,\"one\":1,\"list\":[null],\"deep\":["
				  "{\"pa\":\"0x0040\"},\"a\\tb\"],\"last\":true}");
	free(text);
	json_decref(value);
	mmp_buffer_done(&out);
}

/* Members that are text already; none of them are nothing, not even a comma. */
static void members_of_text_are_written_in_both_ways(void **state)
{
	static const char *const members[][2] = {
		{ NULL, "{\"kind\":\"x\"}" },
		{ "\"a\":[1],\"b\":{}", "{\"kind\":\"x\",\"a\":[1],\"b\":{}}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(members); i++) {
		struct mmp_buffer out = MMP_BUFFER_EMPTY;
		struct mmp_writer writers[] = { MMP_WRITER(&out), MMP_BUILDER };
		size_t length = members[i][0] ? strlen(members[i][0]) : 0;
		json_t *value;
		char *text;

		for (size_t n = 0; n < COUNT(writers); n++) {
			mmp_writer_begin(&writers[n], '{');
			mmp_member_text(&writers[n], "kind", "x");
			mmp_writer_members_json(&writers[n], members[i][0], length);
			mmp_writer_end(&writers[n], '}');
		}
		assert_string_equal(out.bytes, members[i][1]);
		value = mmp_writer_done(&writers[1]);
		text = printed(value);
		assert_string_equal(text, members[i][1]);
		free(text);
		json_decref(value);
		mmp_buffer_done(&out);
	}
}

/* jansson returns NULL when memory runs out. */
static void a_value_that_is_missing_fails_the_whole(void **state)
{
	struct mmp_buffer out = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&out), builder = MMP_BUILDER;

	(void)state;
	write_values(&w, NULL);
	assert_true(out.failed);
	write_values(&builder, NULL);
	assert_null(mmp_writer_done(&builder));
	mmp_buffer_done(&out);
}

/* One more is an assertion, as the depth of an answer does not depend on its input. */
static void a_value_is_as_deep_as_the_limit(void **state)
{
	struct mmp_writer builder = MMP_BUILDER;
	json_t *value, *at;
	size_t depth = 0;

	(void)state;
	for (unsigned i = 0; i < MMP_WRITER_DEPTH; i++)
		mmp_writer_begin(&builder, '[');
	for (unsigned i = 0; i < MMP_WRITER_DEPTH; i++)
		mmp_writer_end(&builder, ']');
	value = mmp_writer_done(&builder);
	for (at = value; at; at = json_array_get(at, 0))
		depth++;
	assert_int_equal(depth, MMP_WRITER_DEPTH);
	json_decref(value);
}

static void a_text_in_a_value_is_repaired(void **state)
{
	struct mmp_writer builder = MMP_BUILDER;
	json_t *value;

	(void)state;
	mmp_writer_text(&builder, "a\xff"
				  "b");
	value = mmp_writer_done(&builder);
	assert_string_equal(json_string_value(value), "a?b");
	json_decref(value);
}

/* The text is written as jansson prints the value. */
static void is_written_as(const char *text, json_t *take_value)
{
	struct mmp_buffer out = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&out);
	char *wanted = printed(take_value);

	mmp_writer_text(&w, text);
	assert_string_equal(out.bytes, wanted);
	free(wanted);
	json_decref(take_value);
	mmp_buffer_done(&out);
}

/* What is left of texts that a limit cut: the same in both ways, and both are JSON. */
static void a_cut_character_is_repaired_in_both_ways(void **state)
{
	static const char *const texts[][2] = {
		{ "x\xc3", "x?" },
		{ "\xe2\x82\"y", "??\"y" },
		{ "\xf0\x9f\x98", "???" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xed\xa0\x80\xc0\x80\xff", "??????" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct mmp_writer builder = MMP_BUILDER;
		json_t *value;

		mmp_writer_text(&builder, texts[i][0]);
		value = mmp_writer_done(&builder);
		assert_string_equal(json_string_value(value), texts[i][1]);
		is_written_as(texts[i][0], value);
	}
}

/* Characters of each length, whole and cut, on each side of the end of a piece. */
static void a_character_at_the_edge_of_a_piece_is_whole(void **state)
{
	static const char *const ends[] = { "\xc3\xa9",         "\xe2\x82\xac",
					    "\xf0\x9f\x98\x80", "\xc3",
					    "\xf0\x9f\x98",     "\x01\x01" };
	char text[600];

	(void)state;
	for (size_t length = 505; length <= 515; length++)
		for (size_t i = 0; i < COUNT(ends); i++) {
			memset(text, '\x02', length);
			strcpy(text + length, ends[i]);
			is_written_as(text, mmp_json_words(text));
		}
}

/* Eight bytes are looked at together, so each character is tried at each place of them. */
static void a_text_is_escaped_as_jansson_escapes_it(void **state)
{
	enum { LONG = 18 };

	(void)state;
	for (int one = 0; one < 0x7f * LONG; one++) {
		char text[LONG + 1] = "xxxxxxxxxxxxxxxxxx";

		text[one % LONG] = (char)(1 + one / LONG);
		text[(one + 5) % LONG] = (char)(1 + one % 0x7f);
		is_written_as(text, json_string(text));
	}
}

/* Long texts are escaped in pieces: each length around their edges, and each place. */
static void a_long_text_is_escaped_whole(void **state)
{
	enum { LONG = 1100 };
	char text[LONG + 1];

	(void)state;
	for (size_t length = 500; length <= LONG; length += length % 512 > 20 ? 7 : 1) {
		struct mmp_buffer out = MMP_BUFFER_EMPTY;
		struct mmp_writer w = MMP_WRITER(&out);
		json_t *value;
		char *wanted;

		for (size_t i = 0; i < length; i++)
			text[i] = (char)(1 + (i + length) % 0x7f);
		text[length] = '\0';
		value = json_string(text);
		wanted = printed(value);
		mmp_writer_text(&w, text);
		assert_string_equal(out.bytes, wanted);
		assert_int_equal(out.length, strlen(wanted));
		free(wanted);
		json_decref(value);
		mmp_buffer_done(&out);
	}
}

static void a_number_in_hex_is_that_of_mmp_json_hex(void **state)
{
	static const uint64_t numbers[] = { 0,      1,          0xf,       0x10,
					    0x1000, 0xffffffff, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++)
		for (int digits = 1; digits <= 16; digits++) {
			struct mmp_buffer out = MMP_BUFFER_EMPTY;
			struct mmp_writer w = MMP_WRITER(&out);
			json_t *value = mmp_json_hex(numbers[i], digits);
			char *wanted = printed(value);

			mmp_writer_hex(&w, numbers[i], digits);
			assert_string_equal(out.bytes, wanted);
			free(wanted);
			json_decref(value);
			mmp_buffer_done(&out);
		}
}

static struct mmp_platform *platform_of(const char *name)
{
	struct mmp_platform *platform = NULL;
	struct mmp_error err;
	char path[512];
	json_t *document;

	snprintf(path, sizeof(path), "%s/platforms/%s", getenv("top_srcdir"), name);
	document = json_load_file(path, 0, NULL);
	if (!document || mmp_platform_read(document, &platform, &err))
		fail_msg("%s", path);
	json_decref(document);
	return platform;
}

static void a_document_is_printed_as_it_is_built_and_printed(void **state)
{
	struct mmp_platform *platform = platform_of("qemu-armv8a.json");
	struct mmp_buffer out = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&out);
	json_t *value = mmp_platform_write(platform);
	char *wanted = printed(value);

	(void)state;
	assert_true(platform->count > 3);
	mmp_platform_print(&w, platform);
	assert_string_equal(out.bytes, wanted);
	free(wanted);
	json_decref(value);
	mmp_buffer_done(&out);
	mmp_platform_free(platform);
}

static void a_layout_is_printed_as_it_is_built_and_printed(void **state)
{
	struct mmp_platform *platform = platform_of("qemu-armv8a.json");
	struct mmp_layout layout;
	struct mmp_error err;

	(void)state;
	mmp_layout_init(&layout);
	assert_int_equal(mmp_layout_make(&layout, platform, NULL, &err), 0);
	for (int detail = 0; mmp_detail_names[detail]; detail++) {
		struct mmp_buffer out = MMP_BUFFER_EMPTY;
		struct mmp_writer w = MMP_WRITER(&out);
		json_t *value = mmp_layout_write(&layout, (enum mmp_detail)detail);
		char *wanted = printed(value);

		mmp_writer_begin(&w, '{');
		mmp_layout_members(&w, &layout, (enum mmp_detail)detail);
		mmp_writer_end(&w, '}');
		assert_string_equal(out.bytes, wanted);
		free(wanted);
		json_decref(value);
		mmp_buffer_done(&out);
	}
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_an_object_of_its_columns),
		cmocka_unit_test(a_row_is_built_as_it_is_written),
		cmocka_unit_test(a_value_is_built_as_it_is_written),
		cmocka_unit_test(members_of_text_are_written_in_both_ways),
		cmocka_unit_test(a_value_that_is_missing_fails_the_whole),
		cmocka_unit_test(a_value_is_as_deep_as_the_limit),
		cmocka_unit_test(a_text_in_a_value_is_repaired),
		cmocka_unit_test(a_cut_character_is_repaired_in_both_ways),
		cmocka_unit_test(a_character_at_the_edge_of_a_piece_is_whole),
		cmocka_unit_test(a_text_is_escaped_as_jansson_escapes_it),
		cmocka_unit_test(a_long_text_is_escaped_whole),
		cmocka_unit_test(a_number_in_hex_is_that_of_mmp_json_hex),
		cmocka_unit_test(a_document_is_printed_as_it_is_built_and_printed),
		cmocka_unit_test(a_layout_is_printed_as_it_is_built_and_printed),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
