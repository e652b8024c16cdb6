/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a thread gets on. It counts each task that it begins or ends and each look at its
 * stop flag; the loop sees whether the count moves. A thread without a task is never stuck.
 */
struct progress {
	atomic_uint_fast64_t steps; /* the thread's */
	atomic_bool has_task;
	uint_fast64_t seen; /* the loop's: the count that it saw last, and since when */
	uint64_t since_ms;
};

/* In the thread: a task begins, or ends. */
void progress_begin(struct progress *progress);
void progress_end(struct progress *progress);

/* In the loop: for how long the thread has been at one step of a task; 0: it gets on. */
uint64_t progress_stuck_ms(struct progress *progress, uint64_t now_ms);

#endif
