/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/host/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/core.h"
#include "loader/host/walker.h"

struct answer {
	uint8_t *body;
	size_t length;
};

struct loader_replay {
	struct wire_board board;
	struct wire_span windows[WIRE_WINDOWS_MAX];
	struct loader_port port;
	struct loader loader;
	struct walker walker;
	uint64_t pool_pa; /* what is installed */
	uint8_t *pool;
	size_t pool_bytes;
	struct wire_decoder sent, made, got;
	uint8_t sent_body[WIRE_BODY_MAX + 4], made_body[WIRE_BODY_MAX + 4],
		got_body[WIRE_BODY_MAX + 4];
	struct answer *answers; /* of the core, newest last */
	size_t count;
	bool is_impossible;
	struct loader_replay_report report;
};

static uint8_t *copy_bytes(const uint8_t *bytes, size_t length)
{
	uint8_t *to = malloc(length ? length : 1);

	if (!to)
		abort();
	if (length)
		memcpy(to, bytes, length);
	return to;
}

/* --- the board --- */

static void keep_answer(struct loader_replay *replay)
{
	replay->answers =
		realloc(replay->answers, (replay->count + 1) * sizeof(*replay->answers));
	if (!replay->answers)
		abort();
	replay->answers[replay->count++] =
		(struct answer){ copy_bytes(replay->made_body, replay->made.length),
				 replay->made.length };
}

static void take_answer(void *context, const uint8_t *bytes, size_t length)
{
	struct loader_replay *replay = context;

	for (size_t i = 0; i < length; i++)
		if (wire_decoder_feed(&replay->made, bytes[i]) == WIRE_FRAME)
			keep_answer(replay);
}

static const uint8_t *pool_memory(void *context, uint64_t pa)
{
	struct loader_replay *replay = context;

	return replay->pool + (pa - replay->pool_pa);
}

static bool pool_word(void *context, uint64_t pa, uint64_t *ret_word)
{
	const struct loader_replay *replay = context;
	uint64_t word = 0;

	if (pa < replay->pool_pa || replay->pool_bytes < 8 ||
	    pa - replay->pool_pa > replay->pool_bytes - 8)
		return false;
	for (int i = 8; i-- > 0;)
		word = word << 8 | replay->pool[pa - replay->pool_pa + (unsigned)i];
	*ret_word = word;
	return true;
}

static void install_pool(void *context, uint64_t pa, const uint8_t *bytes, size_t length)
{
	struct loader_replay *replay = context;

	free(replay->pool);
	replay->pool = copy_bytes(bytes, length);
	replay->pool_pa = pa;
	replay->pool_bytes = length;
}

static void activate(void *context, const struct wire_begin *begin)
{
	struct loader_replay *replay = context;

	replay->walker.mair = begin->registers[WIRE_MAIR];
	replay->walker.tcr = begin->registers[WIRE_TCR];
	replay->walker.ttbr0 = begin->registers[WIRE_TTBR0];
}

static uint64_t translate(void *context, uint64_t va, enum wire_access access)
{
	return walker_translate(&((struct loader_replay *)context)->walker, va, access);
}

struct loader_replay *loader_replay_new(const struct wire_board *board)
{
	struct loader_replay *replay = calloc(1, sizeof(*replay));

	if (!replay)
		abort();
	replay->board = *board;
	for (size_t i = 0; i < board->window_count; i++)
		replay->windows[i] = board->windows[i];
	replay->walker =
		(struct walker){ .pa_bits = 44, .read = pool_word, .context = replay };
	replay->port =
		(struct loader_port){ .id = replay->board.id,
				      .windows = replay->windows,
				      .window_count = board->window_count,
				      .staging = calloc(1, board->staging_bytes + 1),
				      .staging_bytes = board->staging_bytes,
				      .context = replay,
				      .takes_unsigned = true,
				      .send = take_answer,
				      .memory = pool_memory,
				      .install = install_pool,
				      .activate = activate,
				      .translate = translate };
	if (!replay->port.staging)
		abort();
	loader_init(&replay->loader, &replay->port);
	wire_decoder_init(&replay->sent, replay->sent_body, sizeof(replay->sent_body));
	wire_decoder_init(&replay->made, replay->made_body, sizeof(replay->made_body));
	wire_decoder_init(&replay->got, replay->got_body, sizeof(replay->got_body));
	return replay;
}

