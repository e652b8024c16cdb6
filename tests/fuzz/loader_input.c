/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader_input.h"

#include <bearssl.h>
#include <stdlib.h>
#include <string.h>

enum { CURVE = BR_EC_secp256r1, ROOM = 512 /* for begin and its signature */ };

static uint8_t secret[WIRE_SECRET_SIZE] = { 0x17, [31] = 0x2b };

uint8_t input_next(struct input *input)
{
	return input->at < input->size ? input->data[input->at++] : 0;
}

static uint64_t next_number(struct input *input, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | input_next(input);
	return value;
}

/* --- the key that signs --- */

const uint8_t *input_point(void)
{
	static uint8_t encoded[1 + WIRE_POINT_SIZE];
	br_ec_private_key key = { CURVE, secret, sizeof(secret) };

	if (!encoded[0])
		br_ec_compute_pub(&br_ec_p256_m31, NULL, encoded, &key);
	return encoded + 1;
}

static void digest_of(const uint8_t *bytes, size_t length, uint8_t digest[br_sha256_SIZE])
{
	br_sha256_context context;

	br_sha256_init(&context);
	br_sha256_update(&context, bytes, length);
	br_sha256_out(&context, digest);
}

static void name_key(uint8_t id[WIRE_KEY_ID_SIZE])
{
	uint8_t digest[br_sha256_SIZE];

	digest_of(input_point(), WIRE_POINT_SIZE, digest);
	memcpy(id, digest, WIRE_KEY_ID_SIZE);
}

/* Signing takes long and gives the same each time, so what was signed is remembered. */
static void sign(const struct wire_writer *statement,
		 uint8_t signature[WIRE_SIGNATURE_SIZE])
{
	static struct {
		uint8_t digest[br_sha256_SIZE], signature[WIRE_SIGNATURE_SIZE];
	} made[4096], *one;
	br_ec_private_key key = { CURVE, secret, sizeof(secret) };
	uint8_t digest[br_sha256_SIZE];

	digest_of(statement->bytes, statement->at, digest);
	one = &made[(digest[0] | digest[1] << 8) % (sizeof(made) / sizeof(made[0]))];
	if (memcmp(one->digest, digest, sizeof(digest))) {
		memcpy(one->digest, digest, sizeof(digest));
		br_ecdsa_i31_sign_raw(&br_ec_p256_m31, &br_sha256_vtable, digest, &key,
				      one->signature);
	}
	memcpy(signature, one->signature, WIRE_SIGNATURE_SIZE);
}

/* Whether one more request may make the board multiply points. */
static bool may_multiply(struct input *input)
{
	return input->points++ < INPUT_POINTS_MAX;
}

/* --- begin: a pool whose tables mostly lead to each other --- */

/*
 * Words in rising order, so that runs describe them as they come: each is the zero words
 * before it and one literal word. Much faster than an encoder that searches.
 */
static void make_pool(struct input *input, const struct wire_begin *begin, uint8_t *pool,
		      size_t length, struct wire_writer *runs)
{
	size_t at = 0, width = begin->regime == WIRE_AARCH32_SHORT ? 4 : 8;
	unsigned int count = input_next(input) % 24;

	memset(pool, 0, length);
	for (unsigned int i = 0; i < count; i++) {
		size_t zeros = input_next(input);
		uint64_t page = input_next(input) % 5,
			 word = (begin->pool_pa + PAGE * page) | (width == 4 ? 1 : 3);

		if (zeros & 0x80)
			zeros = (zeros & 0x7f) * 16;
		if (at + width * zeros >= length)
			break;
		if (input_next(input) % 4 == 0)
			word ^= UINT64_C(1) << input_next(input) % 64;
		wire_put8(runs, 0xf0); /* zeros before it, literal */
		wire_put_varint(runs, zeros);
		wire_put_varint(runs, 1);
		at += width * zeros;
		for (unsigned int b = 0; b < width; b++) {
			wire_put8(runs, (uint8_t)(word >> 8 * b));
			pool[at++] = (uint8_t)(word >> 8 * b);
		}
	}
}

