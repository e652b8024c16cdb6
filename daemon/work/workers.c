/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "clock.h"
#include "memory.h"
#include "peaks.h"
#include "work/fair.h"
#include "work/progress.h"
#include "work/thread.h"

enum { THREADS_MAX = 64, THREADS_MIN = 2 };

struct workers {
	struct mailbox *mailbox;
	pthread_mutex_t lock; /* protects what follows */
	pthread_cond_t wanted;
	struct fair waiting;
	struct task *at_work[THREADS_MAX];
	struct progress progress[THREADS_MAX];
	unsigned count, started, long_at_work;
	bool ending;
	bool ended; /* the threads have ended */
	pthread_t threads[THREADS_MAX];
};

/*
 * The next task for thread `self`; NULL: the workers end. Called and returns with the
 * lock.
 */
static struct task *wait_for_task(struct workers *w, unsigned self)
{
	struct task *task = NULL;

	while (!w->ending) {
		bool full = w->long_at_work + 1 >= w->count;

		task = fair_take(&w->waiting, full ? FAIR_SHORT : FAIR_ANY);
		if (task)
			break;
		pthread_cond_wait(&w->wanted, &w->lock);
	}
	if (!task)
		return NULL;
	w->at_work[self] = task;
	w->long_at_work += task->is_long;
	return task;
}

static void *run_worker(void *data)
{
	struct workers *w = data;
	struct task *task;
	unsigned self;

	pthread_mutex_lock(&w->lock);
	self = w->started++;
	while ((task = wait_for_task(w, self))) {
		uint64_t from = clock_thread_ns(), took;
		bool was_long = task->is_long;
		uid_t uid = task->uid;

		pthread_mutex_unlock(&w->lock);
		mmp_stop_watch(&task->stop);
		progress_begin(&w->progress[self]);
		task->work(task);
		progress_end(&w->progress[self]);
		peak_note(PEAK_LOOKS, mmp_stop_looks());
		mmp_stop_watch(NULL);
		took = clock_thread_ns() - from;
		pthread_mutex_lock(&w->lock);
		w->at_work[self] = NULL;
		w->long_at_work -= was_long;
		fair_done(&w->waiting, uid, took);
		pthread_mutex_unlock(&w->lock);
		if (was_long)
			pthread_cond_signal(&w->wanted);
		if (task->next)
			task->next(task);
		else
			mailbox_post(w->mailbox, task);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static unsigned threads_wanted(void)
{
	cpu_set_t set;
	int count;

	if (sched_getaffinity(0, sizeof(set), &set))
		return THREADS_MIN;
	count = CPU_COUNT(&set);
	return count < THREADS_MIN   ? THREADS_MIN
	       : count > THREADS_MAX ? THREADS_MAX
				     : (unsigned)count;
}

struct workers *workers_new(struct mailbox *mailbox, struct mmp_error *err)
{
	struct workers *w = xcalloc(1, sizeof(*w));
	unsigned wanted = threads_wanted();
	int failed = 0;

	w->mailbox = mailbox;
	fair_init(&w->waiting);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wanted, NULL);
	pthread_mutex_lock(&w->lock);
	while (!failed && w->count < wanted) {
		failed = thread_start(&w->threads[w->count], run_worker, w);
		w->count += !failed;
	}
	pthread_mutex_unlock(&w->lock);
	if (w->count >= THREADS_MIN)
		return w;
	mmp_fail(err, MMP_SYSTEM, "threads for long work: %s", strerror(failed));
	workers_free(w);
	return NULL;
}

void workers_end(struct workers *w)
{
	struct task *task;

	if (!w || w->ended)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	for (unsigned i = 0; i < w->count; i++)
		if (w->at_work[i])
			w->at_work[i]->stop = true;
	pthread_cond_broadcast(&w->wanted);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->count; i++)
		pthread_join(w->threads[i], NULL);
	while ((task = fair_take(&w->waiting, FAIR_ANY))) {
		uid_t uid = task->uid;

		task->drop(task);
		fair_done(&w->waiting, uid, 0);
	}
	w->ended = true;
}

void workers_free(struct workers *w)
{
	if (!w)
		return;
	workers_end(w);
	fair_done_all(&w->waiting);
	pthread_cond_destroy(&w->wanted);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void workers_submit(struct workers *w, struct task *task)
{
	pthread_mutex_lock(&w->lock);
	if (w->ending) {
		pthread_mutex_unlock(&w->lock);
		task->drop(task);
		return;
	}
	fair_put(&w->waiting, task);
	pthread_mutex_unlock(&w->lock);
	pthread_cond_signal(&w->wanted);
}

bool workers_cancel(struct workers *w, struct task *task)
{
	bool waited;

	pthread_mutex_lock(&w->lock);
	task->stop = true;
	waited = fair_remove(&w->waiting, task);
	pthread_mutex_unlock(&w->lock);
	if (waited)
		task->drop(task);
	return waited;
}

size_t workers_waiting(struct workers *w)
{
	size_t waiting;

	pthread_mutex_lock(&w->lock);
	waiting = w->waiting.waiting;
	pthread_mutex_unlock(&w->lock);
	return waiting;
}

uint64_t workers_stuck_ms(struct workers *w)
{
	uint64_t now = clock_ms(), longest = 0;

	for (unsigned i = 0; i < w->count; i++) {
		uint64_t stuck = progress_stuck_ms(&w->progress[i], now);

		if (stuck > longest)
			longest = stuck;
	}
	return longest;
}

unsigned workers_count(const struct workers *w)
{
	return w->count;
}
