/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole sessions with the loader's core: the input says which requests come, in frames with
 * right CRCs, and what is changed of their bodies. Invariants: nothing is written but the
 * window, what is live stays as it is until activate or a begin that goes, the base table
 * of what goes live is in its pool, and hello is answered afterwards.
 */
#include <bearssl.h>
#include <stdlib.h>
#include <string.h>

#include "loader/core.h"
#include "wire/runs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAGE = 4096, RAM = 16 * PAGE, STAGING = 4 * PAGE, GUARD = 256 };

#define BASE   UINT64_C(0x10000)
#define WINDOW (BASE + 4 * PAGE)

static const struct wire_span window = { WINDOW, 8 * PAGE }, own = { BASE, 4 * PAGE };
static uint8_t ram[RAM], staging_and_guard[GUARD + STAGING + GUARD];
static uint8_t shadow[RAM]; /* of ram, as it may be */
static struct loader loader;
static bool may_change, answered;
static uint8_t kept[512], guard[GUARD];

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void on_send(void *context, const uint8_t *bytes, size_t length)
{
	(void)context, (void)bytes;
	must(length <= WIRE_ENCODED_MAX(LOADER_BODY_MAX));
	answered = true;
}

static void on_install(void *context, uint64_t pa, const uint8_t *bytes, size_t length)
{
	(void)context;
	must(may_change && pa >= WINDOW && length <= window.size &&
	     pa - WINDOW <= window.size - length);
	memcpy(ram + (pa - BASE), bytes, length);
	memcpy(shadow + (pa - BASE), bytes, length);
}

static void on_activate(void *context, const struct wire_begin *begin)
{
	uint64_t base = begin->registers[WIRE_TTBR0] & UINT64_C(0xfffffffffffe);

	(void)context;
	must(may_change);
	if (begin->regime != WIRE_AARCH32_SHORT)
		must(base >= begin->pool_pa && base < begin->pool_pa + begin->length);
}

static const uint8_t *on_memory(void *context, uint64_t pa)
{
	(void)context;
	must(pa >= WINDOW && pa < WINDOW + window.size);
	return ram + (pa - BASE);
}

static uint64_t on_translate(void *context, uint64_t va, enum wire_access access)
{
	(void)context;
	return UINT64_C(0xff00000000000b80) | (va & UINT64_C(0xfffffffff000)) |
	       (access == WIRE_READ ? 0 : va >> 12 & 1);
}

static struct wire_trial_result on_execute(void *context, const struct wire_trial *trial,
					   uint64_t pa)
{
	(void)context, (void)trial;
	must(pa >= WINDOW && pa + 4 <= WINDOW + window.size);
	return (struct wire_trial_result){ WIRE_RAN, 0x56000000 };
}

static bool on_keep(void *context, size_t at, const uint8_t *bytes, size_t length)
{
	(void)context;
	must(at <= sizeof(kept) && length <= sizeof(kept) - at);
	memcpy(kept + at, bytes, length);
	return true;
}

static const struct loader_port port = {
	.id = "fuzz",
	.windows = &window,
	.window_count = 1,
	.own = &own,
	.own_count = 1,
	.staging = staging_and_guard + GUARD,
	.staging_bytes = STAGING,
	.takes_unsigned = true,
	.has_aarch32 = true,
	.kept = kept,
	.kept_bytes = sizeof(kept),
	.memory = on_memory,
	.send = on_send,
	.install = on_install,
	.activate = on_activate,
	.translate = on_translate,
	.execute = on_execute,
	.keep = on_keep,
};

/* --- what the input says --- */

struct input {
	const uint8_t *data;
	size_t size, at;
};

static uint8_t next(struct input *input)
{
	return input->at < input->size ? input->data[input->at++] : 0;
}

static uint64_t next_number(struct input *input, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | next(input);
	return value;
}

/* A pool of the model's words: tables that mostly lead to each other. */
static void make_pool(struct input *input, uint8_t pool[STAGING], uint64_t pa)
{
	unsigned int count = next(input) % 24;

	memset(pool, 0, STAGING);
	for (unsigned int i = 0; i < count; i++) {
		uint64_t page = next(input) % 5, word = (pa + PAGE * page) | 3;
		size_t at = 8 * (size_t)(next_number(input, 2) % (STAGING / 8));

		if (next(input) % 4 == 0)
			word ^= UINT64_C(1) << next(input) % 64;
		for (unsigned int b = 0; b < 8; b++)
			pool[at + b] = (uint8_t)(word >> 8 * b);
	}
}

