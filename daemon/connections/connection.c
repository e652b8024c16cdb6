/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* struct ucred */
#include "connections/connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "clock.h"
#include "log.h"
#include "memory.h"
#include "rpc/exchange.h"
#include "rpc/line.h"
#include "json/text.h"

enum {
	READ_BYTES = 64 << 10,
	NOTIFY_BYTES = 256 << 10, /* unfetched, beyond which progress is not told */
	DRAIN_SECONDS = 30,       /* for the rest of a line over the limit */
};

/* Unfetched answers beyond which no more is begun; one answer fits on top of it. */
#define OUTPUT_HIGH (MMP_QUEUE_MAX - MMP_ANSWER_MAX)

/* A line that is being answered. */
struct work {
	struct mmp_exchange exchange;
	struct connection *connection;
	struct work *next;
	size_t bytes; /* of the line */
	bool parked;  /* waits for a deferred answer */
};

struct connection {
	struct connection_owner owner;
	struct connection *next;
	int fd;
	struct event *readable, *writable;
	struct event *turn;  /* the next step of its work, when the others had theirs */
	struct event *drain; /* the end of its patience with a line over the limit */
	struct mmp_line input;
	struct evbuffer *output;
	struct work *works; /* oldest first */
	size_t works_count, works_bytes;
	bool ended;    /* the client will send nothing more */
	bool draining; /* the rest of a line over the limit is thrown away */
	bool closing;  /* when the output is sent */
	struct ucred peer;
	char *user; /* NULL until asked for */
	char time[CLOCK_TEXT_SIZE];
	struct mmp_signature signature;
};

struct connection *connection_next(const struct connection *connection)
{
	return connection->next;
}

void connection_set_next(struct connection *connection, struct connection *next)
{
	connection->next = next;
}

/* --- who --- */

static char *user_of(uid_t uid)
{
	struct passwd entry, *found = NULL;
	char bytes[4096];

	if (getpwuid_r(uid, &entry, bytes, sizeof(bytes), &found) || !found)
		return xstrdup("");
	return xstrdup(found->pw_name);
}

const struct mmp_signature *connection_signature(struct connection *connection)
{
	if (!connection->user)
		connection->user = user_of(connection->peer.uid);
	clock_text(connection->time);
	connection->signature = (struct mmp_signature){ .uid = connection->peer.uid,
							.gid = connection->peer.gid,
							.pid = connection->peer.pid,
							.user = connection->user,
							.time = connection->time };
	return &connection->signature;
}

/* --- events: what is waited for follows from the state --- */

static void wait_for(struct event *event, bool wanted)
{
	if (wanted)
		event_add(event, NULL);
	else
		event_del(event);
}

/* A timer of no time runs once the events that are there already have run. */
static void take_turn(struct connection *connection)
{
	static const struct timeval at_once;

	if (!event_pending(connection->turn, EV_TIMEOUT, NULL))
		event_add(connection->turn, &at_once);
}

static bool full(const struct connection *connection)
{
	return evbuffer_get_length(connection->output) > OUTPUT_HIGH;
}

static bool wants_input(struct connection *connection)
{
	if (connection->ended || connection->closing)
		return false;
	return connection->draining ||
	       (!full(connection) && !mmp_line_ready(&connection->input));
}

static bool is_over(const struct connection *connection)
{
	if (evbuffer_get_length(connection->output))
		return false;
	return connection->closing || (connection->ended && !connection->works);
}

/* The last thing that any handler of an event does: the connection may be gone then. */
static void settle(struct connection *connection)
{
	if (is_over(connection) && !event_pending(connection->turn, EV_TIMEOUT, NULL)) {
		connection->owner.ended(connection->owner.server, connection);
		return;
	}
	wait_for(connection->readable, wants_input(connection));
	wait_for(connection->writable, evbuffer_get_length(connection->output) > 0);
}

/* --- output --- */

