/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SQL_H
#define MMP_SQL_H

#include <stdarg.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"
#include "store/store.h"

/*
 * The interface of lib/store to the database; only its files include this.
 *
 * SQL is in static strings next to the structs that it fills: one set of statements for
 * both databases. A driver translates the words that differ (dialect.h). A statement is
 * prepared once and found again by the address of its string.
 */

/* A running statement. The driver embeds it. */
struct sql_query {
	struct mmp_store *store;
};

/* A value for a '?'. */
struct sql_value {
	char type;         /* a letter, see sql_start */
	const void *bytes; /* for t, b */
	size_t size;       /* for b */
	uint64_t number;   /* for n */
};

/*
 * Of a row of `job`: it is a letter (store.h), one that only asks, and one that nobody
 * waits for.
 */
#define LETTER "kind LIKE '%.%'"
#define ASKS   "kind = 'board.probe'"
#define UNREAD "cancelled = 2"

enum { SQL_VALUES_MAX = 16 };

/* A database driver, in sqlite.c or postgres.c. See the functions below. */
struct sql_driver {
	const char *begin;       /* begins a transaction that will write */
	const char *writer_lock; /* run after `begin`; NULL: nothing */
	struct sql_query *(*start)(struct mmp_store *store, const char *sql,
				   const struct sql_value *values, size_t count,
				   struct mmp_error *err);
	int (*row)(struct sql_query *query, struct mmp_error *err);
	void (*end)(struct sql_query *query);
	uint64_t (*number)(struct sql_query *query, int column);
	const char *(*text)(struct sql_query *query, int column);
	const void *(*bytes)(struct sql_query *query, int column);
	uint64_t (*changed)(const struct mmp_store *store);
	uint64_t (*changes)(const struct mmp_store *store);
	bool (*in_transaction)(const struct mmp_store *store);
	bool fails_alone; /* after a statement that failed, the transaction can go on */
	/*
	 * Check that the opened database is still in its place; -1 with *err. NULL:
	 * always true.
	 */
	int (*check_place)(struct mmp_store *store, struct mmp_error *err);
	void (*close)(struct mmp_store *store);
};

/* Another host that shares the database, as this one has seen it; for hosts.c. */
struct host_seen {
	char name[MMP_HOST_MAX + 1];
	uint64_t heartbeat; /* as last seen */
	uint64_t since_ms;  /* when that value was first seen, by a monotonic clock */
	bool is_there;      /* it still has a row */
};

/* A store. The driver embeds it. */
struct mmp_store {
	const struct sql_driver *driver;
	char *path; /* or the address of the server, without a password; for messages */
	bool is_shared;              /* other programs write to it too */
	char host[MMP_HOST_MAX + 1]; /* our name among those; "": it is the only one */
	uint64_t rows;               /* rows read since it was opened */
	uint64_t pruned_jobs;        /* since it was opened */
	uint64_t connections;        /* how often we have connected to the server */
	bool is_locked; /* the last failure: another session holds a lock for too long */
	struct host_seen *seen; /* the other hosts */
	size_t seen_count;
	uint64_t seen_over; /* the connection they were last seen over */
	bool grouped;       /* inside a group */
	bool open;          /* the group's transaction has begun */
	bool lost;          /* it can no longer be committed because of `why` */
	bool saved;         /* the change under way has a savepoint */
	uint64_t changes;   /* of the driver, before the change under way */
	struct mmp_error why;
};

/*
 * Start a statement with its values bound, one letter of `types` each: t text (const
 * char *, NULL is NULL), n number (uint64_t or int64_t), b bytes (const void *, then
 * size_t). The bytes are borrowed until sql_end. Returns NULL with *err.
 */
struct sql_query *sql_start(struct mmp_store *store, struct mmp_error *err,
			    const char *sql, const char *types, ...);

/* 1: there is a row; 0: no more; -1 with *err. After 0 and -1 the statement has ended. */
int sql_row(struct mmp_store *store, struct sql_query *query, struct mmp_error *err);

/* End a query before its last row. */
void sql_end(struct sql_query *query);

/*
 * Step to a row that must exist: 0, and the query is on it; else -1 with *err, and the
 * query has ended. `query` may be NULL if sql_start failed.
 */
int sql_one(struct mmp_store *store, struct sql_query *query, struct mmp_error *err);

/* Start a statement that returns no rows, and run it to the end. */
int sql_run(struct mmp_store *store, struct mmp_error *err, const char *sql,
	    const char *types, ...);

/* The same for an INSERT ... RETURNING id, whose id is stored in *ret_id. */
int sql_insert(struct mmp_store *store, struct mmp_error *err, uint64_t *ret_id,
	       const char *sql, const char *types, ...);

/* The number of rows that the last statement changed. */
uint64_t sql_changed(const struct mmp_store *store);

/*
 * Columns of the row. Numbers are 64-bit patterns: UINT64_MAX is stored and read
 * unchanged.
 */
uint64_t sql_number(struct sql_query *query, int column);
const char *sql_text(struct sql_query *query, int column);  /* NULL if it is NULL */
const void *sql_bytes(struct sql_query *query, int column); /* the same */

/* The number of bytes, up to `most`, that are whole UTF-8 characters; for "%.*s". */
int sql_clip(const char *text, int most);

/* The value of LIMIT for this page. */
uint64_t sql_limit(const struct mmp_page *page);

/*
 * A transaction: end it with `return sql_finish(store, outcome of the work in it,
 * err)`.
 */
int sql_begin(struct mmp_store *store, struct mmp_error *err);
int sql_finish(struct mmp_store *store, int failed, struct mmp_error *err);

/*
 * Like sql_begin, for a change that checks everything before it writes. In a group it
 * needs no savepoint, which would cost more than the change: SQLite copies each page
 * that is written after one. If the database fails half-way, the group is lost.
 */
int sql_begin_checked(struct mmp_store *store, struct mmp_error *err);

/* Add a row to history. before and after may be NULL. */
int sql_history(struct mmp_store *store, const struct mmp_signature *by, const char *kind,
		const char *name, const char *action, const char *about,
		const char *before, const char *after, struct mmp_error *err);

/*
 * Hold this host's name exclusively on this connection. MMP_BUSY: another host holds
 * it. MMP_CONFLICT: a newer mmpd has changed the schema.
 */
int sql_hold_name(struct mmp_store *store, struct mmp_error *err);

/* Open a store of each driver, migrated to the newest schema. */
int sqlite_open(const char *path, struct mmp_store **ret_store, struct mmp_error *err);
int postgres_open(const char *address, struct mmp_store **ret_store,
		  struct mmp_error *err);

/*
 * A schema is never changed while an mmpd that does not know the new one holds its name,
 * an advisory lock of this class. So who has just taken one looks once more: MMP_CONFLICT
 * if a newer mmpd has changed the schema.
 */
#define POSTGRES_NAMES "8747501"
int postgres_check_schema(struct mmp_store *store, struct mmp_error *err);

#endif
