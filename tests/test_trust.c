/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <string.h>

#include "loader/trust.h"
#include "trust_line.h"

/* Which builds a board accepts, and how it is given the keys that it trusts. */

static void a_board_that_trusts_a_key_takes_its_builds_and_no_others(void **state)
{
	struct mmp_session_report report;
	struct mmp_session *session;

	(void)state;
	done(push(&plain, NULL)); /* nobody need sign while it trusts nobody */
	trust(&key, NULL, NULL);
	refused(push(&plain, &other_key), "does not know the key");
	session = push(&plain, &key);
	mmp_session_report(session, &report);
	assert_true(report.is_signed);
	assert_true(report.signature_bytes > WIRE_SIGNATURE_SIZE);
	assert_int_equal(report.board.key_count, 1);
	assert_int_equal(report.board.flags & WIRE_BOARD_UNSIGNED, 0);
	done(session);
	assert_int_equal(board.activations, 2);
	assert_int_equal(board.counter, 1);
	done(push(&plain, &key));
	assert_int_equal(board.counter, 2);
}

static void a_board_for_signed_builds_takes_none_before_it_trusts_a_key(void **state)
{
	(void)state;
	board.port.takes_unsigned = false;
	refused(push(&plain, &key), "does not know the key");
	trust(&key, NULL, NULL);
	done(push(&plain, &key));
}

static void a_key_that_is_compiled_in_is_trusted(void **state)
{
	(void)state;
	board.port.keys = &key.point;
	board.port.key_count = 1;
	board.port.kept = NULL;
	board.port.keep = NULL;
	loader_init(&board.loader, &board.port);
	refused(push(&plain, &other_key), "does not know the key");
	done(push(&plain, &key));
	trust(&other_key, &key, "no memory for keys");
}

static void further_keys_are_vouched_for_by_trusted_ones(void **state)
{
	uint8_t id[WIRE_KEY_ID_SIZE];

	(void)state;
	trust(&key, NULL, NULL);
	trust(&other_key, &other_key, "does not know the key");
	trust(&key, &key, "has this key already");
	trust(&other_key, &key, NULL);
	mmp_key_id(key.point, id);
	keep(WIRE_KEEP_REVOKE, id, sizeof(id), &other_key, NULL);
	keep(WIRE_KEEP_REVOKE, id, sizeof(id), &other_key, "revoked");
	refused(push(&plain, &key), "revoked");
	trust(&key, &other_key, "revoked");
	done(push(&plain, &other_key));
	loader_init(&board.loader, &board.port); /* switched off and on */
	refused(push(&plain, &key), "revoked");
	done(push(&plain, &other_key));
}

static void what_is_kept_is_limited_and_survives_a_write_that_was_cut_short(void **state)
{
	uint8_t half[] = { KEPT_TRUST, WIRE_POINT_SIZE, 1, 2, 3 };
	struct mmp_key_pair more;
	struct mmp_error err;

	(void)state;
	trust(&key, NULL, NULL);
	memcpy(board.kept + board.loader.kept_used, half, sizeof(half));
	loader_init(&board.loader, &board.port);
	assert_int_equal(board.loader.key_count, 1);
	for (size_t i = 1; i < WIRE_KEYS_MAX; i++) {
		assert_int_equal(mmp_key_new(&more, &err), 0);
		trust(&more, &key, NULL);
	}
	trust(&other_key, &key, "full");
	done(push(&plain, &key));
	memset(board.kept + 60, 0x00, sizeof(board.kept) - 60);
	loader_init(&board.loader, &board.port); /* as it comes: no worse than no key */
	assert_int_equal(board.loader.key_count, 0);
}

/* The first time only `most` bytes of the type, length and point are written. */
static void a_key_is_not_spoilt_by_what_a_failed_write_has_left(void **state)
{
	(void)state;
	for (size_t most = 1; most < 2 + WIRE_POINT_SIZE; most += 7) {
		fake_board_keeps(&board);
		board.keep_most = most;
		trust(&key, NULL, "or that is full");
		assert_int_equal(board.loader.key_count, 0);
		trust(&other_key, NULL, NULL);
		loader_init(&board.loader, &board.port); /* switched off and on */
		assert_int_equal(board.loader.key_count, 1);
		done(push(&plain, &other_key));
		trust(&key, &other_key, NULL);
	}
}

/* Where a byte of the key will be, the memory is not erased. */
static void a_key_that_is_not_stored_as_it_was_sent_is_not_trusted(void **state)
{
	(void)state;
	for (size_t at = 2; at < 2 + WIRE_POINT_SIZE; at += 7) {
		fake_board_keeps(&board);
		if (!key.point[at - 2])
			continue;
		board.kept[at] = 0;
		trust(&key, NULL, "or that is full");
		loader_init(&board.loader, &board.port);
		assert_int_equal(board.loader.key_count, 0);
		trust(&key, NULL, NULL);
		done(push(&plain, &key));
	}
}

static void points_that_are_not_on_the_curve_are_refused(void **state)
{
	uint8_t not_on_curve[WIRE_POINT_SIZE] = { 1, 2, 3 },
		zero[WIRE_SECRET_SIZE] = { 0 };
	uint8_t own[WIRE_SECRET_SIZE];

	(void)state;
	keep(WIRE_KEEP_TRUST, not_on_curve, sizeof(not_on_curve), NULL,
	     "not a P-256 key");
	keep(WIRE_KEEP_OWN, zero, sizeof(zero), NULL, "not a P-256 key");
	memcpy(own, other_key.secret, sizeof(own));
	keep(WIRE_KEEP_OWN, own, sizeof(own), NULL, NULL);
	keep(WIRE_KEEP_OWN, key.secret, sizeof(own), NULL, "has this key already");
}

#define row(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(a_board_that_trusts_a_key_takes_its_builds_and_no_others),
		row(a_board_for_signed_builds_takes_none_before_it_trusts_a_key),
		row(a_key_that_is_compiled_in_is_trusted),
		row(further_keys_are_vouched_for_by_trusted_ones),
		row(what_is_kept_is_limited_and_survives_a_write_that_was_cut_short),
		row(a_key_is_not_spoilt_by_what_a_failed_write_has_left),
		row(a_key_that_is_not_stored_as_it_was_sent_is_not_trusted),
		row(points_that_are_not_on_the_curve_are_refused),
	};

	return cmocka_run_group_tests_name("whom a board believes", tests, NULL, NULL);
}
