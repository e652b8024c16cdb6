/* SPDX-License-Identifier: BSD-2-Clause */
#include "call.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "json/text.h"

volatile sig_atomic_t call_interrupted;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void session_init(struct session *session, const char *socket, uint64_t timeout_ms)
{
	*session = (struct session){ .socket = socket, .timeout_ms = timeout_ms };
	session->fd = -1;
	session->next_id = 1;
	/* An answer of the maximum size also has its envelope. */
	mmp_line_reader_init(&session->line, MMP_ANSWER_MAX + 4096u);
}

void session_done(struct session *session)
{
	if (session->fd >= 0)
		close(session->fd);
	session->fd = -1;
	mmp_line_reader_done(&session->line);
}

/* Like poll; also ends on a Ctrl-C that comes between checking the flag and waiting. */
static int poll_or_interrupt(struct pollfd *ready, int left_ms)
{
	struct timespec left = { left_ms / 1000, left_ms % 1000 * 1000000 };
	sigset_t interrupts, before;
	int count = -1;

	sigemptyset(&interrupts);
	sigaddset(&interrupts, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupts, &before);
	errno = EINTR;
	if (!call_interrupted)
		count = ppoll(ready, 1, left_ms < 0 ? NULL : &left, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return count;
}

/*
 * Wait until the socket is ready for `events`, the deadline passes, or Ctrl-C is
 * pressed.
 */
static int wait_for(struct session *session, short events, struct mmp_error *err)
{
	struct pollfd ready = { session->fd, events, 0 };
	uint64_t now = now_ms();
	int left = -1;

	if (session->deadline_ms)
		left = session->deadline_ms > now ? (int)(session->deadline_ms - now) : 0;
	switch (poll_or_interrupt(&ready, left)) {
	case 0:
		return mmp_fail(err, MMP_SYSTEM,
				"no answer from mmpd at %s in time (--timeout SECONDS "
				"gives it more)",
				session->socket);
	case -1:
		if (errno == EINTR)
			return call_interrupted ? mmp_fail(err, MMP_SYSTEM, "interrupted")
						: 0;
		return mmp_fail(err, MMP_SYSTEM, "poll: %s", strerror(errno));
	default:
		return 0;
	}
}

static int refuse_connection(const struct session *session, struct mmp_error *err)
{
	int cause = errno;

	if (cause == EACCES || cause == EPERM)
		return mmp_fail(
			err, MMP_DENIED,
			"%s: %s; may you use mmpd? Its socket belongs to group mmp",
			session->socket, strerror(cause));
	return mmp_fail(err, MMP_SYSTEM,
			"cannot reach mmpd at %s: %s (is it running? --socket PATH or "
			"MMPD_SOCKET name another socket; --local needs none)",
			session->socket, strerror(cause));
}

static int session_connect(struct session *session, struct mmp_error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!*session->socket)
		return mmp_fail(err, MMP_BAD_REQUEST,
				"the socket's path is empty; --socket PATH or "
				"MMPD_SOCKET names it");
	if (strlen(session->socket) >= sizeof(address.sun_path))
		return mmp_fail(err, MMP_INVALID,
				"the socket's path is over %zu bytes: %.128s...",
				sizeof(address.sun_path) - 1, session->socket);
	strcpy(address.sun_path, session->socket);
	session->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (session->fd < 0)
		return mmp_fail(err, MMP_SYSTEM, "socket: %s", strerror(errno));
	if (connect(session->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	return refuse_connection(session, err);
}

/*
 * Send all bytes. A daemon that refuses an over-long line answers and closes before it
 * has read the rest. Its answer says more than the failed write, so go on to read it.
 */
static int send_bytes(struct session *session, const struct mmp_buffer *bytes,
		      struct mmp_error *err)
{
	size_t sent = 0;

	while (sent < bytes->length) {
		ssize_t now = send(session->fd, bytes->bytes + sent, bytes->length - sent,
				   MSG_NOSIGNAL);

		if (now >= 0)
			sent += (size_t)now;
		else if (errno == EPIPE || errno == ECONNRESET)
			return 0;
		else if (errno != EAGAIN && errno != EINTR)
			return mmp_fail(err, MMP_SYSTEM, "sending to mmpd: %s",
					strerror(errno));
		else if (wait_for(session, POLLOUT, err))
			return -1;
	}
	return 0;
}

static int print_request(int64_t id, const char *method, json_t *params,
			 struct mmp_buffer *bytes, struct mmp_error *err)
{
	json_t *request = json_pack("{s:s, s:I, s:s, s:O}", "jsonrpc", "2.0", "id",
				    (json_int_t)id, "method", method, "params", params);
	int failed;

	if (!request)
		return mmp_fail(err, MMP_SYSTEM, "no memory for the request");
	failed = mmp_json_print(request, SIZE_MAX, bytes, err);
	json_decref(request);
	if (failed || mmp_buffer_text(bytes, "\n"))
		return failed ? -1
			      : mmp_fail(err, MMP_SYSTEM, "no memory for the request");
	return 0;
}

int call_send(struct session *session, const char *method, json_t *params,
	      int64_t *ret_id, struct mmp_error *err)
{
	struct mmp_buffer bytes = MMP_BUFFER_EMPTY;
	int failed = session->fd < 0 && session_connect(session, err);

	if (!failed)
		failed = print_request(session->next_id, method, params, &bytes, err) ||
			 send_bytes(session, &bytes, err);
	mmp_buffer_done(&bytes);
	if (!failed)
		*ret_id = session->next_id++;
	return failed ? -1 : 0;
}

static int receive(struct session *session, struct mmp_error *err)
{
	char bytes[65536];
	ssize_t got = recv(session->fd, bytes, sizeof(bytes), 0);

	if (got > 0)
		return mmp_line_reader_feed(&session->line, bytes, (size_t)got)
			       ? mmp_fail(err, MMP_SYSTEM, "no memory for the answer")
			       : 0;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return wait_for(session, POLLIN, err);
	return mmp_fail(err, MMP_SYSTEM,
			"mmpd closed the connection before it answered%s%s",
			got < 0 ? ": " : "", got < 0 ? strerror(errno) : "");
}

/* Read the next message from the daemon: a new reference, or NULL with *err. */
static json_t *next_message(struct session *session, struct mmp_error *err)
{
	const char *text;
	size_t length;

	for (;;) {
		switch (mmp_line_reader_next(&session->line, &text, &length)) {
		case MMP_LINE_WHOLE:
			return mmp_json_parse(text, length, SIZE_MAX, err);
		case MMP_LINE_LONG:
			mmp_fail(err, MMP_TOO_LARGE, "the answer is over %u bytes",
				 MMP_ANSWER_MAX);
			return NULL;
		case MMP_LINE_MORE:
			if (receive(session, err))
				return NULL;
		}
	}
}

/* Whether the message answers `id`. The refusal of an unreadable line has id null. */
static bool answers(const json_t *message, int64_t id)
{
	const json_t *theirs = json_object_get(message, "id");

	if (json_is_null(theirs))
		return json_object_get(message, "error") != NULL;
	return json_is_integer(theirs) && json_integer_value(theirs) == id;
}

static int take_outcome(const json_t *message, struct outcome *ret_outcome,
			struct mmp_error *err)
{
	json_t *value = json_object_get(message, "result");
	json_t *failure = json_object_get(message, "error");

	if (!value == !json_is_object(failure))
		return mmp_fail(err, MMP_SYSTEM,
				"mmpd's answer is not a JSON-RPC 2.0 answer");
	*ret_outcome = (struct outcome){ json_incref(value), json_incref(failure), 0 };
	return 0;
}

int call_answer(struct session *session, int64_t id, call_notified notified, void *owner,
		struct outcome *ret_outcome, struct mmp_error *err)
{
	for (;;) {
		json_t *message = next_message(session, err);
		const char *method =
			json_string_value(json_object_get(message, "method"));
		int failed;

		if (!message)
			return -1;
		if (answers(message, id)) {
			failed = take_outcome(message, ret_outcome, err);
			json_decref(message);
			return failed;
		}
		if (method && notified)
			notified(owner, method, json_object_get(message, "params"));
		json_decref(message);
	}
}

void call_deadline(struct session *session, uint64_t usual_ms)
{
	uint64_t wait_ms = session->timeout_ms ? session->timeout_ms : usual_ms;

	session->deadline_ms = wait_ms ? now_ms() + wait_ms : 0;
}

struct outcome call(struct session *session, const char *method, json_t *params)
{
	struct outcome outcome = { 0 };
	struct mmp_error err;
	int64_t id;

	call_deadline(session, CALL_TIMEOUT_MS);
	if (call_send(session, method, params, &id, &err) ||
	    call_answer(session, id, NULL, NULL, &outcome, &err))
		return outcome_failed(&err);
	return outcome;
}
