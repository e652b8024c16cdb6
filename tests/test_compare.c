/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compared_board.h"
#include "doc/compare.h"

static void a_dump_of_the_build_itself_differs_in_nothing(void **state)
{
	static const char *const vectors[] = { "real/real_default", "real/real_va48" };

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct board board = board_of(vectors[i], "firmware");
		json_t *answer = compare_all(&board);

		assert_true(json_is_true(json_object_get(answer, "same")));
		assert_int_equal(number(answer, "differing"), 0);
		assert_int_equal(number(answer, "not_covered"), 0);
		assert_true(number(answer, "compared") > 3000);
		json_decref(answer);
		done(&board);
	}
}

static void a_run_of_equal_differences_is_one_line(void **state)
{
	struct board board = board_of("real/real_default", "firmware");
	const struct mmp_region *rx = region_of(&board, "TEE_RAM_RX");
	uint64_t *entry = entry_of(&board, rx->va);
	json_t *answer;

	(void)state;
	for (size_t i = 0; i < rx->size / 4096; i++)
		entry[i] &= ~(UINT64_C(1) << 7);
	answer = compare_all(&board);
	assert_int_equal(number(answer, "differing"), rx->size / 4096);
	assert_int_equal(json_array_size(json_object_get(answer, "differences")), 1);
	assert_int_equal(number(difference(answer, 0), "count"), rx->size / 4096);
	assert_true(has(json_object_get(difference(answer, 0), "changes"),
			"was read-only, is writable"));
	assert_true(has(json_object_get(difference(answer, 0), "alarms"),
			"write-and-execute"));
	assert_true(
		has(json_object_get(difference(answer, 0), "alarms"), "made-writable"));
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(difference(answer, 0), "region"), "type")),
		"MEM_AREA_TEE_RAM_RX");
	json_decref(answer);
	done(&board);
}

static void what_the_dump_does_not_cover_is_said(void **state)
{
	struct board board = board_of("real/real_default", "firmware");
	size_t xlat = board.build->runs.run[MMP_RUN_XLAT].pa - board.build->pool_pa;
	const json_t *gap;
	json_t *answer;

	(void)state;
	/* The base tables, and of the first other table all but its first 20 bytes. */
	answer = compare(&board, json_pack("[o, o]", range(&board, xlat + 20, 4096 - 20),
					   range(&board, 0, 0x100)));
	assert_int_equal(number(answer, "compared"), 8 * 4 + 512 - 3);
	assert_int_equal(number(answer, "not_covered"), 3 + 6 * 512);
	gap = json_array_get(json_object_get(answer, "uncovered"), 0);
	assert_int_equal(number(gap, "table"), 8);
	assert_int_equal(number(gap, "first"), 0);
	assert_int_equal(number(gap, "last"), 2);
	assert_int_equal(json_array_size(json_object_get(answer, "uncovered")), 7);
	json_decref(answer);
	done(&board);
}

static void two_ranges_that_meet_inside_a_table_cover_it(void **state)
{
	struct board board = board_of("real/real_default", "firmware");
	size_t half = 0x3800;
	json_t *answer;

	(void)state;
	answer = compare(&board,
			 json_pack("[o, o]", range(&board, 0, half),
				   range(&board, half, board.build->length - half)));
	assert_int_equal(number(answer, "not_covered"), 0);
	assert_true(json_is_true(json_object_get(answer, "same")));
	json_decref(answer);
	done(&board);
}

static void a_dump_that_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *dump, *says;
	} rows[] = {
		{ "[]", "dump: holds nothing of the build's tables, which are at "
			"0xe1c0000 size 0x100 and 0xe1c3000 size 0x7000" },
		{ "[{\"address\": \"0x1000\", \"bytes\": \"Zg==\"}]",
		  "dump: holds nothing of the build's tables, which are at "
		  "0xe1c0000 size 0x100 and 0xe1c3000 size 0x7000" },
		{ "[{\"address\": \"0x1000\", \"bytes\": \"Zg\"}]",
		  "dump[0].bytes: is not base64" },
		{ "[{\"address\": \"0x1000\", \"bytes\": \"\"}]",
		  "dump[0].bytes: is empty" },
		{ "[{\"address\": \"0xffffffffffffffff\", \"bytes\": \"Zm8=\"}]",
		  "dump[0]: 0xffffffffffffffff size 0x2 wraps past 2^64" },
		{ "[{\"address\": \"0x1001\", \"bytes\": \"Zg==\"}, {\"address\": "
		  "\"0x1000\", \"bytes\": \"Zm8=\"}]",
		  "dump: 0x1000 size 0x2 and 0x1001 size 0x1 overlap" },
		{ "[7]", "dump[0]: must be an object with address and bytes" },
	};
	struct board board = board_of("real/real_default", "firmware");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *dump = json_loads(rows[i].dump, 0, NULL);
		struct mmp_buffer text = MMP_BUFFER_EMPTY;
		struct mmp_writer w = MMP_WRITER(&text);
		struct mmp_error err;

		assert_int_equal(mmp_compare_members(&w, board.build, dump, &err), -1);
		assert_int_equal(text.length, 0);
		assert_string_equal(err.text, rows[i].says);
		assert_int_equal(err.code, MMP_INVALID);
		json_decref(dump);
	}
	done(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_of_the_build_itself_differs_in_nothing),
		cmocka_unit_test(a_run_of_equal_differences_is_one_line),
		cmocka_unit_test(what_the_dump_does_not_cover_is_said),
		cmocka_unit_test(two_ranges_that_meet_inside_a_table_cover_it),
		cmocka_unit_test(a_dump_that_cannot_be_is_refused),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
