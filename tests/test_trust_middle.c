/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "trust_line.h"

/* Somebody on the line who knows the protocol, and changes or sends what they like. */

/* --- what the host asks is changed --- */

static size_t at_byte; /* that is changed, of a begin */
static uint8_t by;

static size_t change_begin(uint8_t *body, size_t length)
{
	if (body[0] == WIRE_BEGIN && at_byte < length)
		body[at_byte] ^= by;
	return length;
}

static void no_byte_of_a_signed_begin_can_be_changed(void **state)
{
	unsigned int changed = 0;

	(void)state;
	trust(&key, NULL, NULL);
	spoil_request = change_begin;
	for (at_byte = WIRE_HEADER_SIZE; at_byte < 220; at_byte++) {
		struct mmp_session *session;

		/* not "keeps" and "goes" of the first byte: the digest decides */
		by = (uint8_t)(1 << (at_byte - WIRE_HEADER_SIZE) % 8);
		session = push(&plain, &key);
		if (mmp_session_error(session)->code == MMP_OK) {
			mmp_session_free(session);
			break; /* past its end */
		}
		assert_int_equal(mmp_session_error(session)->code, MMP_BOARD);
		mmp_session_free(session);
		changed++;
	}
	assert_true(changed > 150);
	assert_int_equal(board.activations, 1);
}

/* What was signed for one session, and what for another board, is sent again. */
static uint8_t recorded[LOADER_BODY_MAX];
static size_t recorded_length;

static size_t record_begin(uint8_t *body, size_t length)
{
	if (body[0] == WIRE_BEGIN) {
		memcpy(recorded, body, length);
		recorded_length = length;
	}
	return length;
}

static size_t replay_begin(uint8_t *body, size_t length)
{
	if (body[0] != WIRE_BEGIN)
		return length;
	memcpy(body + WIRE_HEADER_SIZE, recorded + WIRE_HEADER_SIZE,
	       recorded_length - WIRE_HEADER_SIZE);
	return recorded_length;
}

static void what_was_signed_before_cannot_be_sent_again(void **state)
{
	(void)state;
	trust(&key, NULL, NULL);
	spoil_request = record_begin;
	done(push(&plain, &key));
	spoil_request = replay_begin;
	refused(push(&plain, &key), "for another session");
	board.port.id = "sister";
	loader_init(&board.loader, &board.port);
	refused(push(&plain, &key), "for another board");
	assert_int_equal(board.activations, 1);
}

/* The board's counter went up behind our back: whoever signed knew an older one. */
static void a_counter_that_is_not_over_the_boards_is_refused(void **state)
{
	struct mmp_push order = plain;
	struct mmp_session *session;
	struct mmp_error err;

	(void)state;
	trust(&key, NULL, NULL);
	order.number = 77;
	session = mmp_session_new(&order, &err);
	assert_int_equal(run_until(session, MMP_SESSION_DONE), MMP_SESSION_SIGNING);
	board.counter = 5;
	sign(session, &key);
	run_until(session, MMP_SESSION_DONE);
	refused(session, "counter");
	done(push(&plain, &key));
	assert_int_equal(board.counter, 6);
}

static void what_is_not_signed_is_refused_however_it_is_asked_for(void **state)
{
	(void)state;
	trust(&key, NULL, NULL);
	spoil_request = change_begin;
	at_byte = WIRE_HEADER_SIZE;
	by = 0x80; /* the bit that says "signed" */
	refused(push(&plain, &key), "only what is signed");
	assert_int_equal(board.activations, 0);
}

/* --- what the board answers is changed --- */

static uint8_t enrolled_point[WIRE_POINT_SIZE];

static void enroll(void)
{
	struct wire_keep what = { .kind = WIRE_KEEP_OWN };
	const struct mmp_push order = { .keep = &what };
	struct mmp_session_report report;
	struct mmp_session *session;

	memcpy(what.payload, other_key.secret, WIRE_SECRET_SIZE);
	session = push(&order, NULL);
	mmp_session_report(session, &report);
	memcpy(enrolled_point, report.kept_point, sizeof(enrolled_point));
	assert_memory_equal(enrolled_point, other_key.point, sizeof(enrolled_point));
	done(session);
}

static const struct mmp_push authentic = { .image = &image,
					   .force = true,
					   .board_point = enrolled_point };

static void an_enrolled_board_proves_each_answer(void **state)
{
	struct mmp_session_report report;
	struct mmp_session *session;

	(void)state;
	enroll();
	session = push(&authentic, NULL);
	mmp_session_report(session, &report);
	assert_true(report.authentic);
	assert_true(report.board.flags & WIRE_BOARD_HAS_KEY);
	assert_int_equal(report.proved, 1);
	done(session);
	session = push(&plain, NULL);
	mmp_session_report(session, &report);
	assert_false(report.authentic);
	done(session);
}

static uint8_t spoilt_opcode;

