/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "database.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "store/store.h"

static const struct mmp_signature eva = { 1000, 1000, 7, "eva",
					  "2026-01-01T00:00:00.000Z" };
static const struct mmp_signature ion = { 1001, 1001, 8, "ion",
					  "2026-01-02T00:00:00.000Z" };
static const char later[] = "2026-01-03T00:00:00.000Z";

static char id_a[65], id_b[65], id_c[65];
static const struct mmp_page all;
static struct mmp_store *store;
static struct mmp_error err;
static char folder[64], path[128];

static void fill_id(char id[65], const char *start)
{
	memset(id, '0', 64);
	id[64] = '\0';
	memcpy(id, start, strlen(start));
}

static int set_up(void **state)
{
	(void)state;
	err = (struct mmp_error){ 0 };
	fill_id(id_a, "aaaaaaaa1");
	fill_id(id_b, "aaaaaaaa2");
	fill_id(id_c, "cccc");
	strcpy(folder, "/tmp/mmp-store-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/db", folder);
	return mmp_store_open(test_database(path), &store, &err);
}

static int tear_down(void **state)
{
	char command[160];

	(void)state;
	mmp_store_close(store);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static bool put(const char *id, const char *platform, uint64_t revision,
		const struct mmp_signature *by)
{
	struct mmp_build_row row = { .id = id,
				     .manifest = "{}",
				     .bytes = "\0tables",
				     .bytes_size = 7,
				     .platform = platform,
				     .revision = revision };
	bool is_new;

	if (mmp_store_build_put(store, &row, by, &is_new, &err))
		fail_msg("%s", err.text);
	return is_new;
}

static int see_build(void *data, const struct mmp_build_row *row,
		     struct mmp_error *ret_err)
{
	struct mmp_buffer *text = data;

	(void)ret_err;
	if (row->bytes)
		assert_memory_equal(row->bytes, "\0tables", 7);
	mmp_buffer_printf(text, "%.9s %s %zu %s@%" PRIu64 " %s;", row->id,
			  row->manifest ? row->manifest : "-", row->bytes_size,
			  row->platform, row->revision, row->user);
	return 0;
}

static int see_board(void *data, const struct mmp_board_row *row,
		     struct mmp_error *ret_err)
{
	struct mmp_buffer *text = data;

	(void)ret_err;
	mmp_buffer_printf(text, "%s %s %s %.9s %.9s;", row->name, row->line, row->options,
			  row->holds ? row->holds : "-", row->staged ? row->staged : "-");
	return 0;
}

static int see_job(void *data, const struct mmp_job_row *row, struct mmp_error *ret_err)
{
	struct mmp_buffer *text = data;

	(void)ret_err;
	mmp_buffer_printf(text, "%s %s %.9s>%s %s %s%s%s;", row->kind,
			  mmp_job_state_name(row->state), row->build, row->board,
			  row->by.user, row->error_kind ? row->error_kind : "",
			  row->report ? row->report : "", row->ended ? " ended" : "");
	return 0;
}

#define SEEN(call, wanted)                                                               \
	do {                                                                             \
		struct mmp_buffer seen = MMP_BUFFER_EMPTY;                               \
                                                                                         \
		mmp_buffer_text(&seen, "");                                              \
		if ((call) < 0)                                                          \
			fail_msg("%s", err.text);                                        \
		assert_string_equal(seen.bytes, wanted);                                 \
		mmp_buffer_done(&seen);                                                  \
	} while (0)

static void fails(int outcome, enum mmp_code code, const char *words)
{
	assert_int_equal(outcome, -1);
	assert_string_equal(mmp_code_info(err.code)->name, mmp_code_info(code)->name);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, err.text);
}

static void a_build_is_kept_once_and_remembers_each_origin(void **state)
{
	(void)state;
	assert_true(put(id_a, "virt", 1, &eva));
	assert_false(put(id_a, "virt", 2, &ion));
	assert_false(put(id_a, "virt", 1, &eva));
	assert_true(put(id_c, "", 0, &eva));
	SEEN(mmp_store_build_get(store, id_a, see_build, &seen, &err),
	     "aaaaaaaa1 {} 7 virt@1 eva;");
	SEEN(mmp_store_build_list(store, NULL, &all, see_build, &seen, &err),
	     "cccc00000 - 7 @0 eva;aaaaaaaa1 - 7 virt@1 eva;");
	SEEN(mmp_store_build_list(store, "virt", &all, see_build, &seen, &err),
	     "aaaaaaaa1 - 7 virt@1 eva;");
	SEEN(mmp_store_build_list(store, "other", &all, see_build, &seen, &err), "");
}

