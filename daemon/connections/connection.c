/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/connection_private.h"

#include <errno.h>
#include <event2/buffer.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "account.h"
#include "base/container.h"
#include "base/limits.h"
#include "clock.h"
#include "connections/names.h"
#include "log.h"
#include "memory.h"
#include "peaks.h"

enum {
	TURN_NS = 250000,   /* total time for the requests of one turn */
	DRAIN_SECONDS = 30, /* for the rest of a line over the limit to arrive */
};

/* With more unfetched answers no request is begun; one answer still fits on top. */
#define OUTPUT_HIGH (MMP_QUEUE_MAX - MMP_ANSWER_MAX)

void connection_link(struct connection_list *list, struct connection *connection)
{
	TAILQ_INSERT_HEAD(list, connection, link);
}

void connection_unlink(struct connection_list *list, struct connection *connection)
{
	TAILQ_REMOVE(list, connection, link);
}

struct connection *connection_first(const struct connection_list *list)
{
	return TAILQ_FIRST(list);
}

struct connection *connection_next(const struct connection *connection)
{
	return TAILQ_NEXT(connection, link);
}

/* --- events: derived from the state --- */

static void wait_for(struct event *event, bool wanted)
{
	if (wanted)
		event_add(event, NULL);
	else
		event_del(event);
}

/* To be handled after the other clients. */
void connection_take_turn(struct connection *connection)
{
	turns_wait(connection->owner.turns, &connection->turn);
}

/* A client that does not fetch what it has asked for is asked for nothing more. */
static bool is_full(const struct connection *connection)
{
	size_t unfetched = evbuffer_get_length(connection->output);

	return unfetched > OUTPUT_HIGH ||
	       (unfetched > MMP_QUEUE_OVER &&
		!account_has_room(connection_account(connection),
				  connection->caller.uid));
}

static bool wants_input(struct connection *connection)
{
	if (!connection->is_named || connection->ended || connection->closing)
		return false;
	return connection->draining ||
	       (!is_full(connection) && !mmp_line_reader_ready(&connection->input));
}

static bool is_over(const struct connection *connection)
{
	if (evbuffer_get_length(connection->output))
		return false;
	return (connection->closing || connection->ended) &&
	       TAILQ_EMPTY(&connection->works);
}

/*
 * Nothing goes to the client or comes from it any more. What it asked for may be much to
 * free, so that is done some at a time, like the requests of others.
 */
static void leave(struct connection *connection)
{
	if (TAILQ_EMPTY(&connection->works)) {
		connection->owner.ended(connection->owner.server, connection);
		return;
	}
	connection->gone = true;
	event_del(connection->readable);
	event_del(connection->writable);
	event_del(connection->drain);
	connection_take_turn(connection);
}

/*
 * Until the socket takes more. Whether there is room in memory again is not told, so a
 * client that waits for it looks now and then.
 */
static void wait_for_output(struct connection *connection)
{
	static const struct timeval now_and_then = { .tv_sec = 1 };

	if (!evbuffer_get_length(connection->output))
		event_del(connection->writable);
	else
		event_add(connection->writable,
			  is_full(connection) ? &now_and_then : NULL);
}

/* Must be the last call of every event handler: the connection may be freed by it. */
static void settle(struct connection *connection)
{
	mmp_line_reader_shrink(&connection->input, MMP_LINE_AT_ONCE);
	connection_charge(connection);
	if (is_over(connection) && !connection->turn.waits) {
		leave(connection);
		return;
	}
	wait_for(connection->readable, wants_input(connection));
	wait_for_output(connection);
}

/* --- turns --- */

/* A turn also sends what there is. */
static void on_writable(evutil_socket_t fd, short what, void *data)
{
	struct connection *connection = data;

	(void)fd, (void)what;
	event_del(connection->writable);
	turns_now(connection->owner.turns, &connection->turn);
}

/* Let go of a few requests of a client that has left; with the last one it ends. */
static void let_go_some(struct connection *connection)
{
	uint64_t until = clock_ns() + TURN_NS;
	unsigned steps = 0;

	while (steps < MMP_TURN_REQUESTS && clock_ns() <= until &&
	       !TAILQ_EMPTY(&connection->works)) {
		connection_end_work(connection, TAILQ_FIRST(&connection->works));
		steps++;
	}
	peak_note(PEAK_TURN_REQUESTS, steps);
	leave(connection);
}

/* Handle a few requests and their answers; the rest follows after the other clients. */
static void on_turn(struct turn *turn)
{
	struct connection *connection = container_of(turn, struct connection, turn);
	uint64_t until = clock_ns() + TURN_NS;
	struct work *work = NULL;
	bool was_full = is_full(connection);
	unsigned steps = 0;

	if (connection->gone) {
		let_go_some(connection);
		return;
	}
	while (steps < MMP_TURN_REQUESTS && !was_full) {
		work = connection_runnable(connection);
		if (!work)
			work = connection_next_work(connection);
		if (!work || clock_ns() > until)
			break;
		connection_step(connection, work);
		was_full = is_full(connection);
		steps++;
	}
	peak_note(PEAK_TURN_REQUESTS, steps);
	if (work)
		connection_take_turn(connection);
	if (!connection_send(connection)) {
		leave(connection);
		return;
	}
	/*
	 * Requests may have waited for room, which others may have made meanwhile, so look
	 * again, as when the socket takes more.
	 */
	if (was_full && !is_full(connection))
		connection_take_turn(connection);
	settle(connection);
}

