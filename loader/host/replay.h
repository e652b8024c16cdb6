/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_REPLAY_H
#define LOADER_REPLAY_H

/*
 * Replays the board's side of a recorded push: what the host sent is passed to the
 * current loader core, with the simulated board's memory and MMU, and its answers must
 * be those of the board. The answers to hello are not compared, as each board has its
 * own name and nonce; instructions can be run by real boards only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/message.h"

enum { LOADER_REPLAY_WHY_SIZE = 200 };

struct loader_replay_report {
	size_t same, differ; /* answers that were compared */
	size_t left_out;     /* answers to hello, and to instructions that were run */
	char why[LOADER_REPLAY_WHY_SIZE]; /* the first difference, or what prevented it */
};

struct loader_replay;

/*
 * A board with the properties that this one reported. Windows of any size are possible.
 */
struct loader_replay *loader_replay_new(const struct wire_board *board);
void loader_replay_free(struct loader_replay *replay);

/*
 * Pass in what the host had sent, or what the board had answered, as far as it arrived.
 */
void loader_replay_sent(struct loader_replay *replay, const uint8_t *bytes,
			size_t length);
void loader_replay_got(struct loader_replay *replay, const uint8_t *bytes, size_t length);

/* False: it cannot be replayed here, and `why` says what would be needed. */
bool loader_replay_report(const struct loader_replay *replay,
			  struct loader_replay_report *ret_report);

#endif
