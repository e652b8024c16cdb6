/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAKE_BOARD_H
#define FAKE_BOARD_H

/* The loader's core with arrays for a board: 1 MiB of secure RAM at 0xe000000. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/core.h"

#define FAKE_RAM_BASE   UINT64_C(0xe000000)
#define FAKE_RAM_SIZE   0x100000u
#define FAKE_OWN_SIZE   0x10000u                 /* the loader's own, at the front */
#define FAKE_WINDOW     (FAKE_RAM_BASE + 0x8000) /* overlaps the loader on purpose */
#define FAKE_WINDOW_END (FAKE_RAM_BASE + 0xf0000)
#define FAKE_STAGING    0x20000u

struct fake_board {
	struct loader loader;
	struct loader_port port;
	struct wire_span window, own;
	uint8_t staging[FAKE_STAGING];
	uint8_t ram[FAKE_RAM_SIZE];
	uint8_t kept[512]; /* memory for keys; used where keeps() was called */
	size_t keep_most; /* if not 0: the next write to it fails after this many bytes */
	uint64_t counter;
	unsigned int activations;
	struct wire_begin live; /* as it was activated */
	uint64_t spoil_va;      /* translate lies about this address; 0: about none */
	void (*send)(void *context, const uint8_t *bytes, size_t length);
	void *send_context;
};

/* What translate says: every page is itself, writable where bit 12 is clear. */
uint64_t fake_par(uint64_t va, enum wire_access access);

void fake_board_init(struct fake_board *board);

/* From now on it has memory for keys, empty, and a counter. */
void fake_board_keeps(struct fake_board *board);

#endif
