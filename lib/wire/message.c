/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/message.h"

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
}

void wire_get_hello(struct wire_reader *r, struct wire_hello *ret_hello)
{
	ret_hello->magic = wire_get32(r);
	ret_hello->version = wire_get16(r);
}

void wire_put_board(struct wire_writer *w, const struct wire_board *board)
{
	wire_put16(w, board->version);
	wire_put16(w, board->body_max);
	wire_put8(w, board->frames_max);
	wire_put32(w, board->staging_bytes);
	wire_put8(w, board->id_length);
	wire_put_bytes(w, (const uint8_t *)board->id, board->id_length);
	wire_put8(w, board->live);
	if (board->live)
		wire_put_bytes(w, board->live_build, sizeof(board->live_build));
	wire_put8(w, board->window_count);
	for (size_t i = 0; i < board->window_count; i++) {
		wire_put64(w, board->windows[i].base);
		wire_put64(w, board->windows[i].size);
	}
}

static void get_id(struct wire_reader *r, struct wire_board *board)
{
	board->id_length = wire_get8(r);
	if (board->id_length == 0 || board->id_length > WIRE_ID_MAX) {
		r->failed = true;
		board->id_length = 0;
		return;
	}
	wire_get_bytes(r, (uint8_t *)board->id, board->id_length);
	for (size_t i = 0; i < board->id_length; i++)
		if (board->id[i] < 0x20 || board->id[i] > 0x7e)
			r->failed = true;
}

static void get_windows(struct wire_reader *r, struct wire_board *board)
{
	board->window_count = wire_get8(r);
	if (board->window_count > WIRE_WINDOWS_MAX) {
		r->failed = true;
		board->window_count = 0;
		return;
	}
	for (size_t i = 0; i < board->window_count; i++) {
		board->windows[i].base = wire_get64(r);
		board->windows[i].size = wire_get64(r);
	}
}

void wire_get_board(struct wire_reader *r, struct wire_board *ret_board)
{
	*ret_board = (struct wire_board){ .version = wire_get16(r) };
	if (r->failed || ret_board->version != WIRE_VERSION)
		return;
	ret_board->body_max = wire_get16(r);
	ret_board->frames_max = wire_get8(r);
	ret_board->staging_bytes = wire_get32(r);
	get_id(r, ret_board);
	ret_board->live = wire_get8(r) != 0;
	if (ret_board->live)
		wire_get_bytes(r, ret_board->live_build, sizeof(ret_board->live_build));
	get_windows(r, ret_board);
	if (ret_board->body_max < WIRE_BODY_MIN || ret_board->body_max > WIRE_BODY_MAX ||
	    ret_board->frames_max == 0 || ret_board->frames_max > WIRE_FRAMES_MAX)
		r->failed = true;
}

void wire_put_begin(struct wire_writer *w, const struct wire_begin *begin)
{
	wire_put_bytes(w, begin->build, sizeof(begin->build));
	wire_put_bytes(w, begin->digest, sizeof(begin->digest));
	wire_put32(w, begin->length);
	wire_put64(w, begin->pool_pa);
	wire_put64(w, begin->mair_el1);
	wire_put64(w, begin->tcr_el1);
	wire_put64(w, begin->ttbr0_el1);
}

void wire_get_begin(struct wire_reader *r, struct wire_begin *ret_begin)
{
	wire_get_bytes(r, ret_begin->build, sizeof(ret_begin->build));
	wire_get_bytes(r, ret_begin->digest, sizeof(ret_begin->digest));
	ret_begin->length = wire_get32(r);
	ret_begin->pool_pa = wire_get64(r);
	ret_begin->mair_el1 = wire_get64(r);
	ret_begin->tcr_el1 = wire_get64(r);
	ret_begin->ttbr0_el1 = wire_get64(r);
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
