/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/message.h"

/* clang-format off */
static const struct wire_regime_registers registers[WIRE_REGIME_COUNT] = {
	[WIRE_AARCH64] = { 3, {
		{ WIRE_MAIR,  "MAIR_EL1" },
		{ WIRE_TCR,   "TCR_EL1" },
		{ WIRE_TTBR0, "TTBR0_EL1" } } },
	[WIRE_AARCH32_LONG] = { 3, {
		{ WIRE_MAIR,  "MAIR1:MAIR0" },
		{ WIRE_TCR,   "TTBCR" },
		{ WIRE_TTBR0, "TTBR0" } } },
	[WIRE_AARCH32_SHORT] = { 5, {
		{ WIRE_MAIR,  "NMRR:PRRR" },
		{ WIRE_TCR,   "TTBCR" },
		{ WIRE_TTBR0, "TTBR0" },
		{ WIRE_TTBR1, "TTBR1" },
		{ WIRE_DACR,  "DACR" } } },
};
/* clang-format on */

const struct wire_regime_registers *wire_registers_of(unsigned int regime)
{
	return &registers[regime < WIRE_REGIME_COUNT ? regime : WIRE_AARCH64];
}

void wire_put_varint(struct wire_writer *w, uint64_t value)
{
	while (value >= 0x80) {
		wire_put8(w, (uint8_t)(value | 0x80));
		value >>= 7;
	}
	wire_put8(w, (uint8_t)value);
}

uint64_t wire_get_varint(struct wire_reader *r)
{
	uint64_t value = 0;
	uint8_t byte = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		byte = wire_get8(r);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if ((shift && !byte) || (shift == 63 && byte > 1))
			r->failed = true;
		return r->failed ? 0 : value;
	}
	r->failed = true;
	return 0;
}

void wire_put_header(struct wire_writer *w, const struct wire_header *header)
{
	wire_put8(w, header->opcode);
	wire_put16(w, header->session);
	wire_put16(w, header->sequence);
}

void wire_get_header(struct wire_reader *r, struct wire_header *ret_header)
{
	ret_header->opcode = wire_get8(r);
	ret_header->session = wire_get16(r);
	ret_header->sequence = wire_get16(r);
}

void wire_put_hello(struct wire_writer *w, const struct wire_hello *hello)
{
	wire_put32(w, hello->magic);
	wire_put16(w, hello->version);
	wire_put8(w, (uint8_t)((hello->authentic ? WIRE_HELLO_AUTHENTIC : 0) |
			       (hello->compares ? WIRE_HELLO_COMPARES : 0)));
	if (hello->authentic)
		wire_put_bytes(w, hello->point, sizeof(hello->point));
	if (hello->compares)
		wire_put_varint(w, hello->page);
}

static bool get_flag(struct wire_reader *r)
{
	uint8_t flag = wire_get8(r);

	if (flag > 1)
		r->failed = true;
	return flag == 1;
}

/* Read a varint of at most 32 bits. */
static uint32_t get_varint32(struct wire_reader *r)
{
	uint64_t value = wire_get_varint(r);

	if (value > UINT32_MAX)
		r->failed = true;
	return r->failed ? 0 : (uint32_t)value;
}

void wire_get_hello(struct wire_reader *r, struct wire_hello *ret_hello)
{
	uint8_t flags;

	*ret_hello = (struct wire_hello){ .magic = wire_get32(r) };
	ret_hello->version = wire_get16(r);
	if (r->failed || ret_hello->version != WIRE_VERSION)
		return;
	flags = wire_get8(r);
	if (flags & ~(WIRE_HELLO_AUTHENTIC | WIRE_HELLO_COMPARES))
		r->failed = true;
	ret_hello->authentic = flags & WIRE_HELLO_AUTHENTIC;
	ret_hello->compares = flags & WIRE_HELLO_COMPARES;
	if (ret_hello->authentic)
		wire_get_bytes(r, ret_hello->point, sizeof(ret_hello->point));
	if (ret_hello->compares)
		ret_hello->page = get_varint32(r);
}

