/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "account.h"
#include "base/container.h"
#include "base/limits.h"
#include "caller.h"
#include "clock.h"
#include "connections/names.h"
#include "connections/parsing.h"
#include "log.h"
#include "memory.h"
#include "metrics.h"
#include "peaks.h"
#include "rpc/exchange.h"
#include "rpc/line.h"
#include "service.h"
#include "settings.h"
#include "work/errand.h"
#include "json/text.h"

enum {
	NOTIFY_BYTES = 256 << 10, /* unfetched; beyond it progress is not sent */
	COPY_MAX = 4 << 10,       /* smaller pieces are copied, larger ones referred to */
	TURN_NS = 250000,         /* total time for the requests of one turn */
	ID_SIZE = 40,             /* bytes of a request's id in the log */
	DRAIN_SECONDS = 30,       /* for the rest of a line over the limit to arrive */
};

#define SLOW_CALL_NS UINT64_C(5000000000)

/* With more unfetched answers no request is begun; one answer still fits on top. */
#define OUTPUT_HIGH (MMP_QUEUE_MAX - MMP_ANSWER_MAX)

/* A line that is being answered. */
struct work {
	struct mmp_exchange exchange;
	struct connection *connection;
	size_t bytes;   /* of the line */
	size_t charged; /* on the account of the user */
	bool parked;    /* waits for a deferred answer, or to be parsed */
	struct parsing *parsing;
	TAILQ_ENTRY(work) link;
};

struct connection {
	struct connection_owner owner;
	int fd;
	struct event *readable, *writable;
	struct turn turn;    /* the next step of its work, after the others */
	struct event *drain; /* time-out for the rest of a line over the limit */
	struct mmp_line_reader input;
	struct evbuffer *output;
	TAILQ_HEAD(works, work) works; /* oldest first */
	size_t works_count, works_bytes;
	bool is_named; /* the name of its user is known */
	bool ended;    /* the client will send nothing more */
	bool draining; /* the rest of a line over the limit is being discarded */
	bool closing;  /* once the output is sent */
	bool gone;     /* its requests are let go, some at a time, and then it ends */
	struct caller caller;
	size_t charged;   /* bytes of output, on the account of the user */
	uint64_t used_ms; /* when it last sent a request or was answered */
	TAILQ_ENTRY(connection) link;
};

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
static void take_turn(struct connection *connection)
{
	turns_wait(connection->owner.turns, &connection->turn);
}

static bool full(const struct connection *connection)
{
	return evbuffer_get_length(connection->output) > OUTPUT_HIGH;
}

static bool wants_input(struct connection *connection)
{
	if (!connection->is_named || connection->ended || connection->closing)
		return false;
	return connection->draining ||
	       (!full(connection) && !mmp_line_reader_ready(&connection->input));
}

static bool is_over(const struct connection *connection)
{
	if (evbuffer_get_length(connection->output))
		return false;
	return connection->closing ||
	       (connection->ended && TAILQ_EMPTY(&connection->works));
}

static struct account *connection_account(const struct connection *connection)
{
	return ((struct service *)connection->owner.service)->account;
}

/* Charge unfetched output to the account of the user who should fetch it. */
static void charge_output(struct connection *connection)
{
	size_t now = evbuffer_get_length(connection->output);

	if (now > connection->charged)
		account_add(connection_account(connection), connection->caller.uid,
			    now - connection->charged);
	else if (now < connection->charged)
		account_sub(connection_account(connection), connection->caller.uid,
			    connection->charged - now);
	connection->charged = now;
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
	take_turn(connection);
}

