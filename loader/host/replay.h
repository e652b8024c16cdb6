/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_REPLAY_H
#define LOADER_REPLAY_H

/*
 * The board's side of a recorded push, gone through again: what the host sent goes to the
 * loader's core of today, with the simulated board's memory and MMU, and what it answers
 * must be what the board had answered. Hello is not compared, as each board has a name and
 * a nonce of its own; instructions are run by real boards only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/message.h"

enum { LOADER_REPLAY_WHY_SIZE = 200 };

struct loader_replay_report {
	size_t same, differ; /* answers that were compared */
	size_t left_out;     /* of hello, and of instructions that were run */
	char why[LOADER_REPLAY_WHY_SIZE]; /* the first difference; or why nothing is compared */
};

struct loader_replay;

/* A board as this one described itself. Windows of any size are possible. */
struct loader_replay *loader_replay_new(const struct wire_board *board);
void loader_replay_free(struct loader_replay *replay);

/* What the host had sent; then what the board had answered, as far as it arrived. */
void loader_replay_sent(struct loader_replay *replay, const uint8_t *bytes,
			size_t length);
void loader_replay_got(struct loader_replay *replay, const uint8_t *bytes, size_t length);

/* False: it cannot be gone through here, and `why` says what it would take. */
bool loader_replay_report(const struct loader_replay *replay,
			  struct loader_replay_report *ret_report);

#endif
