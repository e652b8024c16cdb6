/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_STOP_FLAG_H
#define MMP_STOP_FLAG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Cancelling a long computation. It checks at each step, every few milliseconds at most,
 * whether its result is still needed. In a thread that watches no flag it runs to its
 * end.
 */

/* Make the calling thread watch this flag, borrowed; NULL: no flag. */
void mmp_stop_watch(const atomic_bool *flag);

/*
 * Count in *looks how often this thread checks, so that other threads see its progress;
 * NULL: do not count.
 */
void mmp_stop_count(atomic_uint_fast64_t *looks);

/* How often this thread has looked at its flag since it was set; 0: it is not set. */
uint64_t mmp_stop_looks(void);

/* Whether the flag that this thread watches is set. */
bool mmp_stopped(void);

/*
 * Returns -1 with *err filled in if this thread should stop, else 0: `if
 * (mmp_stop_check(err)) return -1;`
 */
int mmp_stop_check(struct mmp_error *err);

/* The same without a look: whether this thread has seen before that it should stop. */
int mmp_stop_seen(struct mmp_error *err);

#endif
