/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "store/migrations.h"

static int fail_sqlite(sqlite3 *db, struct mmp_error *err)
{
	return mmp_fail(err, MMP_SYSTEM, "%s", sqlite3_errmsg(db));
}

static int run_sql(sqlite3 *db, const char *sql, struct mmp_error *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : fail_sqlite(db, err);
}

/* The number in the first column of the first row; `none` if there is no row. */
static int ask_number(sqlite3 *db, const char *sql, int none, int *ret_number,
		      struct mmp_error *err)
{
	sqlite3_stmt *query = NULL;
	int outcome = sqlite3_prepare_v2(db, sql, -1, &query, NULL);

	if (outcome == SQLITE_OK)
		outcome = sqlite3_step(query);
	if (outcome != SQLITE_ROW && outcome != SQLITE_DONE) {
		fail_sqlite(db, err);
		sqlite3_finalize(query);
		return -1;
	}
	*ret_number = outcome == SQLITE_ROW ? sqlite3_column_int(query, 0) : none;
	sqlite3_finalize(query);
	return 0;
}

int mmp_migrate_version(sqlite3 *db, int *ret_version, struct mmp_error *err)
{
	return ask_number(db, "PRAGMA user_version", 0, ret_version, err);
}

static int check_references(sqlite3 *db, struct mmp_error *err)
{
	int broken;

	if (ask_number(db, "SELECT count(*) FROM pragma_foreign_key_check", 0, &broken,
		       err))
		return -1;
	if (broken)
		return mmp_fail(err, MMP_SYSTEM,
				"%d rows refer to rows that do not exist", broken);
	return 0;
}

static int apply_migration(sqlite3 *db, const char *sql, int version,
			   struct mmp_error *err)
{
	char stamp[64];

	snprintf(stamp, sizeof(stamp), "PRAGMA user_version = %d", version);
	if (run_sql(db, "BEGIN IMMEDIATE", err))
		return -1;
	if (run_sql(db, sql, err) || check_references(db, err) ||
	    run_sql(db, stamp, err) || run_sql(db, "COMMIT", err)) {
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
		return mmp_while(err, "schema version %d", version);
	}
	return 0;
}

static int migrate_steps(sqlite3 *db, const char *const *steps, int from, int to,
			 struct mmp_error *err)
{
	for (int version = from; version < to; version++)
		if (apply_migration(db, steps[version], version + 1, err))
			return -1;
	return 0;
}

int mmp_migrate(sqlite3 *db, const char *const *steps, int count, struct mmp_error *err)
{
	int now, failed;

	if (mmp_migrate_version(db, &now, err))
		return -1;
	if (now > count)
		return mmp_fail(
			err, MMP_CONFLICT,
			"the database has schema version %d, this program knows %d: "
			"it needs a newer mmpd",
			now, count);
	if (now == count)
		return 0;
	/*
	 * This pragma has no effect inside a transaction, so it is set outside of them.
	 */
	if (run_sql(db, "PRAGMA foreign_keys = OFF", err))
		return -1;
	failed = migrate_steps(db, steps, now, count, err);
	sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
	return failed;
}
