/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <string.h>

#include "base/limits.h"
#include "link/refusal.h"
#include "session_line.h"

static void a_push_ends_with_a_proof(void **state)
{
	struct mmp_session *session = start(false, 1);
	struct mmp_session_report report;

	(void)state;
	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	assert_true(pool_is_in_ram());
	assert_int_equal(board.activations, 1);
	assert_true(report.activated && report.greeted && !report.skipped);
	assert_string_equal(report.board.id, "fake");
	assert_int_equal(report.proved, COUNT(probes));
	assert_int_equal(report.difference_count, 0);
	assert_int_equal(report.frames_resent, 0);
	assert_true(report.proof_bytes_sent > 9 * COUNT(probes));
	mmp_session_free(session);
}

static void the_six_tables_of_qemu_take_at_most_256_bytes(void **state)
{
	struct mmp_session *session = start(false, 1);
	struct mmp_session_report report;

	(void)state;
	assert_int_equal(run(session), MMP_SESSION_DONE);
	mmp_session_report(session, &report);
	print_message("%u bytes there, %u back, before the proof\n",
		      (unsigned int)report.bytes_sent,
		      (unsigned int)report.bytes_received);
	assert_true(report.bytes_sent + report.bytes_received <= 256);
	mmp_session_free(session);
}

static void a_session_without_an_image_only_says_hello(void **state)
{
	const struct mmp_push push = { .number = 3 };
	struct mmp_error err;
	struct mmp_session *session = mmp_session_new(&push, &err);
	struct mmp_session_report report;

	(void)state;
	assert_int_equal(run(session), MMP_SESSION_DONE);
	mmp_session_report(session, &report);
	assert_true(report.greeted);
	assert_int_equal(report.board.staging_bytes, FAKE_STAGING);
	assert_int_equal(report.frames_sent, 1);
	assert_int_equal(board.activations, 0);
	mmp_session_free(session);
}

static void a_build_that_is_live_is_only_proved_unless_forced(void **state)
{
	struct mmp_session_report report;

	(void)state;
	for (uint16_t round = 0; round < 3; round++) {
		struct mmp_session *session = start(round == 2, round);

		assert_int_equal(run(session), MMP_SESSION_DONE);
		mmp_session_report(session, &report);
		assert_int_equal(report.skipped, round == 1);
		assert_int_equal(report.proved, COUNT(probes));
		mmp_session_free(session);
	}
	assert_int_equal(board.activations, 2);
}

static void only_tables_that_changed_are_sent(void **state)
{
	struct mmp_session_report whole, changed;

	(void)state;
	fill_at_random();
	seal_image(1);
	whole = push_whole(1);
	assert_int_equal(whole.pages_kept, 0);
	put_word(3 * 512 + 7, 0x1234567); /* in the fourth table */
	put_word(3 * 512 + 8, 0);
	seal_image(2);
	changed = push_whole(2);
	print_message("%u bytes for 8 tables, %u where one of them changed\n",
		      (unsigned int)(whole.bytes_sent + whole.bytes_received),
		      (unsigned int)(changed.bytes_sent + changed.bytes_received));
	assert_int_equal(changed.pages, 8);
	assert_int_equal(changed.pages_kept, 7);
	assert_true(changed.bytes_sent < whole.bytes_sent / 5);
}

static void tables_that_are_gone_leave_nothing_behind(void **state)
{
	(void)state;
	fill_at_random();
	seal_image(1);
	push_whole(1);
	memset(pool + PAGE, 0, 2 * PAGE);
	memset(pool + 7 * PAGE, 0, PAGE);
	seal_image(2);
	push_whole(2);
}

