/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/fair.h"

#include <stdlib.h>

#include "memory.h"

void fair_init(struct fair *fair)
{
	LIST_INIT(&fair->users);
	fair->waiting = 0;
	fair->now_ns = 0;
}

static struct fair_user *find_user(const struct fair *fair, uid_t uid)
{
	struct fair_user *user;

	LIST_FOREACH(user, &fair->users, link)
		if (user->uid == uid)
			return user;
	return NULL;
}

static struct fair_user *add_user(struct fair *fair, uid_t uid)
{
	struct fair_user *user = xcalloc(1, sizeof(*user));

	user->uid = uid;
	TAILQ_INIT(&user->tasks[0]);
	TAILQ_INIT(&user->tasks[1]);
	LIST_INSERT_HEAD(&fair->users, user, link);
	return user;
}

/*
 * A user that comes, or comes back, starts with the time of the user whose turn it is, so
 * idle time cannot be saved up. If it has used more than that, it waits until the others
 * have caught up.
 */
static void wake_user(const struct fair *fair, struct fair_user *user)
{
	if (!user->waiting && !user->running && user->served_ns < fair->now_ns)
		user->served_ns = fair->now_ns;
}

static bool is_forgettable(const struct fair *fair, const struct fair_user *user)
{
	return !user->waiting && !user->running && user->served_ns <= fair->now_ns;
}

static void forget_idle(struct fair *fair)
{
	struct fair_user *user = LIST_FIRST(&fair->users), *next;

	for (; user; user = next) {
		next = LIST_NEXT(user, link);
		if (!is_forgettable(fair, user))
			continue;
		LIST_REMOVE(user, link);
		free(user);
	}
}

void fair_done_all(struct fair *fair)
{
	fair->now_ns = UINT64_MAX;
	forget_idle(fair);
}

void fair_put(struct fair *fair, struct task *task)
{
	struct fair_user *user = find_user(fair, task->uid);

	if (!user)
		user = add_user(fair, task->uid);
	wake_user(fair, user);
	if (task->goes_on)
		TAILQ_INSERT_HEAD(&user->tasks[task->is_long], task, link);
	else
		TAILQ_INSERT_TAIL(&user->tasks[task->is_long], task, link);
	task->queue = fair;
	user->waiting++;
	fair->waiting++;
}

static struct task *first_of(const struct fair_user *user, enum fair_which which)
{
	struct task *task = TAILQ_FIRST(&user->tasks[0]), *longer;

	longer = which == FAIR_SHORT ? NULL : TAILQ_FIRST(&user->tasks[1]);
	if (longer && (!task || user->overtaken >= FAIR_OVERTAKEN_MAX))
		task = longer;
	return task && which == FAIR_WRITES && !task->writes ? NULL : task;
}

static void take_out(struct fair *fair, struct fair_user *user, struct task *task)
{
	TAILQ_REMOVE(&user->tasks[task->is_long], task, link);
	task->queue = NULL;
	user->waiting--;
	fair->waiting--;
}

static bool goes_before(const struct fair_user *one, const struct fair_user *other)
{
	if ((one->uid == TASK_SYSTEM) != (other->uid == TASK_SYSTEM))
		return one->uid == TASK_SYSTEM;
	return one->served_ns < other->served_ns;
}

struct task *fair_take(struct fair *fair, enum fair_which which)
{
	struct fair_user *user, *best = NULL;
	struct task *task;

	LIST_FOREACH(user, &fair->users, link)
		if (first_of(user, which) && (!best || goes_before(user, best)))
			best = user;
	if (!best)
		return NULL;
	task = first_of(best, which);
	take_out(fair, best, task);
	best->running++;
	if (task->is_long || TAILQ_EMPTY(&best->tasks[1]))
		best->overtaken = 0;
	else
		best->overtaken++;
	if (best->uid != TASK_SYSTEM && best->served_ns > fair->now_ns)
		fair->now_ns = best->served_ns;
	return task;
}

void fair_done(struct fair *fair, uid_t uid, uint64_t ns)
{
	struct fair_user *user = find_user(fair, uid);

	user->running--;
	user->served_ns += ns;
	forget_idle(fair);
}

bool fair_remove(struct fair *fair, struct task *task)
{
	struct fair_user *user;

	if (task->queue != fair)
		return false;
	user = find_user(fair, task->uid);
	take_out(fair, user, task);
	forget_idle(fair);
	return true;
}
