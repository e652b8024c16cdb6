/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "base/limits.h"
#include "store/store.h"
#include "stored_jobs.h"

static bool is_gone(uint64_t id)
{
	struct seen seen;

	return mmp_store_job_get(store, id, see, &seen, &err) &&
	       err.code == MMP_NOT_FOUND;
}

static void a_letter_that_nobody_waits_for_is_gone_or_goes_when_it_ends(void **state)
{
	uint64_t runs = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
	uint64_t waits = new_of("board.probe", store, own(), MMP_JOB_QUEUED, "desk");
	uint64_t done = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
	uint64_t left[] = { runs, waits, done }, ids[4];
	size_t count;

	(void)state;
	end(done);
	for (size_t i = 0; i < 3; i++)
		check(mmp_store_letter_leave(store, left[i], NOW, &err));
	assert_true(is_gone(waits) && is_gone(done));
	check(mmp_store_jobs_cancelled(store, ids, 4, &count, &err));
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], runs);
	check(mmp_store_job_cancel(store, runs, NOW, &err)); /* changes nothing */
	end(runs);
	assert_true(is_gone(runs));
	check(mmp_store_letter_leave(store, runs, NOW, &err));
}

/* As after a crash of a server, which may give out an id again that was not committed. */
static void a_job_is_not_taken_for_one_of_another_time_with_its_id(void **state)
{
	uint64_t waits = new_of("board.probe", store, own(), MMP_JOB_QUEUED, "desk");
	uint64_t runs = new_of("push", store, NULL, MMP_JOB_RUNNING, "desk");
	struct mmp_job_row row = {
		.id = runs, .by.time = LATER, .state = MMP_JOB_INTERRUPTED, .ended = LATER
	};

	(void)state;
	check(mmp_store_letter_leave(store, waits, LATER, &err));
	check(mmp_store_letter_leave(store, runs, LATER, &err));
	check(mmp_store_job_end_created(store, &row, &err));
	assert_int_equal(job(waits).state, MMP_JOB_QUEUED);
	assert_int_equal(job(runs).state, MMP_JOB_RUNNING);
	assert_int_equal(job(runs).is_cancelled, 0);
	row.by.time = NOW;
	check(mmp_store_job_end_created(store, &row, &err));
	assert_int_equal(job(runs).state, MMP_JOB_INTERRUPTED);
}

static void a_letter_that_nobody_waits_for_goes_when_its_host_does(void **state)
{
	uint64_t left = new_of("key.trust", store, NULL, MMP_JOB_RUNNING, "desk"), count;
	uint64_t waited_for = new_of("key.trust", store, NULL, MMP_JOB_RUNNING, "desk");

	(void)state;
	check(mmp_store_letter_leave(store, left, NOW, &err));
	check(mmp_store_jobs_interrupted(store, NOW, &count, &err));
	assert_int_equal(count, 1);
	assert_true(is_gone(left));
	assert_int_equal(job(waited_for).state, MMP_JOB_INTERRUPTED);
	if (!other)
		return;
	left = new_of("key.trust", store, NULL, MMP_JOB_RUNNING, "desk");
	check(mmp_store_letter_leave(store, left, NOW, &err));
	beat(store, 0);
	beat(other, 1000);
	beat(other, 1000 + DEAD_MS);
	assert_true(is_gone(left));
}

static void letters_to_this_host_that_ended_long_ago_are_forgotten(void **state)
{
	uint64_t letter = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
	uint64_t push = new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	uint64_t runs = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "bench");

	(void)state;
	end(letter);
	end(push);
	check(mmp_store_letters_forget(store, NOW, &err));
	assert_int_equal(job(letter).state, MMP_JOB_DONE);
	if (other) {
		beat(store, 0);
		check(mmp_store_letters_forget(other, LATER, &err));
	}
	assert_int_equal(job(letter).state, MMP_JOB_DONE);
	check(mmp_store_letters_forget(store, LATER, &err));
	assert_true(is_gone(letter));
	assert_int_equal(job(push).state, MMP_JOB_DONE);
	assert_int_equal(job(runs).state, MMP_JOB_RUNNING);
}