/* The line breaks in the middle; the next push goes on where that one stopped. */
static void what_came_before_the_line_was_lost_is_not_sent_again(void **state)
{
	const struct mmp_error gone = { MMP_LINK, "gone" };
	struct mmp_session *session;
	struct mmp_session_report whole, rest;
	uint64_t done = 0, total;

	(void)state;
	fill_at_random();
	seal_image(1);
	whole = push_whole(1);
	fake_board_init(&board);
	board.send = board_sends;
	session = start(false, 2);
	while (done < 6 * PAGE) {
		run_until(session, MMP_SESSION_SENDING);
		mmp_session_progress(session, &done, &total);
		deliver_to_board();
		now_ms++;
		if (ready(&to_host)) {
			uint8_t input[64];

			mmp_session_step(session, now_ms, input,
					 collect_for_host(input, sizeof(input)));
			take_output(session);
		}
	}
	mmp_session_lost(session, &gone);
	mmp_session_free(session);
	to_host.head = to_host.tail;
	rest = push_whole(3);
	print_message("%u bytes sent for all, %u for the rest\n",
		      (unsigned int)whole.bytes_sent, (unsigned int)rest.bytes_sent);
	assert_true(rest.pages_kept >= 5);
	assert_true(rest.bytes_sent < whole.bytes_sent / 2);
}

/* What is staged is not what hello said of it: the digest of all of it tells. */
static void a_page_that_only_seems_to_be_there_is_sent_after_all(void **state)
{
	struct mmp_session *session;
	struct mmp_session_report report;

	(void)state;
	fill_at_random();
	seal_image(1);
	push_whole(1);
	put_word(2 * 512 + 3, 0x1234567);
	seal_image(2);
	session = start(false, 2);
	run_until(session, MMP_SESSION_SENDING);
	board.staging[5 * PAGE] ^= 1;
	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	assert_int_equal(report.pages_kept, 0);
	assert_true(report.activated && pool_is_in_ram());
	mmp_session_free(session);
}

static void an_address_that_differs_fails_the_push_and_is_named(void **state)
{
	struct mmp_session *session = start(false, 1);
	struct mmp_session_report report;

	(void)state;
	board.spoil_va = probes[17].va;
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	assert_int_equal(mmp_session_error(session)->code, MMP_BOARD);
	assert_non_null(strstr(mmp_session_error(session)->text, "0x10011000"));
	mmp_session_report(session, &report);
	assert_true(report.activated);
	assert_int_equal(report.difference_count, 1);
	assert_int_equal(report.differences[0].probe.va, probes[17].va);
	assert_int_equal(report.differences[0].got.pa, 0x10013000);
	mmp_session_free(session);
}

static void differences_are_kept_up_to_a_limit_but_all_counted(void **state)
{
	static struct mmp_probe many[MMP_DIFFERENCES_MAX + 500];
	struct mmp_session_report report;
	struct mmp_session *session;

	(void)state;
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (struct mmp_probe){ .va = 0x1000 * (COUNT(many) - i),
					      .expected = { .fault = true } };
	image.probes = many;
	image.probe_count = COUNT(many);
	session = start(false, 1);
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	mmp_session_report(session, &report);
	assert_int_equal(report.difference_count, COUNT(many));
	assert_int_equal(report.differences_kept, MMP_DIFFERENCES_MAX);
	assert_true(report.differences[0].probe.va < report.differences[1].probe.va);
	mmp_session_free(session);
}

static void a_refusal_is_a_sentence_with_numbers(void **state)
{
	struct mmp_session *session;

	(void)state;
	image.pool_pa = image.registers[WIRE_TTBR0] = 0x40000000;
	session = start(false, 1);
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	assert_int_equal(mmp_session_error(session)->code, MMP_BOARD);
	assert_string_equal(
		mmp_session_error(session)->text,
		"board fake refuses: the pool is not inside a window of secure "
		"RAM that it may write (pool 0x40000000+0x8000, ttbr0 "
		"0x40000000; it takes 131072 bytes into 0xe008000+0xe8000)");
	mmp_session_free(session);
}

static void a_wrong_digest_fails_and_nothing_goes_live(void **state)
{
	struct mmp_session *session;

	(void)state;
	image.digest.bytes[5] ^= 1;
	session = start(false, 1);
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	assert_non_null(strstr(mmp_session_error(session)->text, "SHA-256"));
	assert_int_equal(board.activations, 0);
	mmp_session_free(session);
}

