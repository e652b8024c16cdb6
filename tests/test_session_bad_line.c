/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions over lines that are slow, lose bytes or corrupt them. */
#include "check.h"

#include <string.h>

#include "base/limits.h"
#include "session_line.h"

static void a_line_that_takes_short_frames_only_is_reported(void **state)
{
	struct mmp_session *session;
	struct mmp_session_report report;

	(void)state;
	fill_at_random();
	seal_image(2);
	noise.longest = 300;
	session = start(false, 1);
	assert_int_equal(run(session), MMP_SESSION_DONE);
	mmp_session_report(session, &report);
	assert_true(report.shortened);
	assert_in_range(report.body_limit, 32, 300);
	mmp_session_free(session);
}

/* Push the image with what the push before has learned about the line, and learn. */
static struct mmp_session_report push_and_learn(struct mmp_push *push)
{
	struct mmp_session_report report;
	struct mmp_error err;
	struct mmp_session *session = mmp_session_new(push, &err);

	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	mmp_session_free(session);
	push->body_limit = report.body_limit;
	push->number++;
	return report;
}

static void make_small(uint8_t id)
{
	memset(pool, 0, sizeof(pool));
	put_word(0, (POOL_PA + 0x1000) | 3);
	seal_image(id);
	image.probe_count = 4;
}

/*
 * The next session on such a line does not try again the frames that were lost in the
 * last one, even after a small push that lost nothing.
 */
static void what_one_session_has_learned_saves_the_next_one_losses(void **state)
{
	struct mmp_session_report first, second, small, last;
	struct mmp_push push = { .image = &image, .force = true, .number = 1 };

	(void)state;
	fill_at_random();
	seal_image(2);
	noise.longest = 300;
	first = push_and_learn(&push);
	second = push_and_learn(&push);
	make_small(3);
	small = push_and_learn(&push);
	fill_at_random();
	seal_image(4);
	last = push_and_learn(&push);
	assert_in_range(first.body_limit, 32, 300);
	assert_int_equal(small.frames_resent, 0);
	assert_in_range(small.body_limit, 32, 300);
	assert_true(second.frames_resent < first.frames_resent);
	assert_true(last.frames_resent < first.frames_resent);
}

static void a_lost_hello_teaches_nothing_about_long_frames(void **state)
{
	struct mmp_push push = { .image = &image, .force = true, .number = 1 };
	struct mmp_session *session;
	struct mmp_session_report report;
	struct mmp_error err;

	(void)state;
	make_small(2);
	session = mmp_session_new(&push, &err);
	mmp_session_step(session, now_ms, NULL, 0);
	take_output(session);
	to_board.head = to_board.tail;
	assert_int_equal(run(session), MMP_SESSION_DONE);
	mmp_session_report(session, &report);
	assert_int_equal(report.frames_resent, 1);
	assert_int_equal(report.body_limit, MMP_FRAME_BODY);
	mmp_session_free(session);
}

/* A session that has said hello, and sends an image that does not become shorter. */
static struct mmp_session *start_sending(void)
{
	struct mmp_session *session;

	fill_at_random();
	seal_image(2);
	session = start(false, 1);
	run_until(session, MMP_SESSION_SENDING);
	return session;
}

/* All copies are sent before it answers: then there is still the rest of the patience. */
static void a_board_that_is_busy_has_all_of_the_patience(void **state)
{
	struct mmp_session_report report;
	struct mmp_session *session = start_sending();

	(void)state;
	to_host.busy_until_us = 1000 * (now_ms + MMP_PATIENCE_MS - 500);
	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	assert_in_range(report.frames_resent, MMP_TRIES_MAX - 1, 4 * MMP_TRIES_MAX);
	mmp_session_free(session);
}

static void frames_grow_while_they_get_through(void **state)
{
	struct mmp_session_report report;
	struct mmp_session *session = start_sending();

	(void)state;
	take_output(session);
	assert_in_range(to_board.longest_run, 900, 1100);
	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	assert_in_range(to_board.longest_run, 4000, WIRE_LONG_MAX(MMP_FRAME_BODY));
	mmp_session_report(session, &report);
	assert_int_equal(report.body_limit, MMP_FRAME_BODY);
	assert_false(report.shortened);
	assert_int_equal(report.frames_resent, 0);
	mmp_session_free(session);
}

