/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "store/migrations.h"
#include "store/store.h"

static char folder[64];
static char path[128];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/mmp-store-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/db", folder);
	return 0;
}

static int tear_down(void **state)
{
	char command[160];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static sqlite3 *raw(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static int number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *query;
	int value;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &query, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(query), SQLITE_ROW);
	value = sqlite3_column_int(query, 0);
	sqlite3_finalize(query);
	return value;
}

static int open_store(struct mmp_error *err)
{
	struct mmp_store *store;

	*err = (struct mmp_error){ 0 };
	if (mmp_store_open(path, &store, err))
		return -1;
	mmp_store_close(store);
	return 0;
}

static void a_new_database_has_the_newest_version_and_opens_again(void **state)
{
	struct mmp_error err;
	sqlite3 *db;

	(void)state;
	assert_int_equal(open_store(&err), 0);
	assert_int_equal(open_store(&err), 0);
	db = raw();
	assert_int_equal(number(db, "PRAGMA user_version"), mmp_migrations_count);
	sqlite3_close(db);
}

static void a_newer_database_is_refused_in_words(void **state)
{
	struct mmp_error err;
	sqlite3 *db;
	char stamp[64];

	(void)state;
	assert_int_equal(open_store(&err), 0);
	db = raw();
	snprintf(stamp, sizeof(stamp), "PRAGMA user_version = %d",
		 mmp_migrations_count + 1);
	run(db, stamp);
	sqlite3_close(db);
	assert_int_equal(open_store(&err), -1);
	assert_int_equal(err.code, MMP_CONFLICT);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "newer mmpd"));
}

static void what_is_no_database_of_ours_is_refused_and_left_alone(void **state)
{
	static const char junk[] =
		"this is a letter to my aunt, and longer than a header of "
		"SQLite, which has one hundred bytes, more or less";
	struct mmp_error err;
	FILE *file = fopen(path, "w");
	struct stat before, after;
	sqlite3 *db;

	(void)state;
	fwrite(junk, 1, sizeof(junk), file);
	fclose(file);
	stat(path, &before);
	assert_int_equal(open_store(&err), -1);
	assert_int_equal(err.code, MMP_SYSTEM);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "not a database"));
	stat(path, &after);
	assert_int_equal(before.st_size, after.st_size);

	unlink(path);
	db = raw();
	run(db, "CREATE TABLE bookmark (url TEXT)");
	sqlite3_close(db);
	assert_int_equal(open_store(&err), -1);
	assert_non_null(strstr(err.text, "not one of mmpd's"));
	db = raw();
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_master"), 1);
	sqlite3_close(db);
}

static void a_path_that_cannot_be_opened_is_named(void **state)
{
	struct mmp_error err = { 0 };
	struct mmp_store *store;
	char missing[256];

	(void)state;
	snprintf(missing, sizeof(missing), "%s/no/such/folder/db", folder);
	assert_int_equal(mmp_store_open(missing, &store, &err), -1);
	assert_int_equal(err.code, MMP_SYSTEM);
	assert_non_null(strstr(err.text, missing));
	assert_non_null(strstr(err.text, "No such file"));
	assert_int_equal(mmp_store_open(folder, &store, &err), -1);
	assert_non_null(strstr(err.text, folder));
}

static const char *const steps[] = {
	"CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
	"CREATE TABLE b (a INTEGER NOT NULL REFERENCES a (id));"
	"INSERT INTO a VALUES (1, 'one'), (2, 'two'); INSERT INTO b VALUES (1), (2);",
	/* Rebuilds a table that others refer to. */
	"CREATE TABLE c (id INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER);"
	"INSERT INTO c SELECT id, name, 0 FROM a; DROP TABLE a; ALTER TABLE c RENAME TO "
	"a;",
	"UPDATE a SET size = 7 WHERE id = 2;",
};

static void a_step_may_rebuild_a_table_that_others_refer_to(void **state)
{
	struct mmp_error err;
	sqlite3 *db = raw();

	(void)state;
	run(db, "PRAGMA foreign_keys = ON");
	for (int version = 1; version <= 3; version++) {
		if (mmp_migrate(db, steps, version, &err))
			fail_msg("%s", err.text);
		assert_int_equal(number(db, "PRAGMA user_version"), version);
		assert_int_equal(number(db, "SELECT count(*) FROM a"), 2);
		assert_int_equal(number(db, "SELECT count(*) FROM b"), 2);
		assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
	}
	assert_int_equal(number(db, "SELECT size FROM a WHERE id = 2"), 7);
	sqlite3_close(db);
}

