/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/store_thread_private.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/container.h"
#include "clock.h"
#include "memory.h"
#include "peaks.h"
#include "work/fair.h"
#include "work/progress.h"
#include "work/thread.h"

/* --- what other mmpd write --- */

static void take_news(struct store_thread *t)
{
	if (t->wake < 0 || !mmp_store_heard(t->store))
		return;
	t->changes = mmp_store_changes(t->store);
	if (!atomic_exchange(&t->is_told, true))
		mailbox_post(t->mailbox, &t->news);
}

static void on_news(struct task *task)
{
	struct store_thread *t = container_of(task, struct store_thread, news);

	t->is_told = false;
	t->heard(t->heard_data);
}

static void drop_news(struct task *task)
{
	(void)task;
}

/* Called with the lock, which is released while waiting. */
static void wait_for_words(struct store_thread *t)
{
	struct pollfd fds[] = { { .fd = t->wake, .events = POLLIN },
				{ .fd = mmp_store_descriptor(t->store),
				  .events = POLLIN } };
	uint64_t count;

	pthread_mutex_unlock(&t->lock);
	poll(fds, 2, TAILQ_EMPTY(&t->kept) ? -1 : STORE_KEPT_MS);
	if (read(t->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
		count = 0;
	if (fds[1].revents)
		take_news(t);
	pthread_mutex_lock(&t->lock);
}

/* After the change, whether the lock is still held or not. */
static void wake(struct store_thread *t)
{
	const uint64_t one = 1;

	pthread_cond_broadcast(&t->wanted);
	if (t->wake >= 0 && write(t->wake, &one, sizeof(one)) < 0)
		return; /* the counter is full, so it is awake anyway */
}

/* The thread is there already, and waits without the descriptor. */
void store_thread_listen(struct store_thread *t, void (*heard)(void *data), void *data)
{
	pthread_mutex_lock(&t->lock);
	t->news = (struct task){ .done = on_news, .drop = drop_news, .uid = TASK_SYSTEM };
	t->heard = heard;
	t->heard_data = data;
	t->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	wake(t);
	pthread_mutex_unlock(&t->lock);
}

/* --- single tasks and groups --- */

/* Called with the lock, which is released while waiting. */
static void wait_for_call(struct store_thread *t)
{
	struct timespec until;

	if (TAILQ_EMPTY(&t->kept)) {
		pthread_cond_wait(&t->wanted, &t->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until); /* as wait_until */
	until.tv_sec += STORE_KEPT_MS / 1000;
	pthread_cond_timedwait(&t->wanted, &t->lock, &until);
}

/* Called with the lock. Kept writes are tried again whether there are tasks or not. */
static void wait_a_while(struct store_thread *t)
{
	if (t->wake < 0)
		wait_for_call(t);
	else
		wait_for_words(t);
	if (TAILQ_EMPTY(&t->kept))
		return;
	pthread_mutex_unlock(&t->lock);
	store_thread_try_kept(t);
	pthread_mutex_lock(&t->lock);
}

static struct task *wait_for_task(struct store_thread *t)
{
	struct task *task;

	pthread_mutex_lock(&t->lock);
	while (!(task = fair_take(&t->waiting, FAIR_ANY)) && !t->ending)
		wait_a_while(t);
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

/* Wait until a task is there, or until that time of the monotonic clock. */
static void wait_until(struct store_thread *t, uint64_t until_ns)
{
	const struct timespec until = { .tv_sec = (time_t)(until_ns / 1000000000),
					.tv_nsec = (long)(until_ns % 1000000000) };
	bool in_time = true;

	pthread_mutex_lock(&t->lock);
	while (!t->waiting.waiting && !t->ending && in_time)
		in_time = !pthread_cond_timedwait(&t->wanted, &t->lock, &until);
	pthread_mutex_unlock(&t->lock);
}

/*
 * Its time of a processor is that since the end of the task before it: to read that clock is
 * a call of the system.
 */
static void carry_out(struct store_thread *t, struct task *task)
{
	uint64_t from = clock_ns(), before = t->used_ns, rows = mmp_store_rows(t->store),
		 changes = mmp_store_changes(t->store);

	progress_begin(&t->progress);
	task->work(task);
	progress_end(&t->progress);
	t->used_ns = clock_thread_ns();
	longest_note(LONGEST_STEP, t->used_ns - before);
	peak_note(PEAK_ROWS, mmp_store_rows(t->store) - rows);
	peak_note(PEAK_WRITES, mmp_store_changes(t->store) - changes);
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

static uint64_t linger_ns(const struct store_thread *t)
{
	uint64_t half = t->last_commit_ns / 2, most = STORE_LINGER_US * UINT64_C(1000);

	return half < most ? half : most;
}

/* The next task for a transaction that has `count`; NULL: end the transaction. */
static struct task *next_in_group(struct store_thread *t, size_t count, uint64_t linger)
{
	struct task *task = next_write(t);

	if (task || count >= t->last_count)
		return task;
	wait_until(t, linger);
	return next_write(t);
}

void store_thread_at_close(struct store_thread *t, struct store_closing *closing)
{
	TAILQ_INSERT_TAIL(&t->closings, closing, link);
}

static void close_group(struct store_thread *t)
{
	struct store_closing *closing;

	while ((closing = TAILQ_FIRST(&t->closings))) {
		TAILQ_REMOVE(&t->closings, closing, link);
		closing->closing(closing);
	}
}

/* Complete a transaction that `first` has begun, and end it. */
static void finish_group(struct store_thread *t, struct task *first)
{
	struct task *group[STORE_GROUP_MAX] = { first }, *task;
	uint64_t until = clock_ms() + STORE_GROUP_MS, from;
	uint64_t linger = clock_ns() + linger_ns(t);
	struct mmp_error err;
	size_t count = 1;
	int failed;

	while (count < STORE_GROUP_MAX && clock_ms() < until &&
	       (task = next_in_group(t, count, linger))) {
		carry_out(t, task);
		group[count++] = task;
	}
	close_group(t);
	from = clock_ns();
	progress_begin(&t->progress);
	failed = mmp_store_group_end(t->store, &err);
	progress_end(&t->progress);
	t->last_commit_ns = clock_ns() - from;
	t->last_count = count;
	t->failures += !!failed;
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
		store_thread_try_kept(t);
		if (task->uid != TASK_SYSTEM && is_ending(t)) {
			pthread_mutex_lock(&t->lock);
			fair_done(&t->waiting, task->uid, 0);
			pthread_mutex_unlock(&t->lock);
			task->drop(task);
			continue;
		}
		t->group++;
		t->used_ns = clock_thread_ns();
		mmp_store_group_begin(t->store);
		carry_out(t, task);
		if (mmp_store_group_wrote(t->store)) {
			finish_group(t, task);
		} else {
			mmp_store_group_end(t->store, &(struct mmp_error){ 0 });
			hand_on(t, task);
		}
		take_news(t);
	}
	t->kept_ms = 0;
	store_thread_try_kept(t);
	return NULL;
}

/* --- life --- */

struct store_thread *store_thread_new(struct mmp_store *store, struct mailbox *mailbox,
				      struct mmp_error *err)
{
	struct store_thread *t = xcalloc(1, sizeof(*t));
	pthread_condattr_t monotonic;
	int failed;

	t->store = store;
	t->mailbox = mailbox;
	t->wake = -1;
	TAILQ_INIT(&t->kept);
	TAILQ_INIT(&t->closings);
	t->changes = mmp_store_changes(store);
	fair_init(&t->waiting);
	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&t->wanted, &monotonic);
	pthread_condattr_destroy(&monotonic);
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
	wake(t);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	t->ended = true;
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
	pthread_mutex_unlock(&t->lock);
	wake(t);
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

uint64_t store_thread_stuck_ms(struct store_thread *t)
{
	return progress_stuck_ms(&t->progress, clock_ms());
}

uint64_t store_thread_group(const struct store_thread *t)
{
	return t->group;
}

uint64_t store_thread_failures(const struct store_thread *t)
{
	return t->failures;
}

uint64_t store_thread_changes(const struct store_thread *t)
{
	return t->changes;
}

void store_thread_free(struct store_thread *t)
{
	if (!t)
		return;
	store_thread_end(t);
	store_thread_drop_kept(t);
	fair_done_all(&t->waiting);
	if (t->wake >= 0)
		close(t->wake);
	pthread_cond_destroy(&t->wanted);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
