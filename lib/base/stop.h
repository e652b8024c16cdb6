/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_STOP_FLAG_H
#define MMP_STOP_FLAG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A long computation looks here, at every step that takes up to some milliseconds,
 * whether anybody still wants its result. Where it was not told what to watch, it goes
 * on to its end.
 */

/* Watch this flag in the calling thread from now on; NULL: none. Borrowed. */
void mmp_stop_watch(const atomic_bool *flag);

/* Count in *looks how often this thread looks, so that others see it get on; NULL: do not. */
void mmp_stop_count(atomic_uint_fast64_t *looks);

/* The flag that this thread watches was set. */
bool mmp_stopped(void);

/* 0, or -1 with *err where this thread should stop: `if (mmp_stop_check(err)) return -1;` */
int mmp_stop_check(struct mmp_error *err);

#endif
