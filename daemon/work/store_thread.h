/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

#include <sys/queue.h>

#include "base/error.h"
#include "store/store.h"
#include "work/mailbox.h"
#include "work/task.h"

/*
 * The thread that owns the database: nobody else calls the store while it runs. Tasks
 * that read are carried out one by one. Tasks that write and wait at the same time
 * share one transaction, each in a savepoint of its own: together they cost one sync of
 * the disk, and each is told that it is done when the commit is on the disk. While
 * there are fewer tasks than in the last transaction, it waits for more to arrive, but
 * for at most half the time of that commit, and not if a task wants to read.
 */
struct store_thread;

enum {
	STORE_GROUP_MAX = 256, /* writes of one transaction */
	STORE_KEPT_MS =
		1000, /* after which a write that waits for the database is tried again */
	STORE_GROUP_MS = 20,    /* after which no more of them are begun */
	STORE_LINGER_US = 5000, /* maximum time that a transaction waits for more tasks */
};

struct store_thread *store_thread_new(struct mmp_store *store, struct mailbox *mailbox,
				      struct mmp_error *err);

/*
 * End the thread: writes of the system (TASK_SYSTEM) are still carried out, the rest is
 * dropped. The store belongs to the caller again; later writes of the system are
 * carried out immediately.
 */
void store_thread_end(struct store_thread *thread);
void store_thread_free(struct store_thread *thread);

/* From any thread. */
void store_thread_submit(struct store_thread *thread, struct task *task);

/* Cancel a task. True if it was still waiting; it is then dropped. */
bool store_thread_cancel(struct store_thread *thread, struct task *task);

/*
 * A counter that changes before a change is acknowledged: while it is unchanged,
 * earlier reads are current. From any thread.
 */
uint64_t store_thread_changes(const struct store_thread *thread);

/*
 * Have `heard` called in the loop when another mmpd that shares the database has
 * written; once for many writes. Must be called before the first task.
 */
void store_thread_listen(struct store_thread *thread, void (*heard)(void *data),
			 void *data);

size_t store_thread_waiting(struct store_thread *thread); /* tasks */

/* In the loop: for how long its task has made no progress (work/progress.h). */
uint64_t store_thread_stuck_ms(struct store_thread *thread);

/*
 * In the thread: the number of the transaction that a task writes in, and how many
 * transactions have failed as a whole, so that what was read after their changes is
 * invalid.
 */
uint64_t store_thread_group(const struct store_thread *thread);
uint64_t store_thread_failures(const struct store_thread *thread);

/*
 * In the thread, in a task that writes: have `closing` called in the thread when no more
 * tasks join its transaction, just before the commit, which may still fail. It may free
 * the struct.
 */
struct store_closing {
	void (*closing)(struct store_closing *self);
	TAILQ_ENTRY(store_closing) link;
};
void store_thread_at_close(struct store_thread *thread, struct store_closing *closing);

/* For tasks that only write something: `work` in the thread, `done` in the loop. */
struct store_write {
	int (*work)(struct mmp_store *store, void *data, struct mmp_error *err);
	void (*done)(void *data,
		     const struct mmp_error *why); /* NULL: it is on the disk */
	/*
	 * In the loop: the database is away, and the write is kept until it is back, in
	 * the order of the calls; `done` is called then. NULL: `done` gets MMP_BUSY.
	 */
	void (*away)(void *data, const struct mmp_error *why);
	void (*drop)(void *data); /* called instead of `done` at exit; or NULL */
	void *data;
};

/*
 * Write in the name of the system, in the order of the calls. After the end `done` is
 * not called.
 */
void store_thread_write(struct store_thread *thread, const struct store_write *write);

#endif
