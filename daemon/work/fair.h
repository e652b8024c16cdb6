/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAIR_H
#define FAIR_H

#include "work/task.h"

/*
 * Tasks that wait, in a queue for each user. The user that has used the least time is
 * next, so that a user with a thousand tasks gets no more than one with two, and one with
 * long tasks no more than one with short ones. For one user, short tasks go before long
 * ones, but at most FAIR_OVERTAKEN_MAX in a row; otherwise in order. A long task that goes
 * on in parts (`goes_on`) is done before the user's next long one is begun. The caller must
 * lock.
 */
enum { FAIR_OVERTAKEN_MAX = 64 };

struct fair_user {
	uid_t uid;
	uint64_t served_ns; /* time used, comparable among users; see now_ns */
	size_t waiting, running;
	unsigned overtaken;        /* short tasks taken since a long one waits */
	struct task_list tasks[2]; /* short, long */
	LIST_ENTRY(fair_user) link;
};

struct fair {
	/* Those with waiting or running tasks, or that have used more than the others. */
	LIST_HEAD(, fair_user) users;
	size_t waiting;
	uint64_t now_ns; /* the time of the user whose turn it last was */
};

void fair_init(struct fair *fair);

/* Free what is left once no task waits or runs. */
void fair_done_all(struct fair *fair);

/* Add a task to the queue of its user. */
void fair_put(struct fair *fair, struct task *task);

enum fair_which { FAIR_ANY, FAIR_SHORT, FAIR_WRITES };

/*
 * The next task, or NULL. FAIR_SHORT: no long ones. FAIR_WRITES: only if the first of
 * its user writes. fair_done must follow.
 */
struct task *fair_take(struct fair *fair, enum fair_which which);

/* The taken task of that user was carried out and took this long. */
void fair_done(struct fair *fair, uid_t uid, uint64_t ns);

/* Remove a task if it is still waiting. */
bool fair_remove(struct fair *fair, struct task *task);

#endif