static void a_table_that_leaves_the_pool_is_named_and_nothing_goes_live(void **state)
{
	struct mmp_session *session;

	(void)state;
	put_word(512 + 7, 0x8010003); /* where QEMU has an interrupt controller */
	seal_image(1);
	session = start(false, 1);
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	assert_int_equal(mmp_session_error(session)->code, MMP_BOARD);
	assert_string_equal(mmp_session_error(session)->text,
			    "board fake refuses finish: a table descriptor leads out of "
			    "the pool, where the walker must not read "
			    "(0x0000000008010003 at offset 0x1038; the pool is "
			    "0xe040000+0x8000)");
	assert_int_equal(board.activations, 0);
	mmp_session_free(session);
}

static void every_refusal_and_every_request_has_a_text(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < WIRE_STATUS_COUNT; i++)
		if (!mmp_refusal_text(i) || !mmp_refusal_text(i)[0])
			fail_msg("status %u", i);
	assert_null(mmp_refusal_text(WIRE_STATUS_COUNT));
	for (unsigned int i = WIRE_HELLO; i < WIRE_OPCODE_COUNT; i++)
		assert_true(mmp_request_name(i)[0] != '?');
	for (int i = 0; i < MMP_SESSION_STATE_COUNT; i++)
		assert_non_null(mmp_session_state_name((enum mmp_session_state)i));
}

static void a_board_that_was_reset_meanwhile_is_noticed(void **state)
{
	struct mmp_session *session;

	(void)state;
	fill_at_random();
	seal_image(2);
	session = start(false, 1);
	assert_int_equal(run_until(session, MMP_SESSION_VERIFYING),
			 MMP_SESSION_VERIFYING);
	loader_init(&board.loader, &board.port);
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	assert_int_equal(mmp_session_error(session)->code, MMP_BOARD);
	assert_non_null(strstr(mmp_session_error(session)->text, "reset"));
	mmp_session_free(session);
}

static void cancelling_before_activate_leaves_the_old_tables_live(void **state)
{
	struct mmp_session *session = start(false, 1);

	(void)state;
	assert_int_equal(run(session), MMP_SESSION_DONE);
	mmp_session_free(session);
	fill_at_random();
	seal_image(2);
	session = start(false, 2);
	run_until(session, MMP_SESSION_VERIFYING);
	mmp_session_cancel(session, now_ms);
	assert_int_equal(run(session), MMP_SESSION_CANCELLED);
	assert_non_null(strstr(mmp_session_error(session)->text, "stays live"));
	assert_int_equal(board.activations, 1);
	assert_int_equal(board.loader.state, LOADER_IDLE);
	assert_int_equal(board.loader.live_begin.build[0], 1);
	mmp_session_free(session);
}

static void cancelling_a_silent_board_ends_soon(void **state)
{
	struct mmp_session *session;
	uint64_t since;

	(void)state;
	fill_at_random();
	seal_image(2);
	session = start(false, 1);
	run_until(session, MMP_SESSION_SENDING);
	noise.drop = 10000;
	since = now_ms;
	mmp_session_cancel(session, now_ms);
	assert_int_equal(run(session), MMP_SESSION_CANCELLED);
	assert_true(now_ms - since <= 3000);
	mmp_session_free(session);
}

static void cancelling_activation_still_learns_what_is_live(void **state)
{
	struct mmp_session *session = start(false, 1);
	struct mmp_session_report report;

	(void)state;
	run_until(session, MMP_SESSION_ACTIVATING);
	mmp_session_cancel(session, now_ms);
	assert_int_equal(run(session), MMP_SESSION_CANCELLED);
	mmp_session_report(session, &report);
	assert_true(report.activated);
	assert_int_equal(report.proved, 0);
	mmp_session_free(session);
}

/* A build that fits in one message, but is longer than the frames that follow a loss. */
static void make_one_message(void)
{
	memset(pool, 0, sizeof(pool));
	put_word(0, (POOL_PA + 0x1000) | 3);
	for (size_t i = 520; i < 800; i++)
		put_word(i, (uint64_t)dice(0x7fffffff) << 20);
	seal_image(2);
}

