/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/postgres_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int pg_fail(const struct pg_store *s, const PGresult *result, struct mmp_error *err)
{
	const char *words = result ? PQresultErrorMessage(result) : "";

	if (!*words)
		words = PQerrorMessage(s->connection);
	return pg_fail_with(s, is_away(s, result) ? MMP_BUSY : MMP_SYSTEM, words, err);
}

int pg_exec(struct pg_store *s, const char *sql, struct mmp_error *err)
{
	PGresult *result = PQexec(s->connection, sql);
	ExecStatusType status = PQresultStatus(result);
	int failed = 0;

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		failed = pg_fail(s, result, err);
	PQclear(result);
	return failed;
}

/* --- the connection --- */

/*
 * Give up on an unreachable server after a few seconds, unless the address sets a
 * timeout.
 */
PGconn *pg_connect(const char *address)
{
	static const char *const keys[] = { "connect_timeout",  "tcp_user_timeout",
					    "keepalives_idle",  "keepalives_interval",
					    "keepalives_count", "application_name",
					    "dbname",           NULL };
	const char *const values[] = {
		"3", "5000", "5", "2", "3", "mmpd", address, NULL
	};

	return PQconnectdbParams(keys, values, 1);
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

int pg_greet(struct pg_store *s, struct mmp_error *err)
{
	static const char settings[] = "SET client_encoding = 'UTF8';"
				       "SET standard_conforming_strings = on;"
				       "SET synchronous_commit = on;"
				       "SET client_min_messages = warning;"
				       "LISTEN mmp";

	s->store.connections++;
	return pg_exec(s, settings, err);
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
