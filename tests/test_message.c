/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <string.h>

#include "wire/message.h"

static const struct wire_board sample = {
	.version = WIRE_VERSION,
	.body_max = 1024,
	.frames_max = 4,
	.staging_bytes = 0xc0000,
	.id_length = 9,
	.id = "qemu-virt",
	.live = true,
	.live_build = { 1, 2, 3, [31] = 0xff },
	.window_count = 2,
	.windows = { { 0xe100000, 0xf00000 }, { 0xfffff000, 0x1000 } },
};

static void hello_looks_the_same_in_every_version(void **state)
{
	const uint8_t want[] = { 1, 0x34, 0x12, 0, 0, 'm', 'm', 'p', '1', 2, 0 };
	uint8_t body[32];
	struct wire_writer w = wire_writer(body, sizeof(body));

	(void)state;
	wire_put_header(&w, &(struct wire_header){ WIRE_HELLO, 0x1234, 0 });
	wire_put_hello(&w, &(struct wire_hello){ WIRE_MAGIC, WIRE_VERSION });
	assert_int_equal(w.at, sizeof(want));
	assert_memory_equal(body, want, sizeof(want));
}

static void a_board_comes_back_as_it_was_put(void **state)
{
	uint8_t body[WIRE_BODY_MIN];
	struct wire_writer w = wire_writer(body, sizeof(body));
	struct wire_reader r;
	struct wire_board board;

	(void)state;
	wire_put_board(&w, &sample);
	assert_false(w.failed);
	r = wire_reader(body, w.at);
	wire_get_board(&r, &board);
	assert_true(wire_read_whole(&r));
	assert_memory_equal(&board, &sample, sizeof(board));
}

static void the_longest_board_fits_the_shortest_body(void **state)
{
	struct wire_board board = sample;
	uint8_t body[WIRE_BODY_MIN];
	struct wire_writer w = wire_writer(body, sizeof(body));

	(void)state;
	board.id_length = WIRE_ID_MAX;
	memset(board.id, 'x', WIRE_ID_MAX);
	board.window_count = WIRE_WINDOWS_MAX;
	wire_put_header(&w, &(struct wire_header){ 0 });
	wire_put8(&w, WIRE_OK);
	wire_put_board(&w, &board);
	assert_false(w.failed);
}

static void a_board_cut_short_anywhere_is_refused(void **state)
{
	uint8_t body[WIRE_BODY_MIN];
	struct wire_writer w = wire_writer(body, sizeof(body));
	struct wire_board board;

	(void)state;
	wire_put_board(&w, &sample);
	for (size_t length = 0; length < w.at; length++) {
		struct wire_reader r = wire_reader(body, length);

		wire_get_board(&r, &board);
		assert_true(r.failed);
	}
}

static void sizes_that_no_board_may_have_are_refused(void **state)
{
	const struct {
		const char *what;
		size_t at;
		uint8_t value;
	} rows[] = {
		{ "body_max below the least", 3, 0 },
		{ "body_max over the most", 3, 0x20 },
		{ "no frame at all", 4, 0 },
		{ "too many frames", 4, WIRE_FRAMES_MAX + 1 },
		{ "an empty id", 9, 0 },
		{ "an id over its limit", 9, WIRE_ID_MAX + 1 },
		{ "an id with a control character", 10, 0x1b },
		{ "too many windows", 52, WIRE_WINDOWS_MAX + 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t body[WIRE_BODY_MIN];
		struct wire_writer w = wire_writer(body, sizeof(body));
		struct wire_reader r;
		struct wire_board board;

		wire_put_board(&w, &sample);
		body[rows[i].at] = rows[i].value;
		r = wire_reader(body, w.at);
		wire_get_board(&r, &board);
		if (!r.failed)
			fail_msg("accepted: %s", rows[i].what);
	}
}

static void of_another_version_only_the_version_is_read(void **state)
{
	const uint8_t body[] = { 9, 0 };
	struct wire_reader r = wire_reader(body, sizeof(body));
	struct wire_board board;

	(void)state;
	wire_get_board(&r, &board);
	assert_true(wire_read_whole(&r));
	assert_int_equal(board.version, 9);
}

static void begin_and_questions_come_back_as_they_were_put(void **state)
{
	struct wire_begin begin = { .length = 0x7000,
				    .pool_pa = 0xe1c4000,
				    .mair_el1 = 0xff00ff04,
				    .tcr_el1 = 0x480803f20,
				    .ttbr0_el1 = 0xffff00000e1c4000 };
	struct wire_question question = { WIRE_WRITE_ACCESS, UINT64_MAX - 7 };
	uint8_t body[WIRE_BODY_MIN];
	struct wire_writer w = wire_writer(body, sizeof(body));
	struct wire_reader r;

	(void)state;
	memset(begin.build, 0xab, sizeof(begin.build));
	memset(begin.digest, 0xcd, sizeof(begin.digest));
	wire_put_begin(&w, &begin);
	wire_put_question(&w, &question);
	assert_int_equal(w.at, 100 + WIRE_QUESTION_SIZE);
	r = wire_reader(body, w.at);
	{
		struct wire_begin got = { 0 };
		struct wire_question asked = { 0 };

		wire_get_begin(&r, &got);
		wire_get_question(&r, &asked);
		assert_true(wire_read_whole(&r));
		assert_memory_equal(got.build, begin.build, 32);
		assert_memory_equal(got.digest, begin.digest, 32);
		assert_int_equal(got.length, begin.length);
		assert_int_equal(got.pool_pa, begin.pool_pa);
		assert_int_equal(got.mair_el1, begin.mair_el1);
		assert_int_equal(got.tcr_el1, begin.tcr_el1);
		assert_int_equal(got.ttbr0_el1, begin.ttbr0_el1);
		assert_int_equal(asked.access, question.access);
		assert_int_equal(asked.va, question.va);
	}
}

static void a_cursor_that_failed_once_stays_failed(void **state)
{
	uint8_t bytes[5] = { 1, 2, 3, 4, 5 };
	struct wire_reader r = wire_reader(bytes, sizeof(bytes));
	struct wire_writer w = wire_writer(bytes, 3);

	(void)state;
	assert_int_equal(wire_get32(&r), 0x04030201);
	assert_int_equal(wire_get16(&r), 0);
	assert_true(r.failed);
	assert_int_equal(wire_get8(&r), 0);
	wire_put32(&w, 7);
	assert_true(w.failed);
	wire_put8(&w, 7);
	assert_int_equal(w.at, 0);
	assert_int_equal(bytes[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_looks_the_same_in_every_version),
		cmocka_unit_test(a_board_comes_back_as_it_was_put),
		cmocka_unit_test(the_longest_board_fits_the_shortest_body),
		cmocka_unit_test(a_board_cut_short_anywhere_is_refused),
		cmocka_unit_test(sizes_that_no_board_may_have_are_refused),
		cmocka_unit_test(of_another_version_only_the_version_is_read),
		cmocka_unit_test(begin_and_questions_come_back_as_they_were_put),
		cmocka_unit_test(a_cursor_that_failed_once_stays_failed),
	};
	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