static void a_slow_line_is_not_flooded_with_copies(void **state)
{
	struct mmp_session *session = start(false, 1);
	struct mmp_session_report report;

	(void)state;
	fill_at_random();
	seal_image(2);
	noise.byte_us = 8333; /* 1200 baud: a frame of 1 KiB takes nine seconds */
	image.length = 2 * PAGE;
	image.digest = mmp_digest_of(pool, image.length);
	image.probe_count = 40;
	mmp_session_free(session);
	{
		const struct mmp_push push = { .image = &image, .patience_ms = 60000 };
		struct mmp_error err;

		session = mmp_session_new(&push, &err);
	}
	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	assert_in_range(report.frames_resent, 0, 4);
	mmp_session_free(session);
}

/* 115200, 9600, 4800 and 2400 baud; hello takes longer than its first time-out on some. */
static void a_clean_line_loses_nothing_however_slow_it_is(void **state)
{
	static const unsigned int bytes_us[] = { 87, 1042, 2083, 4167 },
				  latencies_ms[] = { 0, 150, 220, 249, 300, 636, 692 };

	for (size_t i = 0; i < 4 * 7; i++) {
		struct mmp_session_report report;
		struct mmp_session *session;

		setup(state);
		fill_at_random();
		seal_image(2);
		noise.byte_us = bytes_us[i / 7];
		noise.latency_ms = latencies_ms[i % 7];
		session = start(true, 2);
		if (run(session) != MMP_SESSION_DONE)
			fail_msg("%u us a byte, %u ms away: %s", noise.byte_us,
				 noise.latency_ms, mmp_session_error(session)->text);
		mmp_session_report(session, &report);
		assert_false(report.shortened);
		assert_in_range(report.frames_resent, 0, 2);
		mmp_session_free(session);
	}
}

/*
 * The digests of 32 pages on a line whose frames should have 128 bytes: that the answer
 * comes late says nothing about its length.
 */
static void a_late_answer_to_hello_is_not_a_long_frame_that_was_lost(void **state)
{
	struct mmp_push push = { .image = &image, .force = true, .body_limit = 128 };

	for (unsigned int latency_ms = 0; latency_ms <= 300; latency_ms += 20) {
		struct mmp_session_report report;
		struct mmp_session *session;
		struct mmp_error err;

		setup(state);
		fill_at_random();
		seal_image(2);
		push_whole(1);
		noise.byte_us = 2083;
		noise.latency_ms = latency_ms;
		push.number = 2;
		session = mmp_session_new(&push, &err);
		if (run(session) != MMP_SESSION_DONE)
			fail_msg("%s", mmp_session_error(session)->text);
		mmp_session_report(session, &report);
		assert_false(report.shortened);
		mmp_session_free(session);
	}
}

static void many_frames_travel_at_once(void **state)
{
	struct mmp_session *session;
	struct mmp_session_report report;
	uint64_t since;

	(void)state;
	fill_at_random();
	seal_image(2);
	image.probe_count = 0;
	noise.byte_us = 1;
	noise.latency_ms = 100;
	session = start(false, 1);
	since = now_ms;
	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	/* One by one it would be 200 ms for each; the writes go four at a time. */
	print_message("%u frames in %u ms\n", (unsigned int)report.frames_sent,
		      (unsigned int)(now_ms - since));
	assert_true(report.frames_sent >= 9);
	assert_true(now_ms - since <= 200 * (report.frames_sent - 2));
	assert_int_equal(report.frames_resent, 0);
	mmp_session_free(session);
}

static void one_lost_frame_is_sent_again_alone(void **state)
{
	struct mmp_session *session;
	struct mmp_session_report report;

	(void)state;
	fill_at_random();
	seal_image(2);
	session = start(false, 1);
	run_until(session, MMP_SESSION_SENDING);
	now_ms += 1;
	run_until(session, MMP_SESSION_SENDING);
	to_board.head += to_board.tail > to_board.head; /* one byte is lost */
	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	assert_int_equal(report.frames_resent, 1);
	assert_true(pool_is_in_ram());
	mmp_session_free(session);
}

static void what_never_comes_through_whole_is_sent_in_pieces(void **state)
{
	struct mmp_session_report report;

	(void)state;
	for (unsigned int longest = 150; longest <= 1200; longest += 150) {
		struct mmp_session *session;

		setup(state);
		fill_at_random();
		seal_image(2);
		noise.longest = longest;
		session = start(false, 1);
		if (run(session) != MMP_SESSION_DONE)
			fail_msg("frames of %u bytes: %s", longest,
				 mmp_session_error(session)->text);
		mmp_session_report(session, &report);
		assert_true(pool_is_in_ram());
		assert_int_equal(report.proved, COUNT(probes));
		assert_int_equal(report.difference_count, 0);
		assert_int_equal(report.answers_foreign, 0);
		mmp_session_free(session);
	}
}

