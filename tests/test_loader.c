/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <bearssl.h>
#include <string.h>

#include "loader_talk.h"
#include "wire/runs.h"

static void a_push_lands_in_the_pool_and_in_the_registers(void **state)
{
	struct wire_begin begin = good();

	(void)state;
	push_all();
	assert_int_equal(board.activations, 1);
	assert_memory_equal(board.ram + 0x20000, first_word, 8);
	assert_int_equal(board.live.registers[WIRE_TTBR0], begin.registers[WIRE_TTBR0]);
	assert_int_equal(board.live.registers[WIRE_TCR], begin.registers[WIRE_TCR]);
	assert_int_equal(board.live.registers[WIRE_MAIR], begin.registers[WIRE_MAIR]);
}

static void hello_tells_what_the_board_is_and_what_is_live(void **state)
{
	struct wire_begin begin = good();
	struct wire_board told;
	struct wire_reader r;

	(void)state;
	for (int pushed = 0; pushed < 2; pushed++) {
		assert_int_equal(greet((uint16_t)(7 + pushed)), WIRE_OK);
		r = wire_reader(answer.body, answer.length);
		wire_take(&r, WIRE_HEADER_SIZE + 1);
		wire_get_board(&r, &told);
		assert_true(wire_read_whole(&r));
		assert_string_equal(told.id, "fake");
		assert_int_equal(told.staging_bytes, FAKE_STAGING);
		assert_int_equal(told.windows[0].base, FAKE_WINDOW);
		assert_int_equal(told.live, pushed);
		if (pushed)
			assert_memory_equal(told.live_build, begin.build, 32);
		else
			push_all();
	}
}

static void another_version_is_refused_with_ours(void **state)
{
	(void)state;
	assert_int_equal(ask_hello(SESSION, WIRE_MAGIC, WIRE_VERSION + 1),
			 WIRE_BAD_VERSION);
	assert_int_equal(answer.length, WIRE_HEADER_SIZE + 3);
	assert_int_equal(answer.body[6], WIRE_VERSION);
	assert_int_equal(ask_plain(1, WIRE_FINISH), WIRE_NO_SESSION);
}

static void a_write_that_may_not_be_is_refused(void **state)
{
	const struct {
		const char *what;
		enum wire_status status;
		uint32_t offset;
		const char *runs;
		size_t length;
	} rows[] = {
		{ "within a word", WIRE_WRITE_UNALIGNED, 4, "\xf2\1", 2 },
		{ "one word past the end", WIRE_WRITE_OUTSIDE, PAGE - 8, "\xf2\2", 2 },
		{ "beginning at the end", WIRE_WRITE_OUTSIDE, PAGE, "\xf2\1", 2 },
		{ "far away", WIRE_WRITE_OUTSIDE, 0xfffffff8, "\xf2\2", 2 },
		{ "a run cut short", WIRE_BAD_RUNS, 0, "\xe0\1abc", 5 },
		{ "an unknown run", WIRE_BAD_RUNS, 0, "\xe7\1", 2 },
		{ "a run of no words", WIRE_BAD_RUNS, 0, "\xf2\0", 2 },
		{ "a good run, then one cut short", WIRE_BAD_RUNS, 0, "\xf2\1\xc0\1", 4 },
		{ "pages past the end", WIRE_WRITE_OUTSIDE, PAGE - 8, "\1\1", 2 },
		{ "runs that together are too long", WIRE_WRITE_OUTSIDE, 0,
		  "\xf2\x80\2\xf2\x80\2\xf2\1", 8 },
		{ "more words than there may be", WIRE_BAD_RUNS, 0,
		  "\xf2\xff\xff\xff\xff\x0f", 6 },
	};
	struct wire_begin begin = good();
	uint8_t before[FAKE_STAGING];

	(void)state;
	assert_int_equal(greet(SESSION), WIRE_OK);
	assert_int_equal(ask_begin(1, &begin), WIRE_OK);
	memcpy(before, board.staging, sizeof(before));
	for (size_t i = 0; i < COUNT(rows); i++) {
		int status = ask_write(2, rows[i].offset, rows[i].runs, rows[i].length);

		if (status != (int)rows[i].status)
			fail_msg("%s: status %d instead of %d", rows[i].what, status,
				 rows[i].status);
		assert_memory_equal(before, board.staging, sizeof(before));
	}
	assert_int_equal(ask(SESSION, 2, WIRE_WRITE, (const uint8_t *)"abc", 3),
			 WIRE_BAD_MESSAGE);
}

