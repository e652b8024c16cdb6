/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "fake_board.h"
#include "link/refusal.h"
#include "link/session.h"

#define POOL_PA (FAKE_RAM_BASE + 0x40000)

enum { PAGE = 4096, PIPE = 1 << 16, POOL_WORDS = 8 * 512 };

/* One direction of a line: bytes with the time at which they come out, in order. */
struct pipe {
	struct {
		uint8_t byte;
		uint64_t at_ms;
	} bytes[PIPE];
	size_t head, tail;
	uint64_t busy_until_us;
	unsigned int run; /* bytes since the last frame ended */
};

/* Bytes of ten thousand that are damaged so, on the average. */
struct noise {
	unsigned int flip, drop, twice, delay;
	unsigned int byte_us; /* that a byte takes on the line */
	unsigned int latency_ms;
	unsigned int longest; /* bytes of a frame that get through; 0: any number */
};

static struct fake_board board;
static struct pipe to_board, to_host;
static struct noise noise;
static bool chatty; /* a console's text is before each answer */
static uint64_t now_ms, random_state;
static uint8_t pool[8 * POOL_WORDS];
static struct mmp_probe probes[600];
static struct mmp_image image;

/* xorshift64*: the same everywhere for the same seed. */
static uint32_t dice(uint32_t sides)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % sides;
}

static bool happens(unsigned int per_myriad)
{
	return per_myriad && dice(10000) < per_myriad;
}

static void push_byte(struct pipe *pipe, uint8_t byte)
{
	uint64_t now_us = now_ms * 1000;

	assert_true(pipe->tail - pipe->head < PIPE);
	pipe->run = byte == 0xc0 ? 0 : pipe->run + 1;
	if (noise.longest && pipe->run > noise.longest)
		return;
	if (pipe->busy_until_us < now_us)
		pipe->busy_until_us = now_us;
	pipe->busy_until_us += noise.byte_us;
	if (happens(noise.delay))
		pipe->busy_until_us += 1000 * (1 + dice(400));
	pipe->bytes[pipe->tail % PIPE].byte = byte;
	pipe->bytes[pipe->tail % PIPE].at_ms =
		pipe->busy_until_us / 1000 + noise.latency_ms;
	pipe->tail++;
}

static void send_noisy(struct pipe *pipe, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = bytes[i];

		if (happens(noise.drop))
			continue;
		if (happens(noise.flip))
			byte ^= (uint8_t)(1 << dice(8));
		push_byte(pipe, byte);
		if (happens(noise.twice))
			push_byte(pipe, byte);
	}
	if (happens(100 * noise.twice)) /* a whole frame doubled */
		for (size_t i = 0; i < length; i++)
			push_byte(pipe, bytes[i]);
}

static void board_sends(void *context, const uint8_t *bytes, size_t length)
{
	static const char text[] = "[   12.345678] usb 1-1: new device\r\n";

	(void)context;
	if (chatty)
		send_noisy(&to_host, (const uint8_t *)text, sizeof(text) - 1);
	send_noisy(&to_host, bytes, length);
}

static bool ready(const struct pipe *pipe)
{
	return pipe->head < pipe->tail && pipe->bytes[pipe->head % PIPE].at_ms <= now_ms;
}

