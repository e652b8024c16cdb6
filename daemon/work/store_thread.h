/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

#include "base/error.h"
#include "store/store.h"
#include "work/mailbox.h"
#include "work/task.h"

/*
 * The thread that owns the database: nobody else calls the store while it runs. Tasks
 * that read are carried out one by one. Tasks that write and wait at the same time
 * share one transaction, each in a savepoint of its own: they cost one sync of the
 * disk together, and each is told that it is done when the commit is on the disk. While
 * there are fewer than in the transaction before, it waits for them to come again, but
 * for no longer than half of what that commit took, and not where somebody wants to read.
 */
struct store_thread;

enum {
	STORE_GROUP_MAX = 256, /* writes of one transaction */
	STORE_KEPT_MS =
		1000, /* after which a write that waits for the database is tried again */
	STORE_GROUP_MS = 20, /* after which no more of them are begun */
	STORE_LINGER_US =
		5000, /* that a transaction waits for more of them, at the most */
};

struct store_thread *store_thread_new(struct mmp_store *store, struct mailbox *mailbox,
				      struct mmp_error *err);

/*
 * End it: what the system wrote (TASK_SYSTEM) is still carried out, the rest is dropped.
 * The store is the caller's again; what the system writes from now on is carried out at
 * once.
 */
void store_thread_end(struct store_thread *thread);
void store_thread_free(struct store_thread *thread);

/* From any thread. */
void store_thread_submit(struct store_thread *thread, struct task *task);

/* Nobody wants it any more: true, and dropped, where it still waits. */
bool store_thread_cancel(struct store_thread *thread, struct task *task);

/*
 * A number that has changed, from any thread, before a change is acknowledged: what was
 * read while it was the same is still so.
 */
uint64_t store_thread_changes(const struct store_thread *thread);

/*
 * `heard` is called in the loop when another mmpd that shares the database has written;
 * once for many writes. To be called before the first task.
 */
void store_thread_listen(struct store_thread *thread, void (*heard)(void *data),
			 void *data);

size_t store_thread_waiting(struct store_thread *thread); /* tasks */

/* In the loop: how long its task has not got on (work/progress.h). */
uint64_t store_thread_stuck_ms(struct store_thread *thread);

/*
 * In the thread: the number of the transaction that a task writes in, and how many of them
 * have failed as a whole, so that what was read after their changes does not hold.
 */
uint64_t store_thread_group(const struct store_thread *thread);
uint64_t store_thread_failures(const struct store_thread *thread);

/* For those who do no more than write something: work in the thread, done in the loop. */
struct store_write {
	int (*work)(struct mmp_store *store, void *data, struct mmp_error *err);
	void (*done)(void *data,
		     const struct mmp_error *why); /* NULL: it is on the disk */
	/*
	 * In the loop: the database is away, and the write is kept until it is back, in
	 * the order of the calls; `done` comes then. NULL: `done` tells of MMP_BUSY.
	 */
	void (*away)(void *data, const struct mmp_error *why);
	void (*drop)(void *data); /* in the place of `done`, at the end; or NULL */
	void *data;
};

/* In the name of the system, in the order of the calls. `done` is not told at the end. */
void store_thread_write(struct store_thread *thread, const struct store_write *write);

#endif
