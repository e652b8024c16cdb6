/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/turns.h"

#include <stdlib.h>

#include "base/limits.h"
#include "clock.h"
#include "memory.h"

/* A user with connections that wait for their turn. */
struct turn_user {
	uid_t uid;
	TAILQ_HEAD(, turn) waiting;
	TAILQ_ENTRY(turn_user) link;
};

struct turns {
	struct event *again;
	TAILQ_HEAD(, turn_user) users; /* the next one first */
	uint64_t used_ns; /* by requests since those who wait last had a turn */
};

static void add_user(struct turns *turns, struct turn *turn)
{
	struct turn_user *user;

	TAILQ_FOREACH(user, &turns->users, link)
		if (user->uid == turn->uid)
			break;
	if (!user) {
		user = xcalloc(1, sizeof(*user));
		user->uid = turn->uid;
		TAILQ_INIT(&user->waiting);
		TAILQ_INSERT_TAIL(&turns->users, user, link);
	}
	TAILQ_INSERT_TAIL(&user->waiting, turn, link);
}

static void remove_turn(struct turns *turns, struct turn_user *user, struct turn *turn)
{
	TAILQ_REMOVE(&user->waiting, turn, link);
	TAILQ_REMOVE(&turns->users, user, link);
	turn->waits = false;
	if (TAILQ_EMPTY(&user->waiting))
		free(user);
	else
		TAILQ_INSERT_TAIL(&turns->users, user, link);
}

/*
 * Whether clients may still be handled in this turn of the loop. The time used is set
 * back to 0 once a turn, before the waiting clients are handled. libevent's own clock is
 * too coarse for this.
 */
static bool has_time(const struct turns *turns)
{
	return turns->used_ns < MMP_TURNS_US * UINT64_C(1000);
}

static void run(struct turns *turns, struct turn *turn)
{
	uint64_t from = clock_ns();

	turn->run(turn);
	turns->used_ns += clock_ns() - from;
}

static void on_again(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval at_once;
	struct turns *turns = data;
	struct turn_user *user;

	(void)fd, (void)what;
	turns->used_ns = 0;
	while (has_time(turns) && (user = TAILQ_FIRST(&turns->users))) {
		struct turn *turn = TAILQ_FIRST(&user->waiting);

		remove_turn(turns, user, turn);
		run(turns, turn);
	}
	if (!TAILQ_EMPTY(&turns->users))
		event_add(turns->again, &at_once);
}

void turns_wait(struct turns *turns, struct turn *turn)
{
	static const struct timeval at_once;

	if (turn->waits)
		return;
	turn->waits = true;
	add_user(turns, turn);
	if (!event_pending(turns->again, EV_TIMEOUT, NULL))
		event_add(turns->again, &at_once);
}

void turns_now(struct turns *turns, struct turn *turn)
{
	if (TAILQ_EMPTY(&turns->users) && has_time(turns))
		run(turns, turn);
	else
		turns_wait(turns, turn);
}

void turns_forget(struct turns *turns, struct turn *turn)
{
	struct turn_user *user;

	if (!turn->waits)
		return;
	TAILQ_FOREACH(user, &turns->users, link)
		if (user->uid == turn->uid)
			break;
	remove_turn(turns, user, turn);
}

struct turns *turns_new(struct event_base *base)
{
	struct turns *turns = xcalloc(1, sizeof(*turns));

	turns->again = evtimer_new(base, on_again, turns);
	TAILQ_INIT(&turns->users);
	return turns;
}

void turns_free(struct turns *turns)
{
	event_free(turns->again);
	free(turns);
}
