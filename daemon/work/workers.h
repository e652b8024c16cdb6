/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKERS_H
#define WORKERS_H

#include <event2/event.h>

#include "base/error.h"

/*
 * Threads for what takes long: a task is computed in one of them, and handed back to
 * the loop. A task shares nothing that another thread may write; store, clients and
 * jobs belong to the loop alone.
 */
struct workers;

struct task {
	void (*work)(struct task *task); /* in a thread */
	void (*done)(struct task *task); /* in the loop, afterwards; now its owner's */
	void (*drop)(struct task *task); /* in place of `done`: the workers end */
	struct task *next;               /* the workers' */
};

/* As many threads as there are cores that this process may use. */
struct workers *workers_new(struct event_base *base, struct mmp_error *err);

/* Waits for tasks at work, and drops those and all others. */
void workers_free(struct workers *workers);

void workers_submit(struct workers *workers, struct task *task);

unsigned workers_count(const struct workers *workers);

#endif