static void the_first_digits_name_a_build_where_they_name_one(void **state)
{
	struct mmp_buffer none = MMP_BUFFER_EMPTY;

	(void)state;
	put(id_a, "virt", 1, &eva);
	put(id_b, "virt", 2, &eva);
	put(id_c, "virt", 3, &eva);
	SEEN(mmp_store_build_get(store, "aaaaaaaa2", see_build, &seen, &err),
	     "aaaaaaaa2 {} 7 virt@2 eva;");
	SEEN(mmp_store_build_get(store, "cccc0000", see_build, &seen, &err),
	     "cccc00000 {} 7 virt@3 eva;");
	fails(mmp_store_build_get(store, "aaaaaaaa", see_build, &none, &err), MMP_INVALID,
	      "more than one");
	fails(mmp_store_build_get(store, "aaaaaaa", see_build, &none, &err), MMP_INVALID,
	      "hex digits");
	fails(mmp_store_build_get(store, "AAAAAAAA1", see_build, &none, &err),
	      MMP_INVALID, "hex digits");
	fails(mmp_store_build_get(store, "bbbbbbbb", see_build, &none, &err),
	      MMP_NOT_FOUND, "no such");
}

static void put_board(const char *name, const char *line)
{
	struct mmp_board_row board = { .name = name, .line = line, .options = "{}" };

	if (mmp_store_board_put(store, &board, &eva, &err))
		fail_msg("%s", err.text);
}

static void a_build_that_a_board_holds_or_may_hold_is_not_removed(void **state)
{
	(void)state;
	put(id_a, "virt", 1, &eva);
	put_board("desk", "unix:/x");
	mmp_store_board_staged(store, "desk", id_a, later, &err);
	fails(mmp_store_build_remove(store, id_a, &eva, &err), MMP_CONFLICT,
	      "board \"desk\" may hold it");
	mmp_store_board_holds(store, "desk", id_a, later, &err);
	fails(mmp_store_build_remove(store, id_a, &eva, &err), MMP_CONFLICT,
	      "board \"desk\" holds it");
	mmp_store_board_holds(store, "desk", id_b, later, &err); /* one we do not know */
	SEEN(mmp_store_board_get(store, "desk", see_board, &seen, &err),
	     "desk unix:/x {} - -;");
	assert_int_equal(mmp_store_build_remove(store, "aaaaaaaa", &eva, &err), 0);
	fails(mmp_store_build_remove(store, id_a, &eva, &err), MMP_NOT_FOUND,
	      "aaaaaaaa1");
}

static void a_board_is_put_changed_listed_and_removed(void **state)
{
	struct mmp_buffer none = MMP_BUFFER_EMPTY;

	(void)state;
	put(id_a, "virt", 1, &eva);
	put_board("desk", "unix:/x");
	put_board("bench", "tcp:localhost:7");
	mmp_store_board_holds(store, "desk", id_a, later, &err);
	put_board("desk", "unix:/y");
	SEEN(mmp_store_board_list(store, NULL, 0, see_board, &seen, &err),
	     "bench tcp:localhost:7 {} - -;desk unix:/y {} - -;");
	assert_int_equal(mmp_store_board_remove(store, "desk", &eva, &err), 0);
	fails(mmp_store_board_remove(store, "desk", &eva, &err), MMP_NOT_FOUND, "desk");
	fails(mmp_store_board_get(store, "desk", see_board, &none, &err), MMP_NOT_FOUND,
	      "desk");
	fails(mmp_store_board_staged(store, "desk", id_a, later, &err), MMP_NOT_FOUND,
	      "desk");
	assert_int_equal(mmp_store_build_remove(store, id_a, &eva, &err), 0);
}

static uint64_t new_job(const char *key)
{
	struct mmp_job_row row = { .kind = "push",
				   .state = MMP_JOB_RUNNING,
				   .build = id_a,
				   .board = "desk",
				   .idempotency_key = key,
				   .by = eva };
	uint64_t id = 0;

	if (mmp_store_job_new(store, &row, &id, &err))
		return 0;
	return id;
}

static void end_job(uint64_t id, enum mmp_job_state state, enum mmp_job_outcome outcome)
{
	struct mmp_job_row row = {
		.id = id, .state = state, .ended = later, .report = "{\"proved\":3}"
	};

	if (state == MMP_JOB_FAILED)
		row.error_kind = "link", row.error_text = "silence";
	if (mmp_store_job_end(store, &row, outcome, &err))
		fail_msg("%s", err.text);
}

