/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/sql.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

int sql_fail(struct mmp_store *store, struct mmp_error *err)
{
	int system = sqlite3_system_errno(store->db);
	int code = sqlite3_errcode(store->db);

	if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && system)
		return mmp_fail(err, MMP_SYSTEM, "%s: %s (%s)", store->path,
				sqlite3_errmsg(store->db), strerror(system));
	return mmp_fail(err, MMP_SYSTEM, "%s: %s", store->path,
			sqlite3_errmsg(store->db));
}

static sqlite3_stmt *find(const struct mmp_store *store, const char *sql)
{
	for (size_t i = 0; i < store->cached; i++)
		if (store->cache[i].sql == sql)
			return store->cache[i].statement;
	return NULL;
}

static sqlite3_stmt *prepare(struct mmp_store *store, const char *sql,
			     struct mmp_error *err)
{
	sqlite3_stmt *statement = find(store, sql);

	if (statement)
		return statement;
	assert(store->cached < MMP_STATEMENTS_MAX);
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
			       NULL) != SQLITE_OK) {
		sql_fail(store, err);
		return NULL;
	}
	store->cache[store->cached].sql = sql;
	store->cache[store->cached++].statement = statement;
	return statement;
}

/* The 64 bits of an address as they lie in a signed column, and back. */
static int64_t to_column(uint64_t bits)
{
	return bits <= INT64_MAX ? (int64_t)bits : -(int64_t)(UINT64_MAX - bits) - 1;
}

uint64_t sql_number(sqlite3_stmt *statement, int column)
{
	return (uint64_t)sqlite3_column_int64(statement, column);
}

const char *sql_text(sqlite3_stmt *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

int sql_clip(const char *text, int most)
{
	int length = (int)strnlen(text, (size_t)most + 1);

	if (length <= most)
		return length;
	while (most && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

static int bind(sqlite3_stmt *statement, const char *types, va_list values)
{
	int outcome = SQLITE_OK;

	for (int i = 1; *types && outcome == SQLITE_OK; i++, types++) {
		if (*types == 't') {
			outcome = sqlite3_bind_text(statement, i,
						    va_arg(values, const char *), -1,
						    SQLITE_STATIC);
		} else if (*types == 'n') {
			outcome = sqlite3_bind_int64(statement, i,
						     to_column(va_arg(values, uint64_t)));
		} else {
			const void *bytes = va_arg(values, const void *);

			outcome = sqlite3_bind_blob64(statement, i, bytes,
						      va_arg(values, size_t),
						      SQLITE_STATIC);
		}
	}
	return outcome;
}

static sqlite3_stmt *start(struct mmp_store *store, struct mmp_error *err,
			   const char *sql, const char *types, va_list values)
{
	sqlite3_stmt *statement = prepare(store, sql, err);

	if (!statement)
		return NULL;
	assert(!sqlite3_stmt_busy(statement));
	assert((int)strlen(types) == sqlite3_bind_parameter_count(statement));
	if (bind(statement, types, values) == SQLITE_OK)
		return statement;
	sql_fail(store, err);
	sql_end(statement);
	return NULL;
}

sqlite3_stmt *sql_start(struct mmp_store *store, struct mmp_error *err, const char *sql,
			const char *types, ...)
{
	sqlite3_stmt *statement;
	va_list values;

	va_start(values, types);
	statement = start(store, err, sql, types, values);
	va_end(values);
	return statement;
}

int sql_row(struct mmp_store *store, sqlite3_stmt *statement, struct mmp_error *err)
{
	int outcome = sqlite3_step(statement);

	if (outcome == SQLITE_ROW)
		return 1;
	if (outcome != SQLITE_DONE)
		sql_fail(store, err);
	sql_end(statement);
	return outcome == SQLITE_DONE ? 0 : -1;
}

int sql_one(struct mmp_store *store, sqlite3_stmt *statement, struct mmp_error *err)
{
	int found = statement ? sql_row(store, statement, err) : -1;

	if (found > 0)
		return 0;
	if (!found)
		mmp_fail(err, MMP_SYSTEM,
			 "%s: a row is missing that others belong to: the database is "
			 "damaged",
			 store->path);
	return -1;
}

void sql_end(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

int sql_run(struct mmp_store *store, struct mmp_error *err, const char *sql,
	    const char *types, ...)
{
	sqlite3_stmt *statement;
	va_list values;

	va_start(values, types);
	statement = start(store, err, sql, types, values);
	va_end(values);
	return statement ? sql_row(store, statement, err) : -1;
}

/* --- transactions and groups of them --- */

void mmp_store_group_begin(struct mmp_store *store)
{
	store->grouped = true;
	store->open = store->lost = false;
}

bool mmp_store_group_wrote(const struct mmp_store *store)
{
	return store->open || store->lost;
}

/* The transaction of a group is gone, and with it all that was done in it. */
static int lose_group(struct mmp_store *store, const struct mmp_error *why)
{
	store->lost = true;
	store->why = *why;
	return -1;
}

int mmp_store_group_end(struct mmp_store *store, struct mmp_error *err)
{
	bool open = store->open, lost = store->lost;
	struct mmp_error ignored;

	store->grouped = store->open = store->lost = false;
	if (lost)
		*err = store->why;
	else if (!open || !sql_run(store, err, "COMMIT", ""))
		return 0;
	if (open)
		sql_run(store, &ignored, "ROLLBACK", "");
	return -1;
}

static int begin_in_group(struct mmp_store *store, struct mmp_error *err)
{
	if (store->lost) {
		*err = store->why;
		return -1;
	}
	if (!store->open && sql_run(store, err, "BEGIN IMMEDIATE", ""))
		return lose_group(store, err);
	store->open = true;
	return sql_run(store, err, "SAVEPOINT one", "") ? lose_group(store, err) : 0;
}

/* A full disk ends the whole transaction and not just the savepoint. */
static int finish_in_group(struct mmp_store *store, int failed, struct mmp_error *err)
{
	struct mmp_error why;

	if (store->lost || sqlite3_get_autocommit(store->db))
		return store->lost ? -1 : lose_group(store, err);
	if (failed && sql_run(store, &why, "ROLLBACK TO one", ""))
		return lose_group(store, &why);
	if (sql_run(store, &why, "RELEASE one", "")) {
		*err = why;
		return lose_group(store, &why);
	}
	return failed ? -1 : 0;
}

int sql_begin(struct mmp_store *store, struct mmp_error *err)
{
	if (store->grouped)
		return begin_in_group(store, err);
	return sql_run(store, err, "BEGIN IMMEDIATE", "");
}

int sql_finish(struct mmp_store *store, int failed, struct mmp_error *err)
{
	struct mmp_error ignored;

	if (store->grouped)
		return finish_in_group(store, failed, err);
	if (!failed && !sql_run(store, err, "COMMIT", ""))
		return 0;
	sql_run(store, &ignored, "ROLLBACK", "");
	return -1;
}

int sql_history(struct mmp_store *store, const struct mmp_signature *by, const char *kind,
		const char *name, const char *action, const char *about,
		const char *before, const char *after, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO history (time, uid, gid, pid, user, kind, name, action, "
		"about, "
		"before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

	return sql_run(store, err, sql, "tnnnttttttt", by->time, by->uid, by->gid,
		       by->pid, by->user, kind, name, action, about, before, after);
}
