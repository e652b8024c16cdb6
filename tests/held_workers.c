/* SPDX-License-Identifier: BSD-2-Clause */
#include "held_workers.h"

#include "check.h"

#include "base/container.h"

static void wait_in_worker(struct task *task)
{
	struct held_task *one = container_of(task, struct held_task, task);

	sem_post(&one->with->started);
	sem_wait(&one->with->go_on);
	one->was_stopped = task->stop;
}

static void on_done(struct task *task)
{
	container_of(task, struct held_task, task)->with->done++;
}

void hold_workers(struct held_workers *held, struct workers *workers, unsigned count,
		  bool is_long)
{
	assert_in_range(count, 1, COUNT(held->tasks));
	*held = (struct held_workers){ .count = count };
	sem_init(&held->started, 0, 0);
	sem_init(&held->go_on, 0, 0);
	for (unsigned i = 0; i < count; i++) {
		held->tasks[i].with = held;
		held->tasks[i].task = (struct task){ .work = wait_in_worker,
						     .done = on_done,
						     .drop = on_done,
						     .uid = TASK_SYSTEM,
						     .is_long = is_long };
		workers_submit(workers, &held->tasks[i].task);
	}
	for (unsigned i = 0; i < count; i++)
		sem_wait(&held->started);
}

void release_workers(struct held_workers *held)
{
	for (unsigned i = 0; i < held->count; i++)
		sem_post(&held->go_on);
}

void await_held(struct held_workers *held, struct event_base *base)
{
	while (held->done < held->count)
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
	sem_destroy(&held->started);
	sem_destroy(&held->go_on);
}
