/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/workers.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "memory.h"

enum { THREADS_MAX = 64 };

struct queue {
	struct task *first, **last;
};

struct workers {
	pthread_mutex_t lock; /* on the queues and `ending` */
	pthread_cond_t wanted;
	struct queue waiting, finished;
	bool ending;
	int wake; /* an eventfd: something is finished */
	struct event *on_wake;
	unsigned count;
	pthread_t threads[THREADS_MAX];
};

static void push(struct queue *queue, struct task *task)
{
	task->next = NULL;
	*queue->last = task;
	queue->last = &task->next;
}

static struct task *pop(struct queue *queue)
{
	struct task *task = queue->first;

	if (!task)
		return NULL;
	queue->first = task->next;
	if (!queue->first)
		queue->last = &queue->first;
	return task;
}

static struct task *wait_for_task(struct workers *w)
{
	struct task *task;

	pthread_mutex_lock(&w->lock);
	while (!w->ending && !w->waiting.first)
		pthread_cond_wait(&w->wanted, &w->lock);
	task = w->ending ? NULL : pop(&w->waiting);
	pthread_mutex_unlock(&w->lock);
	return task;
}

static void hand_back(struct workers *w, struct task *task)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&w->lock);
	push(&w->finished, task);
	pthread_mutex_unlock(&w->lock);
	while (write(w->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

static void *run(void *data)
{
	struct workers *w = data;
	struct task *task;

	while ((task = wait_for_task(w))) {
		task->work(task);
		hand_back(w, task);
	}
	return NULL;
}

static void on_wake(evutil_socket_t fd, short what, void *data)
{
	struct workers *w = data;
	struct task *task;
	uint64_t count;

	(void)what;
	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		continue;
	for (;;) {
		pthread_mutex_lock(&w->lock);
		task = pop(&w->finished);
		pthread_mutex_unlock(&w->lock);
		if (!task)
			return;
		task->done(task);
	}
}

/* Signals are the loop's: a thread that took one would leave the loop asleep. */
static int start(struct workers *w)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&w->threads[w->count], NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!failed)
		w->count++;
	return failed;
}

static unsigned cores(void)
{
	cpu_set_t set;
	int count;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	count = CPU_COUNT(&set);
	return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : (unsigned)count;
}

struct workers *workers_new(struct event_base *base, struct mmp_error *err)
{
	struct workers *w = xcalloc(1, sizeof(*w));
	unsigned wanted = cores();
	int failed = 0;

	w->waiting.last = &w->waiting.first;
	w->finished.last = &w->finished.first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wanted, NULL);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake >= 0) {
		w->on_wake = event_new(base, w->wake, EV_READ | EV_PERSIST, on_wake, w);
		event_add(w->on_wake, NULL);
	}
	while (w->wake >= 0 && !failed && w->count < wanted)
		failed = start(w);
	if (w->wake >= 0 && w->count)
		return w;
	mmp_fail(err, MMP_SYSTEM, "threads for long work: %s",
		 strerror(failed ? failed : errno));
	workers_free(w);
	return NULL;
}

static void drop_all(struct queue *queue)
{
	struct task *task;

	while ((task = pop(queue)))
		task->drop(task);
}

void workers_free(struct workers *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_broadcast(&w->wanted);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->count; i++)
		pthread_join(w->threads[i], NULL);
	drop_all(&w->waiting);
	drop_all(&w->finished);
	if (w->on_wake)
		event_free(w->on_wake);
	if (w->wake >= 0)
		close(w->wake);
	pthread_cond_destroy(&w->wanted);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void workers_submit(struct workers *w, struct task *task)
{
	pthread_mutex_lock(&w->lock);
	push(&w->waiting, task);
	pthread_cond_signal(&w->wanted);
	pthread_mutex_unlock(&w->lock);
}

unsigned workers_count(const struct workers *w)
{
	return w->count;
}