static uint64_t next_ms(const struct pipe *pipe)
{
	return pipe->head < pipe->tail ? pipe->bytes[pipe->head % PIPE].at_ms
				       : UINT64_MAX;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void deliver_to_board(void)
{
	while (ready(&to_board))
		loader_take(&board.loader, to_board.bytes[to_board.head++ % PIPE].byte);
}

static size_t collect_for_host(uint8_t *input, size_t room)
{
	size_t n = 0;

	while (n < room && ready(&to_host))
		input[n++] = to_host.bytes[to_host.head++ % PIPE].byte;
	return n;
}

static void take_output(struct mmp_session *session)
{
	size_t length;
	const uint8_t *output = mmp_session_output(session, &length);

	send_noisy(&to_board, output, length);
	mmp_session_sent(session, length);
}

/* Let it run on the fake clock until it ends, or until `stop` is reached. */
static enum mmp_session_state run_until(struct mmp_session *session,
					enum mmp_session_state stop)
{
	enum mmp_session_state state = MMP_SESSION_GREETING;
	unsigned int steps = 0;
	uint8_t input[256];

	while (state < stop) {
		uint64_t next;
		size_t n;

		assert_true(++steps < 2000000); /* it hangs */
		deliver_to_board();
		n = collect_for_host(input, sizeof(input));
		state = mmp_session_step(session, now_ms, input, n);
		take_output(session);
		next = least(least(next_ms(&to_board), next_ms(&to_host)),
			     mmp_session_deadline_ms(session));
		if (state >= stop)
			break;
		assert_true(next != UINT64_MAX); /* nothing would ever happen again */
		if (next > now_ms)
			now_ms = next;
	}
	return state;
}

static enum mmp_session_state run(struct mmp_session *session)
{
	return run_until(session, MMP_SESSION_DONE);
}

static struct mmp_session *start(bool force, uint16_t number)
{
	const struct mmp_push push = { .image = &image,
				       .force = force,
				       .number = number };
	struct mmp_error err;
	struct mmp_session *session = mmp_session_new(&push, &err);

	if (!session)
		fail_msg("%s", err.text);
	return session;
}

static void put_word(size_t index, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		pool[8 * index + (size_t)i] = (uint8_t)(value >> 8 * i);
}

/* As the QEMU platform has it: base tables, a level 2, five level 3 with long runs. */
static void fill_like_qemu(void)
{
	const uint64_t rw = UINT64_C(0x6000000e17bf0f), level2 = POOL_PA + 0x1003;

	memset(pool, 0, sizeof(pool));
	for (size_t core = 0; core < 4; core++)
		put_word(8 * core, level2);
	for (size_t i = 0; i < 4; i++)
		put_word(512 + 112 + 7 * i, level2 + 0x1000 * (i + 1));
	for (size_t i = 0; i < 8; i++)
		put_word(512 + 136 + i, UINT64_C(0x60000008000e01) + 0x200000 * i);
	for (size_t i = 0; i < 123; i++)
		put_word(2 * 512 + 256 + i, 0xe100f8f + 0x1000 * i);
	for (size_t i = 0; i < 389; i++)
		put_word(2 * 512 + 379 + i, rw + 0x1000 * i);
	for (size_t i = 0; i < 133; i++)
		put_word(5 * 512 + 379 + i, rw + 0x1000 * i);
}

/* Words without a pattern, so that many frames are needed. */
static void fill_at_random(void)
{
	for (size_t i = 0; i < POOL_WORDS; i++)
		put_word(i, dice(4) ? (uint64_t)dice(0x7fffffff) << 20 : 0);
}

static void make_probes(void)
{
	for (size_t i = 0; i < COUNT(probes); i++) {
		uint64_t va = 0x10000000 + 0x1000 * i;

		probes[i].va = va;
		probes[i].access = i % 3 == 0 ? MMP_PROBE_WRITE : MMP_PROBE_READ;
		probes[i].expected = mmp_par_of(fake_par(
			va, probes[i].access == MMP_PROBE_WRITE ? WIRE_WRITE_ACCESS
								: WIRE_READ));
	}
}

static void seal_image(uint8_t id)
{
	image = (struct mmp_image){
		.digest = mmp_digest_of(pool, sizeof(pool)),
		.pool_pa = POOL_PA,
		.bytes = pool,
		.length = sizeof(pool),
		.registers[WIRE_MAIR] = 0xff04,
		.registers[WIRE_TCR] = 0x480803f20,
		.registers[WIRE_TTBR0] = POOL_PA,
		.probes = probes,
		.probe_count = COUNT(probes),
	};
	memset(image.id.bytes, id, sizeof(image.id.bytes));
}

static int setup(void **state)
{
	(void)state;
	fake_board_init(&board);
	board.send = board_sends;
	memset(&to_board, 0, sizeof(to_board));
	memset(&to_host, 0, sizeof(to_host));
	noise = (struct noise){ .byte_us = 87 };
	chatty = false;
	now_ms = 1000;
	random_state = 1;
	fill_like_qemu();
	make_probes();
	seal_image(1);
	return 0;
}

static bool pool_is_in_ram(void)
{
	return memcmp(board.ram + 0x40000, pool, sizeof(pool)) == 0;
}

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

static struct mmp_session_report push_whole(uint16_t number)
{
	struct mmp_session *session = start(false, number);
	struct mmp_session_report report;

	if (run(session) != MMP_SESSION_DONE)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	mmp_session_free(session);
	assert_true(pool_is_in_ram());
	return report;
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

static void a_silent_board_is_given_up_with_words_and_numbers(void **state)
{
	struct mmp_session *session = start(false, 1);

	(void)state;
	noise.drop = 10000;
	assert_int_equal(run(session), MMP_SESSION_FAILED);
	assert_int_equal(mmp_session_error(session)->code, MMP_LINK);
	assert_non_null(
		strstr(mmp_session_error(session)->text, "hello was sent 5 times"));
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
		now_ms = least(mmp_session_deadline_ms(session), now_ms + 10);
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

static size_t make_nonsense(uint8_t *body, const struct wire_header *request)
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

			now_ms = least(mmp_session_deadline_ms(session), now_ms + 10);
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

static void a_line_that_takes_short_frames_only_is_told_of(void **state)
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
	assert_true(report.body_limit < MMP_FRAME_BODY);
	mmp_session_free(session);
}

static void a_board_that_answers_nonsense_is_given_up(void **state)
{
	(void)state;
	for (int shape = 0; shape < 2; shape++) {
		struct mmp_session *session = start(false, 9);

		assert_int_equal(
			against(session, shape ? make_wrong_shape : make_nonsense),
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
	assert_non_null(strstr(mmp_session_error(session)->text, "nonsense"));
	mmp_session_free(session);
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
			  unsigned int *ret_done)
{
	const struct mmp_error *err = mmp_session_error(session);
	struct mmp_session_report report;

	mmp_session_report(session, &report);
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
		check_outcome(session, seed, &done);
		mmp_session_free(session);
		seeds++;
	}
	print_message("%u of %u pushes over a bad line came through\n", done, seeds);
	assert_true(done > seeds / 4 && done < seeds);
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

static void par_is_read_field_by_field(void **state)
{
	const struct {
		uint64_t par;
		struct mmp_par want;
		const char *text;
	} rows[] = {
		{ UINT64_C(0xff0000000e100b80),
		  { .pa = 0xe100000,
		    .memory = 0xff,
		    .shareability = 3,
		    .nonsecure = true },
		  "pa 0xe100000, memory 0xff, sharing 3, non-secure" },
		{ UINT64_C(0x0400fffffffff900),
		  { .pa = 0xfffffffff000, .memory = 4, .shareability = 2 },
		  "pa 0xfffffffff000, memory 0x04, sharing 2, secure" },
		{ 0x81f,
		  { .fault = true, .fault_status = 0xf },
		  "permission fault, level 3 (status 0x0f)" },
		{ 0x80b,
		  { .fault = true, .fault_status = 5 },
		  "translation fault, level 1 (status 0x05)" },
		{ 0x801,
		  { .fault = true, .fault_status = 0 },
		  "address size fault, level 0 (status 0x00)" },
		{ 0x815,
		  { .fault = true, .fault_status = 0xa },
		  "access flag fault, level 2 (status 0x0a)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mmp_par got = mmp_par_of(rows[i].par);
		char text[MMP_PAR_TEXT_SIZE];

		assert_int_equal(got.fault, rows[i].want.fault);
		assert_int_equal(got.fault_status, rows[i].want.fault_status);
		assert_int_equal(got.pa, rows[i].want.pa);
		assert_int_equal(got.memory, rows[i].want.memory);
		assert_int_equal(got.shareability, rows[i].want.shareability);
		assert_int_equal(got.nonsecure, rows[i].want.nonsecure);
		assert_string_equal(mmp_par_print(&got, text), rows[i].text);
	}
}

static void sharing_counts_only_where_a_cache_may_hold_the_memory(void **state)
{
	const struct mmp_par cached = { .pa = 0x1000, .memory = 0xff, .shareability = 3 };
	struct mmp_par other = cached, device = cached, device2;

	(void)state;
	other.shareability = 2;
	assert_false(mmp_par_same(&cached, &other));
	device.memory = 4;
	device2 = device;
	device2.shareability = 0;
	assert_true(mmp_par_same(&device, &device2));
	device2.pa = 0x2000;
	assert_false(mmp_par_same(&device, &device2));
	assert_false(mmp_par_same(&cached, &device));
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
		row(a_silent_board_is_given_up_with_words_and_numbers),
		row(a_board_that_falls_silent_is_given_up_and_says_when),
		row(a_looped_line_is_told_from_a_board),
		row(a_board_of_another_version_is_refused_in_words),
		row(another_board_behind_the_line_is_refused_and_sent_nothing),
		row(a_console_on_the_line_is_quoted),
		row(text_between_answers_costs_nothing),
		row(a_line_that_takes_short_frames_only_is_told_of),
		row(a_board_that_answers_nonsense_is_given_up),
		row(a_flood_of_whole_frames_that_say_nothing_ends_it),
		row(a_board_that_was_reset_meanwhile_is_noticed),
		row(cancelling_before_activate_leaves_the_old_tables_live),
		row(cancelling_a_silent_board_ends_soon),
		row(cancelling_activation_still_learns_what_is_live),
		row(a_lost_line_ends_it_with_the_reason),
		row(images_that_no_board_can_take_are_refused_at_once),
		row(a_slow_line_is_not_flooded_with_copies),
		row(many_frames_travel_at_once),
		row(one_lost_frame_is_sent_again_alone),
		row(what_never_comes_through_whole_is_sent_in_pieces),
		row(a_bad_line_never_hangs_and_never_makes_a_wrong_build_live),
		row(a_line_that_stutters_now_and_then_always_comes_through),
		row(par_is_read_field_by_field),
		row(sharing_counts_only_where_a_cache_may_hold_the_memory),
	};
	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
