/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/migrations.h"
#include "store/store.h"
#include "store_file.h"

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

static const struct mmp_signature eva = { 1000, 1000, 1, "eva",
					  "2026-01-01T00:00:00.000Z" };

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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(a_new_database_has_the_newest_version_and_opens_again),
		TEST(a_newer_database_is_refused_in_words),
		TEST(what_is_no_database_of_ours_is_refused_and_left_alone),
		TEST(a_path_that_cannot_be_opened_is_named),
		TEST(a_registration_that_is_refused_leaves_its_group_alone),
		TEST(a_registration_that_fails_half_way_takes_its_group_with_it),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
