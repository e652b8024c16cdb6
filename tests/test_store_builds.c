/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "database.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "store/store.h"
#include "store_file.h"
#include "stored_builds.h"

static const char later[] = "2026-01-03T00:00:00.000Z";
static const struct mmp_page all;

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

	return cmocka_run_group_tests_name("store_builds", tests, NULL, NULL);
}