static void a_push_that_is_done_leaves_its_build_on_the_board(void **state)
{
	uint64_t id;

	(void)state;
	put(id_a, "virt", 1, &eva);
	put_board("desk", "unix:/x");
	id = new_job("k1");
	SEEN(mmp_store_job_get(store, id, see_job, &seen, &err),
	     "push running aaaaaaaa1>desk eva ;");
	mmp_store_board_staged(store, "desk", id_a, later, &err);
	end_job(id, MMP_JOB_DONE, MMP_OUTCOME_LIVE);
	SEEN(mmp_store_job_by_key(store, "k1", see_job, &seen, &err),
	     "push done aaaaaaaa1>desk eva {\"proved\":3} ended;");
	SEEN(mmp_store_board_get(store, "desk", see_board, &seen, &err),
	     "desk unix:/x {} aaaaaaaa1 -;");
	SEEN(mmp_store_job_by_key(store, "k2", see_job, &seen, &err), "");
}

static void a_push_that_fails_says_what_may_be_live(void **state)
{
	(void)state;
	put(id_a, "virt", 1, &eva);
	put_board("desk", "unix:/x");
	mmp_store_board_staged(store, "desk", id_a, later, &err);
	end_job(new_job(NULL), MMP_JOB_FAILED, MMP_OUTCOME_UNKNOWN);
	SEEN(mmp_store_board_get(store, "desk", see_board, &seen, &err),
	     "desk unix:/x {} - aaaaaaaa1;");
	end_job(new_job(NULL), MMP_JOB_FAILED, MMP_OUTCOME_UNCHANGED);
	SEEN(mmp_store_board_get(store, "desk", see_board, &seen, &err),
	     "desk unix:/x {} - -;");
	SEEN(mmp_store_job_list(store, "desk", NULL, &all, see_job, &seen, &err),
	     "push failed aaaaaaaa1>desk eva link ended;"
	     "push failed aaaaaaaa1>desk eva link ended;");
	SEEN(mmp_store_job_list(store, "desk", "push", &all, see_job, &seen, &err),
	     "push failed aaaaaaaa1>desk eva link ended;"
	     "push failed aaaaaaaa1>desk eva link ended;");
	SEEN(mmp_store_job_list(store, "desk", "sweep", &all, see_job, &seen, &err), "");
}

static void a_key_names_one_job(void **state)
{
	(void)state;
	put_board("desk", "unix:/x");
	assert_int_not_equal(new_job("k"), 0);
	assert_int_equal(new_job("k"), 0);
	assert_int_equal(err.code, MMP_SYSTEM);
	assert_int_not_equal(new_job(NULL), 0);
	assert_int_not_equal(new_job(NULL), 0);
}

static void jobs_that_had_not_ended_are_interrupted_by_a_restart(void **state)
{
	uint64_t count;

	(void)state;
	put(id_a, "virt", 1, &eva);
	put_board("desk", "unix:/x");
	end_job(new_job(NULL), MMP_JOB_DONE, MMP_OUTCOME_UNKNOWN);
	new_job(NULL);
	new_job(NULL);
	mmp_store_board_staged(store, "desk", id_a, later, &err);
	mmp_store_close(store);
	assert_int_equal(
		mmp_store_open(test_server() ? test_server() : path, &store, &err), 0);
	assert_int_equal(mmp_store_jobs_interrupted(store, later, &count, &err), 0);
	assert_int_equal(count, 2);
	SEEN(mmp_store_job_list(store, NULL, NULL, &all, see_job, &seen, &err),
	     "push interrupted aaaaaaaa1>desk eva system ended;"
	     "push interrupted aaaaaaaa1>desk eva system ended;"
	     "push done aaaaaaaa1>desk eva  ended;");
	SEEN(mmp_store_board_get(store, "desk", see_board, &seen, &err),
	     "desk unix:/x {} - aaaaaaaa1;");
}

static int count_job(void *data, const struct mmp_job_row *row, struct mmp_error *ret_err)
{
	(void)row, (void)ret_err;
	++*(int *)data;
	return 0;
}

