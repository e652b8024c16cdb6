/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compared_board.h"
#include "doc/compare.h"

static void each_change_of_one_bit_is_named(void **state)
{
	static const struct {
		const char *label;
		unsigned bit;
		const char *change, *alarm;
	} rows[] = {
		{ "TEE_RAM_RW", 5, "was secure, is non-secure", "security-flip" },
		{ "TEE_RAM_RW", 6, "was closed to user mode, is open to user mode",
		  "user-access" },
		{ "TEE_RAM_RW", 7, "was writable, is read-only", NULL },
		{ "TEE_RAM_RW", 10,
		  "was with its access flag, is without its access flag", NULL },
		{ "TEE_RAM_RW", 11, "was of one address space, is global", NULL },
		{ "TEE_RAM_RW", 53, "was not executable, is executable",
		  "write-and-execute" },
		{ "TEE_RAM_RW", 8, "SH was 0x3, is 0x2", NULL },
		{ "TEE_RAM_RW", 12, "was at 0x", "other-address" },
		{ "TEE_RAM_RW", 52, "Contiguous was 0x0, is 0x1", "reserved" },
		{ "TEE_RAM_RW", 0, "maps nothing, though it is not 0 in place of: maps",
		  "unmapped" },
		{ "IO_SEC", 2, "was device-nGnRE, is normal-cached", NULL },
		{ "IO_SEC", 1, "leads to a table at 0x", "other-table" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct board board = board_of("real/real_default", "firmware");
		const struct mmp_region *r = region_of(&board, rows[i].label);
		const json_t *one;
		json_t *answer;

		*entry_of(&board, r->va) ^= UINT64_C(1) << rows[i].bit;
		answer = compare_all(&board);
		one = difference(answer, 0);
		assert_int_equal(number(answer, "differing"), 1);
		if (!has(json_object_get(one, "changes"), rows[i].change))
			fail_msg("bit %u: %s", rows[i].bit,
				 json_string_value(json_object_get(one, "message")));
		if (rows[i].alarm)
			assert_true(has(json_object_get(one, "alarms"), rows[i].alarm));
		else
			assert_int_equal(json_array_size(json_object_get(one, "alarms")),
					 0);
		json_decref(answer);
		done(&board);
	}
}

/* A pointer's own bits change everything below it. */
static void a_pointer_that_limits_what_is_below_is_named(void **state)
{
	static const struct {
		unsigned bit;
		const char *change, *alarm;
	} rows[] = {
		{ 63, "was secure in everything below, is non-secure", "security-flip" },
		{ 61, "APTable was 0x0, is 0x1", "reserved" },
		{ 59, "PXNTable was 0x0, is 0x1", "reserved" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct board board = board_of("real/real_default", "firmware");
		uint64_t *base = (uint64_t *)(void *)(board.bytes);
		const json_t *one;
		json_t *answer;

		base[1] ^= UINT64_C(1) << rows[i].bit;
		answer = compare_all(&board);
		one = difference(answer, 0);
		assert_int_equal(number(answer, "differing"), 1);
		assert_true(has(json_object_get(one, "changes"), rows[i].change));
		assert_true(has(json_object_get(one, "alarms"), rows[i].alarm));
		json_decref(answer);
		done(&board);
	}
}

static const char *message(const json_t *answer)
{
	return json_string_value(json_object_get(difference(answer, 0), "message"));
}

static void a_region_is_named_as_it_was_registered(void **state)
{
	struct board board = board_of("real/real_default", "firmware");
	const json_t *names;
	json_t *answer;

	(void)state;
	*entry_of(&board, region_of(&board, "IO_SEC")->va) = 0;
	answer = compare_all(&board);
	assert_string_equal(message(answer),
			    "0x72200000..0x723fffff (IO_SEC \"GICD_BASE\", table 10 "
			    "entry 401) maps nothing in place of: maps 0x8000000: secure "
			    "P:rw- U:--- device-nGnRE [unmapped]");
	names = json_object_get(json_object_get(difference(answer, 0), "region"),
				"registrations");
	assert_int_equal(json_array_size(names), 2);
	json_decref(answer);
	((uint64_t *)(void *)board.bytes)[1] = 0;
	answer = compare_all(&board);
	assert_string_equal(message(answer),
			    "0x40000000..0x7fffffff (TEE_RAM_RX and 8 regions more, "
			    "table 0 entry 1) maps nothing in place of: leads to table "
			    "10 [unmapped]");
	json_decref(answer);
	done(&board);
}

/* What a word of its own says and what only a field shows, both in one descriptor. */
static void fields_without_a_word_are_told_beside_those_that_have_one(void **state)
{
	struct board board = board_of("real/real_default", "firmware");
	const json_t *changes;
	json_t *answer;

	(void)state;
	*entry_of(&board, region_of(&board, "TEE_RAM_RW")->va) ^= 0x180;
	answer = compare_all(&board);
	changes = json_object_get(difference(answer, 0), "changes");
	assert_int_equal(json_array_size(changes), 2);
	assert_true(has(changes, "was writable, is read-only"));
	assert_true(has(changes, "SH was 0x3, is 0x2"));
	json_decref(answer);
	done(&board);
}

static void a_field_that_differs_has_both_meanings(void **state)
{
	struct board board = board_of("real/real_default", "firmware");
	const struct mmp_region *rw = region_of(&board, "TEE_RAM_RW");
	const json_t *field;
	json_t *answer;

	(void)state;
	*entry_of(&board, rw->va) ^= UINT64_C(1) << 7;
	answer = compare_all(&board);
	field = json_array_get(json_object_get(difference(answer, 0), "fields"), 0);
	assert_string_equal(json_string_value(json_object_get(field, "name")), "AP[2]");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(field, "expected"), "meaning")),
			    "read and write");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(field, "found"), "meaning")),
			    "read only");
	assert_int_equal(
		json_array_size(json_object_get(difference(answer, 0), "fields")), 1);
	json_decref(answer);
	done(&board);
}