static void a_failing_step_leaves_the_version_before_it(void **state)
{
	static const char *const faults[] = {
		"CREATE TABLE d (x); CREATE TABLE d (x);",
		"CREATE TABLE d (x); DELETE FROM a WHERE id = 1;", /* b refers to it */
		"CREATE TABLE d (x); INSERT INTO nowhere VALUES (1);",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		const char *const list[] = { steps[0], steps[1], faults[i] };
		struct mmp_error err = { 0 };
		sqlite3 *db;

		unlink(path);
		db = raw();
		assert_int_equal(mmp_migrate(db, list, 3, &err), -1);
		assert_int_equal(err.code, MMP_SYSTEM);
		assert_non_null(strstr(err.text, "schema version 3"));
		assert_int_equal(number(db, "PRAGMA user_version"), 2);
		assert_int_equal(number(db, "SELECT count(*) FROM a"), 2);
		assert_int_equal(number(db, "SELECT count(*) FROM sqlite_master "
					    "WHERE name = 'd'"),
				 0);
		sqlite3_close(db);
	}
}

/* Rows that every version from 1 on keeps. Add to it with each migration. */
static const char fixture[] =
	"INSERT INTO platform VALUES (1, 'virt', 2, 0, 2);"
	"INSERT INTO platform_config VALUES (1, 1, 'optee-4.10', '{}');"
	"INSERT INTO platform_revision VALUES (1, 1, 1, 1, '2026-01-01T00:00:00.000Z', "
	"'eva');"
	"INSERT INTO platform_revision VALUES (1, 2, 1, 2, '2026-01-01T00:00:01.000Z', "
	"'eva');"
	"INSERT INTO region VALUES (1, 0, 1, 9223372036854775807, 'phys_mem_map', "
	"'MEM_AREA_IO_SEC', 'UART', 150994944, 4096, 'platform');"
	"INSERT INTO region VALUES (1, 1, 2, 9223372036854775807, 'phys_mem_map', "
	"'MEM_AREA_IO_SEC', '', -4096, 4096, 'platform');"
	"INSERT INTO build VALUES ('ab', '{}', x'00');"
	"INSERT INTO build_origin VALUES ('ab', 'virt', 2, '2026-01-01T00:00:02.000Z', "
	"0, 0, 1, "
	"'eva');"
	"INSERT INTO board VALUES ('desk', 'unix:/x', '{}', 'ab', NULL, "
	"'2026-01-01T00:00:03.000Z');"
	"INSERT INTO job VALUES (1, 'push', 'done', 'ab', 'desk', 'k', "
	"'2026-01-01T00:00:02.500Z', '2026-01-01T00:00:03.000Z', 0, 0, 1, 'eva', NULL, "
	"NULL, "
	"'{}');"
	"INSERT INTO history VALUES (1, '2026-01-01T00:00:00.000Z', 0, 0, 1, 'eva', "
	"'platform', "
	"'virt', 'put', '', NULL, '1');";

static int count_region(void *data, const struct mmp_region_row *row,
			struct mmp_error *err)
{
	(void)row, (void)err;
	++*(int *)data;
	return 0;
}

static int see_board(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	(void)err;
	snprintf(data, 8, "%s", row->holds);
	return 0;
}

static int see_renaming(void *data, const struct mmp_history_row *row,
			struct mmp_error *err)
{
	(void)err;
	if (!strcmp(row->action, "rules.rename")) {
		assert_string_equal(row->before, "2");
		assert_string_equal(row->after, "2");
		assert_non_null(strstr(row->about, "\"optee-4.10-257\""));
		++*(int *)data;
	}
	return 0;
}

