/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/names.h"

#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "caller.h"
#include "clock.h"
#include "memory.h"
#include "work/thread.h"

struct name {
	uid_t uid;
	bool is_known;
	bool is_asked; /* the thread is working on it */
	char user[CALLER_USER_SIZE];
	uint64_t learnt_ms;
	LIST_ENTRY(name) link; /* the newest question first */
};

struct waiter {
	uid_t uid;
	void (*told)(void *data);
	void *data;
	LIST_ENTRY(waiter) link;
};

struct name_question {
	struct task task;
	struct names *names;
	uid_t uid;
	char user[CALLER_USER_SIZE];
};

struct names {
	struct mailbox *mailbox;
	LIST_HEAD(, name) known;
	size_t count;
	LIST_HEAD(, waiter) waiters;
	pthread_mutex_t lock; /* protects what follows */
	pthread_cond_t wanted;
	struct task_list questions;
	bool ending;
	pthread_t thread;
};

/* --- the thread --- */

/* Without a name, people see the number. */
static void ask_system(struct name_question *q)
{
	struct passwd entry, *found = NULL;
	char bytes[4096];

	if (!getpwuid_r(q->uid, &entry, bytes, sizeof(bytes), &found) && found)
		snprintf(q->user, sizeof(q->user), "%s", found->pw_name);
	else
		snprintf(q->user, sizeof(q->user), "%lu", (unsigned long)q->uid);
}

static void *answer_questions(void *data)
{
	struct names *names = data;
	struct task *task;

	pthread_mutex_lock(&names->lock);
	while (!names->ending) {
		task = TAILQ_FIRST(&names->questions);
		if (!task) {
			pthread_cond_wait(&names->wanted, &names->lock);
			continue;
		}
		TAILQ_REMOVE(&names->questions, task, link);
		pthread_mutex_unlock(&names->lock);
		ask_system(container_of(task, struct name_question, task));
		mailbox_post(names->mailbox, task);
		pthread_mutex_lock(&names->lock);
	}
	pthread_mutex_unlock(&names->lock);
	return NULL;
}

/* --- the loop --- */

static struct name *find_name(struct names *names, uid_t uid)
{
	struct name *name;

	LIST_FOREACH(name, &names->known, link)
		if (name->uid == uid)
			return name;
	return NULL;
}

static void drop_question(struct task *task)
{
	free(container_of(task, struct name_question, task));
}

static void tell_waiters(struct names *names, uid_t uid)
{
	struct waiter *waiter, *next;

	for (waiter = LIST_FIRST(&names->waiters); waiter; waiter = next) {
		next = LIST_NEXT(waiter, link);
		if (waiter->uid != uid)
			continue;
		LIST_REMOVE(waiter, link);
		waiter->told(waiter->data);
		free(waiter);
	}
}

static void on_answer(struct task *task)
{
	struct name_question *q = container_of(task, struct name_question, task);
	struct name *name = find_name(q->names, q->uid);

	if (name) {
		snprintf(name->user, sizeof(name->user), "%s", q->user);
		name->is_known = true;
		name->is_asked = false;
		name->learnt_ms = clock_ms();
	}
	tell_waiters(q->names, q->uid);
	free(q);
}

static void look_up(struct names *names, struct name *name)
{
	struct name_question *q = xcalloc(1, sizeof(*q));

	name->is_asked = true;
	q->task = (struct task){ .done = on_answer, .drop = drop_question };
	q->names = names;
	q->uid = name->uid;
	pthread_mutex_lock(&names->lock);
	TAILQ_INSERT_TAIL(&names->questions, &q->task, link);
	pthread_cond_signal(&names->wanted);
	pthread_mutex_unlock(&names->lock);
}

/* Drop the oldest entry, except for those that are still being looked up. */
static void make_room(struct names *names)
{
	struct name *name, *oldest = NULL;

	if (names->count < NAMES_KEPT)
		return;
	LIST_FOREACH(name, &names->known, link)
		if (!name->is_asked)
			oldest = name;
	if (!oldest)
		return;
	LIST_REMOVE(oldest, link);
	free(oldest);
	names->count--;
}

static struct name *add_name(struct names *names, uid_t uid)
{
	struct name *name = xcalloc(1, sizeof(*name));

	make_room(names);
	name->uid = uid;
	LIST_INSERT_HEAD(&names->known, name, link);
	names->count++;
	return name;
}

/* An old name is still returned, but looked up again. */
const char *names_get(struct names *names, uid_t uid, void (*told)(void *data),
		      void *data)
{
	struct name *name = find_name(names, uid);
	struct waiter *waiter;

	if (!name)
		name = add_name(names, uid);
	if (!name->is_asked &&
	    (!name->is_known ||
	     clock_ms() - name->learnt_ms > NAMES_FRESH_S * UINT64_C(1000)))
		look_up(names, name);
	if (name->is_known)
		return name->user;
	waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct waiter){ .uid = uid, .told = told, .data = data };
	LIST_INSERT_HEAD(&names->waiters, waiter, link);
	return NULL;
}

void names_forget(struct names *names, void *data)
{
	struct waiter *waiter, *next;

	for (waiter = LIST_FIRST(&names->waiters); waiter; waiter = next) {
		next = LIST_NEXT(waiter, link);
		if (waiter->data != data)
			continue;
		LIST_REMOVE(waiter, link);
		free(waiter);
	}
}

struct names *names_new(struct mailbox *mailbox, struct mmp_error *err)
{
	struct names *names = xcalloc(1, sizeof(*names));
	int failed;

	names->mailbox = mailbox;
	TAILQ_INIT(&names->questions);
	pthread_mutex_init(&names->lock, NULL);
	pthread_cond_init(&names->wanted, NULL);
	failed = thread_start(&names->thread, answer_questions, names);
	if (!failed)
		return names;
	mmp_fail(err, MMP_SYSTEM, "a thread for names of users: %s", strerror(failed));
	free(names);
	return NULL;
}

void names_free(struct names *names)
{
	struct name *name;
	struct task *task;

	if (!names)
		return;
	pthread_mutex_lock(&names->lock);
	names->ending = true;
	pthread_cond_broadcast(&names->wanted);
	pthread_mutex_unlock(&names->lock);
	pthread_join(names->thread, NULL);
	while ((task = TAILQ_FIRST(&names->questions))) {
		TAILQ_REMOVE(&names->questions, task, link);
		drop_question(task);
	}
	while ((name = LIST_FIRST(&names->known))) {
		LIST_REMOVE(name, link);
		free(name);
	}
	pthread_cond_destroy(&names->wanted);
	pthread_mutex_destroy(&names->lock);
	free(names);
}
