/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "database.h"
#include "store/store.h"
#include "stored_jobs.h"

static size_t claim(struct mmp_store *by, uint64_t ids[4])
{
	size_t count;

	check(mmp_store_jobs_claim(by, ids, 4, &count, &err));
	return count;
}

static void jobs_that_wait_are_claimed_once_each_board_its_oldest(void **state)
{
	uint64_t first = new_job(store, own(), MMP_JOB_QUEUED, "desk");
	uint64_t second = new_job(store, own(), MMP_JOB_QUEUED, "desk");
	uint64_t bench = new_job(store, own(), MMP_JOB_QUEUED, "bench"), ids[4];

	(void)state;
	assert_int_equal(job(first).attempt, 0);
	assert_int_equal(claim(store, ids), 2);
	assert_int_equal(ids[0], first);
	assert_int_equal(ids[1], bench);
	assert_int_equal(job(first).state, MMP_JOB_RUNNING);
	assert_int_equal(job(first).attempt, 1);
	assert_int_equal(claim(store, ids), 0);
	end(first);
	assert_int_equal(claim(store, ids), 1);
	assert_int_equal(ids[0], second);
}

static void a_job_that_cannot_begin_waits_again(void **state)
{
	uint64_t id = new_job(store, own(), MMP_JOB_QUEUED, "desk"), ids[4];

	(void)state;
	assert_int_equal(claim(store, ids), 1);
	check(mmp_store_job_requeue(store, id, &err));
	assert_int_equal(job(id).state, MMP_JOB_QUEUED);
	assert_int_equal(claim(store, ids), 1);
	assert_int_equal(job(id).attempt, 2);
	end(id);
	check(mmp_store_job_requeue(store, id, &err));
	assert_int_equal(job(id).state, MMP_JOB_DONE);
}

static void progress_is_in_the_row_until_the_job_ends(void **state)
{
	uint64_t id = new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	struct mmp_job_row told = { .id = id, .step = "sending", .done = 3, .total = 9 };

	(void)state;
	check(mmp_store_job_progress(store, &told, &err));
	assert_string_equal(job(id).step, "sending");
	assert_int_equal(job(id).done, 3);
	assert_int_equal(job(id).total, 9);
	end(id);
	told.done = 5;
	check(mmp_store_job_progress(store, &told, &err));
	assert_int_equal(job(id).done, 3);
}

static void a_job_that_waits_is_cancelled_and_one_that_runs_is_asked_to_end(void **state)
{
	uint64_t runs = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), ids[4];
	uint64_t waits = new_job(store, own(), MMP_JOB_QUEUED, "desk");
	struct mmp_store *by = other ? other : store;
	size_t count;

	(void)state;
	check(mmp_store_job_cancel(by, waits, NOW, &err));
	check(mmp_store_job_cancel(by, runs, NOW, &err));
	assert_int_equal(job(waits).state, MMP_JOB_CANCELLED);
	assert_int_equal(job(runs).state, MMP_JOB_RUNNING);
	assert_true(job(runs).is_cancelled);
	check(mmp_store_jobs_cancelled(store, ids, 4, &count, &err));
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], runs);
	end(runs);
	check(mmp_store_jobs_cancelled(store, ids, 4, &count, &err));
	assert_int_equal(count, 0);
}

static void what_has_ended_is_not_ended_again(void **state)
{
	uint64_t id = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), count;

	(void)state;
	check(mmp_store_jobs_interrupted(store, NOW, &count, &err));
	assert_int_equal(count, 1);
	end(id);
	assert_int_equal(job(id).state, MMP_JOB_INTERRUPTED);
}

static void a_restart_leaves_jobs_that_wait(void **state)
{
	uint64_t waits = new_job(store, own(), MMP_JOB_QUEUED, "desk"), count;

	(void)state;
	check(mmp_store_jobs_interrupted(store, NOW, &count, &err));
	assert_int_equal(count, 0);
	assert_int_equal(job(waits).state, MMP_JOB_QUEUED);
}

static void no_more_jobs_wait_than_the_limit(void **state)
{
	(void)state;
	for (int i = 0; i < MMP_JOBS_WAITING_MAX; i++)
		assert_int_not_equal(new_job(store, own(), MMP_JOB_QUEUED, "desk"), 0);
	assert_int_equal(new_job(store, own(), MMP_JOB_QUEUED, "desk"), 0);
	assert_int_equal(err.code, MMP_BUSY);
	assert_int_not_equal(new_job(store, NULL, MMP_JOB_RUNNING, "desk"), 0);
}

/* --- two hosts ------------------------------------------------------------------------- */

static int see_board(void *data, const struct mmp_board_row *row,
		     struct mmp_error *ret_err)
{
	(void)ret_err;
	snprintf(data, 64, "%s %s %s", row->host, row->is_away ? "away" : "there",
		 row->staged ? row->staged : "-");
	return 0;
}

static void board_is(const char *expected)
{
	char text[64];

	check(mmp_store_board_get(store, "desk", see_board, text, &err));
	assert_string_equal(text, expected);
}