static void set_registers(struct input *input, struct wire_begin *begin, bool changed)
{
	static const uint64_t tcr[] = { [WIRE_AARCH64] = 0x480803f20,
					[WIRE_AARCH32_LONG] = 0x80803f00,
					[WIRE_AARCH32_SHORT] = 0x27 };

	begin->registers[WIRE_TCR] = tcr[begin->regime % WIRE_REGIME_COUNT];
	begin->registers[WIRE_TTBR0] = begin->pool_pa;
	if (begin->regime == WIRE_AARCH32_SHORT) /* others have none on the line */
		begin->registers[WIRE_TTBR1] = begin->pool_pa;
	if (changed)
		begin->registers[input_next(input) % WIRE_REGISTER_COUNT] ^=
			UINT64_C(1) << input_next(input) % 64;
}

static void sign_begin(struct wire_begin *begin, const struct loader *loader,
		       uint64_t above)
{
	const struct loader_port *port = loader->port;
	uint8_t bytes[WIRE_STATEMENT_MAX];
	struct wire_writer statement = wire_writer(bytes, sizeof(bytes));

	begin->is_signed = true;
	memcpy(begin->nonce, loader->nonce, sizeof(begin->nonce));
	begin->id_length = (uint8_t)strlen(port->id);
	memcpy(begin->id, port->id, begin->id_length);
	begin->counter = (port->count ? port->count(port->context) : 0) + above;
	name_key(begin->key);
	wire_put_begin_statement(&statement, begin);
	sign(&statement, begin->signature);
}

static void put_begin(struct input *input, const struct loader *loader,
		      struct wire_writer *w)
{
	static const uint8_t pages[] = { 1, 2, 3, 2 }; /* hashing takes time */
	uint8_t how = input_next(input), place = input_next(input);
	struct wire_begin begin = { .regime = how & 3,
				    .keeps = how & 4,
				    .goes = how & 8,
				    .length = PAGE * (uint32_t)pages[place % 4],
				    .pool_pa = WINDOW + PAGE * (uint64_t)(place >> 4) };
	static uint8_t pool[STAGING], bytes[LOADER_BODY_MAX - ROOM];
	struct wire_writer runs = wire_writer(bytes, sizeof(bytes));
	size_t length;

	if (how & 0x40) /* anywhere, of any length */
		begin.pool_pa += (next_number(input, 2) << 11) - 2 * PAGE;
	if (place & 8)
		begin.length = (uint32_t)next_number(input, 2) << 4;
	length = begin.length < STAGING ? begin.length : STAGING;
	set_registers(input, &begin, how & 0x20);
	make_pool(input, &begin, pool, length, &runs);
	digest_of(pool, length, begin.digest);
	begin.build[0] = how;
	if ((how & 0x50) == 0x10 && may_multiply(input))
		sign_begin(&begin, loader, place & 8 ? 0 : 1);
	wire_put_begin(w, &begin);
	if (!(how & 0x80)) /* else the pool comes by writes, if at all */
		wire_put_bytes(w, bytes, runs.at);
}

/* --- the other requests --- */

static void put_keep(struct input *input, const struct loader *loader,
		     struct wire_writer *w)
{
	uint8_t how = input_next(input), bytes[WIRE_STATEMENT_MAX];
	struct wire_writer statement = wire_writer(bytes, sizeof(bytes));
	struct wire_keep keep = { .kind = how % WIRE_KEEPING_COUNT,
				  .is_signed = (how & 0x50) == 0x10 };
	bool may = may_multiply(input);
	struct wire_board board = { .id_length = (uint8_t)strlen(loader->port->id) };