static void put_begin(struct input *input, struct wire_writer *w)
{
	struct wire_begin begin = { .regime = next(input) % 4 };
	uint8_t pool[STAGING], how = next(input);
	br_sha256_context sha;

	begin.pool_pa = WINDOW + PAGE * (uint64_t)(next(input) % 10) - PAGE;
	begin.length = PAGE * (next(input) % 5u);
	begin.keeps = how & 1;
	begin.goes = how & 2;
	begin.registers[WIRE_TCR] = begin.regime == WIRE_AARCH64        ? 0x480803f20
				    : begin.regime == WIRE_AARCH32_LONG ? 0x80803f00
									: 7;
	begin.registers[WIRE_TTBR0] = begin.pool_pa;
	begin.registers[WIRE_TTBR1] = begin.pool_pa;
	if (how & 4)
		begin.registers[next(input) % WIRE_REGISTER_COUNT] ^= UINT64_C(1)
								      << next(input) % 64;
	make_pool(input, pool, begin.pool_pa);
	br_sha256_init(&sha);
	br_sha256_update(&sha, pool, begin.length <= STAGING ? begin.length : 0);
	br_sha256_out(&sha, begin.digest);
	wire_put_begin(w, &begin);
	wire_runs_encode(pool, begin.length / 8, WIRE_LONG_WORD, true, w);
}

static void put_payload(struct input *input, uint8_t opcode, struct wire_writer *w)
{
	struct wire_hello hello = { .magic = WIRE_MAGIC, .version = WIRE_VERSION };
	struct wire_keep keep = { .kind = next(input) % WIRE_KEEPING_COUNT };

	if (opcode == WIRE_HELLO) {
		hello.compares = next(input) & 1;
		hello.page = next(input);
		wire_put_hello(w, &hello);
	} else if (opcode == WIRE_BEGIN) {
		put_begin(input, w);
	} else if (opcode == WIRE_WRITE) {
		wire_put32(w, 8 * (uint32_t)next_number(input, 2));
		for (unsigned int n = next(input) % 32; n--;)
			wire_put8(w, next(input));
	} else if (opcode == WIRE_TRANSLATE || opcode == WIRE_EXECUTE) {
		for (unsigned int n = next(input) % 8; n--;) {
			wire_put8(w, next(input) % 5);
			wire_put64(w, WINDOW - PAGE + next_number(input, 2));
		}
	} else if (opcode == WIRE_KEEP) {
		for (size_t i = 0; i < sizeof(keep.payload); i++)
			keep.payload[i] = next(input);
		wire_put_keep(w, &keep);
	}
}

/* --- and what must hold --- */

static void ask(const uint8_t *body, size_t length)
{
	static uint8_t line[WIRE_ENCODED_MAX(LOADER_BODY_MAX)];
	size_t encoded = wire_encode(body, length, line);

	may_change = length && (body[0] == WIRE_ACTIVATE || body[0] == WIRE_BEGIN);
	for (size_t i = 0; i < encoded; i++)
		loader_take(&loader, line[i]);
	must(!memcmp(ram, shadow, sizeof(ram)));
	must(!memcmp(staging_and_guard, guard, GUARD));
	must(!memcmp(staging_and_guard + GUARD + STAGING, guard, GUARD));
}

static void one_request(struct input *input, uint16_t sequence)
{
	static uint8_t body[LOADER_BODY_MAX];
	struct wire_writer w = wire_writer(body, sizeof(body));
	uint8_t opcode = (uint8_t)(1 + next(input) % (WIRE_OPCODE_COUNT - 1));
	uint8_t how = next(input);

	wire_put_header(&w, &(struct wire_header){ opcode, how & 1 ? 2 : 1, sequence });
	put_payload(input, opcode, &w);
	if (how & 0x40 && w.at > 1) /* changed */
		body[next_number(input, 2) % w.at] ^= (uint8_t)(1 << next(input) % 8);
	if ((how & 0x30) == 0x30 && w.at) /* cut short */
		w.at = next_number(input, 2) % w.at;
	ask(body, w.at);
	if (how & 0x80) /* said twice */
		ask(body, w.at);
}

static void hello_is_answered(void)
{
	uint8_t body[32];
	struct wire_writer w = wire_writer(body, sizeof(body));

	wire_put_header(&w, &(struct wire_header){ WIRE_HELLO, 0x7777, 0 });
	wire_put_hello(
		&w, &(struct wire_hello){ .magic = WIRE_MAGIC, .version = WIRE_VERSION });
	answered = false;
	ask(body, w.at);
	must(answered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size, 0 };
	uint8_t body[32];
	struct wire_writer w = wire_writer(body, sizeof(body));

	memset(ram, 0x5a, sizeof(ram));
	memcpy(shadow, ram, sizeof(ram));
	memset(staging_and_guard, 0xa5, sizeof(staging_and_guard));
	memset(guard, 0xa5, sizeof(guard));
	memset(kept, 0xff, sizeof(kept));
	loader_init(&loader, &port);
	wire_put_header(&w, &(struct wire_header){ WIRE_HELLO, 1, 0 });
	wire_put_hello(
		&w, &(struct wire_hello){ .magic = WIRE_MAGIC, .version = WIRE_VERSION });
	ask(body, w.at);
	for (uint16_t n = 1; input.at < input.size && n < 64; n++)
		one_request(&input, n);
	hello_is_answered();
	return 0;
}
