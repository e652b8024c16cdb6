/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WIRE_RUNS_H
#define WIRE_RUNS_H

/*
 * Translation tables as they travel in begin and write. A descriptor is a page number and
 * the rest, its attributes; most of a table is zero, and what is not is mostly "the next
 * page, mapped alike". So a run names its attributes by a dictionary, says how far its
 * first page is from where the last such run ended, and how many pages follow. Words are
 * of 8 bytes, or of 4 for short descriptors. loader/README.md has each byte. Freestanding.
 *
 * Runs of one message stand alone: their dictionary begins anew, as messages may be lost
 * and come in another order.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cursor.h"

enum wire_word { WIRE_SHORT_WORD = 4, WIRE_LONG_WORD = 8 }; /* bytes */

/*
 * Write runs for the front of `count` words (little endian) until they are used up or the
 * writer is full. Returns how many words the runs stand for: 0 only where the writer has
 * no room for even one (WIRE_RUN_ROOM is enough). Zero words at the very end are counted
 * but not written, unless `all`: for a staging area that is zero to begin with.
 */
#define WIRE_RUN_ROOM 32u
size_t wire_runs_encode(const uint8_t *words, size_t count, enum wire_word width,
			bool all, struct wire_writer *w);

/* What the other end holds already, page by page: changes[i] is false if it does. */
struct wire_known {
	const bool *changes; /* of the pool's pages */
	size_t first;        /* the word of the pool that `words` begin with */
};

/*
 * The same for a staging area that keeps what it has: pages that are known are skipped, and
 * zero words of the others are written. NULL for `known`: no page is known.
 */
size_t wire_runs_encode_changes(const uint8_t *words, size_t count, enum wire_word width,
				const struct wire_known *known, struct wire_writer *w);

/*
 * Write the words that runs stand for to `out`, which has room for `room` of them; with
 * `out` NULL only count them. -1 if a run is cut short, empty, of unknown kind, or
 * would not fit the room; what was written until then is in the room. Words that a run
 * skips stay as they are.
 */
int64_t wire_runs_decode(const uint8_t *runs, size_t length, enum wire_word width,
			 uint8_t *out, size_t room);

#endif
