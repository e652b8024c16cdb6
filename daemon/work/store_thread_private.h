/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_THREAD_PRIVATE_H
#define STORE_THREAD_PRIVATE_H

#include <pthread.h>
#include <sys/queue.h>

#include "work/fair.h"
#include "work/progress.h"
#include "work/store_thread.h"

/*
 * Shared by the files of the store thread: store_thread.c is its life, its single tasks and
 * its groups; store_write.c is the writes of the system, which are kept while the database
 * is away.
 */
TAILQ_HEAD(store_kept, store_writing);

struct store_thread {
	struct mmp_store *store;
	struct store_kept kept; /* for the thread: writes that wait for the database */
	uint64_t kept_ms;       /* they are not tried again before this time */
	int wake;         /* an eventfd that ends a wait for notifications; -1: none */
	struct task news; /* tells the loop that another mmpd has written */
	atomic_bool is_told;
	void (*heard)(void *data);
	void *heard_data;
	struct mailbox *mailbox;
	_Atomic uint64_t changes;
	uint64_t group, failures;             /* for the thread */
	TAILQ_HEAD(, store_closing) closings; /* for the thread */
	struct progress progress;
	uint64_t used_ns;  /* of a processor, when the last task ended */
	size_t last_count; /* writes of the last transaction */
	uint64_t last_commit_ns;
	pthread_mutex_t lock; /* protects what follows */
	pthread_cond_t wanted;
	struct fair waiting;
	bool ending;
	bool ended; /* the thread has ended */
	pthread_t thread;
};

/* In the thread: try the kept writes again, in order, before anything else. */
void store_thread_try_kept(struct store_thread *thread);

/* After the end of the thread. */
void store_thread_drop_kept(struct store_thread *thread);

#endif
