/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "link/session.h"
#include "loader/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct wire_span window = { 0x10000, 0x10000 }, own = { 0x10000, 0x1000 };

static void send(void *context, const uint8_t *bytes, size_t length)
{
	(void)context;
	(void)bytes;
	(void)length;
}

static void install(void *context, uint64_t pa, const uint8_t *bytes, size_t length)
{
	(void)context;
	(void)bytes;
	if (pa < 0x11000 || pa + length > 0x20000)
		abort();
}

static const uint8_t *memory(void *context, uint64_t pa)
{
	static const uint8_t pool[0x10000];

	(void)context;
	if (pa < 0x11000 || pa >= 0x20000)
		abort();
	return pool + (pa - 0x10000);
}

/* The base table in the pool, TTBR1 closed, and a walker that writes nothing. */
static void activate(void *context, const struct wire_begin *begin)
{
	uint64_t base = begin->registers[WIRE_TTBR0] & UINT64_C(0xfffffffffffe);

	(void)context;
	if (begin->regime == WIRE_AARCH32_SHORT)
		base = begin->pool_pa;
	if (base < begin->pool_pa || base + 32 > begin->pool_pa + begin->length ||
	    (begin->regime != WIRE_AARCH32_SHORT &&
	     (!(begin->registers[WIRE_TCR] >> 23 & 1) ||
	      begin->registers[WIRE_TCR] >> 39 & 3)))
		abort();
}

static uint64_t translate(void *context, uint64_t va, enum wire_access access)
{
	(void)context;
	return va ^ access;
}

/* Pieces of the input (a length byte before each) as requests to a board ... */
static void ask_board(const uint8_t *data, size_t size)
{
	static uint8_t staging[0x4000] __attribute__((aligned(8)));
	static struct loader loader;
	const struct loader_port port = { .id = "fuzz",
					  .windows = &window,
					  .window_count = 1,
					  .own = &own,
					  .own_count = 1,
					  .staging = staging,
					  .staging_bytes = sizeof(staging),
					  .takes_unsigned = true,
					  .has_aarch32 = true,
					  .memory = memory,
					  .send = send,
					  .install = install,
					  .activate = activate,
					  .translate = translate };

	loader_init(&loader, &port);
	for (size_t at = 0; at < size;) {
		size_t length = data[at++];
		uint8_t answer[WIRE_BODY_MIN];
		struct wire_reader in;
		struct wire_writer out = wire_writer(answer, sizeof(answer));

		if (length > size - at)
			length = size - at;
		in = wire_reader(data + at, length);
		loader_answer(&loader, &in, &out);
		at += length;
	}
}

/* ... and as a board's answers to a session, each under a good CRC. */
static void answer_host(const uint8_t *data, size_t size)
{
	static const uint8_t pool[4096] = { 1 };
	const struct mmp_probe probe = { .va = 0x1000 };
	const struct mmp_image image = { .digest = { { 0 } },
					 .pool_pa = 0x11000,
					 .bytes = pool,
					 .length = sizeof(pool),
					 .probes = &probe,
					 .probe_count = 1 };
	const struct mmp_push push = { .image = &image };
	struct mmp_error err;
	struct mmp_session *session = mmp_session_new(&push, &err);
	uint64_t now = 0;

	for (size_t at = 0; session && at < size; now++) {
		size_t length = data[at++], out;
		uint8_t line[WIRE_ENCODED_MAX(255)];

		if (length > size - at)
			length = size - at;
		mmp_session_output(session, &out);
		mmp_session_sent(session, out);
		mmp_session_step(session, now, line,
				 wire_encode(data + at, length, line));
		at += length;
	}
	mmp_session_free(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ask_board(data, size);
	answer_host(data, size);
	return 0;
}
