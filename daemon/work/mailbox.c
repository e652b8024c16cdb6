/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/limits.h"
#include "clock.h"
#include "memory.h"
#include "peaks.h"

enum { TURN_NS = 1000000 }; /* after which no more tasks are taken back */

struct mailbox {
	pthread_mutex_t lock; /* protects `tasks` and `rung` */
	struct task_list tasks;
	bool rung; /* the loop was notified and will look */
	int bell;  /* an eventfd */
	struct event *on_bell;
};

/* The loop is notified once for all tasks that are there when it looks. */
static void ring(struct mailbox *mailbox)
{
	const uint64_t one = 1;

	while (write(mailbox->bell, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

void mailbox_post(struct mailbox *mailbox, struct task *task)
{
	bool quiet;

	pthread_mutex_lock(&mailbox->lock);
	TAILQ_INSERT_TAIL(&mailbox->tasks, task, link);
	quiet = !mailbox->rung;
	mailbox->rung = true;
	pthread_mutex_unlock(&mailbox->lock);
	if (quiet)
		ring(mailbox);
}

static struct task *take_first(struct mailbox *mailbox)
{
	struct task *task;

	pthread_mutex_lock(&mailbox->lock);
	task = TAILQ_FIRST(&mailbox->tasks);
	if (task)
		TAILQ_REMOVE(&mailbox->tasks, task, link);
	else
		mailbox->rung = false;
	pthread_mutex_unlock(&mailbox->lock);
	return task;
}

static void on_bell(evutil_socket_t fd, short what, void *data)
{
	struct mailbox *mailbox = data;
	struct task *task;
	uint64_t until = clock_ns() + TURN_NS, count;

	(void)what;
	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		continue;
	for (unsigned i = 0; i < MMP_TURN_TASKS && clock_ns() < until; i++) {
		task = take_first(mailbox);
		if (!task)
			return;
		task->done(task);
		peak_note(PEAK_TURN_TASKS, i + 1);
	}
	ring(mailbox); /* continue after the others' turns */
}

struct mailbox *mailbox_new(struct event_base *base, struct mmp_error *err)
{
	struct mailbox *mailbox = xcalloc(1, sizeof(*mailbox));

	TAILQ_INIT(&mailbox->tasks);
	pthread_mutex_init(&mailbox->lock, NULL);
	mailbox->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mailbox->bell < 0) {
		mmp_fail(err, MMP_SYSTEM, "an eventfd for the threads: %s",
			 strerror(errno));
		mailbox_free(mailbox);
		return NULL;
	}
	mailbox->on_bell =
		event_new(base, mailbox->bell, EV_READ | EV_PERSIST, on_bell, mailbox);
	event_add(mailbox->on_bell, NULL);
	return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
	struct task *task;

	if (!mailbox)
		return;
	while ((task = take_first(mailbox)))
		task->drop(task);
	if (mailbox->on_bell)
		event_free(mailbox->on_bell);
	if (mailbox->bell >= 0)
		close(mailbox->bell);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
}