/* The digests extend to the end of the message. */
void wire_get_pages(struct wire_reader *r, struct wire_pages *ret_pages)
{
	size_t left;

	ret_pages->staged = get_varint32(r);
	ret_pages->told = 0;
	left = r->length - r->at;
	if (r->failed || left % WIRE_PAGE_DIGEST_SIZE ||
	    left / WIRE_PAGE_DIGEST_SIZE > WIRE_PAGES_TOLD_MAX ||
	    left / WIRE_PAGE_DIGEST_SIZE > ret_pages->staged) {
		r->failed = true;
		return;
	}
	ret_pages->told = (uint32_t)(left / WIRE_PAGE_DIGEST_SIZE);
	wire_get_bytes(r, ret_pages->digests[0], left);
}

static void put_id(struct wire_writer *w, const char *id, uint8_t length)
{
	wire_put8(w, length);
	wire_put_bytes(w, (const uint8_t *)id, length);
}

static uint8_t get_id(struct wire_reader *r, char id[WIRE_ID_MAX + 1])
{
	uint8_t length = wire_get8(r);

	if (length == 0 || length > WIRE_ID_MAX) {
		r->failed = true;
		return 0;
	}
	wire_get_bytes(r, (uint8_t *)id, length);
	id[length] = '\0';
	for (size_t i = 0; i < length; i++)
		if (id[i] < 0x20 || id[i] > 0x7e)
			r->failed = true;
	return length;
}

void wire_put_board(struct wire_writer *w, const struct wire_board *board)
{
	wire_put16(w, board->version);
	wire_put8(w, board->flags);
	wire_put16(w, board->body_max);
	wire_put8(w, board->frames_max);
	wire_put_varint(w, board->staging_bytes / WIRE_PAGE);
	wire_put_bytes(w, board->nonce, sizeof(board->nonce));
	put_id(w, board->id, board->id_length);
	wire_put8(w, board->window_count);
	for (size_t i = 0; i < board->window_count; i++) {
		wire_put_varint(w, board->windows[i].base / WIRE_PAGE);
		wire_put_varint(w, board->windows[i].size / WIRE_PAGE);
	}
	wire_put8(w, board->key_count);
	for (size_t i = 0; i < board->key_count; i++)
		wire_put_bytes(w, board->keys[i], WIRE_KEY_ID_SIZE);
	if (board->flags & WIRE_BOARD_COUNTS)
		wire_put_varint(w, board->counter);
	if (board->flags & WIRE_BOARD_LIVE)
		wire_put_bytes(w, board->live_build, sizeof(board->live_build));
}

/* Read a number of pages. Returns it in bytes, which must be below `limit`. */
static uint64_t get_pages(struct wire_reader *r, uint64_t limit)
{
	uint64_t pages = wire_get_varint(r);

	if (pages > limit / WIRE_PAGE) {
		r->failed = true;
		return 0;
	}
	return pages * WIRE_PAGE;
}

static uint8_t get_count(struct wire_reader *r, uint8_t most)
{
	uint8_t count = wire_get8(r);

	if (count > most) {
		r->failed = true;
		return 0;
	}
	return count;
}

static void get_lists(struct wire_reader *r, struct wire_board *board)
{
	board->window_count = get_count(r, WIRE_WINDOWS_MAX);
	for (size_t i = 0; i < board->window_count; i++) {
		board->windows[i].base = get_pages(r, UINT64_C(1) << 52);
		board->windows[i].size = get_pages(r, UINT64_C(1) << 52);
	}
	board->key_count = get_count(r, WIRE_KEYS_MAX);
	for (size_t i = 0; i < board->key_count; i++)
		wire_get_bytes(r, board->keys[i], WIRE_KEY_ID_SIZE);
}