/* What was called optee-4.10 is not the release of that name. */
static void
platforms_of_the_tree_after_4_10_keep_its_rules_under_another_name(void **state)
{
	const struct mmp_page all = { 0 };
	struct mmp_store *store;
	struct mmp_error err;
	sqlite3 *db = raw();
	int renamed = 0;

	(void)state;
	assert_int_equal(mmp_migrate(db, mmp_migrations, 1, &err), 0);
	run(db, fixture);
	run(db, "INSERT INTO platform VALUES (2, 'old', 1, 0, 0);"
		"INSERT INTO platform_config VALUES (2, 2, 'optee-3.4', '{}');"
		"INSERT INTO platform_revision VALUES (2, 1, 2, 0, "
		"'2026-01-01T00:00:00.000Z', 'eva');");
	sqlite3_close(db);
	assert_int_equal(open_store(&err), 0);
	db = raw();
	assert_int_equal(number(db, "SELECT count(*) FROM platform_config WHERE "
				    "rules = 'optee-4.10-257'"),
			 1);
	assert_int_equal(
		number(db,
		       "SELECT count(*) FROM platform_config WHERE rules = 'optee-3.4'"),
		1);
	assert_int_equal(number(db, "SELECT count(*) FROM history WHERE action = "
				    "'rules.rename'"),
			 1);
	sqlite3_close(db);
	assert_int_equal(mmp_store_open(path, &store, &err), 0);
	assert_int_equal(mmp_store_history(store, "platform", "virt", &all, see_renaming,
					   &renamed, &err),
			 0);
	assert_int_equal(renamed, 1);
	mmp_store_close(store);
}

/* --- registrations in a group --- */

static const struct mmp_signature eva = { 1000, 1000, 1, "eva",
					  "2026-01-01T00:00:00.000Z" };

static int add_region(struct mmp_store *store, const char *name, uint64_t if_revision,
		      struct mmp_error *err)
{
	const struct mmp_region_row row = { .section = "phys_mem",
					    .type = "IO_SEC",
					    .name = name,
					    .addr = 0x1000,
					    .size = 0x1000,
					    .origin = "x" };
	uint64_t revision, ordinal;

	return mmp_store_region_add(store, "virt", &row, if_revision, &eva, NULL,
				    &revision, &ordinal, err);
}

static int count_regions(struct mmp_store *store)
{
	struct mmp_error err;
	int regions = 0;

	assert_int_equal(mmp_store_platform_regions(store, "virt", INT32_MAX,
						    count_region, &regions, &err),
			 0);
	return regions;
}

static int see_revision(void *data, const struct mmp_platform_row *row,
			struct mmp_error *err)
{
	(void)err;
	snprintf(data, 64, "%zu regions by %s", row->regions_count, row->time);
	return 0;
}

static void a_database_of_version_1_walks_to_the_newest_with_its_data(void **state)
{
	static const char *const revisions[] = {
		"1 regions by 2026-01-01T00:00:00.000Z",
		"2 regions by 2026-01-01T00:00:01.000Z",
		"3 regions by 2026-01-01T00:00:00.000Z"
	};
	struct mmp_store *store;
	struct mmp_error err;
	sqlite3 *db = raw();
	char holds[8], seen[64];
	int regions = 0;

	(void)state;
	assert_int_equal(mmp_migrate(db, mmp_migrations, 1, &err), 0);
	run(db, fixture);
	sqlite3_close(db);
	if (mmp_store_open(path, &store, &err))
		fail_msg("%s", err.text);
	assert_int_equal(mmp_store_platform_regions(store, "virt", 2, count_region,
						    &regions, &err),
			 0);
	assert_int_equal(regions, 2);
	/* The newest revision goes on where it was. */
	assert_int_equal(add_region(store, "new", 2, &err), 0);
	assert_int_equal(count_regions(store), 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mmp_store_platform_get(store, "virt", (uint64_t)i + 1,
							see_revision, seen, &err),
				 0);
		assert_string_equal(seen, revisions[i]);
	}
	assert_int_equal(mmp_store_board_get(store, "desk", see_board, holds, &err), 0);
	assert_string_equal(holds, "ab");
	mmp_store_close(store);
}

static struct mmp_store *store_with_a_platform(void)
{
	struct mmp_platform_row row = { .name = "virt",
					.rules = "optee-4.10",
					.config = "{}" };
	struct mmp_store *store;
	struct mmp_error err;
	uint64_t revision;

	assert_int_equal(mmp_store_open(path, &store, &err), 0);
	assert_int_equal(mmp_store_platform_put(store, &row, MMP_ANY_REVISION, &eva,
						&revision, &err),
			 0);
	return store;
}