/* --- input --- */

/* No more can be read: say so, and discard the rest of the line before closing. */
static void refuse_rest(struct connection *connection, const struct mmp_error *why)
{
	static const struct timeval patience = { .tv_sec = DRAIN_SECONDS };

	connection_refuse(connection, why);
	connection->closing =
		connection->ended || mmp_line_reader_ended(&connection->input);
	connection->draining = true;
	mmp_line_reader_done(&connection->input);
	event_add(connection->drain, &patience);
}

void connection_refuse_line(struct connection *connection)
{
	struct mmp_error err;

	mmp_fail(&err, MMP_TOO_LARGE, "a line is over %u bytes: the connection ends here",
		 MMP_LINE_MAX);
	refuse_rest(connection, &err);
}

/*
 * A line that has not ended takes memory as well. A short one is always read to its end,
 * so that its request can be answered.
 */
static void check_memory(struct connection *connection)
{
	struct mmp_error busy, err;

	if (mmp_line_length(&connection->input) <= MMP_LINE_AT_ONCE ||
	    mmp_line_reader_ready(&connection->input) ||
	    !account_check(connection_account(connection), connection->caller.uid, 0,
			   &busy))
		return;
	mmp_fail(&err, MMP_BUSY, "%s; the connection ends here", busy.text);
	refuse_rest(connection, &err);
}

/* Both directions are shut: nobody will read an answer. */
static bool hung_up(const struct connection *connection)
{
	struct pollfd poll_fd = { .fd = connection->fd };

	return poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLHUP | POLLERR));
}

static void take_input(struct connection *connection, const char *bytes, size_t length)
{
	if (!connection->draining) {
		if (mmp_line_reader_feed(&connection->input, bytes, length))
			connection_refuse_line(connection);
		connection_charge(connection);
		check_memory(connection);
	} else if (memchr(bytes, '\n', length)) {
		connection->closing = true;
	}
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct connection *connection = data;
	static char bytes[MMP_TURN_READ];
	ssize_t got = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0 || (!got && hung_up(connection))) {
		leave(connection);
		return;
	}
	connection->used_ms = clock_ms();
	peak_note(PEAK_TURN_READ, (uint64_t)got);
	if (got) {
		take_input(connection, bytes, (size_t)got);
	} else {
		connection->ended = true;
		connection->closing |= connection->draining;
	}
	turns_now(connection->owner.turns, &connection->turn);
}

static void on_drain(evutil_socket_t fd, short what, void *data)
{
	struct connection *connection = data;

	(void)fd, (void)what;
	connection->closing = true;
	settle(connection);
}

/* --- life --- */

/* Do not read before the name is known, as changes are signed with it. */
static void learn_name(void *data)
{
	struct connection *connection = data;
	struct service *service = connection->owner.service;
	struct caller *caller = &connection->caller;
	const char *user = names_get(service->names, caller->uid, learn_name, connection);

	connection->is_named = user;
	if (!user)
		return;
	snprintf(caller->user, sizeof(caller->user), "%s", user);
	wait_for(connection->readable, true);
}

struct connection *connection_new(const struct connection_owner *owner, int fd,
				  const struct caller *caller)
{
	struct connection *connection = xcalloc(1, sizeof(*connection));
	struct event_base *base = owner->base;

	connection->owner = *owner;
	connection->fd = fd;
	TAILQ_INIT(&connection->works);
	mmp_line_reader_init(&connection->input, MMP_LINE_MAX);
	connection->output = evbuffer_new();
	connection->readable =
		event_new(base, fd, EV_READ | EV_PERSIST, on_readable, connection);
	connection->writable =
		event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, connection);
	connection->turn = (struct turn){ .run = on_turn, .uid = caller->uid };
	connection->drain = evtimer_new(base, on_drain, connection);
	connection->caller = *caller;
	connection->caller.connection = connection;
	connection->used_ms = clock_ms();
	learn_name(connection);
	log_debug("connection %d: uid %ld pid %ld", fd, (long)connection->caller.uid,
		  (long)connection->caller.pid);
	return connection;
}

const struct caller *connection_caller(const struct connection *connection)
{
	return &connection->caller;
}

uint64_t connection_idle_ms(const struct connection *connection)
{
	bool is_busy = !TAILQ_EMPTY(&connection->works) || connection->closing ||
		       evbuffer_get_length(connection->output) ||
		       mmp_line_length(&connection->input);

	return is_busy ? 0 : clock_ms() - connection->used_ms;
}

void connection_refuse(struct connection *connection, const struct mmp_error *why)
{
	struct mmp_buffer answer = MMP_BUFFER_EMPTY;

	mmp_exchange_refuse(&answer, why);
	connection_put(connection, &answer);
}

void connection_free(struct connection *connection)
{
	if (!connection->is_named)
		names_forget(((struct service *)connection->owner.service)->names,
			     connection);
	while (!TAILQ_EMPTY(&connection->works))
		connection_end_work(connection, TAILQ_FIRST(&connection->works));
	connection_send(connection);
	event_free(connection->readable);
	event_free(connection->writable);
	turns_forget(connection->owner.turns, &connection->turn);
	event_free(connection->drain);
	account_sub(connection_account(connection), connection->caller.uid,
		    connection->charged);
	evbuffer_free(connection->output);
	mmp_line_reader_done(&connection->input);
	log_debug("connection %d: ended", connection->fd);
	close(connection->fd);
	free(connection);
}
