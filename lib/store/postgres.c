/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/postgres_private.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "store/dialect.h"

enum { NUMBER_SIZE = 24 };

/* --- statements --- */

static struct pg_query *find_cached(struct pg_store *s, const char *sql)
{
	for (size_t i = 0; i < s->cached; i++)
		if (s->cache[i].sql == sql)
			return &s->cache[i];
	assert(s->cached < PG_STATEMENTS_MAX);
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
	result = pg_answer(s, PQsendPrepare(s->connection, name, own, (int)count, NULL));
	free(own);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		failed = pg_fail(s, result, err);
	PQclear(result);
	query->is_prepared = !failed;
	return failed;
}

static void free_row(struct pg_query *q)
{
	for (size_t i = 0; i < PG_COLUMNS_MAX; i++) {
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
	if ((!store->open && pg_reconnect(s, err)) ||
	    prepare(s, query, name, values, count, err))
		return NULL;
	bind_values(&bound, values, count);
	query->result = pg_answer(s, PQsendQueryPrepared(s->connection, name, (int)count,
							 bound.values, bound.lengths,
							 bound.formats, 0));
	query->row = -1;
	status = PQresultStatus(query->result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
		pg_fail(s, query->result, err);
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
	.writer_lock = PG_WRITER_LOCK,
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

/* --- opening --- */

static int set_up(struct pg_store *s, struct mmp_error *err)
{
	if (!s->connection || !s->store.path)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (PQstatus(s->connection) != CONNECTION_OK)
		return pg_fail_with(s, MMP_SYSTEM, PQerrorMessage(s->connection), err);
	/* Another host may be migrating, which may take long. */
	if (pg_greet(s, err) || pg_exec(s, "SET lock_timeout = 0", err) ||
	    pg_migrate(s, err) || pg_exec(s, "RESET lock_timeout", err))
		return -1;
	s->patience_ms = pg_patience_ms(s->connection);
	return 0;
}

int postgres_open(const char *address, struct mmp_store **ret_store,
		  struct mmp_error *err)
{
	struct pg_store *s = calloc(1, sizeof(*s));

	if (!s)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	s->store.driver = &driver;
	s->store.is_shared = true;
	s->connection = pg_connect(address);
	s->store.path = pg_describe(s->connection);
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
