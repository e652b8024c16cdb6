/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a thread makes progress. It counts each task that it begins or ends and each
 * check of its stop flag; the loop sees whether the count changes. A thread without a
 * task is never stuck.
 */
struct progress {
	atomic_uint_fast64_t steps; /* set by the thread */
	atomic_bool has_task;
	uint_fast64_t seen; /* for the loop: the count last seen, and since when */
	uint64_t since_ms;
};

/* In the thread: a task begins, or ends. */
void progress_begin(struct progress *progress);
void progress_end(struct progress *progress);

/*
 * In the loop: for how long the thread has been at one step of a task; 0: it makes
 * progress.
 */
uint64_t progress_stuck_ms(struct progress *progress, uint64_t now_ms);

#endif