/* What must hold however a push over a bad line ends. */
static void check_outcome(struct mmp_session *session, unsigned int seed,
			  unsigned int *ret_done, uint64_t *ret_resent)
{
	const struct mmp_error *err = mmp_session_error(session);
	struct mmp_session_report report;

	mmp_session_report(session, &report);
	*ret_resent += report.frames_resent;
	if (run(session) == MMP_SESSION_DONE) {
		++*ret_done;
		if (!pool_is_in_ram() || board.loader.live_begin.build[0] != 2)
			fail_msg("seed %u: done, but not live", seed);
	} else if (err->code != MMP_LINK || !err->text[0]) {
		fail_msg("seed %u: %d %s", seed, err->code, err->text);
	}
	/* What went in one message may be sent once more in pieces: the same. */
	if (board.activations > 3)
		fail_msg("seed %u: activated three times", seed);
	if (board.activations >= 2 && !pool_is_in_ram())
		fail_msg("seed %u: live, but not what was promised", seed);
	if (board.activations == 1 && board.loader.live_begin.build[0] != 1)
		fail_msg("seed %u: the old tables are gone", seed);
}

static void a_bad_line_never_hangs_and_never_makes_a_wrong_build_live(void **state)
{
	unsigned int done = 0, seeds = 0;
	uint64_t resent = 0;

	for (unsigned int seed = 1; seed <= 300; seed++) {
		unsigned int badness = seed % 10;
		struct mmp_session *session;

		setup(state);
		session = start(false, 1);
		assert_int_equal(run(session), MMP_SESSION_DONE);
		mmp_session_free(session);
		random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
		if (seed % 2)
			fill_at_random();
		else
			put_word(3000, seed);
		seal_image(2);
		noise = (struct noise){ .byte_us = seed % 3 ? 87 : 10,
					.latency_ms = seed % 7 ? 0 : 30,
					.flip = dice(1 + 3 * badness),
					.drop = dice(1 + 3 * badness),
					.twice = dice(1 + badness),
					.delay = dice(10) };
		session = start(false, (uint16_t)(seed + 1));
		run(session);
		check_outcome(session, seed, &done, &resent);
		mmp_session_free(session);
		seeds++;
	}
	print_message("%u of %u pushes over a bad line came through, %u frames resent\n",
		      done, seeds, (unsigned int)resent);
	assert_true(done > seeds * 9 / 10 && resent > seeds);
}

static void a_line_that_stutters_now_and_then_always_comes_through(void **state)
{
	for (unsigned int seed = 1; seed <= 100; seed++) {
		struct mmp_session *session;

		setup(state);
		random_state = seed;
		fill_at_random();
		seal_image(2);
		noise.flip = noise.drop = noise.twice = 0;
		session = start(false, 1);
		run_until(session, MMP_SESSION_SENDING);
		noise.delay = 5;
		if (run(session) != MMP_SESSION_DONE)
			fail_msg("seed %u: %s", seed, mmp_session_error(session)->text);
		assert_true(pool_is_in_ram());
		mmp_session_free(session);
	}
}

#define row(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(a_line_that_takes_short_frames_only_is_reported),
		row(what_one_session_has_learned_saves_the_next_one_losses),
		row(a_lost_hello_teaches_nothing_about_long_frames),
		row(a_board_that_is_busy_has_all_of_the_patience),
		row(frames_grow_while_they_get_through),
		row(a_slow_line_is_not_flooded_with_copies),
		row(a_clean_line_loses_nothing_however_slow_it_is),
		row(a_late_answer_to_hello_is_not_a_long_frame_that_was_lost),
		row(many_frames_travel_at_once),
		row(one_lost_frame_is_sent_again_alone),
		row(what_never_comes_through_whole_is_sent_in_pieces),
		row(a_bad_line_never_hangs_and_never_makes_a_wrong_build_live),
		row(a_line_that_stutters_now_and_then_always_comes_through),
	};

	return cmocka_run_group_tests_name("bad lines", tests, NULL, NULL);
}
