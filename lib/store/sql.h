/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SQL_H
#define MMP_SQL_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/*
 * How the files of lib/store speak to the database; nobody else includes this.
 *
 * SQL stands in static strings beside what it fills. A statement is prepared once
 * and found again by the address of its string.
 */

enum { MMP_STATEMENTS_MAX = 128 };

struct mmp_store {
	sqlite3 *db;
	char *path;
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} cache[MMP_STATEMENTS_MAX];
	size_t cached;
	bool grouped; /* inside a group */
	bool open;    /* the group's transaction has begun */
	bool lost;    /* and can no more be committed: `why` */
	struct mmp_error why;
};

/*
 * A statement with its values bound, one letter of `types` each: t text (const char *,
 * NULL is NULL), n number (uint64_t or int64_t), b bytes (const void *, then size_t).
 * The bytes are borrowed until sql_end. Returns NULL with *err.
 */
sqlite3_stmt *sql_start(struct mmp_store *store, struct mmp_error *err, const char *sql,
			const char *types, ...);

/* 1: there is a row; 0: no more; -1 with *err. After 0 and -1 the statement has ended. */
int sql_row(struct mmp_store *store, sqlite3_stmt *statement, struct mmp_error *err);
void sql_end(sqlite3_stmt *statement);

/*
 * The row that must be there: 0, and the statement stands on it; else -1 with *err, and
 * it has ended. `statement` may be NULL, for one that could not be started.
 */
int sql_one(struct mmp_store *store, sqlite3_stmt *statement, struct mmp_error *err);

/* Start, run to the end, for what gives no rows. */
int sql_run(struct mmp_store *store, struct mmp_error *err, const char *sql,
	    const char *types, ...);

/* Columns. Numbers are 64-bit patterns: whoever stored UINT64_MAX gets it back. */
uint64_t sql_number(sqlite3_stmt *statement, int column);
const char *sql_text(sqlite3_stmt *statement, int column); /* NULL where it is NULL */

/* How many of the first `most` bytes are whole UTF-8 characters; for "%.*s". */
int sql_clip(const char *text, int most);

int sql_fail(struct mmp_store *store, struct mmp_error *err);

/* A transaction: `return sql_finish(store, the outcome of what was done in it, err)`. */
int sql_begin(struct mmp_store *store, struct mmp_error *err);
int sql_finish(struct mmp_store *store, int failed, struct mmp_error *err);

/* Add a row to history. before and after may be NULL. */
int sql_history(struct mmp_store *store, const struct mmp_signature *by, const char *kind,
		const char *name, const char *action, const char *about,
		const char *before, const char *after, struct mmp_error *err);

#endif