void wire_get_board(struct wire_reader *r, struct wire_board *ret_board)
{
	*ret_board = (struct wire_board){ .version = wire_get16(r) };
	if (r->failed || ret_board->version != WIRE_VERSION)
		return;
	ret_board->flags = wire_get8(r);
	ret_board->body_max = wire_get16(r);
	ret_board->frames_max = wire_get8(r);
	ret_board->staging_bytes = (uint32_t)get_pages(r, UINT32_MAX);
	wire_get_bytes(r, ret_board->nonce, sizeof(ret_board->nonce));
	ret_board->id_length = get_id(r, ret_board->id);
	get_lists(r, ret_board);
	ret_board->live = ret_board->flags & WIRE_BOARD_LIVE;
	if (ret_board->flags & WIRE_BOARD_COUNTS)
		ret_board->counter = wire_get_varint(r);
	if (ret_board->live)
		wire_get_bytes(r, ret_board->live_build, sizeof(ret_board->live_build));
	if (ret_board->body_max < WIRE_BODY_MIN || ret_board->body_max > WIRE_BODY_MAX ||
	    ret_board->frames_max == 0 || ret_board->frames_max > WIRE_FRAMES_MAX)
		r->failed = true;
}

enum {
	BEGIN_REGIME = 0x1f,
	BEGIN_KEEPS = 1 << 5,
	BEGIN_GOES = 1 << 6,
	BEGIN_SIGNED = 1 << 7
};

void wire_put_begin(struct wire_writer *w, const struct wire_begin *begin)
{
	const struct wire_regime_registers *regime = wire_registers_of(begin->regime);

	wire_put8(w, (uint8_t)(begin->regime | (begin->keeps ? BEGIN_KEEPS : 0) |
			       (begin->goes ? BEGIN_GOES : 0) |
			       (begin->is_signed ? BEGIN_SIGNED : 0)));
	wire_put_bytes(w, begin->build, sizeof(begin->build));
	wire_put_bytes(w, begin->digest, sizeof(begin->digest));
	wire_put_varint(w, begin->length);
	wire_put_varint(w, begin->pool_pa);
	for (size_t i = 0; i < regime->count; i++)
		wire_put_varint(w, begin->registers[regime->list[i].number]);
	if (!begin->is_signed)
		return;
	wire_put_bytes(w, begin->nonce, sizeof(begin->nonce));
	put_id(w, begin->id, begin->id_length);
	wire_put_varint(w, begin->counter);
	wire_put_bytes(w, begin->key, sizeof(begin->key));
	wire_put_bytes(w, begin->signature, sizeof(begin->signature));
}

void wire_get_begin(struct wire_reader *r, struct wire_begin *ret_begin)
{
	uint8_t first = wire_get8(r);
	const struct wire_regime_registers *regime =
		wire_registers_of(first & BEGIN_REGIME);

	*ret_begin = (struct wire_begin){ .regime = first & BEGIN_REGIME,
					  .keeps = first & BEGIN_KEEPS,
					  .goes = first & BEGIN_GOES,
					  .is_signed = first & BEGIN_SIGNED };
	wire_get_bytes(r, ret_begin->build, sizeof(ret_begin->build));
	wire_get_bytes(r, ret_begin->digest, sizeof(ret_begin->digest));
	ret_begin->length = get_varint32(r);
	ret_begin->pool_pa = wire_get_varint(r);
	for (size_t i = 0; i < regime->count; i++)
		ret_begin->registers[regime->list[i].number] = wire_get_varint(r);
	if (!ret_begin->is_signed)
		return;
	wire_get_bytes(r, ret_begin->nonce, sizeof(ret_begin->nonce));
	ret_begin->id_length = get_id(r, ret_begin->id);
	ret_begin->counter = wire_get_varint(r);
	wire_get_bytes(r, ret_begin->key, sizeof(ret_begin->key));
	wire_get_bytes(r, ret_begin->signature, sizeof(ret_begin->signature));
}

static size_t payload_size(uint8_t kind)
{
	static const uint8_t sizes[WIRE_KEEPING_COUNT] = {
		[WIRE_KEEP_OWN] = WIRE_SECRET_SIZE,
		[WIRE_KEEP_TRUST] = WIRE_POINT_SIZE,
		[WIRE_KEEP_REVOKE] = WIRE_KEY_ID_SIZE,
	};

	return kind < WIRE_KEEPING_COUNT ? sizes[kind] : 0;
}