static void old_jobs_make_room(void **state)
{
	uint64_t last = 0;
	int count = 0;

	(void)state;
	mmp_store_close(store);
	assert_int_equal(mmp_store_open(test_database(":memory:"), &store, &err), 0);
	for (int i = 0; i < MMP_JOBS_KEPT + 20; i++)
		end_job(last = new_job(NULL), MMP_JOB_DONE, MMP_OUTCOME_UNKNOWN);
	new_job(NULL);
	assert_int_equal(
		mmp_store_job_list(store, NULL, NULL, &all, count_job, &count, &err), 0);
	assert_int_equal(count, MMP_JOBS_KEPT + 1);
	fails(mmp_store_job_get(store, last - MMP_JOBS_KEPT, count_job, &count, &err),
	      MMP_NOT_FOUND, "no such");
	assert_int_equal(mmp_store_job_get(store, last, count_job, &count, &err), 0);
}

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

/* By another hand than ours. */
static void run_sql(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
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

static int see_id(void *data, const struct mmp_build_row *row, struct mmp_error *ret_err)
{
	(void)ret_err;
	mmp_buffer_printf(data, "%.9s;", row->id);
	return 0;
}

static void what_is_old_and_unused_is_forgotten_and_the_rest_stays(void **state)
{
	static const char long_after[] = "2026-02-01T00:00:00.000Z";
	uint64_t running, bytes, count;

	(void)state;
	put(id_a, "virt", 1, &eva);
	put(id_b, "virt", 1, &eva);
	put(id_c, "virt", 2, &eva);
	put_board("desk", "unix:/x");
	put_board("desk", "unix:/y");
	mmp_store_board_holds(store, "desk", id_b, later, &err);
	end_job(new_job("old"), MMP_JOB_DONE, MMP_OUTCOME_UNKNOWN);
	running = new_job("new");
	SEEN(mmp_store_unused_builds(store, eva.time, 9, see_id, &seen, &err), "");
	SEEN(mmp_store_unused_builds(store, long_after, 9, see_id, &seen, &err),
	     "cccc00000;");
	assert_int_equal(mmp_store_forget_jobs(store, later, 9, &count, &err), 0);
	assert_int_equal(count, 0);
	assert_int_equal(mmp_store_forget_jobs(store, long_after, 9, &count, &err), 0);
	assert_int_equal(count, 1);
	end_job(running, MMP_JOB_DONE, MMP_OUTCOME_UNKNOWN);
	assert_int_equal(mmp_store_forget_jobs(store, long_after, 9, &count, &err), 0);
	SEEN(mmp_store_unused_builds(store, long_after, 9, see_id, &seen, &err),
	     "aaaaaaaa1;cccc00000;");
	SEEN(mmp_store_unused_builds(store, long_after, 1, see_id, &seen, &err),
	     "aaaaaaaa1;");
	assert_int_equal(mmp_store_forget_history(store, long_after, 1, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(mmp_store_forget_history(store, long_after, 9, &count, &err), 0);
	assert_int_equal(mmp_store_forget_history(store, long_after, 9, &count, &err), 0);
	assert_int_equal(count, 0);
	assert_int_equal(mmp_store_build_bytes(store, eva.uid, &bytes, &err), 0);
	assert_int_equal(bytes, 3 * (7 + strlen("{}")));
	assert_int_equal(mmp_store_build_bytes(store, ion.uid, &bytes, &err), 0);
	assert_int_equal(bytes, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_build_is_kept_once_and_remembers_each_origin),
		TEST(the_first_digits_name_a_build_where_they_name_one),
		TEST(a_build_that_a_board_holds_or_may_hold_is_not_removed),
		TEST(a_board_is_put_changed_listed_and_removed),
		TEST(a_push_that_is_done_leaves_its_build_on_the_board),
		TEST(a_push_that_fails_says_what_may_be_live),
		TEST(a_key_names_one_job),
		TEST(jobs_that_had_not_ended_are_interrupted_by_a_restart),
		TEST(old_jobs_make_room),
		TEST(what_is_old_and_unused_is_forgotten_and_the_rest_stays),
	};
	/* Copies and damage of a database file. */
	const struct CMUnitTest of_files[] = {
		TEST(a_backup_of_a_database_in_use_is_whole),
		TEST(a_backup_never_overwrites_and_leaves_nothing_when_dropped),
		TEST(a_file_that_appears_meanwhile_is_not_overwritten),
		TEST(another_program_that_writes_all_the_time_does_not_keep_a_backup_from_its_end),
		TEST(a_build_without_its_origin_is_told_as_damage),
	};

	if (cmocka_run_group_tests_name("store_builds", tests, NULL, NULL))
		return 1;
	if (test_server())
		return 0;
	return cmocka_run_group_tests_name("store_files", of_files, NULL, NULL);
}