/* Must be the last call of every event handler: the connection may be freed by it. */
static void settle(struct connection *connection)
{
	charge_output(connection);
	if (is_over(connection) && !connection->turn.waits) {
		leave(connection);
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

/* Pass the bytes on without copying them: an answer may be many megabytes long. */
static void put_bytes(struct connection *connection, struct mmp_buffer *take_bytes)
{
	if (take_bytes->length > COPY_MAX) {
		evbuffer_add_reference(connection->output, take_bytes->bytes,
				       take_bytes->length, free_bytes, NULL);
	} else {
		evbuffer_add(connection->output, take_bytes->bytes, take_bytes->length);
		free(take_bytes->bytes);
	}
	*take_bytes = MMP_BUFFER_EMPTY;
}

static void let_go_shared(const void *bytes, size_t length, void *shared)
{
	(void)bytes, (void)length;
	mmp_shared_unref(shared);
}

/* The same for bytes that also have other owners. */
static void put_shared(struct connection *connection, struct mmp_shared *shared)
{
	if (shared->length > COPY_MAX)
		evbuffer_add_reference(connection->output, shared->bytes, shared->length,
				       let_go_shared, mmp_shared_ref(shared));
	else
		evbuffer_add(connection->output, shared->bytes, shared->length);
}

static void put_answer(struct connection *connection, struct mmp_exchange *exchange)
{
	put_bytes(connection, &exchange->answer);
	if (!exchange->body)
		return;
	put_shared(connection, exchange->body);
	evbuffer_add(connection->output, MMP_EXCHANGE_TAIL, strlen(MMP_EXCHANGE_TAIL));
}

void connection_notify(struct connection *connection, struct mmp_shared *line)
{
	if (connection->gone || evbuffer_get_length(connection->output) >= NOTIFY_BYTES)
		return;
	put_shared(connection, line);
	wait_for(connection->writable, true);
}

/*
 * Send what the socket takes now, up to a limit; the rest waits until it is writable.
 * false: closed.
 */
static bool send_output(struct connection *connection)
{
	size_t left = MMP_TURN_SENT;

	while (left && evbuffer_get_length(connection->output)) {
		int sent = evbuffer_write_atmost(connection->output, connection->fd,
						 (ev_ssize_t)left);

		if (sent < 0)
			return errno == EAGAIN || errno == EINTR;
		left -= (size_t)sent;
		peak_note(PEAK_TURN_SENT, MMP_TURN_SENT - left);
	}
	return true;
}

/* A turn also sends what there is. */
static void on_writable(evutil_socket_t fd, short what, void *data)
{
	struct connection *connection = data;

	(void)fd, (void)what;
	event_del(connection->writable);
	turns_now(connection->owner.turns, &connection->turn);
}

/* --- work --- */

static void on_resume(void *data)
{
	struct work *work = data;

	work->parked = false;
	take_turn(work->connection);
}

/* The request's own id if it fits in a line of the log; "-": it has none. */
static const char *print_id(const json_t *id, char text[ID_SIZE])
{
	if (json_is_integer(id))
		snprintf(text, ID_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	else
		snprintf(text, ID_SIZE, "%s",
			 json_is_string(id) ? json_string_value(id) : "-");
	for (char *at = text; *at; at++)
		if (*at == ' ' || *at == '=')
			*at = '_';
	return text;
}

/*
 * Log a line of NAME=VALUE. Slow calls and errors of ours appear without --log-level
 * debug.
 */
static void log_call(const struct mmp_call *call, uint64_t ns, bool failed)
{
	const struct caller *caller = call->client;
	bool is_ours = failed && call->err.code == MMP_SYSTEM;
	enum log_level level = is_ours             ? LOG_LEVEL_WARNING
			       : ns > SLOW_CALL_NS ? LOG_LEVEL_INFO
						   : LOG_LEVEL_DEBUG;
	char id[ID_SIZE];

	if (!log_is_on(level))
		return;
	log_line(level,
		 "call number=%" PRIu64 " id=%s method=%s uid=%ld pid=%ld ms=%.3f "
		 "bytes=%zu outcome=%s",
		 call->number, print_id(json_object_get(call->request, "id"), id),
		 call->method ? call->method->name : "-", (long)caller->uid,
		 (long)caller->pid, (double)ns / 1e6, call->bytes,
		 failed ? mmp_code_info(call->err.code)->name : "ok");
}

static void count_call(const struct mmp_call *call, bool failed)
{
	struct service *service = call->service;

	uint64_t ns = clock_ns() - call->begun_ns;

	if (call->method)
		metrics_call(service->metrics, (size_t)(call->method - service->methods),
			     ns, failed);
	log_call(call, ns, failed);
}

static void uncharge_call(struct mmp_call *call)
{
	const struct caller *caller = call->client;
	struct service *service = call->service;

	account_sub(service->account, caller->uid, call->charged);
}

static struct work *add_work(struct connection *connection, size_t length)
{
	const struct connection_owner *owner = &connection->owner;
	struct work *work = xcalloc(1, sizeof(*work));

	TAILQ_INSERT_TAIL(&connection->works, work, link);
	connection->works_count++;
	connection->works_bytes += length;
	work->connection = connection;
	work->bytes = length;
	work->charged = length * MMP_JSON_FACTOR;
	account_add(connection_account(connection), connection->caller.uid,
		    work->charged);
	mmp_exchange_init(&work->exchange, owner->methods, owner->service,
			  &connection->caller, on_resume, work);
	work->exchange.call.elsewhere = errand_begin;
	work->exchange.call.may = caller_may;
	work->exchange.call.answered = count_call;
	work->exchange.call.uncharge = uncharge_call;
	work->exchange.call.begun_ns = clock_ns();
	work->exchange.call.number = ++((struct service *)owner->service)->calls;
	work->exchange.call.bytes = length;
	return work;
}

static void end_work(struct connection *connection, struct work *work)
{
	json_t *line = NULL;

	connection->used_ms = clock_ms();
	TAILQ_REMOVE(&connection->works, work, link);
	connection->works_count--;
	connection->works_bytes -= work->bytes;
	account_sub(connection_account(connection), connection->caller.uid,
		    work->charged);
	if (work->parsing)
		parsing_forget(work->parsing);
	if (work->bytes > MMP_LINE_AT_ONCE)
		line = mmp_exchange_take_line(&work->exchange);
	mmp_exchange_done(&work->exchange);
	if (line)
		errand_dispose(connection->owner.service, line);
	free(work);
}

static void on_parsed(void *data, json_t *take_line, const struct mmp_error *why)
{
	struct work *work = data;

	work->parsing = NULL;
	work->parked = false;
	mmp_exchange_start_parsed(&work->exchange, take_line, why);
	take_turn(work->connection);
}

static void begin_line(struct connection *connection, const char *text, size_t length)
{
	struct work *work = add_work(connection, length);
	struct mmp_error err;

	if (length <= MMP_LINE_AT_ONCE) {
		mmp_exchange_start(&work->exchange, text, length);
		return;
	}
	if (account_check(connection_account(connection), connection->caller.uid, 0,
			  &err)) {
		mmp_exchange_start_parsed(&work->exchange, NULL, &err);
		return;
	}
	work->parked = true;
	work->parsing = parsing_begin(connection->owner.service, connection->caller.uid,
				      text, length, on_parsed, work);
}

static struct work *runnable(const struct connection *connection)
{
	struct work *work;

	TAILQ_FOREACH(work, &connection->works, link)
		if (!work->parked)
			return work;
	return NULL;
}

/*
 * Nothing is begun after a long line: its effects must come before those of later ones.
 */
static bool is_held_up(const struct connection *connection)
{
	const struct work *last = TAILQ_LAST(&connection->works, works);

	return connection->works_count >= MMP_PENDING_MAX ||
	       connection->works_bytes >= MMP_PENDING_BYTES_MAX ||
	       (last && last->bytes > MMP_LINE_AT_ONCE);
}

/* No more can be read: say so, and discard the rest of the line before closing. */
static void refuse_line(struct connection *connection)
{
	static const struct timeval patience = { .tv_sec = DRAIN_SECONDS };
	struct mmp_error err;

	mmp_fail(&err, MMP_TOO_LARGE, "a line is over %u bytes: the connection ends here",
		 MMP_LINE_MAX);
	connection_refuse(connection, &err);
	connection->closing =
		connection->ended || mmp_line_reader_ended(&connection->input);
	connection->draining = true;
	mmp_line_reader_done(&connection->input);
	event_add(connection->drain, &patience);
}

static enum mmp_line_event next_line(struct connection *connection, const char **text,
				     size_t *length)
{
	if (connection->draining || connection->closing)
		return MMP_LINE_MORE;
	return connection->ended ? mmp_line_reader_last(&connection->input, text, length)
				 : mmp_line_reader_next(&connection->input, text, length);
}

/* Begin with the next line if there is one and room for it. */
static struct work *next_work(struct connection *connection)
{
	const char *text;
	size_t length;

	if (is_held_up(connection))
		return NULL;
	switch (next_line(connection, &text, &length)) {
	case MMP_LINE_WHOLE:
		begin_line(connection, text, length);
		return runnable(connection);
	case MMP_LINE_LONG:
		refuse_line(connection);
		return NULL;
	case MMP_LINE_MORE:
		break;
	}
	return NULL;
}

static void step_work(struct connection *connection, struct work *work)
{
	switch (mmp_exchange_step(&work->exchange)) {
	case MMP_EXCHANGE_MORE:
		break;
	case MMP_EXCHANGE_WAITING:
		work->parked = true;
		break;
	case MMP_EXCHANGE_DONE:
		put_answer(connection, &work->exchange);
		end_work(connection, work);
		break;
	}
}

/* Let go of a few requests of a client that has left; with the last one it ends. */
static void let_go_some(struct connection *connection)
{
	uint64_t until = clock_ns() + TURN_NS;
	unsigned steps = 0;

	while (steps < MMP_TURN_REQUESTS && clock_ns() <= until &&
	       !TAILQ_EMPTY(&connection->works)) {
		end_work(connection, TAILQ_FIRST(&connection->works));
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
	unsigned steps = 0;
	bool was_full;

	if (connection->gone) {
		let_go_some(connection);
		return;
	}
	while (steps < MMP_TURN_REQUESTS && !full(connection)) {
		work = runnable(connection);
		if (!work)
			work = next_work(connection);
		if (!work || clock_ns() > until)
			break;
		step_work(connection, work);
		steps++;
	}
	peak_note(PEAK_TURN_REQUESTS, steps);
	if (work)
		take_turn(connection);
	was_full = full(connection);
	if (!send_output(connection)) {
		leave(connection);
		return;
	}
	/*
	 * Requests may have waited for room, so look again, as when the socket takes
	 * more.
	 */
	if (was_full && !full(connection))
		take_turn(connection);
	settle(connection);
}

/* --- input --- */

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
			refuse_line(connection);
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
	put_bytes(connection, &answer);
}

void connection_free(struct connection *connection)
{
	if (!connection->is_named)
		names_forget(((struct service *)connection->owner.service)->names,
			     connection);
	while (!TAILQ_EMPTY(&connection->works))
		end_work(connection, TAILQ_FIRST(&connection->works));
	send_output(connection);
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
