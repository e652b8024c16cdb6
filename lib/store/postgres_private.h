/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_POSTGRES_PRIVATE_H
#define MMP_POSTGRES_PRIVATE_H

#include <libpq-fe.h>
#include <time.h>

#include "store/sql.h"

/*
 * The PostgreSQL driver:
 *
 *	postgres.c             statements, opening, notifications from other hosts
 *	postgres_connection.c  the connection, which may be lost, and its errors
 *	postgres_schema.c      the schema, and who may change it while others are there
 */

enum { PG_STATEMENTS_MAX = 128, PG_COLUMNS_MAX = 24 };

/*
 * One writer at a time among all hosts, as with SQLite; held until the transaction
 * ends.
 */
#define PG_WRITER_LOCK "SELECT pg_advisory_xact_lock(8747501283091)"

struct pg_query {
	struct sql_query query;
	const char *sql;  /* as the caller passed it; found again by its address */
	bool is_prepared; /* on this connection */
	PGresult *result; /* NULL: not running */
	int row;
	void *bytes[PG_COLUMNS_MAX]; /* unescaped, of the row; freed with the query */
};

struct pg_store {
	struct mmp_store store;
	PGconn *connection;
	uint64_t changed, changes;
	time_t next_try;    /* no attempt before this time, monotonic */
	bool has_lost_name; /* with the last connection; it must be taken again */
	int patience_ms; /* for an answer of the server; 0: no limit, while it migrates */
	bool is_late;    /* an answer did not come: the connection was given up */
	struct pg_query cache[PG_STATEMENTS_MAX];
	size_t cached;
};

/* The store of this driver that `store` is part of. */
struct pg_store *pg_of(const struct mmp_store *store);

/* Fail with the first line of `words`, which are libpq's, and the name of the database. */
int pg_fail_with(const struct pg_store *s, enum mmp_code code, const char *words,
		 struct mmp_error *err);

/*
 * Fail with the message of `result`, or of the connection if it has none or is NULL.
 * MMP_BUSY: the server is away or too busy, so that the same call may succeed later.
 */
int pg_fail(struct pg_store *s, const PGresult *result, struct mmp_error *err);

/* Connect to `address`; the caller passes the result to PQfinish. NULL: out of memory. */
PGconn *pg_connect(const char *address);

/* How long an answer of the server may take. */
int pg_patience_ms(PGconn *connection);

/*
 * Describe the server and the database for messages without the address, which may hold a
 * password. The caller frees it; NULL: out of memory.
 */
char *pg_describe(PGconn *connection);

/*
 * The last result of what was sent, or of the first statement that failed; NULL if `sent`
 * is 0, as PQsend...() returns it, or if the connection is lost. Gives the connection up
 * if the server does not answer in time. The caller passes the result to PQclear.
 */
PGresult *pg_answer(struct pg_store *s, int sent);

/* Run SQL that has no values and whose rows are not needed. */
int pg_exec(struct pg_store *s, const char *sql, struct mmp_error *err);

/* Set up a new connection, which has none of the session state of the last one. */
int pg_greet(struct pg_store *s, struct mmp_error *err);

/*
 * Before a statement outside of a transaction: connect again if the connection is lost,
 * and take this host's name again. MMP_BUSY: the server is away.
 */
int pg_reconnect(struct pg_store *s, struct mmp_error *err);

/*
 * Bring the schema to the newest version, in one transaction for which other hosts wait.
 * MMP_BUSY: an older mmpd uses the database. MMP_CONFLICT: the schema is newer than ours.
 */
int pg_migrate(struct pg_store *s, struct mmp_error *err);

#endif
