/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions with a board that is silent, or with something that is not a board of ours. */
#include "check.h"

#include <string.h>

#include "base/limits.h"
#include "session_line.h"

static void a_silent_board_is_given_up_with_words_and_numbers(void **state)
{
	struct mmp_session *session = start(false, 1);

	(void)state;
	noise.drop = 10000;
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	assert_int_equal(mmp_session_error(session)->code, MMP_LINK);
	assert_non_null(
		strstr(mmp_session_error(session)->text, "hello was sent 9 times"));
	assert_int_equal(now_ms, 1000 + MMP_PATIENCE_MS);
	assert_int_equal(mmp_session_deadline_ms(session), UINT64_MAX);
	mmp_session_free(session);
}

static void a_board_that_falls_silent_is_given_up_and_says_when(void **state)
{
	(void)state;
	fill_at_random();
	seal_image(2);
	for (int phase = MMP_SESSION_SENDING; phase <= MMP_SESSION_PROVING; phase++) {
		struct mmp_session *session = start(true, (uint16_t)phase);

		noise.drop = 0;
		assert_int_equal(run_until(session, (enum mmp_session_state)phase),
				 phase);
		noise.drop = 10000;
		assert_int_equal(run(session), MMP_SESSION_FAILED);
		assert_int_equal(mmp_session_error(session)->code, MMP_LINK);
		assert_non_null(strstr(mmp_session_error(session)->text, "no answer to"));
		mmp_session_free(session);
	}
}

/* Answer each of the host's frames by one frame of ours, made by `make`. */
static enum mmp_session_state against(struct mmp_session *session,
				      size_t (*make)(uint8_t *body,
						     const struct wire_header *request))
{
	enum mmp_session_state state = MMP_SESSION_GREETING;
	uint8_t input[WIRE_BODY_MAX + 4], line[1024], body[256];
	struct wire_decoder decoder;

	wire_decoder_init(&decoder, input, sizeof(input));
	for (int step = 0; state < MMP_SESSION_DONE; step++) {
		size_t length, used = 0;
		const uint8_t *output;

		assert_true(step < 100000);
		now_ms = mmp_least(mmp_session_deadline_ms(session), now_ms + 10);
		output = mmp_session_output(session, &length);
		for (size_t i = 0; i < length; i++) {
			struct wire_reader r;
			struct wire_header header;

			if (wire_decoder_feed(&decoder, output[i]) != WIRE_FRAME)
				continue;
			r = wire_reader(input, decoder.length);
			wire_get_header(&r, &header);
			used = wire_encode(body, make(body, &header), line);
		}
		mmp_session_sent(session, length);
		state = mmp_session_step(session, now_ms, line, used);
	}
	return state;
}

static size_t make_echo(uint8_t *body, const struct wire_header *request)
{
	struct wire_writer w = wire_writer(body, 64);

	wire_put_header(&w, request);
	return w.at;
}

static void a_looped_line_is_told_from_a_board(void **state)
{
	struct mmp_session *session = start(false, 9);

	(void)state;
	assert_int_equal(against(session, make_echo), MMP_SESSION_FAILED);
	if (!strstr(mmp_session_error(session)->text, "a loop"))
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_free(session);
}

static size_t make_future(uint8_t *body, const struct wire_header *request)
{
	struct wire_writer w = wire_writer(body, 64);

	(void)request;
	wire_put_header(&w, &(struct wire_header){ WIRE_HELLO | WIRE_ANSWER, 9, 0 });
	wire_put8(&w, WIRE_BAD_VERSION);
	wire_put16(&w, 7);
	return w.at;
}

static void a_board_of_another_version_is_refused_in_words(void **state)
{
	struct mmp_session *session = start(false, 9);

	(void)state;
	assert_int_equal(against(session, make_future), MMP_SESSION_FAILED);
	assert_int_equal(mmp_session_error(session)->code, MMP_BOARD);
	assert_non_null(strstr(mmp_session_error(session)->text, "speaks version 7"));
	mmp_session_free(session);
}

static size_t make_random_bytes(uint8_t *body, const struct wire_header *request)
{
	struct wire_writer w = wire_writer(body, 256);
	size_t length = 1 + dice(200);

	(void)request;
	for (size_t i = 0; i < length; i++)
		wire_put8(&w, (uint8_t)dice(256));
	return length;
}

