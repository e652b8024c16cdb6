/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WIRE_RUNS_H
#define WIRE_RUNS_H

/*
 * Translation tables as runs of 64-bit words, as they travel in the write message: most
 * of a table is zero, and what is not is mostly "the next page, mapped alike".
 * Freestanding.
 *
 *	kind 0  zero     count 16                     count words of 0
 *	kind 1  literal  count 16, count x 64         words as they are
 *	kind 2  stride   count 16, first 64, step 32  first, first + step, ... mod 2^64
 *
 * kind is one byte, a count is at least 1, a step is signed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cursor.h"

enum wire_run_kind { WIRE_RUN_ZERO, WIRE_RUN_LITERAL, WIRE_RUN_STRIDE };

#define WIRE_RUN_WORDS_MAX 65535u /* words of one run */

/*
 * Write runs for the front of `count` words (8 bytes each, little endian) until they are
 * used up or the writer is full. Returns how many words the runs stand for: 0 only where
 * the writer has no room for even one (11 bytes are enough). Zero words at the very end
 * are counted but not written, as the board's staging area is zero to begin with.
 */
size_t wire_runs_encode(const uint8_t *words, size_t count, struct wire_writer *w);

/* Words that the runs stand for; -1 where they are cut short, empty or of unknown kind. */
int64_t wire_runs_count(const uint8_t *runs, size_t length);

/*
 * Write the words, 8 bytes each, to `out`, which has room for wire_runs_count() of them.
 * Only for runs that wire_runs_count() has passed.
 */
void wire_runs_decode(const uint8_t *runs, size_t length, uint8_t *out);

#endif
