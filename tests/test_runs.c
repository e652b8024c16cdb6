/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
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
static long trip(const uint8_t *words, size_t count, size_t room, enum wire_word width,
		 bool all)
{
	uint8_t runs[4096], *back = calloc(count + 1, width);
	size_t at = 0, bytes = 0;
	bool same;

	while (at < count) {
		struct wire_writer w = wire_writer(runs, room);
		size_t n =
			wire_runs_encode(words + width * at, count - at, width, all, &w);
		int64_t stands_for;

		assert_false(w.failed);
		assert_true(n > 0 && n <= count - at);
		stands_for = wire_runs_decode(runs, w.at, width, back + width * at, n);
		assert_true(stands_for >= 0 && (size_t)stands_for <= n);
		assert_true(!all || (size_t)stands_for == n);
		at += n;
		bytes += w.at;
	}
	same = memcmp(words, back, width * count) == 0;
	free(back);
	return same ? (long)bytes : -1;
}

static long round_trip(const uint8_t *words, size_t count, size_t room)
{
	long bytes = trip(words, count, room, WIRE_LONG_WORD, false);

	assert_true(trip(words, count, room, WIRE_LONG_WORD, true) >= 0);
	return bytes;
}

static void zeroes_at_the_end_cost_nothing(void **state)
{
	uint8_t *words = calloc(WORDS_MAX, 8);

	(void)state;
	assert_int_equal(round_trip(words, WORDS_MAX, 1000), 0);
	assert_int_equal(trip(words, WORDS_MAX, 1000, WIRE_LONG_WORD, true), 4);
	free(words);
}

static void a_table_of_pages_is_one_run(void **state)
{
	uint8_t words[8 * 512];

	(void)state;
	for (size_t i = 0; i < 512; i++)
		put(words, i, UINT64_C(0x6000000e000f0f) + 0x1000 * i);
	/* first byte, length, attributes, step, page */
	assert_int_equal(round_trip(words, 512, 100), 1 + 2 + 3 + 1 + 3);
}

/* The next table goes on where the last one ended, with attributes that are known. */
static void what_goes_on_costs_little(void **state)
{
	uint8_t words[8 * 1024] = { 0 };

	(void)state;
	for (size_t i = 0; i < 100; i++)
		put(words, i, UINT64_C(0x6000000e000f0f) + 0x1000 * i);
	for (size_t i = 0; i < 100; i++)
		put(words, 300 + i, UINT64_C(0x6000000e064f0f) + 0x1000 * i);
	assert_int_equal(round_trip(words, 1024, 100), 1 + 1 + 3 + 1 + 3 + 1 + 2 + 1 + 1);
}

static void pointers_to_tables_in_a_row_need_no_attributes(void **state)
{
	uint8_t words[8 * 512] = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		put(words, 7 * i, (0xe1c6000 + 0x1000 * i) | 3);
	assert_int_equal(round_trip(words, 512, 100), 1 + 3 + 3 * 3);
}

static void steps_go_down_stand_still_and_wrap(void **state)
{
	const uint64_t steps[] = { 0, 0x200000, 0x40000000, (uint64_t)-0x1000,
				   (uint64_t)INT32_MIN };
	uint8_t words[8 * 64];

	(void)state;
	for (size_t s = 0; s < COUNT(steps); s++) {
		uint64_t page = 0xffffffffd;

		for (size_t i = 0; i < 64; i++, page += steps[s] >> 12)
			put(words, i, (page & 0xfffffffff) << 12 | 0xff3);
		assert_in_range(round_trip(words, 64, 100), 10, 20);
	}
}

static void pages_in_no_order_are_packed(void **state)
{
	uint8_t words[8 * 512];
	long bytes;

	(void)state;
	srand(7);
	for (size_t i = 0; i < 512; i++)
		put(words, i,
		    UINT64_C(0x60000000000f0f) | ((uint64_t)rand() & 0xfffff) << 12);
	bytes = round_trip(words, 512, 4000);
	assert_in_range(bytes, 512 * 20 / 8, 512 * 20 / 8 + 30);
}

static void words_without_any_pattern_cost_hardly_more_than_themselves(void **state)
{
	static uint8_t words[8 * 4096];
	long bytes;

	(void)state;
	srand(8);
	for (size_t i = 0; i < sizeof(words); i++)
		words[i] = (uint8_t)(1 + rand() % 255);
	bytes = round_trip(words, 4096, 1000);
	assert_in_range(bytes, sizeof(words), sizeof(words) + sizeof(words) * 15 / 1000);
}

