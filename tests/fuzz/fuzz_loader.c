/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole sessions with the loader's core, in frames with right CRCs: loader_input.h says
 * how an input becomes requests. Invariants: nothing is written but the window; what is
 * live stays as it is until activate or a begin that goes; the tables of what goes live
 * are in its pool; what was kept is never overwritten and the counter only goes up;
 * each answer is one of the request; hello is answered afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "loader/trust.h"
#include "loader_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GUARD = 256, REQUESTS_MAX = 24, LAST_LEVEL = 3, PAGES = STAGING / PAGE };

static const struct wire_span window = { WINDOW, RAM - OWN }, own = { BASE, OWN };
static uint8_t ram[RAM], staging_and_guard[GUARD + STAGING + GUARD];
static uint8_t shadow[RAM]; /* of ram, as it may be */
static struct loader loader;
static bool may_change, answered, keep_fails;
static unsigned int keeps;
static uint8_t kept[512], guard[GUARD];
static uint64_t counter;
static struct wire_header asked;

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void on_send(void *context, const uint8_t *bytes, size_t length)
{
	static uint8_t body[LOADER_BODY_MAX + 4];
	struct wire_decoder decoder;
	struct wire_header header;
	struct wire_reader in;

	(void)context;
	must(length <= WIRE_ENCODED_MAX(LOADER_BODY_MAX) && !answered);
	wire_decoder_init(&decoder, body, sizeof(body));
	for (size_t i = 0; i < length; i++)
		if (wire_decoder_feed(&decoder, bytes[i]) == WIRE_FRAME)
			answered = true;
	must(answered);
	in = wire_reader(body, decoder.length);
	wire_get_header(&in, &header);
	must(header.opcode == (asked.opcode | WIRE_ANSWER) &&
	     header.session == asked.session && header.sequence == asked.sequence);
	must(wire_get8(&in) < WIRE_STATUS_COUNT && !in.failed);
	if (loader.authentic)
		must(in.length - in.at >= WIRE_MAC_SIZE);
}

static void on_install(void *context, uint64_t pa, const uint8_t *bytes, size_t length)
{
	(void)context;
	must(may_change && pa >= WINDOW && length <= window.size &&
	     pa - WINDOW <= window.size - length);
	memcpy(ram + (pa - BASE), bytes, length);
	memcpy(shadow + (pa - BASE), bytes, length);
}

/* --- where the walker would go --- */

static uint64_t word_at(uint64_t pa, unsigned int bytes)
{
	uint64_t word = 0;

	memcpy(&word, ram + (pa - BASE), bytes);
	return word;
}

static void must_be_in_pool(const struct wire_begin *begin, uint64_t pa, uint64_t size)
{
	must(pa >= begin->pool_pa && size <= begin->length &&
	     pa - begin->pool_pa <= begin->length - size);
}

/* Follow every table descriptor; each page once on each level. */
static void walk(const struct wire_begin *begin, uint64_t table, uint64_t size,
		 unsigned int level, bool seen[LAST_LEVEL + 1][PAGES])
{
	must_be_in_pool(begin, table, size);
	for (uint64_t at = table; level < LAST_LEVEL && at < table + size; at += 8) {
		uint64_t word = word_at(at, 8), next = word & UINT64_C(0xffffffffff000);

		if ((word & 3) != 3)
			continue;
		must(!(word >> 63)); /* NSTable */
		must_be_in_pool(begin, next, PAGE);
		if (seen[level + 1][(next - begin->pool_pa) / PAGE])
			continue;
		seen[level + 1][(next - begin->pool_pa) / PAGE] = true;
		walk(begin, next, PAGE, level + 1, seen);
	}
}

static void walk_long(const struct wire_begin *begin)
{
	uint64_t tcr = begin->registers[WIRE_TCR];
	unsigned int bits =
		begin->regime == WIRE_AARCH64 ? 64 - (tcr & 63) : 32 - (tcr & 7);
	unsigned int level = bits > 39 ? 0 : bits > 30 ? 1 : 2;
	bool seen[LAST_LEVEL + 1][PAGES] = { { false } };

	must(tcr & 1 << 23); /* EPD1: TTBR1 is not used */
	walk(begin, begin->registers[WIRE_TTBR0] & UINT64_C(0xfffffffffffe),
	     UINT64_C(8) << (bits - 12 - 9 * (LAST_LEVEL - level)), level, seen);
}

static void walk_short(const struct wire_begin *begin, uint64_t ttbr, uint64_t size)
{
	uint64_t table = ttbr & ~UINT64_C(0x7f);

	must(!(ttbr >> 32));
	must_be_in_pool(begin, table, size);
	for (uint64_t at = table; at < table + size; at += 4)
		if ((word_at(at, 4) & 3) == 1)
			must_be_in_pool(begin, word_at(at, 4) & 0xfffffc00, 1024);
}

static void on_activate(void *context, const struct wire_begin *begin)
{
	uint64_t tcr = begin->registers[WIRE_TCR];

	(void)context;
	must(may_change);
	must(begin->is_signed || !trust_needs_signature(&loader));
	if (begin->regime != WIRE_AARCH32_SHORT) {
		walk_long(begin);
		return;
	}
	if (!(tcr & 0x10)) /* PD0 */
		walk_short(begin, begin->registers[WIRE_TTBR0], 0x4000 >> (tcr & 7));
	if (tcr & 7 && !(tcr & 0x20)) /* PD1 */
		walk_short(begin, begin->registers[WIRE_TTBR1], 0x4000);
}