static size_t flip_last(uint8_t *body, size_t length)
{
	if (body[0] == (spoilt_opcode | WIRE_ANSWER))
		body[length - 1 - (length > 30 ? WIRE_MAC_SIZE : 0)] ^= 1;
	return length;
}

static void no_answer_of_an_enrolled_board_can_be_changed(void **state)
{
	static const uint8_t opcodes[] = { WIRE_HELLO,  WIRE_BEGIN,    WIRE_WRITE,
					   WIRE_FINISH, WIRE_ACTIVATE, WIRE_TRANSLATE };

	(void)state;
	fill_much();
	enroll();
	for (size_t i = 0; i < COUNT(opcodes); i++) {
		spoilt_opcode = opcodes[i];
		spoil_answer = flip_last;
		board.loader.staged = 0; /* else there would be nothing left to write */
		refused(push(&authentic, NULL), "somebody else answers");
	}
}

/* A small build is live by begin alone: then nobody knows whether it went live. */
static size_t reset_after_begin(uint8_t *body, size_t length)
{
	if (body[0] != (WIRE_BEGIN | WIRE_ANSWER))
		return length;
	spoil_answer = NULL;
	loader_init(&board.loader, &board.port);
	body[0] = 0; /* the answer is lost: what it becomes answers nothing */
	return length;
}

static void an_enrolled_board_that_is_reset_is_not_taken_for_a_stranger_only(void **state)
{
	struct mmp_session_report report;
	struct mmp_session *session;

	(void)state;
	enroll();
	spoil_answer = reset_after_begin;
	session = push(&authentic, NULL);
	mmp_session_report(session, &report);
	assert_true(report.lacked_code);
	assert_false(report.was_reset);
	refused(session, "the board was reset, or somebody else answers");
}

/* The man in the middle of today: other tables, and answers that say all is well. */
static size_t answer_for_the_board(uint8_t *body, size_t length)
{
	struct wire_writer w = wire_writer(body, LOADER_BODY_MAX);

	if (body[0] != (WIRE_TRANSLATE | WIRE_ANSWER))
		return length;
	w.at = WIRE_HEADER_SIZE + 1;
	wire_put64(&w, fake_par(probe.va, WIRE_READ));
	return w.at;
}

static void lies_about_the_proof_are_believed_only_of_a_board_without_a_key(void **state)
{
	struct mmp_session_report report;
	struct mmp_session *session;

	(void)state;
	board.spoil_va = probe.va; /* its MMU says otherwise than we expect */
	refused(push(&plain, NULL), "differ");
	spoil_answer = answer_for_the_board;
	session = push(&plain, NULL);
	mmp_session_report(session, &report);
	assert_false(report.authentic); /* which is what the report says of the proof */
	done(session);
	spoil_answer = NULL;
	enroll();
	spoil_answer = answer_for_the_board;
	refused(push(&authentic, NULL), "somebody else answers");
}

static size_t swap_questions(uint8_t *body, size_t length)
{
	if (body[0] == WIRE_TRANSLATE)
		body[WIRE_HEADER_SIZE + 2] ^= 0x10; /* another address */
	return length;
}

static void a_question_that_was_changed_on_its_way_is_noticed(void **state)
{
	(void)state;
	enroll();
	spoil_request = swap_questions;
	refused(push(&authentic, NULL), "somebody else answers");
}

static size_t drop_key_request(uint8_t *body, size_t length)
{
	if (body[0] != WIRE_HELLO)
		return length;
	body[WIRE_HEADER_SIZE + 6] = 0; /* as if nobody had asked for a key */
	return WIRE_HEADER_SIZE + 7;
}

static void a_key_cannot_be_talked_away(void **state)
{
	(void)state;
	enroll();
	spoil_request = drop_key_request;
	refused(push(&authentic, NULL), "somebody else answers");
	spoil_request = NULL;
	memcpy(enrolled_point, key.point, sizeof(enrolled_point)); /* of another board */
	refused(push(&authentic, NULL), "somebody else answers");
}

static void a_board_without_a_key_of_its_own_says_so(void **state)
{
	(void)state;
	memcpy(enrolled_point, key.point, sizeof(enrolled_point));
	refused(push(&authentic, NULL), "no memory for keys");
}

#define row(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(no_byte_of_a_signed_begin_can_be_changed),
		row(what_was_signed_before_cannot_be_sent_again),
		row(a_counter_that_is_not_over_the_boards_is_refused),
		row(what_is_not_signed_is_refused_however_it_is_asked_for),
		row(an_enrolled_board_proves_each_answer),
		row(no_answer_of_an_enrolled_board_can_be_changed),
		row(lies_about_the_proof_are_believed_only_of_a_board_without_a_key),
		row(an_enrolled_board_that_is_reset_is_not_taken_for_a_stranger_only),
		row(a_question_that_was_changed_on_its_way_is_noticed),
		row(a_key_cannot_be_talked_away),
		row(a_board_without_a_key_of_its_own_says_so),
	};

	return cmocka_run_group_tests_name("somebody in the middle", tests, NULL, NULL);
}
