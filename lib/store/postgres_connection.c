/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/postgres_private.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/container.h"

struct pg_store *pg_of(const struct mmp_store *store)
{
	return container_of((struct mmp_store *)store, struct pg_store, store);
}

/* --- errors --- */

/* The first line of libpq's message, which ends with a newline. */
int pg_fail_with(const struct pg_store *s, enum mmp_code code, const char *words,
		 struct mmp_error *err)
{
	int length = (int)strcspn(words, "\n");

	return mmp_fail(err, code, "%.80s: %.*s", s->store.path,
			length > 150 ? sql_clip(words, 150) : length, words);
}

/*
 * A server that is unreachable, stopping, starting, or too busy is temporary and not an
 * error of the call. Source: PostgreSQL 15, appendix A: classes of SQLSTATE.
 */
static bool is_away(const struct pg_store *s, const PGresult *result)
{
	static const char *const classes[] = { "08", "40", "53300", "55P03", "57P" };
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;

	for (size_t i = 0; state && i < sizeof(classes) / sizeof(classes[0]); i++)
		if (!strncmp(state, classes[i], strlen(classes[i])))
			return true;
	return PQstatus(s->connection) != CONNECTION_OK;
}

int pg_fail(struct pg_store *s, const PGresult *result, struct mmp_error *err)
{
	const char *words = result ? PQresultErrorMessage(result) : "";
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	char late[80];

	s->store.is_locked = state && !strcmp(state, "55P03");

	if (s->is_late) {
		snprintf(late, sizeof(late), "the server has not answered for %d s",
			 s->patience_ms / 1000);
		return pg_fail_with(s, MMP_BUSY, late, err);
	}
	if (!*words)
		words = PQerrorMessage(s->connection);
	return pg_fail_with(s, is_away(s, result) ? MMP_BUSY : MMP_SYSTEM, words, err);
}

/* --- answers --- */

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/*
 * Send what is left of the request, and wait until a result is there. A server that is
 * stopped, or whose disk hangs, keeps the connection but neither reads nor answers: shut it
 * down then, so that libpq sees that it is lost.
 */
static void await_result(struct pg_store *s)
{
	int64_t until = milliseconds() + s->patience_ms;
	struct pollfd answer = { .fd = PQsocket(s->connection) };
	int unsent;

	while ((unsent = PQflush(s->connection)) > 0 || PQisBusy(s->connection)) {
		int64_t left = until - milliseconds();
		int ready;

		answer.events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
		ready = poll(&answer, 1, !s->patience_ms ? -1 : left > 0 ? (int)left : 0);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0) {
			s->is_late = true;
			shutdown(answer.fd, SHUT_RDWR);
		}
		if (!PQconsumeInput(s->connection))
			return;
	}
}

PGresult *pg_answer(struct pg_store *s, int sent)
{
	PGresult *last = NULL, *next;

	if (!sent)
		return NULL;
	for (;;) {
		await_result(s);
		next = PQgetResult(s->connection);
		if (!next)
			return last;
		PQclear(last);
		last = next;
	}
}

int pg_exec(struct pg_store *s, const char *sql, struct mmp_error *err)
{
	PGresult *result = pg_answer(s, PQsendQuery(s->connection, sql));
	ExecStatusType status = PQresultStatus(result);
	int failed = 0;

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		failed = pg_fail(s, result, err);
	PQclear(result);
	return failed;
}

/* --- the connection --- */

enum {
	PATIENCE_FACTOR = 6, /* times tcp_user_timeout */
	PATIENCE_MS = 30000,
};

/* Each failing call says what is wrong, so libpq need not print it as well. */
static void ignore_notice(void *data, const char *words)
{
	(void)data, (void)words;
}

/*
 * Give up on an unreachable server, and on a lock that another program holds, after a few
 * seconds, unless the address sets a timeout.
 */
