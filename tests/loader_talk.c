/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader_talk.h"

#include <bearssl.h>
#include <string.h>

#include "check.h"

struct fake_board board;
struct loader_answer answer;

static void take_bytes(void *context, const uint8_t *bytes, size_t length)
{
	struct wire_decoder decoder;

	(void)context;
	wire_decoder_init(&decoder, answer.body, sizeof(answer.body));
	for (size_t i = 0; i < length; i++)
		if (wire_decoder_feed(&decoder, bytes[i]) == WIRE_FRAME)
			answer.length = decoder.length;
}

int setup(void **state)
{
	(void)state;
	fake_board_init(&board);
	board.send = take_bytes;
	return 0;
}

int ask(uint16_t session, uint16_t sequence, uint8_t opcode, const uint8_t *payload,
	size_t length)
{
	uint8_t body[LOADER_BODY_MAX], line[WIRE_ENCODED_MAX(LOADER_BODY_MAX)];
	struct wire_writer w = wire_writer(body, sizeof(body));
	size_t encoded;

	wire_put_header(&w, &(struct wire_header){ opcode, session, sequence });
	wire_put_bytes(&w, payload, length);
	assert_false(w.failed);
	encoded = wire_encode(body, w.at, line);
	answer.length = 0;
	for (size_t i = 0; i < encoded; i++)
		loader_take(&board.loader, line[i]);
	if (!answer.length)
		return -1;
	assert_int_equal(answer.body[0], opcode | WIRE_ANSWER);
	assert_int_equal(answer.body[1] | answer.body[2] << 8, session);
	assert_int_equal(answer.body[3] | answer.body[4] << 8, sequence);
	return answer.body[5];
}

int ask_plain(uint16_t sequence, uint8_t opcode)
{
	return ask(SESSION, sequence, opcode, NULL, 0);
}

int ask_hello(uint16_t session, uint32_t magic, uint16_t version)
{
	uint8_t payload[7];
	struct wire_writer w = wire_writer(payload, sizeof(payload));

	wire_put_hello(&w, &(struct wire_hello){ .magic = magic, .version = version });
	return ask(session, 0, WIRE_HELLO, payload, w.at);
}

int greet(uint16_t session)
{
	return ask_hello(session, WIRE_MAGIC, WIRE_VERSION);
}

int ask_begin(uint16_t sequence, const struct wire_begin *begin)
{
	uint8_t payload[WIRE_BODY_MIN];
	struct wire_writer w = wire_writer(payload, sizeof(payload));

	wire_put_begin(&w, begin);
	return ask(SESSION, sequence, WIRE_BEGIN, payload, w.at);
}

const uint8_t first_word[8] = { 0x22, 0x11 };

struct wire_begin good(void)
{
	struct wire_begin begin = { .length = PAGE,
				    .pool_pa = FAKE_RAM_BASE + 0x20000,
				    .registers[WIRE_MAIR] = 0xff,
				    .registers[WIRE_TCR] = 0x480803f20,
				    .registers[WIRE_TTBR0] = FAKE_RAM_BASE + 0x20040 };
	br_sha256_context context;
	uint8_t page[PAGE] = { 0x22, 0x11 };

	br_sha256_init(&context);
	br_sha256_update(&context, page, sizeof(page));
	br_sha256_out(&context, begin.digest);
	memset(begin.build, 0xb1, sizeof(begin.build));
	return begin;
}

int ask_write(uint16_t sequence, uint32_t offset, const char *runs, size_t length)
{
	uint8_t payload[64];
	struct wire_writer w = wire_writer(payload, sizeof(payload));

	wire_put32(&w, offset);
	wire_put_bytes(&w, (const uint8_t *)runs, length);
	return ask(SESSION, sequence, WIRE_WRITE, payload, w.at);
}

int write_first_word(uint16_t sequence)
{
	char runs[10] = { LITERAL, 1 };

	memcpy(runs + 2, first_word, 8);
	return ask_write(sequence, 0, runs, sizeof(runs));
}

void push_all(void)
{
	struct wire_begin begin = good();

	assert_int_equal(greet(SESSION), WIRE_OK);
	assert_int_equal(ask_begin(1, &begin), WIRE_OK);
	assert_int_equal(write_first_word(2), WIRE_OK);
	assert_int_equal(ask_plain(3, WIRE_FINISH), WIRE_OK);
	assert_int_equal(ask_plain(4, WIRE_ACTIVATE), WIRE_OK);
}
