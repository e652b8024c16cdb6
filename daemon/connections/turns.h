/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TURNS_H
#define TURNS_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

/*
 * Who of the clients is next to have its requests handled. Users alternate, and so do the
 * connections of each, so that a user with a hundred connections gets no more of the loop
 * than one with one. All together they get MMP_TURNS_US in one turn of the loop; then new
 * requests, finished tasks and timers are looked for.
 */
struct turns;

/* Embedded by who waits. */
struct turn {
	void (*run)(struct turn *turn);
	uid_t uid;
	bool waits;
	TAILQ_ENTRY(turn) link;
};

struct turns *turns_new(struct event_base *base);
void turns_free(struct turns *turns);

/* Run it after all that wait. Does nothing if it waits already. */
void turns_wait(struct turns *turns, struct turn *turn);

/* Run it now if nobody waits and there is time left, else as turns_wait. */
void turns_now(struct turns *turns, struct turn *turn);

/* Must be called before the owner is freed. */
void turns_forget(struct turns *turns, struct turn *turn);

#endif
