/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "wire/runs.h"

enum { WORDS_MAX = 200000 };

static void put(uint8_t *words, size_t index, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		words[8 * index + (size_t)i] = (uint8_t)(value >> 8 * i);
}

/* Through frames of `room` bytes and back; returns bytes of runs, or -1 where it differs. */
static long round_trip(const uint8_t *words, size_t count, size_t room)
{
	uint8_t runs[4096], *back = calloc(count + 1, 8);
	size_t at = 0, bytes = 0;
	bool same;

	while (at < count) {
		struct wire_writer w = wire_writer(runs, room);
		size_t n = wire_runs_encode(words + 8 * at, count - at, &w);
		int64_t stands_for = wire_runs_count(runs, w.at);

		assert_false(w.failed);
		assert_true(n > 0 && n <= count - at);
		assert_true(stands_for >= 0 && (size_t)stands_for <= n);
		wire_runs_decode(runs, w.at, back + 8 * at);
		at += n;
		bytes += w.at;
	}
	same = memcmp(words, back, 8 * count) == 0;
	free(back);
	return same ? (long)bytes : -1;
}

static void zeroes_at_the_end_cost_nothing(void **state)
{
	uint8_t *words = calloc(WORDS_MAX, 8);

	(void)state;
	assert_int_equal(round_trip(words, WORDS_MAX, 1000), 3 * (WORDS_MAX / 65535));
	assert_int_equal(round_trip(words, 65535, 1000), 0);
	free(words);
}

static void a_table_of_pages_is_one_run(void **state)
{
	uint8_t words[8 * 512];

	(void)state;
	for (size_t i = 0; i < 512; i++)
		put(words, i, UINT64_C(0x6000000e000f0f) + 0x1000 * i);
	assert_int_equal(round_trip(words, 512, 100), 15);
}

static void steps_go_down_stand_still_and_pass_2_to_64(void **state)
{
	const uint64_t steps[] = { 0, 0x200000, 0x40000000, (uint64_t)-0x1000,
				   (uint64_t)INT32_MIN };
	uint8_t words[8 * 64];

	(void)state;
	for (size_t s = 0; s < COUNT(steps); s++) {
		for (size_t i = 0; i < 64; i++)
			put(words, i, UINT64_C(0xfffffffffffffff3) + steps[s] * i);
		assert_int_equal(round_trip(words, 64, 100), 15);
	}
}

static void a_step_beyond_32_bits_travels_as_literals(void **state)
{
	uint8_t words[8 * 4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		put(words, i, 1 + (UINT64_C(1) << 31) * i);
	assert_int_equal(round_trip(words, 4, 100), 3 + 32);
}

static void any_words_come_back_through_frames_of_any_size(void **state)
{
	const size_t rooms[] = { 11, 12, 14, 15, 19, 100, 1015, 4000 };

	(void)state;
	for (unsigned int seed = 0; seed < 400; seed++) {
		uint8_t words[8 * 300] = { 0 };
		size_t count = 1 + seed % 300, i = 0;

		srand(seed);
		while (i < count) {
			size_t run = 1 + (size_t)rand() % 20;
			uint64_t first = (uint64_t)rand() << 33 | (uint64_t)rand();
			uint64_t step = rand() % 3 ? 0x1000 : (uint64_t)rand() << 4;

			if (rand() % 3 == 0)
				first = step = 0;
			for (size_t k = 0; k < run && i < count; k++)
				put(words, i++, first + step * k);
		}
		for (size_t r = 0; r < COUNT(rooms); r++)
			if (round_trip(words, count, rooms[r]) < 0)
				fail_msg("seed %u, frames of %zu bytes", seed, rooms[r]);
	}
}

static void broken_runs_are_refused(void **state)
{
	const struct {
		const char *what, *bytes;
		size_t length;
	} rows[] = {
		{ "kind alone", "\0", 1 },
		{ "half a count", "\0\1", 2 },
		{ "no words", "\0\0\0", 3 },
		{ "unknown kind", "\3\1\0", 3 },
		{ "literal cut short", "\1\2\0abcdefghijklmno", 18 },
		{ "stride cut short", "\2\2\0abcdefghijk", 14 },
		{ "good run, then rubbish", "\0\1\0\x99", 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (wire_runs_count((const uint8_t *)rows[i].bytes, rows[i].length) != -1)
			fail_msg("accepted: %s", rows[i].what);
}

static void the_bytes_are_those_that_the_readme_shows(void **state)
{
	const uint8_t want[] = { 0, 2, 0, 1, 2, 0,    5,    0, 0,    0, 0, 0, 0,
				 0, 1, 0, 0, 0, 0,    0,    0, 0,    2, 3, 0, 7,
				 0, 0, 0, 0, 0, 0x60, 0x00, 0, 0x10, 0, 0 };
	uint8_t words[8 * 7], runs[64];
	struct wire_writer w = wire_writer(runs, sizeof(runs));

	(void)state;
	memset(words, 0, sizeof(words));
	put(words, 2, 5);
	put(words, 3, 1);
	for (size_t i = 0; i < 3; i++)
		put(words, 4 + i, UINT64_C(0x60000000000007) + 0x1000 * i);
	assert_int_equal(wire_runs_encode(words, 7, &w), 7);
	assert_int_equal(w.at, sizeof(want));
	assert_memory_equal(runs, want, sizeof(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroes_at_the_end_cost_nothing),
		cmocka_unit_test(a_table_of_pages_is_one_run),
		cmocka_unit_test(steps_go_down_stand_still_and_pass_2_to_64),
		cmocka_unit_test(a_step_beyond_32_bits_travels_as_literals),
		cmocka_unit_test(any_words_come_back_through_frames_of_any_size),
		cmocka_unit_test(broken_runs_are_refused),
		cmocka_unit_test(the_bytes_are_those_that_the_readme_shows),
	};
	return cmocka_run_group_tests_name("runs", tests, NULL, NULL);
}
