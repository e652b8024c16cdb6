/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKERS_H
#define WORKERS_H

#include "base/error.h"
#include "work/mailbox.h"
#include "work/task.h"

/*
 * Threads for what takes long. Which task is next: see work/fair.h; one thread of them
 * never takes a long one, so that a short one always gets on.
 */
struct workers;

/* As many threads as there are cores that this process may use, and two at the least. */
struct workers *workers_new(struct mailbox *mailbox, struct mmp_error *err);

/* Ask the tasks at work to stop, wait for them, drop those that wait, and all that come. */
void workers_end(struct workers *workers);
void workers_free(struct workers *workers);

/* From any thread. */
void workers_submit(struct workers *workers, struct task *task);

/* Nobody wants it any more: true, and dropped, where it still waits; else asked to stop. */
bool workers_cancel(struct workers *workers, struct task *task);

size_t workers_waiting(struct workers *workers); /* tasks */

/* In the loop: how long the task of a thread has not got on, at the most. */
uint64_t workers_stuck_ms(struct workers *workers);
unsigned workers_count(const struct workers *workers);

#endif