static void cancelling_when_the_only_message_was_lost_ends_too(void **state)
{
	struct mmp_session *session;

	(void)state;
	make_one_message();
	session = start(false, 1);
	assert_int_equal(run_until(session, MMP_SESSION_ACTIVATING),
			 MMP_SESSION_ACTIVATING);
	mmp_session_step(session, now_ms, NULL, 0);
	take_output(session);
	to_board.head = to_board.tail;
	mmp_session_cancel(session, now_ms);
	assert_int_equal(run(session), MMP_SESSION_CANCELLED);
	assert_int_equal(board.activations, 1); /* it was on its way, and came late */
	assert_non_null(strstr(mmp_session_error(session)->text, "is live"));
	mmp_session_free(session);
}

/* "The digest differs" is the answer that a cancelled push need not follow. */
static void cancelling_a_push_that_keeps_pages_in_vain_sends_nothing_more(void **state)
{
	struct mmp_session *session;

	(void)state;
	fill_at_random();
	seal_image(1);
	push_whole(1);
	put_word(3000, 0x12340000);
	seal_image(2);
	session = start(true, 2);
	assert_int_equal(run_until(session, MMP_SESSION_ACTIVATING),
			 MMP_SESSION_ACTIVATING);
	board.staging[9000] ^= 1;
	mmp_session_cancel(session, now_ms);
	assert_int_equal(run(session), MMP_SESSION_CANCELLED);
	assert_non_null(strstr(mmp_session_error(session)->text, "stays live"));
	assert_int_equal(board.activations, 1);
	assert_int_equal(board.loader.live_begin.build[0], 1);
	mmp_session_free(session);
}

static void a_lost_line_ends_it_with_the_reason(void **state)
{
	struct mmp_session *session = start(false, 1);
	struct mmp_error err;

	(void)state;
	run_until(session, MMP_SESSION_SENDING);
	mmp_fail(&err, MMP_LINK, "/dev/ttyUSB0: hang-up");
	mmp_session_lost(session, &err);
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	assert_string_equal(mmp_session_error(session)->text,
			    "the line was lost while activating: /dev/ttyUSB0: hang-up");
	mmp_session_free(session);
}

static void images_that_no_board_can_take_are_refused_at_once(void **state)
{
	const struct mmp_push push = { .image = &image };
	struct mmp_error err;

	(void)state;
	image.length = PAGE + 8;
	assert_null(mmp_session_new(&push, &err));
	assert_int_equal(err.code, MMP_INVALID);
	image.length = 0;
	assert_null(mmp_session_new(&push, &err));
	image.length = PAGE;
	image.pool_pa += 8;
	assert_null(mmp_session_new(&push, &err));
	image.pool_pa -= 8;
	image.probe_count = MMP_PROBES_MAX + 1;
	assert_null(mmp_session_new(&push, &err));
	assert_int_equal(err.code, MMP_INVALID);
}

#define row(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(a_push_ends_with_a_proof),
		row(the_six_tables_of_qemu_take_at_most_256_bytes),
		row(a_session_without_an_image_only_says_hello),
		row(a_build_that_is_live_is_only_proved_unless_forced),
		row(only_tables_that_changed_are_sent),
		row(tables_that_are_gone_leave_nothing_behind),
		row(what_came_before_the_line_was_lost_is_not_sent_again),
		row(a_page_that_only_seems_to_be_there_is_sent_after_all),
		row(an_address_that_differs_fails_the_push_and_is_named),
		row(differences_are_kept_up_to_a_limit_but_all_counted),
		row(a_refusal_is_a_sentence_with_numbers),
		row(a_wrong_digest_fails_and_nothing_goes_live),
		row(a_table_that_leaves_the_pool_is_named_and_nothing_goes_live),
		row(every_refusal_and_every_request_has_a_text),
		row(a_board_that_was_reset_meanwhile_is_noticed),
		row(cancelling_before_activate_leaves_the_old_tables_live),
		row(cancelling_a_silent_board_ends_soon),
		row(cancelling_activation_still_learns_what_is_live),
		row(cancelling_when_the_only_message_was_lost_ends_too),
		row(cancelling_a_push_that_keeps_pages_in_vain_sends_nothing_more),
		row(a_lost_line_ends_it_with_the_reason),
		row(images_that_no_board_can_take_are_refused_at_once),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
