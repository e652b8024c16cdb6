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
	const char *name;
	uint64_t pa, count;
	uint32_t attr;
	bool live;
};

static const struct mmp_column columns[] = {
	{ "name", MMP_COLUMN_TEXT, offsetof(struct row, name), 0 },
	{ "pa", MMP_COLUMN_HEX, offsetof(struct row, pa), 1 },
	{ "attr", MMP_COLUMN_HEX32, offsetof(struct row, attr), 8 },
	{ "count", MMP_COLUMN_NUMBER, offsetof(struct row, count), 0 },
	{ "live", MMP_COLUMN_FLAG, offsetof(struct row, live), 0 },
	{ 0 },
};

static void a_row_is_an_object_of_its_columns(void **state)
{
	static const struct row rows[] = {
		{ "uart", 0x9000000, 7, 0xc0de, true },
		{ NULL, UINT64_MAX, 0, 0, false },
	};
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&text);

	(void)state;
	mmp_writer_begin(&w, '[');
	for (size_t i = 0; i < COUNT(rows); i++)
		mmp_writer_row(&w, columns, &rows[i]);
	mmp_writer_begin(&w, '[');
	mmp_writer_end(&w, ']');
	mmp_writer_end(&w, ']');
	assert_string_equal(text.bytes,
			    "[{\"name\":\"uart\",\"pa\":\"0x9000000\",\"attr\":"
			    "\"0x0000c0de\",\"count\":7,\"live\":true},"
			    "{\"name\":null,\"pa\":\"0xffffffffffffffff\",\"attr\":"
			    "\"0x00000000\",\"count\":0,\"live\":false},[]]");
	mmp_buffer_done(&text);
}

static char *printed(json_t *value)
{
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void a_text_is_escaped_as_jansson_escapes_it(void **state)
{
	char text[3] = "";

	(void)state;
	for (int c = 1; c < 0x80; c++) {
		struct mmp_buffer out = MMP_BUFFER_EMPTY;
		struct mmp_writer w = MMP_WRITER(&out);
		json_t *value;
		char *wanted;

		text[0] = (char)c;
		text[1] = 'x';
		value = json_string(text);
		wanted = printed(value);
		mmp_writer_text(&w, text);
		assert_string_equal(out.bytes, wanted);
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
		json_t *rest = mmp_layout_write_short(&layout, (enum mmp_detail)detail);
		char *wanted = printed(value);

		mmp_layout_print(&w, &layout, rest);
		assert_string_equal(out.bytes, wanted);
		free(wanted);
		json_decref(value);
		json_decref(rest);
		mmp_buffer_done(&out);
	}
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_an_object_of_its_columns),
		cmocka_unit_test(a_text_is_escaped_as_jansson_escapes_it),
		cmocka_unit_test(a_number_in_hex_is_that_of_mmp_json_hex),
		cmocka_unit_test(a_document_is_printed_as_it_is_built_and_printed),
		cmocka_unit_test(a_layout_is_printed_as_it_is_built_and_printed),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
