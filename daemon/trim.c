/* SPDX-License-Identifier: BSD-2-Clause */
#include "trim.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "account.h"
#include "base/container.h"
#include "log.h"
#include "memory.h"
#include "work/mailbox.h"
#include "work/workers.h"

struct trim {
	struct service *service;
	struct task news; /* to the loop: the account has fallen */
	atomic_bool is_told;
	struct event *quiet;
	struct task task; /* in a worker */
	bool is_at_work;
	uint64_t count;
};

/* It may take as long as the kernel needs to take the pages: not in the loop. */
static void give_back(struct task *task)
{
	(void)task;
#ifdef __GLIBC__
	malloc_trim(0); /* the heaps of all threads */
#endif
}

static void on_given_back(struct task *task)
{
	struct trim *trim = container_of(task, struct trim, task);

	trim->is_at_work = false;
	trim->count++;
	log_debug("memory: what is free was returned to the system");
}

static void drop(struct task *task)
{
	(void)task;
}

static void wait_for_quiet(struct trim *trim)
{
	static const struct timeval wait = { .tv_sec = TRIM_WAIT_S };

	event_add(trim->quiet, &wait);
}

static void on_quiet(evutil_socket_t fd, short what, void *data)
{
	struct trim *trim = data;

	(void)fd, (void)what;
	if (trim->is_at_work) {
		wait_for_quiet(trim);
	} else if (account_is_low(trim->service->account)) {
		trim->is_at_work = true;
		workers_submit(trim->service->workers, &trim->task);
	}
}

static void on_news(struct task *task)
{
	struct trim *trim = container_of(task, struct trim, news);

	trim->is_told = false;
	wait_for_quiet(trim);
}

/* In any thread, with the lock of the account. */
static void on_fall(void *data)
{
	struct trim *trim = data;

	if (!atomic_exchange(&trim->is_told, true))
		mailbox_post(trim->service->mailbox, &trim->news);
}

struct trim *trim_new(struct service *service)
{
	struct trim *trim = xcalloc(1, sizeof(*trim));

	trim->service = service;
	trim->news = (struct task){ .done = on_news, .drop = drop, .uid = TASK_SYSTEM };
	trim->task = (struct task){ .work = give_back,
				    .done = on_given_back,
				    .drop = drop,
				    .uid = TASK_SYSTEM,
				    .is_long = true };
	trim->quiet = evtimer_new(service->base, on_quiet, trim);
	account_on_fall(service->account, on_fall, trim);
	return trim;
}

void trim_end(struct trim *trim)
{
	if (trim)
		account_on_fall(trim->service->account, NULL, NULL);
}

void trim_free(struct trim *trim)
{
	if (!trim)
		return;
	event_free(trim->quiet);
	free(trim);
}

uint64_t trim_count(const struct trim *trim)
{
	return trim->count;
}
