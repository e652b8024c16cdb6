/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_file.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char folder[64], path[128];

int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/mmp-store-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/db", folder);
	return 0;
}

int remove_folder(void **state)
{
	char command[160];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

sqlite3 *raw(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

void run_sql(const char *sql)
{
	sqlite3 *db = raw();

	run(db, sql);
	sqlite3_close(db);
}

int number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *query;
	int value;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &query, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(query), SQLITE_ROW);
	value = sqlite3_column_int(query, 0);
	sqlite3_finalize(query);
	return value;
}

int open_store(struct mmp_error *err)
{
	struct mmp_store *store;

	*err = (struct mmp_error){ 0 };
	if (mmp_store_open(path, &store, err))
		return -1;
	mmp_store_close(store);
	return 0;
}

static const struct mmp_signature author = { 1000, 1000, 1, "eva",
					     "2026-01-01T00:00:00.000Z" };

int count_region(void *data, const struct mmp_region_row *row, struct mmp_error *err)
{
	(void)row, (void)err;
	++*(int *)data;
	return 0;
}

int add_region(struct mmp_store *store, const char *name, uint64_t if_revision,
	       struct mmp_error *err)
{
	const struct mmp_region_row row = { .section = "phys_mem",
					    .type = "IO_SEC",
					    .name = name,
					    .addr = 0x1000,
					    .size = 0x1000,
					    .origin = "x" };
	uint64_t revision, ordinal;

	return mmp_store_region_add(store, "virt", &row, if_revision, &author, NULL,
				    &revision, &ordinal, err);
}

int count_regions(struct mmp_store *store)
{
	struct mmp_error err;
	int regions = 0;

	assert_int_equal(mmp_store_platform_regions(store, "virt", INT32_MAX,
						    count_region, &regions, &err),
			 0);
	return regions;
}