void wire_put_keep(struct wire_writer *w, const struct wire_keep *keep)
{
	wire_put8(w, keep->kind);
	wire_put_bytes(w, keep->payload, payload_size(keep->kind));
	wire_put8(w, keep->is_signed);
	if (!keep->is_signed)
		return;
	wire_put_bytes(w, keep->key, sizeof(keep->key));
	wire_put_bytes(w, keep->signature, sizeof(keep->signature));
}

void wire_get_keep(struct wire_reader *r, struct wire_keep *ret_keep)
{
	*ret_keep = (struct wire_keep){ .kind = wire_get8(r) };
	if (ret_keep->kind >= WIRE_KEEPING_COUNT)
		r->failed = true;
	wire_get_bytes(r, ret_keep->payload, payload_size(ret_keep->kind));
	ret_keep->is_signed = get_flag(r);
	if (!ret_keep->is_signed)
		return;
	wire_get_bytes(r, ret_keep->key, sizeof(ret_keep->key));
	wire_get_bytes(r, ret_keep->signature, sizeof(ret_keep->signature));
}

void wire_put_begin_statement(struct wire_writer *w, const struct wire_begin *begin)
{
	static const uint8_t what[] = "mmp begin 4";

	wire_put_bytes(w, what, sizeof(what) - 1);
	put_id(w, begin->id, begin->id_length);
	wire_put_bytes(w, begin->nonce, sizeof(begin->nonce));
	wire_put64(w, begin->counter);
	wire_put8(w, begin->regime);
	wire_put_bytes(w, begin->build, sizeof(begin->build));
	wire_put_bytes(w, begin->digest, sizeof(begin->digest));
	wire_put32(w, begin->length);
	wire_put64(w, begin->pool_pa);
	for (size_t i = 0; i < WIRE_REGISTER_COUNT; i++)
		wire_put64(w, begin->registers[i]);
}

void wire_put_keep_statement(struct wire_writer *w, const struct wire_board *board,
			     const struct wire_keep *keep)
{
	static const uint8_t what[] = "mmp keep 4";

	wire_put_bytes(w, what, sizeof(what) - 1);
	put_id(w, board->id, board->id_length);
	wire_put_bytes(w, board->nonce, sizeof(board->nonce));
	wire_put8(w, keep->kind);
	wire_put_bytes(w, keep->payload, payload_size(keep->kind));
}

void wire_put_leaving(struct wire_writer *w, const struct wire_leaving *leaving)
{
	wire_put32(w, leaving->offset);
	wire_put64(w, leaving->descriptor);
}

void wire_get_leaving(struct wire_reader *r, struct wire_leaving *ret_leaving)
{
	ret_leaving->offset = wire_get32(r);
	ret_leaving->descriptor = wire_get64(r);
}

void wire_put_question(struct wire_writer *w, const struct wire_question *question)
{
	wire_put8(w, question->access);
	wire_put64(w, question->va);
}

void wire_get_question(struct wire_reader *r, struct wire_question *ret_question)
{
	ret_question->access = wire_get8(r);
	ret_question->va = wire_get64(r);
}

void wire_put_trial(struct wire_writer *w, const struct wire_trial *trial)
{
	wire_put8(w, trial->level);
	wire_put64(w, trial->va);
}

void wire_get_trial(struct wire_reader *r, struct wire_trial *ret_trial)
{
	ret_trial->level = wire_get8(r);
	ret_trial->va = wire_get64(r);
}

void wire_put_result(struct wire_writer *w, const struct wire_trial_result *result)
{
	wire_put8(w, result->ran);
	wire_put32(w, result->esr);
}

void wire_get_result(struct wire_reader *r, struct wire_trial_result *ret_result)
{
	ret_result->ran = wire_get8(r);
	ret_result->esr = wire_get32(r);
}
