/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TASK_H
#define TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "base/error.h"

struct fair;

/*
 * Work that a thread does for a user. The owner embeds it and gets back to itself with
 * container_of. A task must share nothing that another thread may write.
 */
struct task {
	void (*work)(struct task *task); /* in a thread */
	/*
	 * In the thread, once the work is final: in the store thread that is after the
	 * commit. NULL: the loop is told (`done`).
	 */
	void (*next)(struct task *task);
	void (*failed)(struct task *task,
		       const struct mmp_error *why); /* the commit failed; or NULL */
	void (*done)(struct task *task); /* in the loop; the owner has the task back */
	void (*drop)(struct task *task); /* called instead if the task is dropped */

	uid_t uid;        /* whose share it uses; TASK_SYSTEM: before all others */
	bool is_long;     /* queued after tasks that are short */
	bool goes_on;     /* the next part of a long one: before those of its user */
	bool writes;      /* in the store thread: shares a transaction with others */
	atomic_bool stop; /* set by others: the result is not needed any more */

	_Atomic(struct fair *) queue; /* where it waits; NULL: none */
	TAILQ_ENTRY(task) link;
};
TAILQ_HEAD(task_list, task);

#define TASK_SYSTEM ((uid_t)-2)

#endif