static size_t make_wrong_shape(uint8_t *body, const struct wire_header *request)
{
	struct wire_writer w = wire_writer(body, 256);

	wire_put_header(&w, &(struct wire_header){ request->opcode | WIRE_ANSWER,
						   request->session, request->sequence });
	wire_put8(&w, WIRE_OK);
	wire_put32(&w, 0xdeadbeef);
	return w.at;
}

static void another_board_behind_the_line_is_refused_and_sent_nothing(void **state)
{
	const struct mmp_push push = { .image = &image, .board_id = "desk-7" };
	struct mmp_error err;
	struct mmp_session *session = mmp_session_new(&push, &err);
	struct mmp_session_report report;

	(void)state;
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	mmp_session_report(session, &report);
	assert_int_equal(mmp_session_error(session)->code, MMP_BOARD);
	assert_non_null(strstr(mmp_session_error(session)->text, "\"fake\""));
	assert_non_null(strstr(mmp_session_error(session)->text, "\"desk-7\""));
	assert_int_equal(report.frames_sent, 1);
	assert_int_equal(board.loader.state, LOADER_IDLE);
	mmp_session_free(session);
}

/* A console that never says END, and one whose text ends with each of our frames. */
static void a_console_on_the_line_is_quoted(void **state)
{
	static const uint8_t prompt[] = "\r\nboard login: ";

	(void)state;
	for (int with_end = 0; with_end < 2; with_end++) {
		struct mmp_session *session = start(false, 9);
		enum mmp_session_state ends = MMP_SESSION_GREETING;

		while (ends < MMP_SESSION_DONE) {
			size_t length;

			now_ms = mmp_least(mmp_session_deadline_ms(session), now_ms + 10);
			mmp_session_output(session, &length);
			mmp_session_sent(session, length);
			mmp_session_step(session, now_ms, prompt,
					 length ? sizeof(prompt) - 1 : 0);
			ends = mmp_session_step(session, now_ms, (const uint8_t *)"\xc0",
						with_end && length ? 1 : 0);
		}
		if (!strstr(mmp_session_error(session)->text, "a login prompt: `"))
			fail_msg("%s", mmp_session_error(session)->text);
		mmp_session_free(session);
	}
}

/* Text before every answer, as from a console that prints all the time. */
static void text_between_answers_costs_nothing(void **state)
{
	struct mmp_session *session = start(false, 1);
	struct mmp_session_report report;

	(void)state;
	chatty = true;
	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	assert_int_equal(report.frames_resent, 0);
	assert_true(report.frames_broken >= 4);
	mmp_session_free(session);
}

static void a_board_whose_answers_are_invalid_is_given_up(void **state)
{
	(void)state;
	for (int shape = 0; shape < 2; shape++) {
		struct mmp_session *session = start(false, 9);

		assert_int_equal(
			against(session, shape ? make_wrong_shape : make_random_bytes),
			MMP_SESSION_FAILED);
		assert_int_equal(mmp_session_error(session)->code, MMP_LINK);
		mmp_session_free(session);
	}
}

static void a_flood_of_whole_frames_that_say_nothing_ends_it(void **state)
{
	struct mmp_session *session = start(false, 9);
	uint8_t body[16] = { WIRE_WRITE | WIRE_ANSWER, 0x77, 0x77 }, line[64];
	size_t length = wire_encode(body, sizeof(body), line);
	enum mmp_session_state ends = MMP_SESSION_GREETING;
	int frames = 0;

	(void)state;
	while (ends < MMP_SESSION_DONE && frames++ < 10000)
		ends = mmp_session_step(session, now_ms, line, length);
	assert_int_equal(ends, MMP_SESSION_FAILED);
	assert_int_equal(frames, MMP_FOREIGN_MAX + 1);
	assert_non_null(
		strstr(mmp_session_error(session)->text, "does not follow the protocol"));
	mmp_session_free(session);
}

#define row(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(a_silent_board_is_given_up_with_words_and_numbers),
		row(a_board_that_falls_silent_is_given_up_and_says_when),
		row(a_looped_line_is_told_from_a_board),
		row(a_board_of_another_version_is_refused_in_words),
		row(another_board_behind_the_line_is_refused_and_sent_nothing),
		row(a_console_on_the_line_is_quoted),
		row(text_between_answers_costs_nothing),
		row(a_board_whose_answers_are_invalid_is_given_up),
		row(a_flood_of_whole_frames_that_say_nothing_ends_it),
	};

	return cmocka_run_group_tests_name("what is no board of ours", tests, NULL, NULL);
}
