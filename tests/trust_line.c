/* SPDX-License-Identifier: BSD-2-Clause */
#include "trust_line.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { PAGE = 4096, PIPE = 1 << 14 };

#define POOL_PA (FAKE_RAM_BASE + 0x40000)

struct fake_board board;
struct mmp_key_pair key, other_key;
static uint8_t pool[PAGE];
struct mmp_image image;
struct mmp_probe probe;
static uint64_t now_ms;
static uint8_t to_host[PIPE];
static size_t to_host_length;

size_t (*spoil_answer)(uint8_t *body, size_t length);
size_t (*spoil_request)(uint8_t *body, size_t length);

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

enum mmp_session_state run_until(struct mmp_session *session, enum mmp_session_state stop)
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

void sign(struct mmp_session *session, const struct mmp_key_pair *pair)
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

struct mmp_session *push(const struct mmp_push *what, const struct mmp_key_pair *pair)
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

void done(struct mmp_session *session)
{
	if (mmp_session_error(session)->code != MMP_OK)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_free(session);
}

void refused(struct mmp_session *session, const char *words)
{
	const struct mmp_error *err = mmp_session_error(session);

	if (err->code != MMP_BOARD || !strstr(err->text, words))
		fail_msg("\"%s\" instead of \"%s\"", err->text, words);
	mmp_session_free(session);
}

void keep(uint8_t kind, const uint8_t *payload, size_t length,
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

void trust(const struct mmp_key_pair *pair, const struct mmp_key_pair *by,
	   const char *refusal)
{
	keep(WIRE_KEEP_TRUST, pair->point, WIRE_POINT_SIZE, by, refusal);
}

int setup(void **state)
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

void fill_much(void)
{
	for (size_t i = 0; i < sizeof(pool); i++)
		pool[i] = (uint8_t)(rand() & (i % 8 ? 0xff : 0xfc));
	image.digest = mmp_digest_of(pool, sizeof(pool));
}

const struct mmp_push plain = { .image = &image, .force = true };
