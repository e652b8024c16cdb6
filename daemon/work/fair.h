/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAIR_H
#define FAIR_H

#include "work/task.h"

/*
 * Tasks that wait, in a queue for each user. The user that has had the least time of
 * late comes next, so that one with a thousand tasks gets no more than one with two.
 * Within a user short tasks go before long ones, and else each in its turn. Whoever
 * uses this has a lock of its own.
 */
struct fair_user {
	uid_t uid;
	uint64_t served_ns; /* compared with the others', since it came */
	size_t waiting, running;
	struct task_list tasks[2]; /* short, long */
	LIST_ENTRY(fair_user) link;
};

struct fair {
	LIST_HEAD(, fair_user) users; /* those with tasks that wait or run */
	size_t waiting;
};

void fair_init(struct fair *fair);

void fair_put(struct fair *fair, struct task *task);

enum fair_which { FAIR_ANY, FAIR_SHORT, FAIR_WRITES };

/*
 * The next one, or NULL. FAIR_SHORT: no long ones. FAIR_WRITES: only where the first of
 * its user writes. fair_done must follow.
 */
struct task *fair_take(struct fair *fair, enum fair_which which);

/* The task of that user that was taken has been carried out, in so much time. */
void fair_done(struct fair *fair, uid_t uid, uint64_t ns);

/* Take it out again, where it still waits. */
bool fair_remove(struct fair *fair, struct task *task);

#endif
