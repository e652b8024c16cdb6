/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/sqlite.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/container.h"
#include "store/dialect.h"
#include "store/migrations.h"
#include "store/sql.h"

enum {
	BUSY_MS = 2000, /* how long to wait while another program locks the database */
	STATEMENTS_MAX = 128,
};

struct sqlite_query {
	struct sql_query query;
	const char *sql; /* as the caller passed it; found again by its address */
	sqlite3_stmt *statement;
};

struct sqlite_store {
	struct mmp_store store;
	sqlite3 *db;
	dev_t device; /* of the opened file; inode 0: not a file */
	ino_t inode;
	ino_t log_inode; /* of its write-ahead log; 0: not seen yet */
	struct sqlite_query cache[STATEMENTS_MAX];
	size_t cached;
};

static struct sqlite_store *sqlite_of(const struct mmp_store *store)
{
	return container_of((struct mmp_store *)store, struct sqlite_store, store);
}

static int fail_sqlite(const struct sqlite_store *s, struct mmp_error *err)
{
	int system = sqlite3_system_errno(s->db);
	int code = sqlite3_errcode(s->db);

	if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && system)
		return mmp_fail(err, MMP_SYSTEM, "%s: %s (%s)", s->store.path,
				sqlite3_errmsg(s->db), strerror(system));
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return mmp_fail(err, MMP_SYSTEM,
				"%s: %s; mmpd(8) says how to restore a backup",
				s->store.path, sqlite3_errmsg(s->db));
	/* Locked by another program: temporary and not an error of the call. */
	return mmp_fail(err, code == SQLITE_BUSY ? MMP_BUSY : MMP_SYSTEM, "%s: %s",
			s->store.path, sqlite3_errmsg(s->db));
}

/* --- statements --- */

static struct sqlite_query *find_cached(struct sqlite_store *s, const char *sql)
{
	for (size_t i = 0; i < s->cached; i++)
		if (s->cache[i].sql == sql)
			return &s->cache[i];
	return NULL;
}

static struct sqlite_query *prepare(struct sqlite_store *s, const char *sql,
				    struct mmp_error *err)
{
	struct sqlite_query *query = find_cached(s, sql);
	char *own;
	int outcome;

	if (query)
		return query;
	assert(s->cached < STATEMENTS_MAX);
	query = &s->cache[s->cached];
	own = dialect_sqlite(sql);
	if (!own) {
		mmp_fail(err, MMP_SYSTEM, "out of memory");
		return NULL;
	}
	outcome = sqlite3_prepare_v3(s->db, own, -1, SQLITE_PREPARE_PERSISTENT,
				     &query->statement, NULL);
	free(own);
	if (outcome != SQLITE_OK) {
		fail_sqlite(s, err);
		return NULL;
	}
	query->query.store = &s->store;
	query->sql = sql;
	s->cached++;
	return query;
}

/* An address as its 64-bit pattern in a signed column. */
static int64_t to_column(uint64_t bits)
{
	return bits <= INT64_MAX ? (int64_t)bits : -(int64_t)(UINT64_MAX - bits) - 1;
}

static int bind_value(sqlite3_stmt *statement, int place, const struct sql_value *value)
{
	if (value->type == 't')
		return sqlite3_bind_text(statement, place, value->bytes, -1,
					 SQLITE_STATIC);
	if (value->type == 'n')
		return sqlite3_bind_int64(statement, place, to_column(value->number));
	return sqlite3_bind_blob64(statement, place, value->bytes, value->size,
				   SQLITE_STATIC);
}

static void end_query(struct sql_query *query)
{
	struct sqlite_query *q = container_of(query, struct sqlite_query, query);

	sqlite3_reset(q->statement);
	sqlite3_clear_bindings(q->statement);
}

static struct sql_query *start_query(struct mmp_store *store, const char *sql,
				     const struct sql_value *values, size_t count,
				     struct mmp_error *err)
{
	struct sqlite_store *s = sqlite_of(store);
	struct sqlite_query *query = prepare(s, sql, err);

	if (!query)
		return NULL;
	assert(!sqlite3_stmt_busy(query->statement));
	assert((int)count == sqlite3_bind_parameter_count(query->statement));
	for (size_t i = 0; i < count; i++) {
		if (bind_value(query->statement, (int)i + 1, &values[i]) == SQLITE_OK)
			continue;
		fail_sqlite(s, err);
		end_query(&query->query);
		return NULL;
	}
	return &query->query;
}

static int next_row(struct sql_query *query, struct mmp_error *err)
{
	struct sqlite_query *q = container_of(query, struct sqlite_query, query);
	int outcome = sqlite3_step(q->statement);

	if (outcome == SQLITE_ROW)
		return 1;
	if (outcome != SQLITE_DONE)
		fail_sqlite(sqlite_of(query->store), err);
	end_query(query);
	return outcome == SQLITE_DONE ? 0 : -1;
}

static uint64_t number_of(struct sql_query *query, int column)
{
	struct sqlite_query *q = container_of(query, struct sqlite_query, query);

	return (uint64_t)sqlite3_column_int64(q->statement, column);
}

static const char *text_of(struct sql_query *query, int column)
{
	struct sqlite_query *q = container_of(query, struct sqlite_query, query);

	return (const char *)sqlite3_column_text(q->statement, column);
}

static const void *bytes_of(struct sql_query *query, int column)
{
	struct sqlite_query *q = container_of(query, struct sqlite_query, query);

	return sqlite3_column_blob(q->statement, column);
}

/* --- the database --- */

static uint64_t changed(const struct mmp_store *store)
{
	return (uint64_t)sqlite3_changes64(sqlite_of(store)->db);
}

