/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_board.h"
#include "link/session.h"
#include "link/trust.h"
#include "loader/trust.h"

/*
 * Whom a board believes and who believes a board: the session and the loader's core on
 * one line, with somebody between them who knows the protocol.
 */

enum { PAGE = 4096, PIPE = 1 << 14 };

#define POOL_PA (FAKE_RAM_BASE + 0x40000)

static struct fake_board board;
static struct mmp_key_pair key, other_key;
static uint8_t pool[PAGE];
static struct mmp_image image;
static struct mmp_probe probe;
static uint64_t now_ms;
static uint8_t to_host[PIPE];
static size_t to_host_length;

/* May change an answer on its way; its length after that. */
static size_t (*spoil_answer)(uint8_t *body, size_t length);
static size_t (*spoil_request)(uint8_t *body, size_t length);

static void board_sends(void *context, const uint8_t *bytes, size_t length)
{
	struct wire_decoder decoder;
	uint8_t body[LOADER_BODY_MAX + 4];

	(void)context;
	wire_decoder_init(&decoder, body, sizeof(body));
	for (size_t i = 0; i < length; i++)
		if (wire_decoder_feed(&decoder, bytes[i]) == WIRE_FRAME) {
			size_t n = spoil_answer ? spoil_answer(body, decoder.length)
						: decoder.length;

			assert_true(to_host_length + WIRE_ENCODED_MAX(n) < PIPE);
			to_host_length += wire_encode(body, n, to_host + to_host_length);
		}
}

static void host_sends(const uint8_t *bytes, size_t length)
{
	static uint8_t line[WIRE_ENCODED_MAX(LOADER_BODY_MAX)];
	struct wire_decoder decoder;
	uint8_t body[LOADER_BODY_MAX + 4];

	wire_decoder_init(&decoder, body, sizeof(body));
	for (size_t i = 0; i < length; i++)
		if (wire_decoder_feed(&decoder, bytes[i]) == WIRE_FRAME) {
			size_t n = spoil_request ? spoil_request(body, decoder.length)
						 : decoder.length;
			size_t encoded = wire_encode(body, n, line);

			for (size_t k = 0; k < encoded; k++)
				loader_take(&board.loader, line[k]);
		}
}

static enum mmp_session_state run_until(struct mmp_session *session,
					enum mmp_session_state stop)
{
	enum mmp_session_state state = MMP_SESSION_GREETING;

	for (int steps = 0; state < stop && state != MMP_SESSION_SIGNING; steps++) {
		uint8_t input[PIPE];
		size_t length = to_host_length;
		const uint8_t *output;

		assert_true(steps < 1000);
		memcpy(input, to_host, length);
		to_host_length = 0;
		state = mmp_session_step(session, now_ms, input, length);
		output = mmp_session_output(session, &length);
		host_sends(output, length);
		mmp_session_sent(session, length);
		if (!to_host_length && mmp_session_deadline_ms(session) != UINT64_MAX)
			now_ms = mmp_session_deadline_ms(session);
	}
	return state;
}

static void sign(struct mmp_session *session, const struct mmp_key_pair *pair)
{
	uint8_t id[WIRE_KEY_ID_SIZE], signature[WIRE_SIGNATURE_SIZE];
	struct mmp_digest digest;
	struct mmp_error err;

	mmp_key_id(pair->point, id);
	digest = mmp_session_statement(session, id);
	assert_int_equal(mmp_key_sign(pair, &digest, signature, &err), 0);
	mmp_session_signed(session, signature);
}

static uint16_t session_number;

/* To its end, signed by `pair` where it asks; for mmp_session_free. */
static struct mmp_session *push(const struct mmp_push *what,
				const struct mmp_key_pair *pair)
{
	struct mmp_push copy = *what;
	struct mmp_error err;
	struct mmp_session *session;

	copy.number = ++session_number;
	session = mmp_session_new(&copy, &err);
	assert_non_null(session);
	if (run_until(session, MMP_SESSION_DONE) == MMP_SESSION_SIGNING) {
		assert_non_null(pair);
		sign(session, pair);
		run_until(session, MMP_SESSION_DONE);
	}
	return session;
}

static void done(struct mmp_session *session)
{
	if (mmp_session_error(session)->code != MMP_OK)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_free(session);
}

static void refused(struct mmp_session *session, const char *words)
{
	const struct mmp_error *err = mmp_session_error(session);

	if (err->code != MMP_BOARD || !strstr(err->text, words))
		fail_msg("\"%s\" instead of \"%s\"", err->text, words);
	mmp_session_free(session);
}

static void keep(uint8_t kind, const uint8_t *payload, size_t length,
		 const struct mmp_key_pair *pair, const char *refusal)
{
	struct wire_keep what = { .kind = kind };
	const struct mmp_push order = { .keep = &what };
	struct mmp_session *session;

	memcpy(what.payload, payload, length);
	session = push(&order, pair);
	if (refusal)
		refused(session, refusal);
	else
		done(session);
}

static void trust(const struct mmp_key_pair *pair, const struct mmp_key_pair *by,
		  const char *refusal)
{
	keep(WIRE_KEEP_TRUST, pair->point, WIRE_POINT_SIZE, by, refusal);
}

