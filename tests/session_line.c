/* SPDX-License-Identifier: BSD-2-Clause */
#include "session_line.h"

#include <string.h>

#include "check.h"

struct fake_board board;
struct pipe to_board, to_host;
struct noise noise;
bool chatty; /* a console's text is before each answer */
uint64_t now_ms, random_state;
uint8_t pool[8 * POOL_WORDS];
struct mmp_probe probes[600];
struct mmp_image image;

/* xorshift64*: the same everywhere for the same seed. */
uint32_t dice(uint32_t sides)
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
	if (pipe->run > pipe->longest_run)
		pipe->longest_run = pipe->run;
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

void board_sends(void *context, const uint8_t *bytes, size_t length)
{
	static const char text[] = "[   12.345678] usb 1-1: new device\r\n";

	(void)context;
	if (chatty)
		send_noisy(&to_host, (const uint8_t *)text, sizeof(text) - 1);
	send_noisy(&to_host, bytes, length);
}

bool ready(const struct pipe *pipe)
{
	return pipe->head < pipe->tail && pipe->bytes[pipe->head % PIPE].at_ms <= now_ms;
}

static uint64_t next_ms(const struct pipe *pipe)
{
	return pipe->head < pipe->tail ? pipe->bytes[pipe->head % PIPE].at_ms
				       : UINT64_MAX;
}

void deliver_to_board(void)
{
	while (ready(&to_board))
		loader_take(&board.loader, to_board.bytes[to_board.head++ % PIPE].byte);
}

size_t collect_for_host(uint8_t *input, size_t room)
{
	size_t n = 0;

	while (n < room && ready(&to_host))
		input[n++] = to_host.bytes[to_host.head++ % PIPE].byte;
	return n;
}

void take_output(struct mmp_session *session)
{
	size_t length;
	const uint8_t *output = mmp_session_output(session, &length);

	send_noisy(&to_board, output, length);
	mmp_session_sent(session, length);
}

enum mmp_session_state run_until(struct mmp_session *session, enum mmp_session_state stop)
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
		next = mmp_least(mmp_least(next_ms(&to_board), next_ms(&to_host)),
				 mmp_session_deadline_ms(session));
		if (state >= stop)
			break;
		assert_true(next != UINT64_MAX); /* nothing would ever happen again */
		if (next > now_ms)
			now_ms = next;
	}
	return state;
}

enum mmp_session_state run(struct mmp_session *session)
{
	return run_until(session, MMP_SESSION_DONE);
}

struct mmp_session *start(bool force, uint16_t number)
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

void put_word(size_t index, uint64_t value)
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
void fill_at_random(void)
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

void seal_image(uint8_t id)
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

int setup(void **state)
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

bool pool_is_in_ram(void)
{
	return memcmp(board.ram + 0x40000, pool, sizeof(pool)) == 0;
}

struct mmp_session_report push_whole(uint16_t number)
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