static void free_bytes(const void *bytes, size_t length, void *data)
{
	(void)length, (void)data;
	free((void *)bytes);
}

/* Hand the bytes over without copying them: an answer may be of many megabytes. */
static void put(struct connection *connection, struct mmp_buffer *take_bytes)
{
	if (take_bytes->length)
		evbuffer_add_reference(connection->output, take_bytes->bytes,
				       take_bytes->length, free_bytes, NULL);
	else
		free(take_bytes->bytes);
	*take_bytes = MMP_BUFFER_EMPTY;
}

void connection_notify(struct connection *connection, const char *method,
		       json_t *take_params)
{
	json_t *notification = json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method",
					 method, "params", take_params);
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_error err;

	if (evbuffer_get_length(connection->output) < NOTIFY_BYTES &&
	    !mmp_json_print(notification, MMP_ANSWER_MAX, &text, &err)) {
		mmp_buffer_text(&text, "\n");
		put(connection, &text);
		wait_for(connection->writable, true);
	}
	mmp_buffer_done(&text);
	json_decref(notification);
}

static void on_writable(evutil_socket_t fd, short what, void *data)
{
	struct connection *connection = data;
	bool was_full = full(connection);

	(void)what;
	if (evbuffer_write(connection->output, fd) < 0 && errno != EAGAIN &&
	    errno != EINTR) {
		connection->owner.ended(connection->owner.server, connection);
		return;
	}
	if (was_full && !full(connection))
		take_turn(connection);
	settle(connection);
}

/* --- work --- */

static void on_resume(void *data)
{
	struct work *work = data;

	work->parked = false;
	take_turn(work->connection);
}

static void begin(struct connection *connection, const char *text, size_t length)
{
	const struct connection_owner *owner = &connection->owner;
	struct work *work = xcalloc(1, sizeof(*work)), **end = &connection->works;

	while (*end)
		end = &(*end)->next;
	*end = work;
	connection->works_count++;
	connection->works_bytes += length;
	work->connection = connection;
	work->bytes = length;
	mmp_exchange_init(&work->exchange, owner->methods, owner->service, connection,
			  on_resume, work);
	mmp_exchange_start(&work->exchange, text, length);
}

static void end(struct connection *connection, struct work *work)
{
	struct work **at = &connection->works;

	while (*at != work)
		at = &(*at)->next;
	*at = work->next;
	connection->works_count--;
	connection->works_bytes -= work->bytes;
	mmp_exchange_done(&work->exchange);
	free(work);
}

static struct work *runnable(const struct connection *connection)
{
	struct work *work = connection->works;

	while (work && work->parked)
		work = work->next;
	return work;
}

/* No more can be read: say so, and throw the rest of the line away before closing. */
static void refuse_line(struct connection *connection)
{
	static const struct timeval patience = { .tv_sec = DRAIN_SECONDS };
	struct mmp_buffer answer = MMP_BUFFER_EMPTY;
	struct mmp_error err;

	mmp_fail(&err, MMP_TOO_LARGE, "a line is over %u bytes: the connection ends here",
		 MMP_LINE_MAX);
	mmp_exchange_refuse(&answer, &err);
	put(connection, &answer);
	connection->closing = connection->ended || mmp_line_ended(&connection->input);
	connection->draining = true;
	mmp_line_done(&connection->input);
	event_add(connection->drain, &patience);
}

static enum mmp_line_event next_line(struct connection *connection, const char **text,
				     size_t *length)
{
	if (connection->draining || connection->closing)
		return MMP_LINE_MORE;
	return connection->ended ? mmp_line_last(&connection->input, text, length)
				 : mmp_line_next(&connection->input, text, length);
}

/* Begin with the next line, where there is one and room for it. */
static struct work *next_work(struct connection *connection)
{
	const char *text;
	size_t length;

