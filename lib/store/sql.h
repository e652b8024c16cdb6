/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SQL_H
#define MMP_SQL_H

#include <stdarg.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"
#include "store/store.h"

/*
 * How the files of lib/store speak to the database; no other file includes this.
 *
 * SQL is in static strings next to what it fills: one set of statements, which both
 * databases understand. What they call differently a driver translates (dialect.h). A
 * statement is prepared once and found again by the address of its string.
 */

/* A statement under way. The driver embeds it. */
struct sql_query {
	struct mmp_store *store;
};

/* A value for a '?'. */
struct sql_value {
	char type;         /* of sql_start */
	const void *bytes; /* t, b */
	size_t size;       /* b */
	uint64_t number;   /* n */
};

enum { SQL_VALUES_MAX = 16 };

/* A database as lib/store sees it; sqlite.c and postgres.c. See the functions below. */
struct sql_driver {
	const char *begin;       /* a transaction that will write */
	const char *writer_lock; /* follows it; NULL: nothing */
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
	/* Still the database that was opened? -1 with *err. NULL: it cannot be another. */
	int (*check_place)(struct mmp_store *store, struct mmp_error *err);
	void (*close)(struct mmp_store *store);
};

/* A host that shares the database, as this one has seen it; hosts.c's. */
struct host_seen {
	char name[MMP_HOST_MAX + 1];
	uint64_t heartbeat; /* as it was last seen */
	uint64_t since_ms;  /* when it was first seen so, by a monotonic clock */
	bool is_there;      /* has a row still */
};

/* The driver embeds it. */
struct mmp_store {
	const struct sql_driver *driver;
	char *path; /* or the address of the server, without a password; for messages */
	bool is_shared;              /* other programs write to it, too */
	char host[MMP_HOST_MAX + 1]; /* this mmpd among those; "": there are no others */
	uint64_t connections;        /* how often the server was connected to */
	struct host_seen *seen;      /* the other hosts */
	size_t seen_count;
	uint64_t seen_over; /* the connection that they were seen over */
	bool grouped;       /* inside a group */
	bool open;          /* the group's transaction has begun */
	bool lost;          /* and can no more be committed: `why` */
	struct mmp_error why;
};

/*
 * A statement with its values bound, one letter of `types` each: t text (const char *,
 * NULL is NULL), n number (uint64_t or int64_t), b bytes (const void *, then size_t).
 * The bytes are borrowed until sql_end. Returns NULL with *err.
 */
struct sql_query *sql_start(struct mmp_store *store, struct mmp_error *err,
			    const char *sql, const char *types, ...);

/* 1: there is a row; 0: no more; -1 with *err. After 0 and -1 the statement has ended. */
int sql_row(struct mmp_store *store, struct sql_query *query, struct mmp_error *err);
void sql_end(struct sql_query *query);

/*
 * The row that must be there: 0, and the query is on it; else -1 with *err, and it
 * has ended. `query` may be NULL, for one that could not be started.
 */
int sql_one(struct mmp_store *store, struct sql_query *query, struct mmp_error *err);

/* Start, run to the end, for what gives no rows. */
int sql_run(struct mmp_store *store, struct mmp_error *err, const char *sql,
	    const char *types, ...);

/* The same for an INSERT ... RETURNING id. */
int sql_insert(struct mmp_store *store, struct mmp_error *err, uint64_t *ret_id,
	       const char *sql, const char *types, ...);

/* How many rows the last statement has changed. */
uint64_t sql_changed(const struct mmp_store *store);

/* Columns. Numbers are 64-bit patterns: whoever stored UINT64_MAX gets it back. */
uint64_t sql_number(struct sql_query *query, int column);
const char *sql_text(struct sql_query *query, int column);  /* NULL if it is NULL */
const void *sql_bytes(struct sql_query *query, int column); /* the same */

/* How many of the first `most` bytes are whole UTF-8 characters; for "%.*s". */
int sql_clip(const char *text, int most);

/* What LIMIT takes for this page. */
uint64_t sql_limit(const struct mmp_page *page);

/* A transaction: `return sql_finish(store, the outcome of what was done in it, err)`. */
int sql_begin(struct mmp_store *store, struct mmp_error *err);
int sql_finish(struct mmp_store *store, int failed, struct mmp_error *err);

/* Add a row to history. before and after may be NULL. */
int sql_history(struct mmp_store *store, const struct mmp_signature *by, const char *kind,
		const char *name, const char *action, const char *about,
		const char *before, const char *after, struct mmp_error *err);

/* This host's name, held on this connection: no one else holds it. MMP_BUSY: somebody has. */
int sql_hold_name(struct mmp_store *store, struct mmp_error *err);

/* The drivers: a store of theirs, with the newest schema. */
int sqlite_open(const char *path, struct mmp_store **ret_store, struct mmp_error *err);
int postgres_open(const char *address, struct mmp_store **ret_store,
		  struct mmp_error *err);

#endif
