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
 * Something that a thread does, for a user. Its owner embeds it and gets back to itself
 * with container_of. A task shares nothing that another thread may write.
 */
struct task {
	void (*work)(struct task *task); /* in a thread */
	/*
	 * In the thread, when the work counts: in the store thread that is after the
	 * commit. NULL: the loop is told (`done`).
	 */
	void (*next)(struct task *task);
	void (*failed)(struct task *task,
		       const struct mmp_error *why); /* no commit; or NULL */
	void (*done)(struct task *task); /* in the loop; the task is its owner's again */
	void (*drop)(
		struct task *task); /* in the place of all that follows: it ends here */

	uid_t uid;    /* whose share it comes out of; TASK_SYSTEM: before all others */
	bool is_long; /* waits for those that are not */
	bool writes;  /* in the store thread: shares a transaction with others */
	atomic_bool stop; /* set from outside: the result is not needed any more */

	_Atomic(struct fair *) queue; /* where it waits; NULL: nowhere */
	TAILQ_ENTRY(task) link;
};
TAILQ_HEAD(task_list, task);

#define TASK_SYSTEM ((uid_t)-2)

#endif