	if (connection->works_count >= MMP_PENDING_MAX ||
	    connection->works_bytes >= MMP_PENDING_BYTES_MAX)
		return NULL;
	switch (next_line(connection, &text, &length)) {
	case MMP_LINE_WHOLE:
		begin(connection, text, length);
		return runnable(connection);
	case MMP_LINE_LONG:
		refuse_line(connection);
		return NULL;
	case MMP_LINE_MORE:
		break;
	}
	return NULL;
}

static void step(struct connection *connection, struct work *work)
{
	switch (mmp_exchange_step(&work->exchange)) {
	case MMP_EXCHANGE_MORE:
		break;
	case MMP_EXCHANGE_WAITING:
		work->parked = !work->exchange.answered;
		break;
	case MMP_EXCHANGE_DONE:
		put(connection, &work->exchange.answer);
		end(connection, work);
		break;
	}
	take_turn(connection);
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	struct connection *connection = data;
	struct work *work;

	(void)fd, (void)what;
	if (!full(connection)) {
		work = runnable(connection);
		if (!work)
			work = next_work(connection);
		if (work)
			step(connection, work);
	}
	settle(connection);
}

/* --- input --- */

/* Both directions are shut: nobody is there to read an answer. */
static bool hung_up(const struct connection *connection)
{
	struct pollfd poll_fd = { .fd = connection->fd };

	return poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLHUP | POLLERR));
}

static void take_bytes(struct connection *connection, const char *bytes, size_t length)
{
	if (!connection->draining) {
		if (mmp_line_feed(&connection->input, bytes, length))
			refuse_line(connection);
		take_turn(connection);
	} else if (memchr(bytes, '\n', length)) {
		connection->closing = true;
	}
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct connection *connection = data;
	static char bytes[READ_BYTES];
	ssize_t got = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0 || (!got && hung_up(connection))) {
		connection->owner.ended(connection->owner.server, connection);
		return;
	}
	if (got) {
		take_bytes(connection, bytes, (size_t)got);
	} else {
		connection->ended = true;
		connection->closing |= connection->draining;
		take_turn(connection);
	}
	settle(connection);
}

static void on_drain(evutil_socket_t fd, short what, void *data)
{
	struct connection *connection = data;

	(void)fd, (void)what;
	connection->closing = true;
	settle(connection);
}

/* --- life --- */

static void learn_peer(struct connection *connection)
{
	socklen_t size = sizeof(connection->peer);

	if (getsockopt(connection->fd, SOL_SOCKET, SO_PEERCRED, &connection->peer, &size))
		connection->peer =
			(struct ucred){ .pid = 0, .uid = (uid_t)-1, .gid = (gid_t)-1 };
}

struct connection *connection_new(const struct connection_owner *owner, int fd)
{
	struct connection *connection = xcalloc(1, sizeof(*connection));
	struct event_base *base = owner->base;

	connection->owner = *owner;
	connection->fd = fd;
	mmp_line_init(&connection->input, MMP_LINE_MAX);
	connection->output = evbuffer_new();
	connection->readable =
		event_new(base, fd, EV_READ | EV_PERSIST, on_readable, connection);
	connection->writable =
		event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, connection);
	connection->turn = evtimer_new(base, on_turn, connection);
	connection->drain = evtimer_new(base, on_drain, connection);
	learn_peer(connection);
	wait_for(connection->readable, true);
	log_debug("connection %d: uid %ld pid %ld", fd, (long)connection->peer.uid,
		  (long)connection->peer.pid);
	return connection;
}

void connection_free(struct connection *connection)
{
	while (connection->works)
		end(connection, connection->works);
	if (evbuffer_get_length(connection->output))
		evbuffer_write(connection->output, connection->fd);
	event_free(connection->readable);
	event_free(connection->writable);
	event_free(connection->turn);
	event_free(connection->drain);
	evbuffer_free(connection->output);
	mmp_line_done(&connection->input);
	log_debug("connection %d: ended", connection->fd);
	close(connection->fd);
	free(connection->user);
	free(connection);
}
