/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <string.h>

#include "json/position.h"

static const char document[] =
	"{\n"
	"  \"name\": \"a \\\"quoted\\\" } name\",\n"
	"  \"config\": { \"va_bits\": 32,\n"
	"    \"layout\": { \"unpg_rx\": {\"start\": \"0x1\"} } },\n"
	"  \"registrations\": [\n"
	"    { \"name\": \"uart\\\\\", \"addr\": \"0x9000000\" },\n"
	"    [ [], {} ], { \"name\": \"\xc3\xa4\", \"addr\": 1 }\n"
	"  ] }\n";

static void expect(const char *path, unsigned line, unsigned column)
{
	struct mmp_json_position position = { 0 };

	assert_int_equal(mmp_json_position(document, strlen(document), path, &position),
			 0);
	assert_int_equal(position.line, line);
	assert_int_equal(position.column, column);
}

static void a_value_is_where_its_key_is(void **state)
{
	(void)state;
	expect("", 1, 1);
	expect("name", 2, 3);
	expect("config.va_bits", 3, 15);
	expect("config.layout.unpg_rx", 4, 17);
	expect("config.layout.unpg_rx.start", 4, 29);
}

static void an_item_is_where_it_begins(void **state)
{
	(void)state;
	expect("registrations", 5, 3);
	expect("registrations.0", 6, 5);
	expect("registrations.0.addr", 6, 25);
	expect("registrations.1", 7, 5);
	expect("registrations.1.1", 7, 11);
	expect("registrations.2", 7, 17);
}

static void columns_count_characters(void **state)
{
	(void)state;
	expect("registrations.2.addr", 7, 32);
}

static void what_is_not_there_has_no_position(void **state)
{
	static const char *const paths[] = { "none",
					     "config.none",
					     "registrations.3",
					     "registrations.x",
					     "name.0",
					     "config.va_bits.x",
					     "registrations.99999999999999999999" };
	struct mmp_json_position position;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(mmp_json_position(document, strlen(document), paths[i],
						   &position),
				 -1);
}

/* Only valid JSON is promised an answer; anything must come to an end, in bounds. */
static void a_cut_text_is_read_to_its_end_and_no_further(void **state)
{
	struct mmp_json_position position;

	(void)state;
	for (size_t length = 0; length < strlen(document); length++) {
		char *cut = malloc(length ? length : 1);

		memcpy(cut, document, length);
		mmp_json_position(cut, length, "registrations.2.addr", &position);
		mmp_json_position(cut, length, "config.layout.unpg_rx.start", &position);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_where_its_key_is),
		cmocka_unit_test(an_item_is_where_it_begins),
		cmocka_unit_test(columns_count_characters),
		cmocka_unit_test(what_is_not_there_has_no_position),
		cmocka_unit_test(a_cut_text_is_read_to_its_end_and_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