/* One attribute, then another that never comes back: the dictionary is of no use. */
static void put_misleading(uint8_t *words, size_t i, int make)
{
	uint64_t page = (uint64_t)(rand() & 0x7fffffff) << 17 & UINT64_C(0xfffffffff000);
	uint64_t other = (uint64_t)(rand() & 0x7fff) << 48 | (rand() & 0xffe) | 1 | page;
	uint64_t before = 0;

	for (int b = 8; i && b-- > 0;)
		before = before << 8 | words[8 * (i - 1) + (size_t)b];
	if (make == 0)
		put(words, i, i % 2 ? other : page | 0x703);
	else if (make == 1) /* two of a kind, far from each other */
		put(words, i,
		    i % 2 ? (before & ~UINT64_C(0xfffffffff000)) | page : other);
	else if (make == 2)
		put(words, i, i % 3 ? other : 0);
	else
		put(words, i, i % 7 < 2 ? page | 0x703 : other);
}

static void no_order_of_words_takes_more_than_themselves(void **state)
{
	uint8_t *words = calloc(4000, 8);

	(void)state;
	srand(5);
	for (int make = 0; make < 4; make++) {
		for (size_t i = 0; i < 4000; i++)
			put_misleading(words, i, make);
		for (size_t room = WIRE_RUN_ROOM; room <= 4096; room += 127) {
			size_t least_words = (room - 4) / 8;
			long messages = (long)((4000 + least_words - 1) / least_words);
			long bytes = round_trip(words, 4000, room);

			assert_in_range(bytes, 1, 8 * 4000 + 4 * messages);
		}
	}
	free(words);
}

static void short_descriptors_are_words_of_their_own(void **state)
{
	uint8_t words[4 * 256] = { 0 };

	(void)state;
	for (size_t i = 0; i < 256; i++) {
		uint32_t word = 0xe000432u + 0x1000u * (uint32_t)i;

		for (int b = 0; b < 4; b++)
			words[4 * i + (size_t)b] = (uint8_t)(word >> 8 * b);
	}
	assert_int_equal(trip(words, 256, 100, WIRE_SHORT_WORD, false),
			 1 + 2 + 2 + 1 + 3);
}

static void any_words_come_back_through_frames_of_any_size(void **state)
{
	const size_t rooms[] = { WIRE_RUN_ROOM, 40, 64, 100, 1015, 4000 };

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
			if (round_trip(words, count, rooms[r]) < 0 ||
			    trip(words, 2 * count, rooms[r], WIRE_SHORT_WORD, seed % 2) <
				    0)
				fail_msg("seed %u, frames of %zu bytes", seed, rooms[r]);
	}
}

/* Pages of 512 words at random, of which some are known: only the others are written. */
static void only_pages_that_are_not_known_are_written(void **state)
{
	enum { PAGES = 20, PAGE_WORDS = 512 };
	static uint8_t words[8 * PAGE_WORDS * PAGES], back[sizeof(words)];
	size_t least = 0;

	(void)state;
	srand(11);
	for (int trial = 0; trial < 200; trial++) {
		bool changes[PAGES];
		size_t at = 0, bytes = 0;

		for (size_t i = 0; i < sizeof(words) / 8; i++)
			put(words, i,
			    rand() % 3 ? 0
				       : UINT64_C(0x60000000000703) + 0x1000 * (i / 7));
		memcpy(back, words, sizeof(words));
		for (size_t page = 0; page < PAGES; page++) {
			changes[page] = trial && rand() % 2;
			if (changes[page])
				memset(back + 4096 * page, rand(), 4096);
		}
		while (at < PAGES * PAGE_WORDS) {
			uint8_t runs[300];
			struct wire_writer w = wire_writer(runs, sizeof(runs));
			struct wire_known known = { changes, at };
			size_t n = wire_runs_encode_changes(words + 8 * at,
							    PAGES * PAGE_WORDS - at,
							    WIRE_LONG_WORD, &known, &w);

			assert_true(n > 0 && !w.failed);
			assert_true(wire_runs_decode(runs, w.at, WIRE_LONG_WORD,
						     back + 8 * at, n) >= 0);
			at += n;
			bytes += w.at;
		}
		assert_memory_equal(back, words, sizeof(words));
		least = trial ? least : bytes;
	}
	assert_int_equal(least, 0); /* all of them known */
}

