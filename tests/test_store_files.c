/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "store/store.h"
#include "store_file.h"
#include "stored_builds.h"

/* Copies and damage of a database file. */

static void back_up(const char *to, uint64_t *bytes)
{
	struct mmp_backup *backup;
	int more;

	if (mmp_backup_new(store, to, &backup, &err))
		fail_msg("%s", err.text);
	for (int i = 0; (more = mmp_backup_step(backup, bytes, &err)) > 0; i++)
		if (i % 2)
			put(i % 4 == 1 ? id_b : id_c, "virt", (uint64_t)i, &ion);
	if (more < 0)
		fail_msg("%s", err.text);
	mmp_backup_free(backup);
}

static void check_integrity(const char *name)
{
	sqlite3_stmt *query;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &query, NULL);
	assert_int_equal(sqlite3_step(query), SQLITE_ROW);
	assert_string_equal(sqlite3_column_text(query, 0), "ok");
	sqlite3_finalize(query);
	sqlite3_close(db);
}

static void a_backup_of_a_database_in_use_is_whole(void **state)
{
	struct mmp_build_row big = {
		.id = id_a, .manifest = "{}", .bytes_size = 10 << 20, .platform = ""
	};
	char to[160], part[180];
	struct mmp_store *copy;
	struct mmp_buffer seen = MMP_BUFFER_EMPTY;
	uint64_t bytes = 0;
	bool is_new;

	(void)state;
	big.bytes = calloc(1, big.bytes_size);
	assert_int_equal(mmp_store_build_put(store, &big, &eva, &is_new, &err), 0);
	free((void *)big.bytes);
	snprintf(to, sizeof(to), "%s/copy", folder);
	back_up(to, &bytes);
	assert_true(bytes > 10 << 20);
	check_integrity(to);
	assert_int_equal(mmp_store_open(to, &copy, &err), 0);
	assert_int_equal(mmp_store_build_get(copy, id_b, see_build, &seen, &err), 0);
	mmp_buffer_done(&seen);
	mmp_store_close(copy);
	snprintf(part, sizeof(part), "%s.part", to);
	assert_int_equal(access(part, F_OK), -1);
}

static void a_backup_never_overwrites_and_leaves_nothing_when_dropped(void **state)
{
	struct mmp_backup *backup, *other;
	char to[160], part[180], nowhere[180];
	uint64_t bytes;

	(void)state;
	snprintf(to, sizeof(to), "%s/copy", folder);
	snprintf(part, sizeof(part), "%s.part", to);
	snprintf(nowhere, sizeof(nowhere), "%s/no/copy", folder);
	assert_int_equal(mmp_backup_new(store, to, &backup, &err), 0);
	fails(mmp_backup_new(store, to, &other, &err), MMP_CONFLICT, "copy.part");
	mmp_backup_free(backup);
	assert_int_equal(access(part, F_OK), -1);
	back_up(to, &bytes);
	fails(mmp_backup_new(store, to, &backup, &err), MMP_CONFLICT, to);
	fails(mmp_backup_new(store, path, &backup, &err), MMP_CONFLICT, path);
	fails(mmp_backup_new(store, nowhere, &backup, &err), MMP_SYSTEM, nowhere);
}

static void a_file_that_appears_meanwhile_is_not_overwritten(void **state)
{
	struct mmp_backup *backup;
	uint64_t bytes;
	char to[160];
	int more;

	(void)state;
	snprintf(to, sizeof(to), "%s/copy", folder);
	assert_int_equal(mmp_backup_new(store, to, &backup, &err), 0);
	fclose(fopen(to, "w"));
	while ((more = mmp_backup_step(backup, &bytes, &err)) > 0)
		;
	fails(more, MMP_CONFLICT, to);
	mmp_backup_free(backup);
}

static void
another_program_that_writes_all_the_time_does_not_keep_a_backup_from_its_end(void **state)
{
	struct mmp_backup *backup;
	char copy[160];
	uint64_t bytes;
	int more = 1, steps = 0;

	(void)state;
	snprintf(copy, sizeof(copy), "%s/copy", folder);
	run_sql("CREATE TABLE extra (x)");
	run_sql("INSERT INTO extra VALUES (zeroblob(8000000))");
	assert_int_equal(mmp_backup_new(store, copy, &backup, &err), 0);
	for (; more > 0; steps++) {
		more = mmp_backup_step(backup, &bytes, &err);
		if (more > 0)
			run_sql("UPDATE extra SET x = zeroblob(8000000)");
		assert_true(steps < 32);
	}
	assert_int_equal(more, 0);
	assert_true(bytes > 8000000);
	mmp_backup_free(backup);
}

static void a_build_without_its_origin_is_told_as_damage(void **state)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	(void)state;
	put(id_a, "qemu", 1, &eva);
	run_sql("DELETE FROM build_origin");
	assert_int_equal(mmp_store_build_get(store, id_a, see_build, &text, &err), -1);
	assert_int_equal(err.code, MMP_SYSTEM);
	assert_non_null(strstr(err.text, "the database is damaged"));
	mmp_buffer_done(&text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_backup_of_a_database_in_use_is_whole),
		TEST(a_backup_never_overwrites_and_leaves_nothing_when_dropped),
		TEST(a_file_that_appears_meanwhile_is_not_overwritten),
		TEST(another_program_that_writes_all_the_time_does_not_keep_a_backup_from_its_end),
		TEST(a_build_without_its_origin_is_told_as_damage),
	};

	return cmocka_run_group_tests_name("store_files", tests, NULL, NULL);
}
