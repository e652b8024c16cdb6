/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/container.h"
#include "base/limits.h"
#include "store/dialect.h"
#include "store/migrations.h"
#include "store/sql.h"

enum {
	STATEMENTS_MAX = 128,
	NUMBER_SIZE = 24,
	COLUMNS_MAX = 24,
};

/*
 * One writer at a time among all hosts, as with SQLite; held until the transaction
 * ends.
 */
#define WRITER_LOCK "8747501283091"

struct pg_query {
	struct sql_query query;
	const char *sql;  /* as the caller passed it; found again by its address */
	bool is_prepared; /* on this connection */
	PGresult *result; /* NULL: not running */
	int row;
	void *bytes[COLUMNS_MAX]; /* unescaped, of the row; freed with the query */
};

struct pg_store {
	struct mmp_store store;
	PGconn *connection;
	uint64_t changed, changes;
	time_t next_try;    /* no attempt before this time, monotonic */
	bool has_lost_name; /* with the last connection; it must be taken again */
	struct pg_query cache[STATEMENTS_MAX];
	size_t cached;
};

static struct pg_store *pg_of(const struct mmp_store *store)
{
	return container_of((struct mmp_store *)store, struct pg_store, store);
}

/* --- errors --- */

/* The first line of libpq's message, which ends with a newline. */
static int fail_with(const struct pg_store *s, enum mmp_code code, const char *words,
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

static int fail_pg(const struct pg_store *s, const PGresult *result,
		   struct mmp_error *err)
{
	const char *words = result ? PQresultErrorMessage(result) : "";

	if (!*words)
		words = PQerrorMessage(s->connection);
	return fail_with(s, is_away(s, result) ? MMP_BUSY : MMP_SYSTEM, words, err);
}

/* --- the connection --- */

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

static int exec_text(struct pg_store *s, const char *sql, struct mmp_error *err)
{
	PGresult *result = PQexec(s->connection, sql);
	ExecStatusType status = PQresultStatus(result);
	int failed = 0;

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		failed = fail_pg(s, result, err);
	PQclear(result);
	return failed;
}

/* Set up a new connection, which has none of the session state of the last one. */
static int greet(struct pg_store *s, struct mmp_error *err)
{
	static const char settings[] = "SET client_encoding = 'UTF8';"
				       "SET standard_conforming_strings = on;"
				       "SET synchronous_commit = on;"
				       "SET client_min_messages = warning;"
				       "LISTEN mmp";

	s->store.connections++;
	return exec_text(s, settings, err);
}

/*
 * At most once a second, and at most half of the time. Calls in between fail
 * immediately because the server is away.
 */
static int connect_again(struct pg_store *s, struct mmp_error *err)
{
	time_t began = seconds();

	if (began < s->next_try)
		return fail_with(s, MMP_BUSY, PQerrorMessage(s->connection), err);
	forget_statements(s);
	PQreset(s->connection);
	s->next_try = 2 * seconds() - began + 1;
	if (PQstatus(s->connection) != CONNECTION_OK)
		return fail_with(s, MMP_BUSY, PQerrorMessage(s->connection), err);
	s->has_lost_name = *s->store.host;
	s->changes++; /* others may have written in the meantime */
	return greet(s, err);
}

/* Do not write under a name that another mmpd may have taken in the meantime. */
static int reconnect(struct pg_store *s, struct mmp_error *err)
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

/* --- statements --- */

static struct pg_query *find_cached(struct pg_store *s, const char *sql)
{
	for (size_t i = 0; i < s->cached; i++)
		if (s->cache[i].sql == sql)
			return &s->cache[i];
	assert(s->cached < STATEMENTS_MAX);
	s->cache[s->cached] = (struct pg_query){ .query = { &s->store }, .sql = sql };
	return &s->cache[s->cached++];
}

static int prepare(struct pg_store *s, struct pg_query *query, const char *name,
		   const struct sql_value *values, size_t count, struct mmp_error *err)
{
	char types[SQL_VALUES_MAX + 1] = "", *own;
	PGresult *result;
	int failed = 0;

	if (query->is_prepared)
		return 0;
	for (size_t i = 0; i < count; i++)
		types[i] = values[i].type;
	own = dialect_postgres(query->sql, types);
	if (!own)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	result = PQprepare(s->connection, name, own, (int)count, NULL);
	free(own);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		failed = fail_pg(s, result, err);
	PQclear(result);
	query->is_prepared = !failed;
	return failed;
}

static void free_row(struct pg_query *q)
{
	for (size_t i = 0; i < COLUMNS_MAX; i++) {
		if (q->bytes[i])
			PQfreemem(q->bytes[i]);
		q->bytes[i] = NULL;
	}
}

static void end_query(struct sql_query *query)
{
	struct pg_query *q = container_of(query, struct pg_query, query);

	free_row(q);
	PQclear(q->result);
	q->result = NULL;
}

struct bound {
	const char *values[SQL_VALUES_MAX];
	int lengths[SQL_VALUES_MAX], formats[SQL_VALUES_MAX];
	char numbers[SQL_VALUES_MAX][NUMBER_SIZE];
};

static void bind_values(struct bound *bound, const struct sql_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bound->values[i] = values[i].bytes;
		bound->lengths[i] = (int)values[i].size;
		bound->formats[i] = values[i].type == 'b';
		if (values[i].type != 'n')
			continue;
		snprintf(bound->numbers[i], NUMBER_SIZE, "%" PRId64,
			 (int64_t)values[i].number);
		bound->values[i] = bound->numbers[i];
	}
}