static uint64_t changes(const struct mmp_store *store)
{
	return (uint64_t)sqlite3_total_changes64(sqlite_of(store)->db);
}

static bool in_transaction(const struct mmp_store *store)
{
	return !sqlite3_get_autocommit(sqlite_of(store)->db);
}

static void close_store(struct mmp_store *store)
{
	struct sqlite_store *s = sqlite_of(store);

	for (size_t i = 0; i < s->cached; i++)
		sqlite3_finalize(s->cache[i].statement);
	sqlite3_close(s->db);
	free(store->path);
	free(s);
}

/*
 * If one of the two files was deleted or replaced while it was open, writes would
 * succeed but be lost, as the file that they go to has no name any more.
 */
static int check_log(struct sqlite_store *s, struct mmp_error *err)
{
	const char *path = sqlite3_filename_wal(sqlite3_db_filename(s->db, "main"));
	struct stat now;
	ino_t inode = path && !stat(path, &now) ? now.st_ino : 0;

	if (s->log_inode && inode != s->log_inode)
		return mmp_fail(err, MMP_SYSTEM,
				"%.160s: its write-ahead log was deleted or replaced; "
				"restart mmpd",
				s->store.path);
	s->log_inode = inode;
	return 0;
}

static int check_place(struct mmp_store *store, struct mmp_error *err)
{
	struct sqlite_store *s = sqlite_of(store);
	struct stat now;

	if (!s->inode)
		return 0;
	if (stat(store->path, &now))
		return mmp_fail(err, MMP_SYSTEM,
				"%.180s: does not exist any more (%s); restart mmpd",
				store->path, strerror(errno));
	if (now.st_dev != s->device || now.st_ino != s->inode)
		return mmp_fail(err, MMP_SYSTEM,
				"%.160s: another file has taken its place; restart mmpd",
				store->path);
	return check_log(s, err);
}

static const struct sql_driver driver = {
	.begin = "BEGIN IMMEDIATE",
	.start = start_query,
	.row = next_row,
	.end = end_query,
	.number = number_of,
	.text = text_of,
	.bytes = bytes_of,
	.changed = changed,
	.changes = changes,
	.in_transaction = in_transaction,
	.fails_alone = true,
	.check_place = check_place,
	.close = close_store,
};

sqlite3 *sqlite_database(struct mmp_store *store)
{
	return store->driver == &driver ? sqlite_of(store)->db : NULL;
}

/* --- opening --- */

/* WAL: readers and the backup do not block. FULL: a commit is on the disk. */
static int set_up(struct sqlite_store *s, struct mmp_error *err)
{
	static const char pragmas[] = "PRAGMA journal_mode = WAL;"
				      "PRAGMA synchronous = FULL;"
				      "PRAGMA foreign_keys = ON;"
				      "PRAGMA trusted_schema = OFF;"
				      "PRAGMA journal_size_limit = 67108864;";

	sqlite3_busy_timeout(s->db, BUSY_MS);
	if (sqlite3_exec(s->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return fail_sqlite(s, err);
	if (sqlite3_db_readonly(s->db, "main"))
		return mmp_fail(err, MMP_SYSTEM, "%s: can be read but not written",
				s->store.path);
	return 0;
}

/* A database of another program: it has tables, but no schema version of ours. */
static int check_ours(struct sqlite_store *s, struct mmp_error *err)
{
	struct sql_query *query =
		sql_start(&s->store, err, "SELECT count(*) FROM sqlite_master", "");
	int version;
	uint64_t tables;

	if (sql_one(&s->store, query, err))
		return -1;
	tables = sql_number(query, 0);
	sql_end(query);
	if (mmp_migrate_version(s->db, &version, err))
		return mmp_while(err, "%s", s->store.path);
	if (tables && !version)
		return mmp_fail(
			err, MMP_SYSTEM,
			"%s: a database, but not one of mmpd's: it has tables and no "
			"schema version",
			s->store.path);
	return 0;
}

/* Another hard link to the same file would have its own lock file. */
static int check_links(const char *path, struct mmp_error *err)
{
	struct stat there;

	if (!stat(path, &there) && S_ISREG(there.st_mode) && there.st_nlink > 1)
		return mmp_fail(err, MMP_SYSTEM,
				"%.160s: has %u names (hard links); a database must have "
				"one",
				path, (unsigned)there.st_nlink);
	return 0;
}

static int open_file(struct sqlite_store *s, struct mmp_error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	if (!s->store.path)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (check_links(s->store.path, err))
		return -1;
	/* Do not count memory, under a lock. No effect if SQLite is in use already. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(s->store.path, &s->db, flags, NULL) != SQLITE_OK) {
		if (s->db)
			return fail_sqlite(s, err);
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	}
	sqlite3_extended_result_codes(s->db, 0);
	return 0;
}

static int migrate(struct sqlite_store *s, struct mmp_error *err)
{
	if (mmp_migrate(s->db, mmp_migrations, mmp_migrations_count, err))
		return mmp_while(err, "%s", s->store.path);
	return 0;
}

int sqlite_open(const char *path, struct mmp_store **ret_store, struct mmp_error *err)
{
	struct sqlite_store *s = calloc(1, sizeof(*s));
	struct stat made;

	if (!s)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	s->store.driver = &driver;
	s->store.path = strdup(path);
	if (open_file(s, err) || check_ours(s, err) || set_up(s, err) ||
	    migrate(s, err)) {
		close_store(&s->store);
		return -1;
	}
	if (strcmp(path, MMP_STORE_MEMORY) != 0 && !stat(path, &made)) {
		s->device = made.st_dev;
		s->inode = made.st_ino;
	}
	*ret_store = &s->store;
	return 0;
}