static int setup(void **state)
{
	struct mmp_error err;

	(void)state;
	fake_board_init(&board);
	board.send = board_sends;
	fake_board_keeps(&board);
	to_host_length = 0;
	spoil_answer = spoil_request = NULL;
	assert_int_equal(mmp_key_new(&key, &err), 0);
	assert_int_equal(mmp_key_new(&other_key, &err), 0);
	memset(pool, 0, sizeof(pool));
	pool[0] = 0x22;
	probe = (struct mmp_probe){ .va = 0x5000000 };
	probe.expected = mmp_par_of(fake_par(probe.va, WIRE_READ));
	image = (struct mmp_image){ .digest = mmp_digest_of(pool, sizeof(pool)),
				    .pool_pa = POOL_PA,
				    .bytes = pool,
				    .length = sizeof(pool),
				    .registers[WIRE_TCR] = 0x480803f20,
				    .registers[WIRE_TTBR0] = POOL_PA,
				    .probes = &probe,
				    .probe_count = 1 };
	return 0;
}

/* More than one message holds, and no table among it. */
static void fill_much(void)
{
	for (size_t i = 0; i < sizeof(pool); i++)
		pool[i] = (uint8_t)(rand() & (i % 8 ? 0xff : 0xfc));
	image.digest = mmp_digest_of(pool, sizeof(pool));
}

static const struct mmp_push plain = { .image = &image, .force = true };

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
	trust(&key, &key, "has one already");
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

static void points_that_are_none_are_refused(void **state)
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
	keep(WIRE_KEEP_OWN, key.secret, sizeof(own), NULL, "has one already");
}

/* --- somebody between who changes what the host asks --- */

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

/* --- somebody between who answers for the board --- */

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

/* --- keys of the host --- */

static void a_key_is_written_as_openssl_has_it_and_read_back(void **state)
{
	/* openssl ecparam -name prime256v1 -genkey -noout */
	static const char pem[] =
		"-----BEGIN EC PRIVATE KEY-----\n"
		"MHcCAQEEINRG4hUHWIFeuZhQWEphhqvw1jXb2z6bP9ix502k9H8WoAoGCCqGSM49\n"
		"AwEHoUQDQgAEA8AngGbxihQfkdTyFuVjanIKkS47PR057cde6HZPrVNhQl1FoS2k\n"
		"IwHmTdVv/EsLEEy2+7+pAON5K/hQSPi+EA==\n"
		"-----END EC PRIVATE KEY-----\n";
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_key_pair back;
	struct mmp_error err;

	(void)state;
	assert_int_equal(mmp_key_write(&key, &text, &err), 0);
	assert_int_equal(mmp_key_read(text.bytes, text.length, &back, &err), 0);
	assert_memory_equal(&back, &key, sizeof(back));
	for (size_t length = 0; length < text.length - 2; length += 7)
		assert_int_equal(mmp_key_read(text.bytes, length, &back, &err), -1);
	mmp_buffer_done(&text);
	if (mmp_key_read(pem, sizeof(pem) - 1, &back, &err))
		fail_msg("%s", err.text);
	assert_int_equal(mmp_key_read("x", 1, &back, &err), -1);
	assert_int_equal(err.code, MMP_INVALID);
}

static void a_signature_is_taken_in_the_forms_that_programs_print(void **state)
{
	const struct mmp_digest digest = mmp_digest_of("abc", 3);
	uint8_t raw[WIRE_SIGNATURE_SIZE], got[WIRE_SIGNATURE_SIZE];
	uint8_t der[] = { 0x30,           0x44, 0x02, 0x20,
			  [4 ... 35] = 1, 0x02, 0x20, [38 ... 69] = 1 };
	char hex[2 * WIRE_SIGNATURE_SIZE + 2];
	struct mmp_error err;
	bool small = false;

	(void)state;
	/* Integers of DER with the highest bit set are one byte longer: take others. */
	while (!small) {
		assert_int_equal(mmp_key_new(&key, &err), 0);
		assert_int_equal(mmp_key_sign(&key, &digest, raw, &err), 0);
		small = raw[0] < 0x80 && raw[32] < 0x80 && raw[0] && raw[32];
	}
	assert_int_equal(
		mmp_signature_read(raw, sizeof(raw), key.point, &digest, got, &err), 0);
	assert_memory_equal(got, raw, sizeof(raw));
	memcpy(der + 4, raw, 32);
	memcpy(der + 38, raw + 32, 32);
	memset(got, 0, sizeof(got));
	assert_int_equal(
		mmp_signature_read(der, sizeof(der), key.point, &digest, got, &err), 0);
	assert_memory_equal(got, raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(hex + 2 * i, 3, "%02x", raw[i]);
	strcat(hex, "\n");
	assert_int_equal(mmp_signature_read((uint8_t *)hex, strlen(hex), key.point,
					    &digest, got, &err),
			 0);
	raw[5] ^= 1;
	assert_int_equal(
		mmp_signature_read(raw, sizeof(raw), key.point, &digest, got, &err), -1);
	assert_int_equal(mmp_signature_read(der, 0, key.point, &digest, got, &err), -1);
	assert_int_equal(err.code, MMP_INVALID);
}

static void a_point_is_read_from_its_digits(void **state)
{
	char text[MMP_POINT_TEXT_SIZE];
	uint8_t back[WIRE_POINT_SIZE];
	struct mmp_error err;

	(void)state;
	mmp_point_print(key.point, text);
	assert_int_equal(mmp_point_parse(text, back, &err), 0);
	assert_memory_equal(back, key.point, sizeof(back));
	text[5] = text[5] == '0' ? '1' : '0'; /* no longer on the curve */
	assert_int_equal(mmp_point_parse(text, back, &err), -1);
	text[5] = 'g';
	assert_int_equal(mmp_point_parse(text, back, &err), -1);
	assert_int_equal(mmp_point_parse("12", back, &err), -1);
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
		row(points_that_are_none_are_refused),
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
		row(a_key_is_written_as_openssl_has_it_and_read_back),
		row(a_signature_is_taken_in_the_forms_that_programs_print),
		row(a_point_is_read_from_its_digits),
	};
	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