static void requests_out_of_order_change_nothing(void **state)
{
	struct wire_begin begin = good();

	(void)state;
	assert_int_equal(ask_begin(1, &begin), WIRE_NO_SESSION);
	assert_int_equal(greet(SESSION), WIRE_OK);
	assert_int_equal(write_first_word(1), WIRE_WRONG_STATE);
	assert_int_equal(ask_plain(2, WIRE_FINISH), WIRE_WRONG_STATE);
	assert_int_equal(ask_plain(3, WIRE_ACTIVATE), WIRE_WRONG_STATE);
	assert_int_equal(ask_plain(4, WIRE_TRANSLATE), WIRE_NOTHING_LIVE);
	assert_int_equal(ask_begin(5, &begin), WIRE_OK);
	assert_int_equal(ask_plain(6, WIRE_ACTIVATE), WIRE_WRONG_STATE);
	assert_int_equal(ask(SESSION + 1, 7, WIRE_FINISH, NULL, 0), WIRE_NO_SESSION);
	assert_int_equal(board.activations, 0);
}

static void bytes_that_are_not_the_promised_ones_never_go_live(void **state)
{
	struct wire_begin begin = good();

	(void)state;
	push_all();
	assert_int_equal(greet(SESSION + 1), WIRE_OK);
	assert_int_equal(greet(SESSION), WIRE_OK);
	begin.build[0] = 0x77;
	assert_int_equal(ask_begin(1, &begin), WIRE_OK);
	assert_int_equal(ask_plain(2, WIRE_FINISH), WIRE_DIGEST_DIFFERS);
	assert_int_equal(ask_plain(3, WIRE_ACTIVATE), WIRE_WRONG_STATE);
	assert_int_equal(board.activations, 1);
	assert_memory_equal(board.ram + 0x20000, first_word, 8);
	assert_int_equal(board.loader.live_begin.build[0], 0xb1);
}

static void everything_may_be_said_twice(void **state)
{
	struct wire_begin begin = good();

	(void)state;
	for (uint16_t sequence = 0; sequence < 5; sequence++)
		for (int again = 0; again < 3; again++) {
			int status = sequence == 0   ? greet(SESSION)
				     : sequence == 1 ? ask_begin(1, &begin)
				     : sequence == 2 ? write_first_word(2)
				     : sequence == 3 ? ask_plain(3, WIRE_FINISH)
						     : ask_plain(4, WIRE_ACTIVATE);

			assert_int_equal(status, WIRE_OK);
		}
	assert_int_equal(board.activations, 1);
}

static void a_late_double_does_not_undo_what_came_after(void **state)
{
	struct wire_begin begin = good();

	(void)state;
	assert_int_equal(greet(SESSION), WIRE_OK);
	assert_int_equal(ask_begin(1, &begin), WIRE_OK);
	assert_int_equal(write_first_word(2), WIRE_OK);
	assert_int_equal(greet(SESSION), WIRE_OK);
	assert_int_equal(ask_begin(1, &begin), WIRE_OK);
	assert_memory_equal(board.staging, first_word, 8);
	assert_int_equal(ask_plain(3, WIRE_FINISH), WIRE_OK);
	assert_int_equal(write_first_word(2), WIRE_WRONG_STATE);
	assert_int_equal(ask_plain(4, WIRE_ACTIVATE), WIRE_OK);
}

static void another_build_under_the_number_of_a_begin_is_begun_anew(void **state)
{
	struct wire_begin begin = good();

	(void)state;
	push_all();
	begin.build[3] ^= 1;
	assert_int_equal(ask_begin(1, &begin), WIRE_OK);
	assert_int_equal(board.loader.state, LOADER_RECEIVING);
	assert_int_equal(board.staging[0], 0);
}

static void a_new_session_or_abort_drops_what_was_staged(void **state)
{
	struct wire_begin begin = good();

	(void)state;
	push_all();
	assert_int_equal(ask_begin(5, &begin), WIRE_OK);
	assert_int_equal(ask_plain(6, WIRE_ABORT), WIRE_OK);
	assert_int_equal(write_first_word(7), WIRE_WRONG_STATE);
	assert_int_equal(ask_begin(8, &begin), WIRE_OK);
	assert_int_equal(greet(SESSION + 1), WIRE_OK);
	assert_int_equal(write_first_word(9), WIRE_NO_SESSION);
	assert_int_equal(board.loader.state, LOADER_IDLE);
	assert_true(board.loader.live);
	assert_int_equal(board.activations, 1);
}

/* Found by fuzz_loader: begun unsigned, then a key came, and it went live all the same. */
static void what_was_begun_before_a_key_came_does_not_go_live(void **state)
{
	static const uint8_t one[WIRE_SECRET_SIZE] = { [WIRE_SECRET_SIZE - 1] = 1 };
	struct wire_keep keep = { .kind = WIRE_KEEP_TRUST };
	struct wire_begin begin = good();
	uint8_t payload[128], point[1 + WIRE_POINT_SIZE];
	struct wire_writer w = wire_writer(payload, sizeof(payload));
	br_ec_private_key key = { BR_EC_secp256r1, (uint8_t *)one, sizeof(one) };

	(void)state;
	fake_board_keeps(&board);
	br_ec_compute_pub(&br_ec_p256_m31, NULL, point, &key);
	memcpy(keep.payload, point + 1, WIRE_POINT_SIZE);
	wire_put_keep(&w, &keep);
	assert_int_equal(greet(SESSION), WIRE_OK);
	assert_int_equal(ask_begin(1, &begin), WIRE_OK);
	assert_int_equal(write_first_word(2), WIRE_OK);
	assert_int_equal(ask_plain(3, WIRE_FINISH), WIRE_OK);
	assert_int_equal(ask(SESSION, 4, WIRE_KEEP, payload, w.at), WIRE_OK);
	assert_int_equal(ask_plain(5, WIRE_ACTIVATE), WIRE_WRONG_STATE);
	assert_int_equal(ask_begin(6, &begin), WIRE_UNSIGNED);
	assert_int_equal(board.activations, 0);
}

