/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKERS_H
#define WORKERS_H

#include "base/error.h"
#include "work/mailbox.h"
#include "work/task.h"

/*
 * Threads for long work. For the order of tasks see work/fair.h; one thread never takes
 * a long task, so that short ones always make progress.
 */
struct workers;

/* Start one thread for each core that this process may use, but at least two. */
struct workers *workers_new(struct mailbox *mailbox, struct mmp_error *err);

/*
 * Ask running tasks to stop, wait for them, and drop those that wait or are submitted
 * later.
 */
void workers_end(struct workers *workers);
void workers_free(struct workers *workers);

/* From any thread. */
void workers_submit(struct workers *workers, struct task *task);

/*
 * Cancel a task. True if it was still waiting and is dropped; else it is asked to stop.
 */
bool workers_cancel(struct workers *workers, struct task *task);

size_t workers_waiting(struct workers *workers); /* tasks */

/* In the loop: the longest time that the task of any thread has made no progress. */
uint64_t workers_stuck_ms(struct workers *workers);
unsigned workers_count(const struct workers *workers);

#endif