/* --- the rest of the board --- */

static const uint8_t *on_memory(void *context, uint64_t pa)
{
	(void)context;
	must(pa >= WINDOW && pa < WINDOW + window.size);
	return ram + (pa - BASE);
}

static uint64_t on_translate(void *context, uint64_t va, enum wire_access access)
{
	(void)context;
	return UINT64_C(0xff00000000000980) | (va & UINT64_C(0xfffffffff000)) |
	       (access == WIRE_READ ? 0 : va >> 12 & 1);
}

static struct wire_trial_result on_execute(void *context, const struct wire_trial *trial,
					   uint64_t pa)
{
	const struct wire_begin *live = &loader.live_begin;

	(void)context;
	must(trial->va % 4 == 0 && pa >= WINDOW && pa + 4 <= WINDOW + window.size);
	must(pa + 4 <= live->pool_pa || pa >= live->pool_pa + live->length);
	return (struct wire_trial_result){ WIRE_RAN, 0x56000000 };
}

/* On some boards each third write fails halfway, from the first on. */
static bool on_keep(void *context, size_t at, const uint8_t *bytes, size_t length)
{
	bool fails = keep_fails && keeps++ % 3 == 0;

	(void)context;
	if (fails)
		length /= 2;
	must(at <= sizeof(kept) && length <= sizeof(kept) - at);
	for (size_t i = 0; i < length; i++)
		must(kept[at + i] == 0xff);
	memcpy(kept + at, bytes, length);
	return !fails;
}

static uint64_t on_count(void *context)
{
	(void)context;
	return counter;
}

static bool on_count_to(void *context, uint64_t value)
{
	(void)context;
	must(may_change && value >= counter); /* a live begin may come again */
	counter = value;
	return true;
}

static const struct loader_port whole_port = {
	.id = "fuzz",
	.windows = &window,
	.window_count = 1,
	.own = &own,
	.own_count = 1,
	.staging = staging_and_guard + GUARD,
	.staging_bytes = STAGING,
	.takes_unsigned = true,
	.has_aarch32 = true,
	.has_bti = true,
	.kept = kept,
	.kept_bytes = sizeof(kept),
	.memory = on_memory,
	.send = on_send,
	.install = on_install,
	.activate = on_activate,
	.translate = on_translate,
	.execute = on_execute,
	.keep = on_keep,
	.count = on_count,
	.count_to = on_count_to,
};

/* The first byte of the input chooses the board. */
static void start(uint8_t kind)
{
	static struct loader_port port;
	static uint8_t keys[1][WIRE_POINT_SIZE];

	port = whole_port;
	memcpy(keys[0], input_point(), sizeof(keys[0]));
	if ((kind & 0x81) == 0x81)
		port.takes_unsigned = false;
	if ((kind & 0x42) == 0x42)
		port.keys = keys, port.key_count = 1;
	if (kind & 4)
		port.count = NULL, port.count_to = NULL;
	if (kind & 8)
		port.keep = NULL, port.kept = NULL, port.kept_bytes = 0;
	if (kind & 16)
		port.execute = NULL, port.has_bti = port.has_aarch32 = false;
	memset(ram, 0x5a, sizeof(ram));
	memcpy(shadow, ram, sizeof(ram));
	memset(staging_and_guard, 0xa5, sizeof(staging_and_guard));
	memset(guard, 0xa5, sizeof(guard));
	memset(kept, 0xff, sizeof(kept));
	counter = 0;
	keep_fails = kind & 32;
	keeps = 0;
	loader_init(&loader, &port);
}

static void ask(const uint8_t *body, size_t length)
{
	static uint8_t line[WIRE_ENCODED_MAX(LOADER_BODY_MAX)];
	size_t encoded = wire_encode(body, length, line);
	struct wire_reader in = wire_reader(body, length);

	wire_get_header(&in, &asked);
	may_change = length && (body[0] == WIRE_ACTIVATE || body[0] == WIRE_BEGIN);
	answered = false;
	for (size_t i = 0; i < encoded; i++)
		loader_take(&loader, line[i]);
	must(answered == (length >= WIRE_HEADER_SIZE && !(body[0] & WIRE_ANSWER)));
	must(!memcmp(ram, shadow, sizeof(ram)));
	must(!memcmp(staging_and_guard, guard, GUARD));
	must(!memcmp(staging_and_guard + GUARD + STAGING, guard, GUARD));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t body[LOADER_BODY_MAX];
	struct input input = { data, size, 0, 0 };

	start(input_next(&input));
	ask(body, input_hello(1, body));
	for (uint16_t n = 1; input.at < size && n < REQUESTS_MAX; n++) {
		bool twice;
		size_t length = input_request(&input, &loader, n, body, &twice);

		for (int i = 0; i < 1 + twice; i++)
			ask(body, length);
	}
	ask(body, input_hello(0x7777, body));
	must(answered);
	return 0;
}