static void a_host_is_dead_when_its_heartbeat_stands_still_for_long_enough(void **state)
{
	uint64_t runs, waits;

	(void)state;
	if (!other)
		return;
	runs = new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	waits = new_job(other, "one", MMP_JOB_QUEUED, "desk");
	beat(store, 0);
	assert_int_equal(beat(other, 1000), 0);
	assert_int_equal(beat(other, 1000 + DEAD_MS - 1), 0);
	usleep(2000); /* the heartbeat is the server's clock in ms */
	beat(store, 0);
	assert_int_equal(beat(other, 1000 + DEAD_MS), 0);
	board_is("one there -");
	assert_int_equal(beat(other, 1000 + 2 * DEAD_MS), 2);
	assert_int_equal(job(runs).state, MMP_JOB_INTERRUPTED);
	assert_int_equal(job(waits).state, MMP_JOB_INTERRUPTED);
	board_is("one away " BUILD); /* it may have been made live */
	end(runs);
	assert_int_equal(job(runs).state, MMP_JOB_INTERRUPTED);
	beat(store, 0);
	board_is("one there " BUILD);
}

static void
a_board_goes_to_another_host_with_what_waits_for_it_and_no_sooner(void **state)
{
	struct mmp_board_row board = { .name = "desk",
				       .line = "unix:/x",
				       .options = "{}" };
	uint64_t runs, waits, ids[4];

	(void)state;
	if (!other)
		return;
	runs = new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	waits = new_job(other, "one", MMP_JOB_QUEUED, "desk");
	assert_int_equal(mmp_store_board_put(other, &board, &eva, &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	assert_non_null(strstr(err.text, "of host \"one\""));
	assert_int_equal(mmp_store_board_remove(other, "desk", &eva, &err), -1);
	end(runs);
	check(mmp_store_board_put(other, &board, &eva, &err));
	assert_int_equal(claim(store, ids), 0);
	assert_int_equal(claim(other, ids), 1);
	assert_int_equal(ids[0], waits);
	assert_int_equal(mmp_store_board_staged(store, "desk", BUILD, NOW, &err), -1);
	assert_int_equal(err.code, MMP_CONFLICT);
	assert_non_null(strstr(err.text, "on host \"two\" now"));
}

static void
a_board_is_unused_when_no_other_host_has_a_job_for_it_or_left_one(void **state)
{
	uint64_t runs = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), waits;

	(void)state;
	check(mmp_store_board_unused(store, "desk", &err)); /* its own jobs have leases */
	if (!other)
		return;
	assert_int_equal(mmp_store_board_unused(other, "desk", &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	assert_non_null(strstr(err.text, "of host \"one\""));
	check(mmp_store_board_unused(other, "bench", &err));
	end(runs);
	check(mmp_store_board_unused(other, "desk", &err));
	waits = new_job(other, "one", MMP_JOB_QUEUED, "desk");
	assert_int_equal(mmp_store_board_unused(other, "desk", &err), -1);
	check(mmp_store_job_cancel(other, waits, NOW, &err));
	check(mmp_store_board_unused(other, "desk", &err));
}

/* The clock of the server goes back by an hour when a host has just died. */
static void a_clock_that_goes_back_keeps_no_host_alive(void **state)
{
	PGconn *raw;

	(void)state;
	if (!other)
		return;
	new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	beat(store, 0);
	raw = PQconnectdb(test_server());
	PQclear(PQexec(raw, "UPDATE host SET heartbeat = heartbeat + 3600000"));
	PQfinish(raw);
	assert_int_equal(beat(other, 1000), 0);
	assert_int_equal(beat(other, 1000 + DEAD_MS), 1);
}

static void a_name_is_that_of_one_host(void **state)
{
	struct mmp_store *third;

	(void)state;
	if (!other)
		return;
	check(mmp_store_open(test_server(), &third, &err));
	assert_int_equal(mmp_store_host(third, "two", &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	mmp_store_close(other);
	other = NULL;
	check(mmp_store_host(third, "two", &err));
	mmp_store_close(third);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(jobs_that_wait_are_claimed_once_each_board_its_oldest),
		TEST(a_job_that_cannot_begin_waits_again),
		TEST(progress_is_in_the_row_until_the_job_ends),
		TEST(a_job_that_waits_is_cancelled_and_one_that_runs_is_asked_to_end),
		TEST(what_has_ended_is_not_ended_again),
		TEST(a_restart_leaves_jobs_that_wait),
		TEST(no_more_jobs_wait_than_the_limit),
		TEST(a_host_is_dead_when_its_heartbeat_stands_still_for_long_enough),
		TEST(a_clock_that_goes_back_keeps_no_host_alive),
		TEST(a_board_goes_to_another_host_with_what_waits_for_it_and_no_sooner),
		TEST(a_board_is_unused_when_no_other_host_has_a_job_for_it_or_left_one),
		TEST(a_name_is_that_of_one_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
