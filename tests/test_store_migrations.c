/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "store/migrations.h"
#include "store/store.h"
#include "store_file.h"

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

static int see_config(void *data, const struct mmp_platform_row *row,
		      struct mmp_error *err)
{
	(void)err;
	snprintf(data, 64, "%s%s", row->config, row->encoded ? " encoded" : "");
	return 0;
}

/* A server: test_store_upgrades.c. */
static void configurations_of_version_8_are_kept_as_text(void **state)
{
	struct mmp_store *store;
	struct mmp_error err;
	sqlite3 *db = raw();
	char seen[64];

	(void)state;
	assert_int_equal(mmp_migrate(db, mmp_migrations, 8, &err), 0);
	run(db,
	    "INSERT INTO platform VALUES (1, 'virt', 1, 0, 0, 0);"
	    "INSERT INTO platform_config VALUES (1, 1, 'optee-4.10', '{\"nb_core\":4}');"
	    "INSERT INTO platform_revision VALUES (1, 1, 1, 0, "
	    "'2026-01-01T00:00:00.000Z', 'eva', 0);");
	sqlite3_close(db);
	if (mmp_store_open(path, &store, &err))
		fail_msg("%s", err.text);
	assert_int_equal(mmp_store_platform_get(store, "virt", 0, see_config, seen, &err),
			 0);
	assert_string_equal(seen, "{\"nb_core\":4}");
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(a_step_may_rebuild_a_table_that_others_refer_to),
		TEST(a_failing_step_leaves_the_version_before_it),
		TEST(platforms_of_the_tree_after_4_10_keep_its_rules_under_another_name),
		TEST(a_database_of_version_1_walks_to_the_newest_with_its_data),
		TEST(configurations_of_version_8_are_kept_as_text),
		TEST(the_schema_is_the_one_on_record),
	};

	return cmocka_run_group_tests_name("store_migrations", tests, NULL, NULL);
}