static void a_registration_that_is_refused_leaves_its_group_alone(void **state)
{
	struct mmp_store *store = store_with_a_platform();
	struct mmp_error err;

	(void)state;
	mmp_store_group_begin(store);
	assert_int_equal(add_region(store, "a", 1, &err), 0);
	assert_int_equal(add_region(store, "b", 1, &err), -1);
	assert_int_equal(err.code, MMP_CONFLICT);
	assert_int_equal(add_region(store, "c", 2, &err), 0);
	assert_int_equal(mmp_store_group_end(store, &err), 0);
	assert_int_equal(count_regions(store), 2);
	mmp_store_close(store);
}

static void a_registration_that_fails_half_way_takes_its_group_with_it(void **state)
{
	struct mmp_store *store = store_with_a_platform();
	struct mmp_error err;
	sqlite3 *db = raw();

	(void)state;
	run(db, "CREATE TRIGGER half BEFORE INSERT ON history WHEN NEW.about LIKE "
		"'%\"b\"%' BEGIN SELECT RAISE(ABORT, 'half-way'); END");
	sqlite3_close(db);
	mmp_store_group_begin(store);
	assert_int_equal(add_region(store, "a", MMP_ANY_REVISION, &err), 0);
	assert_int_equal(add_region(store, "b", MMP_ANY_REVISION, &err), -1);
	assert_non_null(strstr(err.text, "half-way"));
	assert_int_equal(add_region(store, "c", MMP_ANY_REVISION, &err), -1);
	assert_int_equal(mmp_store_group_end(store, &err), -1);
	assert_non_null(strstr(err.text, "half-way"));
	assert_int_equal(count_regions(store), 0);
	assert_int_equal(add_region(store, "d", 1, &err), 0);
	assert_int_equal(count_regions(store), 1);
	mmp_store_close(store);
}

static char *slurp(const char *name)
{
	struct mmp_buffer buffer = MMP_BUFFER_EMPTY;
	FILE *file = fopen(name, "r");
	char bytes[4096];
	size_t length;

	mmp_buffer_text(&buffer, "");
	if (!file)
		fail_msg("%s cannot be read", name);
	while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
		mmp_buffer_add(&buffer, bytes, length);
	fclose(file);
	return buffer.bytes;
}

static void spill(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/*
 * What the files of sql/ add up to, in a form that a reviewer can read. With
 * MMP_GOLDEN_WRITE=1 the record is written anew.
 */
static void the_schema_is_the_one_on_record(void **state)
{
	struct mmp_buffer schema = MMP_BUFFER_EMPTY;
	const char *top = getenv("top_srcdir");
	struct mmp_error err;
	sqlite3_stmt *query;
	char name[512], *golden;
	sqlite3 *db;

	(void)state;
	assert_int_equal(open_store(&err), 0);
	db = raw();
	sqlite3_prepare_v2(
		db,
		"SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL "
		"AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name",
		-1, &query, NULL);
	while (sqlite3_step(query) == SQLITE_ROW)
		mmp_buffer_printf(&schema, "%s;\n", sqlite3_column_text(query, 2));
	sqlite3_finalize(query);
	sqlite3_close(db);
	snprintf(name, sizeof(name), "%s/tests/golden/schema.sql", top ? top : "..");
	if (getenv("MMP_GOLDEN_WRITE"))
		spill(name, schema.bytes);
	golden = slurp(name);
	assert_string_equal(schema.bytes, golden);
	free(golden);
	mmp_buffer_done(&schema);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_new_database_has_the_newest_version_and_opens_again),
		TEST(a_newer_database_is_refused_in_words),
		TEST(what_is_no_database_of_ours_is_refused_and_left_alone),
		TEST(a_path_that_cannot_be_opened_is_named),
		TEST(a_step_may_rebuild_a_table_that_others_refer_to),
		TEST(a_failing_step_leaves_the_version_before_it),
		TEST(platforms_of_the_tree_after_4_10_keep_its_rules_under_another_name),
		TEST(a_registration_that_is_refused_leaves_its_group_alone),
		TEST(a_registration_that_fails_half_way_takes_its_group_with_it),
		TEST(a_database_of_version_1_walks_to_the_newest_with_its_data),
		TEST(the_schema_is_the_one_on_record),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