static void broken_runs_are_refused(void **state)
{
	const struct {
		const char *what, *bytes;
		size_t length;
	} rows[] = {
		{ "no page", "\x00", 1 },
		{ "an entry that is not there", "\x20\x00", 2 },
		{ "attributes alone", "\xc0\x07", 2 },
		{ "a gap of nothing", "\xf2\x00", 2 },
		{ "zero words without a number", "\xe2", 1 },
		{ "a skip of nothing", "\xe3\x00", 2 },
		{ "a skip past the room", "\xe3\xe9\x07", 3 },
		{ "a skip without a number", "\xe3", 1 },
		{ "an unknown kind", "\xe4\x01", 2 },
		{ "literal of no words", "\xe0\x00", 2 },
		{ "literal cut short",
		  "\xe0\x02"
		  "abcdefghijklmno",
		  17 },
		{ "packed in no bits", "\xe1\x01\x03\x01\x00", 5 },
		{ "packed in too many bits", "\xe1\x01\x03\x01\x25xxxxx", 10 },
		{ "packed cut short", "\xe1\x08\x03\x01\x08xxxxxxx", 12 },
		{ "good run, then rubbish", "\x00\x02\x99", 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (wire_runs_decode((const uint8_t *)rows[i].bytes, rows[i].length,
				     WIRE_LONG_WORD, NULL, 1000) != -1)
			fail_msg("accepted: %s", rows[i].what);
}

/*
 * Small scope, but all of it: every message of up to three bytes, into rooms of none to
 * three words. Not one byte goes past the room.
 */
static void no_message_writes_past_its_room(void **state)
{
	enum { GUARD = 0xa5, ROOM_MAX = 3 };
	uint8_t out[8 * ROOM_MAX + 8], runs[4];
	uint64_t accepted = 0;

	(void)state;
	for (uint32_t value = 0; value < 1u << 24; value++) {
		size_t room = (value >> 5 ^ value >> 9) % (ROOM_MAX + 1);
		enum wire_word width = value & 4 ? WIRE_LONG_WORD : WIRE_SHORT_WORD;

		for (size_t length = 1; length <= 3; length++) {
			int64_t n;

			/* each shorter message is met once for every longer one: enough once */
			if (length < 3 && value >> 8 * length)
				continue;
			for (size_t i = 0; i < length; i++)
				runs[i] = (uint8_t)(value >> 8 * i);
			memset(out, GUARD, sizeof(out));
			n = wire_runs_decode(runs, length, width, out, room);
			assert_true(n <= (int64_t)room);
			accepted += n >= 0;
			for (size_t i = width * room; i < sizeof(out); i++)
				if (out[i] != GUARD)
					fail_msg("message %06x, room %zu", value, room);
		}
	}
	print_message("%llu of them are runs\n", (unsigned long long)accepted);
	assert_true(accepted > 10000);
}

static void the_bytes_are_those_that_the_readme_shows(void **state)
{
	/* 2 zeros, pointer; pointer; 3 pages of new attributes */
	const uint8_t want[] = { 0x11, 0x02, 0x82, 0x02, 0xc2,
				 0x87, 0x80, 0x18, 0x02, 0x0e };
	uint8_t words[8 * 7], runs[64];
	struct wire_writer w = wire_writer(runs, sizeof(runs));

	(void)state;
	memset(words, 0, sizeof(words));
	put(words, 2, 0x81003);
	put(words, 3, 0x82003);
	for (size_t i = 0; i < 3; i++)
		put(words, 4 + i, UINT64_C(0x6000000000e007) + 0x1000 * i);
	assert_int_equal(wire_runs_encode(words, 7, WIRE_LONG_WORD, false, &w), 7);
	assert_int_equal(w.at, sizeof(want));
	assert_memory_equal(runs, want, sizeof(want));
}

static size_t from_hex(const char *text, uint8_t *bytes)
{
	size_t length = 0;

	for (unsigned int byte; sscanf(text + 2 * length, "%2x", &byte) == 1;)
		bytes[length++] = (uint8_t)byte;
	return length;
}

/*
 * More kinds of attributes than the dictionary holds, some of them again. Each line: bytes
 * of a word, runs, words. test_replay.py reads the same lines by the readme alone.
 */
static void the_entries_of_a_full_dictionary_keep_their_numbers(void **state)
{
	char path[4096], runs_text[2048], words_text[2048];
	const char *top = getenv("top_srcdir");
	unsigned int width, lines = 0;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/golden/runs.txt", top ? top : ".");
	file = fopen(path, "r");
	assert_non_null(file);
	while (fscanf(file, "%u %2047s %2047s", &width, runs_text, words_text) == 3) {
		uint8_t want[1024], words[1024], runs[1024];
		size_t length = from_hex(runs_text, want);
		size_t count = from_hex(words_text, words) / width;
		struct wire_writer w = wire_writer(runs, sizeof(runs));
		enum wire_word word = (enum wire_word)width;

		assert_int_equal(wire_runs_encode(words, count, word, false, &w), count);
		assert_int_equal(w.at, length);
		assert_memory_equal(runs, want, length);
		assert_int_equal(trip(words, count, sizeof(runs), word, false), length);
		lines++;
	}
	fclose(file);
	assert_int_equal(lines, 2);
}

/* Decode into a room with a guard on both sides; false where a guard was touched. */
static bool stays_inside(const uint8_t *runs, size_t length, size_t room,
			 enum wire_word width)
{
	enum { GUARD = 64, MOST = 8 * 7 };
	static const uint8_t guard[GUARD + MOST] = { 0 };
	static uint8_t bytes[GUARD + MOST + GUARD];
	size_t end = GUARD + width * room;
	int64_t got = wire_runs_decode(runs, length, width, bytes + GUARD, room);
	bool inside = got >= -1 && got <= (int64_t)room && !memcmp(bytes, guard, GUARD) &&
		      !memcmp(bytes + end, guard, sizeof(bytes) - end);

	memset(bytes, 0, sizeof(bytes));
	return inside;
}

/*
 * Small scope, all of it: every first byte, and behind it every sequence of three of the
 * bytes that stand for something (varints at their edges, counts, kinds), whole and cut
 * short, into rooms of a few words. No word that is written is zero but those of a gap, so
 * that a guard would show it.
 */
static void no_runs_write_outside_of_their_room(void **state)
{
	static const uint8_t rest[] = { 0x81, 0,  1,    2,    3,    4,    7,    8,
					15,   16, 0x24, 0x40, 0x7f, 0x80, 0xe1, 0xff };
	static const size_t rooms[] = { 0, 1, 3, 7 };
	enum { VALUES = COUNT(rest) };
	const char *every = getenv("MMP_TEST_EVERY"); /* under valgrind */
	unsigned int step = every ? 8 * (unsigned int)atoi(every) + 1 : 1;
	unsigned long tried = 0;

	(void)state;
	for (unsigned int n = 0; n < 256 * VALUES * VALUES * VALUES; n += step) {
		unsigned int three = n / 256;
		const uint8_t runs[4] = { (uint8_t)n, rest[three % VALUES],
					  rest[three / VALUES % VALUES],
					  rest[three / VALUES / VALUES] };
		size_t shortest = three ? 4 : 1;

		for (size_t length = shortest; length <= 4; length++)
			for (size_t r = 0; r < COUNT(rooms); r++, tried += 2)
				if (!stays_inside(runs, length, rooms[r],
						  WIRE_LONG_WORD) ||
				    !stays_inside(runs, length, rooms[r],
						  WIRE_SHORT_WORD))
					fail_msg("%02x %02x %02x %02x of %zu into %zu",
						 runs[0], runs[1], runs[2], runs[3],
						 length, rooms[r]);
	}
	print_message("%lu sequences\n", tried);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroes_at_the_end_cost_nothing),
		cmocka_unit_test(a_table_of_pages_is_one_run),
		cmocka_unit_test(what_goes_on_costs_little),
		cmocka_unit_test(pointers_to_tables_in_a_row_need_no_attributes),
		cmocka_unit_test(steps_go_down_stand_still_and_wrap),
		cmocka_unit_test(pages_in_no_order_are_packed),
		cmocka_unit_test(
			words_without_any_pattern_cost_hardly_more_than_themselves),
		cmocka_unit_test(no_order_of_words_takes_more_than_themselves),
		cmocka_unit_test(short_descriptors_are_words_of_their_own),
		cmocka_unit_test(any_words_come_back_through_frames_of_any_size),
		cmocka_unit_test(only_pages_that_are_not_known_are_written),
		cmocka_unit_test(broken_runs_are_refused),
		cmocka_unit_test(no_runs_write_outside_of_their_room),
		cmocka_unit_test(no_message_writes_past_its_room),
		cmocka_unit_test(the_bytes_are_those_that_the_readme_shows),
		cmocka_unit_test(the_entries_of_a_full_dictionary_keep_their_numbers),
	};
	return cmocka_run_group_tests_name("runs", tests, NULL, NULL);
}
