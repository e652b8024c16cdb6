/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WIRE_RUNS_H
#define WIRE_RUNS_H

/*
 * The encoding of translation tables in begin and write. A descriptor is split into a
 * page number and the rest, its attributes. Most of a table is zero, and most other
 * entries map the next page with the same attributes. So a run names its attributes by
 * their place in a dictionary, and says how far its first page is from the end of the
 * last such run, and how many pages follow. Words have 8 bytes, or 4 for short
 * descriptors. loader/README.md describes each byte. Freestanding.
 *
 * The runs of each message are independent: each message starts with a new dictionary,
 * since messages may be lost or reordered.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cursor.h"

enum wire_word { WIRE_SHORT_WORD = 4, WIRE_LONG_WORD = 8 }; /* bytes */

/*
 * Encode words (little endian) from the start of `words` until `count` are done or the
 * writer is full. Returns how many words the runs encode. It is 0 only if the writer has
 * no room for a single run; WIRE_RUN_ROOM is always enough. Without `all`, zero words at
 * the very end are counted but not written, for a staging area that is zero to begin
 * with. The runs never take more than four bytes beyond the words themselves.
 */
#define WIRE_RUN_ROOM 32u
size_t wire_runs_encode(const uint8_t *words, size_t count, enum wire_word width,
			bool all, struct wire_writer *w);

/*
 * What the other end already has, page by page: changes[i] is false if page i is the
 * same.
 */
struct wire_known {
	const bool *changes; /* by page of the pool */
	size_t first;        /* the index in the pool of the first of `words` */
};

/*
 * The same for a staging area that keeps its content: known pages are skipped, and zero
 * words in the others are written. With `known` NULL no page is known.
 */
size_t wire_runs_encode_changes(const uint8_t *words, size_t count, enum wire_word width,
				const struct wire_known *known, struct wire_writer *w);

/*
 * Decode runs into `out`, which has room for `room` words; with `out` NULL only count
 * them. Returns the number of words, or -1 if a run is truncated, empty, of unknown kind,
 * or would not fit the room; the words before it are written. Words that a run skips stay
 * unchanged.
 */
int64_t wire_runs_decode(const uint8_t *runs, size_t length, enum wire_word width,
			 uint8_t *out, size_t room);

#endif