void loader_replay_free(struct loader_replay *replay)
{
	if (!replay)
		return;
	for (size_t i = 0; i < replay->count; i++)
		free(replay->answers[i].body);
	free(replay->answers);
	free(replay->pool);
	free(replay->port.staging);
	free(replay);
}

/* --- recordings that can only be replayed with the same board --- */

static void impossible(struct loader_replay *replay, const char *why)
{
	if (!replay->is_impossible)
		snprintf(replay->report.why, sizeof(replay->report.why), "%s", why);
	replay->is_impossible = true;
}

static void look_at_request(struct loader_replay *replay)
{
	struct wire_reader in = wire_reader(replay->sent_body, replay->sent.length);
	struct wire_header header;
	struct wire_begin begin;
	struct wire_hello hello;

	wire_get_header(&in, &header);
	if (!in.failed && header.opcode == WIRE_HELLO) {
		wire_get_hello(&in, &hello);
		if (!in.failed && hello.authentic)
			impossible(replay, "the board proved its answers by a key of its "
					   "own, which no recording has");
	}
	if (in.failed || header.opcode != WIRE_BEGIN)
		return;
	wire_get_begin(&in, &begin);
	if (in.failed)
		return;
	if (begin.is_signed)
		impossible(replay, "the build was signed for one session of that board");
	else if (begin.keeps)
		impossible(replay, "the board had tables of an earlier push, and only "
				   "what changed was sent");
	else if (begin.regime != WIRE_AARCH64)
		impossible(replay, "the tables are 32-bit, and the simulated board's MMU "
				   "is not");
}

void loader_replay_sent(struct loader_replay *replay, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (wire_decoder_feed(&replay->sent, bytes[i]) == WIRE_FRAME)
			look_at_request(replay);
		loader_take(&replay->loader, bytes[i]);
	}
}

/* --- answers --- */

static const struct answer *find_answer(const struct loader_replay *replay,
					const uint8_t *body)
{
	for (size_t i = replay->count; i-- > 0;)
		if (!memcmp(replay->answers[i].body, body, WIRE_HEADER_SIZE))
			return &replay->answers[i];
	return NULL;
}

static void count_difference(struct loader_replay *replay, const struct answer *answer)
{
	const uint8_t *got = replay->got_body;
	unsigned int number = got[3] | (unsigned int)got[4] << 8;
	size_t at = 0, length = replay->got.length;

	if (replay->report.differ++ || replay->is_impossible)
		return;
	while (answer && at < length && at < answer->length &&
	       answer->body[at] == got[at])
		at++;
	snprintf(replay->report.why, sizeof(replay->report.why),
		 answer ? "the answer to request %u (opcode %u) differs from byte %zu of "
			  "its "
			  "body on; it has %zu bytes, and had %zu"
			: "request %u (opcode %u) was answered, and is not now",
		 number, got[0] & 0x7fu, at, answer ? answer->length : 0, length);
}

static void compare(struct loader_replay *replay)
{
	const uint8_t *got = replay->got_body;
	const struct answer *answer;

	if (replay->got.length <= WIRE_HEADER_SIZE || !(got[0] & WIRE_ANSWER))
		return;
	if (got[0] == (WIRE_HELLO | WIRE_ANSWER) ||
	    got[0] == (WIRE_EXECUTE | WIRE_ANSWER)) {
		replay->report.left_out++;
		return;
	}
	answer = find_answer(replay, got);
	if (answer && answer->length == replay->got.length &&
	    !memcmp(answer->body, got, answer->length))
		replay->report.same++;
	else
		count_difference(replay, answer);
}

void loader_replay_got(struct loader_replay *replay, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (wire_decoder_feed(&replay->got, bytes[i]) == WIRE_FRAME)
			compare(replay);
}

bool loader_replay_report(const struct loader_replay *replay,
			  struct loader_replay_report *ret_report)
{
	*ret_report = replay->report;
	return !replay->is_impossible;
}
