/* SPDX-License-Identifier: BSD-2-Clause */
#include "fake_board.h"

#include <string.h>

static void forward(void *context, const uint8_t *bytes, size_t length)
{
	struct fake_board *board = context;

	board->send(board->send_context, bytes, length);
}

static void install(void *context, uint64_t pa, const uint8_t *bytes, size_t length)
{
	struct fake_board *board = context;

	memcpy(board->ram + (pa - FAKE_RAM_BASE), bytes, length);
}

static void activate(void *context, const struct wire_begin *begin)
{
	struct fake_board *board = context;

	board->live = *begin;
	board->activations++;
}

uint64_t fake_par(uint64_t va, enum wire_access access)
{
	if (access == WIRE_WRITE_ACCESS && va & 0x1000)
		return 0x81f; /* permission fault, level 3 */
	return UINT64_C(0xff00000000000b80) | (va & UINT64_C(0xfffffffff000));
}

static uint64_t translate(void *context, uint64_t va, enum wire_access access)
{
	struct fake_board *board = context;

	if (board->spoil_va && va == board->spoil_va)
		return fake_par(va + 0x2000, access);
	return fake_par(va, access);
}

static const uint8_t *memory(void *context, uint64_t pa)
{
	struct fake_board *board = context;

	return board->ram + (pa - FAKE_RAM_BASE);
}

/* As flash has it: bits are cleared only. */
static bool keep(void *context, size_t at, const uint8_t *bytes, size_t length)
{
	struct fake_board *board = context;
	bool fails = board->keep_most && board->keep_most < length;

	for (size_t i = 0; i < (fails ? board->keep_most : length); i++)
		board->kept[at + i] &= bytes[i];
	if (fails)
		board->keep_most = 0;
	return !fails && memcmp(board->kept + at, bytes, length) == 0;
}

static uint64_t count(void *context)
{
	return ((struct fake_board *)context)->counter;
}

static bool count_to(void *context, uint64_t value)
{
	((struct fake_board *)context)->counter = value;
	return true;
}

void fake_board_keeps(struct fake_board *board)
{
	memset(board->kept, 0xff, sizeof(board->kept));
	board->port.kept = board->kept;
	board->port.kept_bytes = sizeof(board->kept);
	board->port.keep = keep;
	board->port.count = count;
	board->port.count_to = count_to;
	loader_init(&board->loader, &board->port);
}

void fake_board_init(struct fake_board *board)
{
	memset(board, 0, sizeof(*board));
	board->window = (struct wire_span){ FAKE_WINDOW, FAKE_WINDOW_END - FAKE_WINDOW };
	board->own = (struct wire_span){ FAKE_RAM_BASE, FAKE_OWN_SIZE };
	board->port = (struct loader_port){
		.id = "fake",
		.windows = &board->window,
		.window_count = 1,
		.own = &board->own,
		.own_count = 1,
		.staging = board->staging,
		.staging_bytes = FAKE_STAGING,
		.takes_unsigned = true,
		.has_aarch32 = true,
		.memory = memory,
		.context = board,
		.send = forward,
		.install = install,
		.activate = activate,
		.translate = translate,
	};
	loader_init(&board->loader, &board->port);
}