static bool is_changing(const char *sql)
{
	return !strncmp(sql, "INSERT", 6) || !strncmp(sql, "UPDATE", 6) ||
	       !strncmp(sql, "DELETE", 6);
}

static struct sql_query *start_query(struct mmp_store *store, const char *sql,
				     const struct sql_value *values, size_t count,
				     struct mmp_error *err)
{
	struct pg_store *s = pg_of(store);
	struct pg_query *query = find_cached(s, sql);
	struct bound bound = { 0 };
	ExecStatusType status;
	char name[32];

	assert(!query->result);
	snprintf(name, sizeof(name), "s%td", query - s->cache);
	if ((!store->open && reconnect(s, err)) ||
	    prepare(s, query, name, values, count, err))
		return NULL;
	bind_values(&bound, values, count);
	query->result = PQexecPrepared(s->connection, name, (int)count, bound.values,
				       bound.lengths, bound.formats, 0);
	query->row = -1;
	status = PQresultStatus(query->result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
		fail_pg(s, query->result, err);
		end_query(&query->query);
		return NULL;
	}
	s->changed = strtoull(PQcmdTuples(query->result), NULL, 10);
	if (is_changing(sql))
		s->changes += s->changed;
	return &query->query;
}

static int next_row(struct sql_query *query, struct mmp_error *err)
{
	struct pg_query *q = container_of(query, struct pg_query, query);

	(void)err;
	free_row(q);
	if (++q->row < PQntuples(q->result))
		return 1;
	end_query(query);
	return 0;
}

static uint64_t number_of(struct sql_query *query, int column)
{
	struct pg_query *q = container_of(query, struct pg_query, query);

	return (uint64_t)strtoll(PQgetvalue(q->result, q->row, column), NULL, 10);
}

static const char *text_of(struct sql_query *query, int column)
{
	struct pg_query *q = container_of(query, struct pg_query, query);

	return PQgetisnull(q->result, q->row, column)
		       ? NULL
		       : PQgetvalue(q->result, q->row, column);
}

static const void *bytes_of(struct sql_query *query, int column)
{
	struct pg_query *q = container_of(query, struct pg_query, query);
	const char *text = text_of(query, column);
	size_t size;

	if (text && !q->bytes[column])
		q->bytes[column] = PQunescapeBytea((const unsigned char *)text, &size);
	return q->bytes[column];
}

/* --- the database --- */

static uint64_t changed(const struct mmp_store *store)
{
	return pg_of(store)->changed;
}

static uint64_t changes(const struct mmp_store *store)
{
	return pg_of(store)->changes;
}