static void letters_to_a_dead_host_end_and_are_forgotten_by_the_others(void **state)
{
	uint64_t letter, push;

	(void)state;
	if (!other)
		return;
	letter = new_of("board.probe", other, own(), MMP_JOB_QUEUED, "desk");
	push = new_job(other, own(), MMP_JOB_QUEUED, "desk");
	beat(store, 0);
	beat(other, 0);
	beat(other, DEAD_MS);
	assert_int_equal(job(letter).state, MMP_JOB_INTERRUPTED);
	check(mmp_store_letters_forget(other, NOW, &err));
	assert_int_equal(job(letter).state, MMP_JOB_INTERRUPTED);
	check(mmp_store_letters_forget(other, LATER, &err));
	assert_true(is_gone(letter));
	assert_int_equal(job(push).state, MMP_JOB_INTERRUPTED);
}

static void what_waits_for_a_host_that_nobody_knows_ends_after_a_while(void **state)
{
	uint64_t letter = new_of("key.trust", store, "gone", MMP_JOB_QUEUED, "bench");
	uint64_t push = new_job(store, "gone", MMP_JOB_QUEUED, "bench");
	uint64_t own_job = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), count;

	(void)state;
	check(mmp_store_jobs_orphaned(store, NOW, NOW, &count, &err));
	assert_int_equal(count, 0);
	assert_int_equal(job(letter).state, MMP_JOB_QUEUED);
	check(mmp_store_jobs_orphaned(store, NOW, LATER, &count, &err));
	assert_int_equal(count, 2);
	assert_int_equal(job(letter).state, MMP_JOB_INTERRUPTED);
	assert_int_equal(job(push).state, MMP_JOB_INTERRUPTED);
	assert_int_equal(job(own_job).state, MMP_JOB_RUNNING);
	if (!other)
		return;
	beat(store, 0);
	push = new_job(other, own(), MMP_JOB_QUEUED, "desk");
	check(mmp_store_jobs_orphaned(other, NOW, LATER, &count, &err));
	assert_int_equal(count, 0);
	assert_int_equal(job(push).state, MMP_JOB_QUEUED);
}

static void letters_do_not_push_out_what_is_kept_of_pushes(void **state)
{
	uint64_t push = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), letter = 0;

	(void)state;
	end(push);
	mmp_store_group_begin(store);
	for (int i = 0; i < MMP_JOBS_KEPT + 1; i++) {
		letter = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
		end(letter);
	}
	check(mmp_store_group_end(store, &err));
	assert_int_not_equal(new_job(store, NULL, MMP_JOB_RUNNING, "desk"), 0);
	assert_int_equal(job(push).state, MMP_JOB_DONE);
	assert_int_equal(job(letter).state, MMP_JOB_DONE);
}

static int count_row(void *data, const struct mmp_history_row *row,
		     struct mmp_error *ret_err)
{
	(void)row, (void)ret_err;
	++*(int *)data;
	return 0;
}

static int history(void)
{
	const struct mmp_page all = { 0 };
	int count = 0;

	check(mmp_store_history(store, "board", "desk", &all, count_row, &count, &err));
	return count;
}

static void a_probe_leaves_no_trace_in_the_history_and_a_key_does(void **state)
{
	int before = history();
	uint64_t count;

	(void)state;
	end(new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk"));
	new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
	check(mmp_store_jobs_interrupted(store, NOW, &count, &err));
	assert_int_equal(count, 1);
	assert_int_equal(history(), before);
	end(new_of("key.trust", store, NULL, MMP_JOB_RUNNING, "desk"));
	assert_int_equal(history(), before + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_letter_that_nobody_waits_for_is_gone_or_goes_when_it_ends),
		TEST(a_job_is_not_taken_for_one_of_another_time_with_its_id),
		TEST(a_letter_that_nobody_waits_for_goes_when_its_host_does),
		TEST(letters_to_this_host_that_ended_long_ago_are_forgotten),
		TEST(letters_to_a_dead_host_end_and_are_forgotten_by_the_others),
		TEST(what_waits_for_a_host_that_nobody_knows_ends_after_a_while),
		TEST(letters_do_not_push_out_what_is_kept_of_pushes),
		TEST(a_probe_leaves_no_trace_in_the_history_and_a_key_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