	memcpy(board.id, loader->port->id, board.id_length);
	memcpy(board.nonce, loader->nonce, sizeof(board.nonce));
	if (how & 0x20)
		for (size_t i = 0; i < sizeof(keep.payload); i++)
			keep.payload[i] = input_next(input);
	else if (keep.kind == WIRE_KEEP_TRUST && may)
		memcpy(keep.payload, input_point(), WIRE_POINT_SIZE);
	else if (keep.kind == WIRE_KEEP_REVOKE)
		name_key(keep.payload);
	else if (may)
		memcpy(keep.payload, secret, sizeof(secret));
	name_key(keep.key);
	wire_put_keep_statement(&statement, &board, &keep);
	if (keep.is_signed && may)
		sign(&statement, keep.signature);
	wire_put_keep(w, &keep);
}

static void put_hello(struct input *input, struct wire_writer *w)
{
	uint8_t how = input_next(input);
	struct wire_hello hello = { .magic = WIRE_MAGIC,
				    .version = WIRE_VERSION,
				    .compares = how & 1,
				    .authentic = (how & 6) == 6 && may_multiply(input),
				    .page = how >> 3 };

	memcpy(hello.point, input_point(), sizeof(hello.point));
	wire_put_hello(w, &hello);
}

static void put_payload(struct input *input, const struct loader *loader, uint8_t opcode,
			struct wire_writer *w)
{
	if (opcode == WIRE_HELLO) {
		put_hello(input, w);
	} else if (opcode == WIRE_BEGIN) {
		put_begin(input, loader, w);
	} else if (opcode == WIRE_KEEP) {
		put_keep(input, loader, w);
	} else if (opcode == WIRE_WRITE) {
		wire_put32(w, (uint32_t)next_number(input, 2));
		for (unsigned int n = input_next(input) % 32; n--;)
			wire_put8(w, input_next(input));
	} else if (opcode == WIRE_TRANSLATE || opcode == WIRE_EXECUTE) {
		for (unsigned int n = input_next(input) % 8; n--;) {
			uint64_t place = next_number(input, 2);

			wire_put8(w, input_next(input) & 0xc3);
			wire_put64(w, WINDOW - PAGE + (place & 1 ? place : place & ~3u));
		}
	}
}

size_t input_hello(uint16_t session, uint8_t body[LOADER_BODY_MAX])
{
	struct wire_writer w = wire_writer(body, LOADER_BODY_MAX);
	const struct wire_hello hello = { .magic = WIRE_MAGIC, .version = WIRE_VERSION };

	wire_put_header(&w, &(struct wire_header){ WIRE_HELLO, session, 0 });
	wire_put_hello(&w, &hello);
	return w.at;
}

/* The more a request is needed to come far, the more often it comes. */
static const uint8_t opcodes[] = {
	WIRE_BEGIN,     WIRE_BEGIN,    WIRE_FINISH,    WIRE_ACTIVATE,
	WIRE_TRANSLATE, WIRE_EXECUTE,  WIRE_READ_BACK, WIRE_WRITE,
	WIRE_WRITE,     WIRE_HELLO,    WIRE_ABORT,     WIRE_KEEP,
	WIRE_FINISH,    WIRE_ACTIVATE, WIRE_EXECUTE,   WIRE_OPCODE_COUNT,
};

size_t input_request(struct input *input, const struct loader *loader, uint16_t sequence,
		     uint8_t body[LOADER_BODY_MAX], bool *ret_twice)
{
	struct wire_writer w = wire_writer(body, LOADER_BODY_MAX);
	uint8_t first = input_next(input), opcode = opcodes[first & 15];
	bool is_changed = first >> 4 == 14, is_cut = first >> 4 == 15;

	*ret_twice = first >> 4 == 13;
	wire_put_header(
		&w, &(struct wire_header){ opcode, first >> 4 == 12 ? 2 : 1, sequence });
	put_payload(input, loader, opcode, &w);
	if (is_changed)
		body[next_number(input, 2) % w.at] ^=
			(uint8_t)(1 << input_next(input) % 8);
	if (is_cut)
		w.at = next_number(input, 2) % w.at;
	return w.at;
}
