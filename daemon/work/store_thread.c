/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/store_thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "clock.h"
#include "memory.h"
#include "work/fair.h"
#include "work/thread.h"

struct store_thread {
	struct mmp_store *store;
	struct mailbox *mailbox;
	_Atomic uint64_t changes;
	pthread_mutex_t lock; /* on what follows */
	pthread_cond_t wanted;
	struct fair waiting;
	bool ending;
	bool ended; /* the thread is gone */
	pthread_t thread;
};

/* --- one after the other, or together --- */

static struct task *wait_for_task(struct store_thread *t)
{
	struct task *task;

	pthread_mutex_lock(&t->lock);
	while (!(task = fair_take(&t->waiting, FAIR_ANY)) && !t->ending)
		pthread_cond_wait(&t->wanted, &t->lock);
	pthread_mutex_unlock(&t->lock);
	return task;
}

static struct task *next_write(struct store_thread *t)
{
	struct task *task;

	pthread_mutex_lock(&t->lock);
	task = fair_take(&t->waiting, FAIR_WRITES);
	pthread_mutex_unlock(&t->lock);
	return task;
}

static void carry_out(struct store_thread *t, struct task *task)
{
	uint64_t from = clock_ns();

	task->work(task);
	pthread_mutex_lock(&t->lock);
	fair_done(&t->waiting, task->uid, clock_ns() - from);
	pthread_mutex_unlock(&t->lock);
}

static void hand_on(struct store_thread *t, struct task *task)
{
	if (task->next)
		task->next(task);
	else
		mailbox_post(t->mailbox, task);
}

/* The rest of a transaction that `first` has begun, and its end. */
static void finish_group(struct store_thread *t, struct task *first)
{
	struct task *group[STORE_GROUP_MAX] = { first }, *task;
	uint64_t until = clock_ms() + STORE_GROUP_MS;
	struct mmp_error err;
	size_t count = 1;
	int failed;

	while (count < STORE_GROUP_MAX && clock_ms() < until && (task = next_write(t))) {
		carry_out(t, task);
		group[count++] = task;
	}
	failed = mmp_store_group_end(t->store, &err);
	t->changes = mmp_store_changes(t->store);
	for (size_t i = 0; i < count; i++) {
		if (failed && group[i]->failed)
			group[i]->failed(group[i], &err);
		hand_on(t, group[i]);
	}
}

static bool is_ending(struct store_thread *t)
{
	bool ending;

	pthread_mutex_lock(&t->lock);
	ending = t->ending;
	pthread_mutex_unlock(&t->lock);
	return ending;
}

static void *run_store(void *data)
{
	struct store_thread *t = data;
	struct task *task;

	while ((task = wait_for_task(t))) {
		if (task->uid != TASK_SYSTEM && is_ending(t)) {
			pthread_mutex_lock(&t->lock);
			fair_done(&t->waiting, task->uid, 0);
			pthread_mutex_unlock(&t->lock);
			task->drop(task);
			continue;
		}
		mmp_store_group_begin(t->store);
		carry_out(t, task);
		if (mmp_store_group_wrote(t->store)) {
			finish_group(t, task);
		} else {
			mmp_store_group_end(t->store, &(struct mmp_error){ 0 });
			hand_on(t, task);
		}
	}
	return NULL;
}

/* --- life --- */

struct store_thread *store_thread_new(struct mmp_store *store, struct mailbox *mailbox,
				      struct mmp_error *err)
{
	struct store_thread *t = xcalloc(1, sizeof(*t));
	int failed;

	t->store = store;
	t->mailbox = mailbox;
	t->changes = mmp_store_changes(store);
	fair_init(&t->waiting);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->wanted, NULL);
	failed = thread_start(&t->thread, run_store, t);
	if (!failed)
		return t;
	mmp_fail(err, MMP_SYSTEM, "a thread for the database: %s", strerror(failed));
	free(t);
	return NULL;
}

void store_thread_end(struct store_thread *t)
{
	if (!t || t->ended)
		return;
	pthread_mutex_lock(&t->lock);
	t->ending = true;
	pthread_cond_broadcast(&t->wanted);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	t->ended = true;
}

void store_thread_free(struct store_thread *t)
{
	if (!t)
		return;
	store_thread_end(t);
	pthread_cond_destroy(&t->wanted);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

void store_thread_submit(struct store_thread *t, struct task *task)
{
	if (t->ended) {
		if (task->uid == TASK_SYSTEM)
			task->work(task);
		task->drop(task);
		return;
	}
	pthread_mutex_lock(&t->lock);
	fair_put(&t->waiting, task);
	pthread_cond_signal(&t->wanted);
	pthread_mutex_unlock(&t->lock);
}

bool store_thread_cancel(struct store_thread *t, struct task *task)
{
	bool waited;

	pthread_mutex_lock(&t->lock);
	task->stop = true;
	waited = fair_remove(&t->waiting, task);
	pthread_mutex_unlock(&t->lock);
	if (waited)
		task->drop(task);
	return waited;
}

size_t store_thread_waiting(struct store_thread *t)
{
	size_t waiting;

	pthread_mutex_lock(&t->lock);
	waiting = t->waiting.waiting;
	pthread_mutex_unlock(&t->lock);
	return waiting;
}

uint64_t store_thread_changes(const struct store_thread *t)
{
	return t->changes;
}

/* --- a write --- */

struct store_writing {
	struct task task;
	struct store_thread *thread;
	struct store_write write;
	bool has_failed;
	struct mmp_error err;
};

static void work_write(struct task *task)
{
	struct store_writing *w = container_of(task, struct store_writing, task);

	w->has_failed = w->write.work(w->thread->store, w->write.data, &w->err);
}

static void on_no_commit(struct task *task, const struct mmp_error *why)
{
	struct store_writing *w = container_of(task, struct store_writing, task);

	if (!w->has_failed)
		w->err = *why;
	w->has_failed = true;
}

static void on_written(struct task *task)
{
	struct store_writing *w = container_of(task, struct store_writing, task);

	if (w->write.done)
		w->write.done(w->write.data, w->has_failed ? &w->err : NULL);
	free(w);
}

static void drop_write(struct task *task)
{
	free(container_of(task, struct store_writing, task));
}

void store_thread_write(struct store_thread *t, const struct store_write *write)
{
	struct store_writing *w = xcalloc(1, sizeof(*w));

	w->task = (struct task){ .work = work_write,
				 .failed = on_no_commit,
				 .done = on_written,
				 .drop = drop_write,
				 .uid = TASK_SYSTEM,
				 .writes = true };
	w->thread = t;
	w->write = *write;
	store_thread_submit(t, &w->task);
}