static void translate_answers_each_question(void **state)
{
	const struct wire_question questions[] = { { WIRE_READ, 0x123456000 },
						   { WIRE_WRITE_ACCESS, 0x5000 } };
	uint8_t payload[2 * WIRE_QUESTION_SIZE];
	struct wire_writer w = wire_writer(payload, sizeof(payload));
	struct wire_reader r;

	(void)state;
	push_all();
	for (size_t i = 0; i < COUNT(questions); i++)
		wire_put_question(&w, &questions[i]);
	assert_int_equal(ask(SESSION, 5, WIRE_TRANSLATE, payload, w.at), WIRE_OK);
	assert_int_equal(answer.length, 6 + 2 * WIRE_PAR_SIZE);
	r = wire_reader(answer.body + 6, answer.length - 6);
	assert_int_equal(wire_get64(&r), UINT64_C(0xff00000123456b80));
	assert_int_equal(wire_get64(&r), 0x81f);
	assert_int_equal(ask(SESSION, 6, WIRE_TRANSLATE, payload, w.at - 1),
			 WIRE_BAD_MESSAGE);
	payload[0] = WIRE_ACCESS_COUNT;
	assert_int_equal(ask(SESSION, 7, WIRE_TRANSLATE, payload, w.at), WIRE_BAD_ACCESS);
}

static void unknown_and_misshapen_requests_are_refused(void **state)
{
	const uint8_t byte = 0;

	(void)state;
	assert_int_equal(ask_hello(SESSION, WIRE_MAGIC + 1, WIRE_VERSION),
			 WIRE_BAD_MESSAGE);
	assert_int_equal(greet(SESSION), WIRE_OK);
	assert_int_equal(ask_plain(1, 0), WIRE_BAD_MESSAGE);
	assert_int_equal(ask_plain(1, WIRE_OPCODE_COUNT), WIRE_BAD_MESSAGE);
	assert_int_equal(ask_plain(1, 0x7f), WIRE_BAD_MESSAGE);
	assert_int_equal(ask_plain(1, WIRE_BEGIN), WIRE_BAD_MESSAGE);
	assert_int_equal(ask(SESSION, 1, WIRE_ABORT, &byte, 1), WIRE_BAD_MESSAGE);
}

/* No word to a frame longer than hello allows; the next one is heard. */
static void an_oversized_frame_is_passed_over(void **state)
{
	static uint8_t body[2 * LOADER_BODY_MAX], line[WIRE_ENCODED_MAX(sizeof(body))];
	size_t encoded;

	(void)state;
	assert_int_equal(greet(SESSION), WIRE_OK);
	for (size_t length = LOADER_BODY_MAX; length <= sizeof(body);
	     length += LOADER_BODY_MAX / 4) {
		struct wire_writer w = wire_writer(body, sizeof(body));

		wire_put_header(&w, &(struct wire_header){ WIRE_ABORT, SESSION, 1 });
		encoded = wire_encode(body, length, line);
		answer.length = 0;
		for (size_t i = 0; i < encoded; i++)
			loader_take(&board.loader, line[i]);
		if (length == LOADER_BODY_MAX)
			assert_int_equal(answer.body[5], WIRE_BAD_MESSAGE);
		else
			assert_int_equal(answer.length, 0);
		assert_int_equal(ask_plain(2, WIRE_ABORT), WIRE_OK);
	}
}

static void an_answer_come_back_is_not_answered(void **state)
{
	(void)state;
	assert_int_equal(ask(SESSION, 1, WIRE_HELLO | WIRE_ANSWER, NULL, 0), -1);
}

#define row(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(a_push_lands_in_the_pool_and_in_the_registers),
		row(hello_tells_what_the_board_is_and_what_is_live),
		row(another_version_is_refused_with_ours),
		row(a_write_that_may_not_be_is_refused),
		row(requests_out_of_order_change_nothing),
		row(bytes_that_are_not_the_promised_ones_never_go_live),
		row(everything_may_be_said_twice),
		row(a_late_double_does_not_undo_what_came_after),
		row(another_build_under_the_number_of_a_begin_is_begun_anew),
		row(a_new_session_or_abort_drops_what_was_staged),
		row(what_was_begun_before_a_key_came_does_not_go_live),
		row(translate_answers_each_question),
		row(unknown_and_misshapen_requests_are_refused),
		row(an_oversized_frame_is_passed_over),
		row(an_answer_come_back_is_not_answered),
	};

	return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}