static void something_mapped_in_a_hole_is_named(void **state)
{
	struct board board = board_of("real/real_default", "firmware");
	json_t *answer;

	(void)state;
	*entry_of(&board, 0xc0000000) = 0x00600000c0000705;
	answer = compare_all(&board);
	assert_int_equal(number(answer, "differing"), 1);
	assert_true(has(json_object_get(difference(answer, 0), "alarms"), "mapped-hole"));
	assert_true(json_is_null(json_object_get(difference(answer, 0), "region")));
	assert_string_equal(
		json_string_value(json_object_get(difference(answer, 0), "message")),
		"0xc0000000..0xffffffff (a hole, table 0 entry 3) maps 0xc0000000: "
		"secure "
		"P:rw- U:--- normal-cached in place of: maps nothing [mapped-hole]");
	json_decref(answer);
	done(&board);
}

/* The same of the short format, from the step of that level. */
static uint32_t *short_entry_of(const struct board *board, uint64_t va, unsigned level)
{
	struct mmp_memory memory = mmp_layout_memory(&board->build->layout);
	struct mmp_walker walker = mmp_layout_walker(&board->build->layout, &memory, 0);
	struct mmp_walk walk = mmp_walk(&walker, (struct mmp_va){ va });
	const struct mmp_walk_step *step = &walk.steps[level - 1];

	assert_true(walk.count >= level);
	return (uint32_t *)(void *)(board->bytes +
				    (step->table_pa - board->build->pool_pa)) +
	       step->index;
}

/* A page has its security from the pointer, and user mode has what AP[1] says. */
static void short_pages_are_put_in_the_words_of_the_map(void **state)
{
	struct board board = board_of("optee-4.10/short/d7_000_qemu_virt", NULL);
	uint64_t va = region_of(&board, "TEE_RAM_RX")->va;
	json_t *answer;

	(void)state;
	*short_entry_of(&board, va, 2) = 0;
	answer = compare_all(&board);
	assert_string_equal(message(answer),
			    "0xe100000..0xe100fff (TEE_RAM_RX, table 1 entry 0) maps "
			    "nothing in place of: maps 0xe100000: secure P:r-x U:--- "
			    "normal-tagged [unmapped]");
	json_decref(answer);
	memcpy(board.bytes, board.build->bytes, board.build->length);
	*short_entry_of(&board, va, 1) ^= 8;
	answer = compare_all(&board);
	assert_string_equal(message(answer),
			    "0xe100000..0xe1fffff (TEE_RAM_RX and 1 region more, table 0 "
			    "entry 225) was secure in everything below, is non-secure "
			    "[security-flip]");
	json_decref(answer);
	done(&board);
}

static void short_descriptors_are_compared_too(void **state)
{
	struct board board = board_of("optee-4.10/short/d7_000_qemu_virt", NULL);
	uint32_t *entry = short_entry_of(&board, region_of(&board, "TEE_RAM_RX")->va, 2);
	json_t *answer;

	(void)state;
	*entry &= ~(UINT32_C(1) << 9);
	answer = compare_all(&board);
	assert_int_equal(number(answer, "differing"), 1);
	assert_true(has(json_object_get(difference(answer, 0), "changes"),
			"was read-only, is writable"));
	assert_true(has(json_object_get(difference(answer, 0), "alarms"),
			"write-and-execute"));
	json_decref(answer);
	done(&board);
}

static void every_alarm_has_its_row(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MMP_ALARM_COUNT; i++) {
		assert_non_null(mmp_alarms[i].id);
		assert_non_null(mmp_alarms[i].about);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_of_one_bit_is_named),
		cmocka_unit_test(a_field_that_differs_has_both_meanings),
		cmocka_unit_test(something_mapped_in_a_hole_is_named),
		cmocka_unit_test(a_pointer_that_limits_what_is_below_is_named),
		cmocka_unit_test(a_region_is_named_as_it_was_registered),
		cmocka_unit_test(
			fields_without_a_word_are_told_beside_those_that_have_one),
		cmocka_unit_test(short_pages_are_put_in_the_words_of_the_map),
		cmocka_unit_test(short_descriptors_are_compared_too),
		cmocka_unit_test(every_alarm_has_its_row),
	};

	return cmocka_run_group_tests_name("compare_words", tests, NULL, NULL);
}