PGconn *pg_connect(const char *address)
{
	static const char *const keys[] = { "connect_timeout",
					    "tcp_user_timeout",
					    "keepalives_idle",
					    "keepalives_interval",
					    "keepalives_count",
					    "application_name",
					    "options",
					    "dbname",
					    NULL };
	const char *const values[] = {
		"3", "5000", "5", "2", "3", "mmpd", "-c lock_timeout=5000", address, NULL
	};

	PGconn *connection = PQconnectdbParams(keys, values, 1);

	if (connection)
		PQsetNoticeProcessor(connection, ignore_notice, NULL);
	return connection;
}

char *pg_describe(PGconn *connection)
{
	const char *parts[] = { PQhost(connection), PQport(connection),
				PQdb(connection) };
	size_t size = sizeof("postgresql://:/");
	char *text;

	for (size_t i = 0; i < 3; i++)
		size += parts[i] ? strlen(parts[i]) : 0;
	text = malloc(size);
	if (text)
		snprintf(text, size, "postgresql://%s:%s/%s", parts[0] ? parts[0] : "",
			 parts[1] ? parts[1] : "", parts[2] ? parts[2] : "");
	return text;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void forget_statements(struct pg_store *s)
{
	for (size_t i = 0; i < s->cached; i++)
		s->cache[i].is_prepared = false;
}

/*
 * A host that vanishes leaves its session to the server, with its name and perhaps the
 * writers' lock: have the server drop it after the time that a dead host is given.
 */
int pg_greet(struct pg_store *s, struct mmp_error *err)
{
	static const char settings[] = "SET client_encoding = 'UTF8';"
				       "SET standard_conforming_strings = on;"
				       "SET synchronous_commit = on;"
				       "SET client_min_messages = warning;"
				       "SET tcp_keepalives_idle = 4;"
				       "SET tcp_keepalives_interval = 2;"
				       "SET tcp_keepalives_count = 3;"
				       "SET tcp_user_timeout = 10000;"
				       "SET idle_in_transaction_session_timeout = 10000;"
				       "LISTEN mmp";

	s->store.connections++;
	PQsetnonblocking(s->connection, 1);
	return pg_exec(s, settings, err);
}

/* How long the server may take to answer: several times what the network may take. */
int pg_patience_ms(PGconn *connection)
{
	PQconninfoOption *options = PQconninfo(connection);
	int ms = 0;

	for (PQconninfoOption *at = options; at && at->keyword; at++)
		if (!strcmp(at->keyword, "tcp_user_timeout") && at->val)
			ms = atoi(at->val);
	PQconninfoFree(options);
	return ms > 0 && ms < INT_MAX / PATIENCE_FACTOR ? ms * PATIENCE_FACTOR
							: PATIENCE_MS;
}

/*
 * At most once a second, and at most half of the time. Calls in between fail
 * immediately because the server is away.
 */
static int connect_again(struct pg_store *s, struct mmp_error *err)
{
	time_t began = seconds();

	if (began < s->next_try)
		return pg_fail_with(s, MMP_BUSY, PQerrorMessage(s->connection), err);
	forget_statements(s);
	PQreset(s->connection);
	s->is_late = false;
	s->next_try = 2 * seconds() - began + 1;
	if (PQstatus(s->connection) != CONNECTION_OK)
		return pg_fail_with(s, MMP_BUSY, PQerrorMessage(s->connection), err);
	s->has_lost_name = *s->store.host;
	s->changes++; /* others may have written in the meantime */
	return pg_greet(s, err);
}

/* Do not write under a name that another mmpd may have taken in the meantime. */
int pg_reconnect(struct pg_store *s, struct mmp_error *err)
{
	if (PQstatus(s->connection) != CONNECTION_OK && connect_again(s, err))
		return -1;
	if (!s->has_lost_name)
		return 0;
	s->has_lost_name = false;
	if (!sql_hold_name(&s->store, err))
		return 0;
	s->has_lost_name = true;
	return -1;
}