static bool in_transaction(const struct mmp_store *store)
{
	PGTransactionStatusType status = PQtransactionStatus(pg_of(store)->connection);

	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

static void close_store(struct mmp_store *store)
{
	struct pg_store *s = pg_of(store);

	for (size_t i = 0; i < s->cached; i++)
		end_query(&s->cache[i].query);
	PQfinish(s->connection);
	free(store->seen);
	free(store->path);
	free(s);
}

static const struct sql_driver driver = {
	.begin = "BEGIN",
	.writer_lock = "SELECT pg_advisory_xact_lock(" WRITER_LOCK ")",
	.start = start_query,
	.row = next_row,
	.end = end_query,
	.number = number_of,
	.text = text_of,
	.bytes = bytes_of,
	.changed = changed,
	.changes = changes,
	.in_transaction = in_transaction,
	.close = close_store,
};

/* --- the schema --- */

static int ask_number(struct pg_store *s, const char *sql, int none, int *ret_number,
		      struct mmp_error *err)
{
	PGresult *result = PQexec(s->connection, sql);
	int failed = 0;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		failed = fail_pg(s, result, err);
	else
		*ret_number = PQntuples(result) && !PQgetisnull(result, 0, 0)
				      ? atoi(PQgetvalue(result, 0, 0))
				      : none;
	PQclear(result);
	return failed;
}

static int migrate_step(struct pg_store *s, int version, struct mmp_error *err)
{
	char stamp[80], *own = dialect_postgres(mmp_migrations[version - 1], NULL);
	int failed;

	if (!own)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	snprintf(stamp, sizeof(stamp), "UPDATE mmp_schema SET version = %d", version);
	failed = exec_text(s, own, err) || exec_text(s, stamp, err);
	free(own);
	return failed ? mmp_while(err, "schema version %d", version) : 0;
}

static int ask_version(struct pg_store *s, int *ret_version, struct mmp_error *err)
{
	if (ask_number(s, "SELECT version FROM mmp_schema", 0, ret_version, err))
		return -1;
	if (*ret_version <= mmp_migrations_count)
		return 0;
	return mmp_fail(err, MMP_CONFLICT,
			"%.80s: the database has schema version %d, and this program "
			"knows %d: a newer mmpd is needed",
			s->store.path, *ret_version, mmp_migrations_count);
}

/* Who holds the name of a host of this database; hosts.c takes it. */
#define NAME_HOLDERS                                                                     \
	" WHERE l.locktype = 'advisory' AND l.granted AND l.classid = " POSTGRES_NAMES   \
	" AND l.objsubid = 2 AND l.pid <> pg_backend_pid() AND l.database = (SELECT "    \
	"oid FROM pg_database WHERE datname = current_database())"

enum { VERSION_WITH_HOSTS = 5 }; /* of the schema: hosts have a table from then on */

/*
 * 1 with *err if another mmpd is there. It is older, as the schema is, and what it reads
 * and writes would be wrong. 0: none; -1 with *err.
 */
static int find_older(struct pg_store *s, int version, struct mmp_error *err)
{
	static const char nameless[] = "SELECT count(*), '' FROM pg_locks l" NAME_HOLDERS;
	static const char named[] =
		"SELECT count(*), coalesce(' (host ' || string_agg(h.name, ', ' ORDER BY "
		"h.name) || ')', '') FROM pg_locks l LEFT JOIN host h ON "
		"CAST(l.objid AS BIGINT) = CAST(hashtext(h.name) AS BIGINT) & "
		"4294967295" NAME_HOLDERS;
	PGresult *result =
		PQexec(s->connection, version < VERSION_WITH_HOSTS ? nameless : named);
	int found = -1;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_pg(s, result, err);
	else if ((found = strcmp(PQgetvalue(result, 0, 0), "0") != 0))
		mmp_fail(err, MMP_BUSY,
			 "%.80s: the database has schema version %d and is used by %s "
			 "older mmpd%.150s: end all older ones before a newer one makes "
			 "it version %d",
			 s->store.path, version, PQgetvalue(result, 0, 0),
			 PQgetvalue(result, 0, 1), mmp_migrations_count);
	PQclear(result);
	return found;
}

/*
 * All steps in one transaction; other hosts wait for it. 1 with *err: not while an older
 * mmpd is there.
 */
static int migrate_locked(struct pg_store *s, struct mmp_error *err)
{
	int now = 0, older;

	if (exec_text(s, driver.writer_lock, err) ||
	    exec_text(s,
		      "CREATE TABLE IF NOT EXISTS mmp_schema (version INTEGER NOT NULL)",
		      err) ||
	    exec_text(s,
		      "INSERT INTO mmp_schema SELECT 0 WHERE NOT EXISTS "
		      "(SELECT 1 FROM mmp_schema)",
		      err) ||
	    ask_version(s, &now, err))
		return -1;
	older = now && now < mmp_migrations_count ? find_older(s, now, err) : 0;
	if (older)
		return older;
	while (now < mmp_migrations_count)
		if (migrate_step(s, ++now, err))
			return -1;
	return 0;
}

/* Like migrate_locked. */
static int try_to_migrate(struct pg_store *s, struct mmp_error *err)
{
	struct mmp_error ignored;
	int outcome;

	if (exec_text(s, "BEGIN", err))
		return -1;
	outcome = migrate_locked(s, err);
	if (!outcome)
		return exec_text(s, "COMMIT", err);
	exec_text(s, "ROLLBACK", &ignored);
	return outcome;
}

enum { MIGRATE_TRIES = 10 };

/* The server may take a moment to notice that the older mmpd has ended. */
static int migrate(struct pg_store *s, struct mmp_error *err)
{
	struct mmp_error ignored;
	int outcome = try_to_migrate(s, err);

	for (int i = 1; outcome > 0 && i < MIGRATE_TRIES; i++) {
		exec_text(s, "SELECT pg_sleep(0.1)", &ignored);
		outcome = try_to_migrate(s, err);
	}
	return outcome ? -1 : 0;
}

/* Wait for a migration that is under way: it has not seen this host's name. */
int postgres_check_schema(struct mmp_store *store, struct mmp_error *err)
{
	struct pg_store *s = pg_of(store);
	struct mmp_error ignored;
	int version, failed;

	if (exec_text(s, "BEGIN", err))
		return -1;
	failed = exec_text(s, driver.writer_lock, err) || ask_version(s, &version, err);
	exec_text(s, "ROLLBACK", &ignored);
	return failed ? -1 : 0;
}

/*
 * Describe server and database for messages without the address, which may hold a
 * password.
 */
static char *describe_server(PGconn *connection)
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

static int set_up(struct pg_store *s, struct mmp_error *err)
{
	if (!s->connection || !s->store.path)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (PQstatus(s->connection) != CONNECTION_OK)
		return fail_with(s, MMP_SYSTEM, PQerrorMessage(s->connection), err);
	return greet(s, err) || migrate(s, err) ? -1 : 0;
}

/*
 * Give up on an unreachable server after a few seconds, unless the address sets a
 * timeout.
 */
static PGconn *connect_to(const char *address)
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

int postgres_open(const char *address, struct mmp_store **ret_store,
		  struct mmp_error *err)
{
	struct pg_store *s = calloc(1, sizeof(*s));

	if (!s)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	s->store.driver = &driver;
	s->store.is_shared = true;
	s->connection = connect_to(address);
	s->store.path = describe_server(s->connection);
	if (set_up(s, err)) {
		close_store(&s->store);
		return -1;
	}
	*ret_store = &s->store;
	return 0;
}

/* --- notifications from other hosts --- */

int mmp_store_descriptor(const struct mmp_store *store)
{
	return store->driver == &driver ? PQsocket(pg_of(store)->connection) : -1;
}

bool mmp_store_heard(struct mmp_store *store)
{
	struct pg_store *s = pg_of(store);
	bool heard = false;
	PGnotify *notify;

	if (store->driver != &driver || !PQconsumeInput(s->connection))
		return false;
	while ((notify = PQnotifies(s->connection))) {
		heard |= notify->be_pid != PQbackendPID(s->connection);
		PQfreemem(notify);
	}
	if (heard)
		s->changes++;
	return heard;
}
