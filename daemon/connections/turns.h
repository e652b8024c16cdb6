/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TURNS_H
#define TURNS_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

/*
 * Chooses the client whose requests are handled next. Users alternate, and so do the
 * connections of each, so that a user with a hundred connections gets no more of the loop
 * than one with one. All together they get MMP_TURNS_US in one turn of the loop; then the
 * loop looks for new requests, finished tasks and timers.
 */
struct turns;

/* Embedded in the struct that waits for its turn. */
struct turn {
	void (*run)(struct turn *turn);
	uid_t uid;
	bool waits;
	TAILQ_ENTRY(turn) link;
};

struct turns *turns_new(struct event_base *base);
void turns_free(struct turns *turns);

/* Run it after all others that wait. Does nothing if it waits already. */
void turns_wait(struct turns *turns, struct turn *turn);

/* Run it now if nothing waits and there is time left, else like turns_wait. */
void turns_now(struct turns *turns, struct turn *turn);

/* Must be called before the owner is freed. */
void turns_forget(struct turns *turns, struct turn *turn);

#endif
