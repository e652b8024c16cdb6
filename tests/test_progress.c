/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "base/stop.h"
#include "work/progress.h"

static void a_thread_without_a_task_is_not_stuck(void **state)
{
	struct progress progress = { 0 };

	(void)state;
	assert_int_equal(progress_stuck_ms(&progress, 1000), 0);
	assert_int_equal(progress_stuck_ms(&progress, 90000), 0);
	progress_begin(&progress);
	progress_end(&progress);
	assert_int_equal(progress_stuck_ms(&progress, 100000), 0);
	assert_int_equal(progress_stuck_ms(&progress, 200000), 0);
}

static void one_that_is_at_the_same_step_is_stuck_since_that_was_seen(void **state)
{
	struct progress progress = { 0 };

	(void)state;
	progress_begin(&progress);
	assert_int_equal(progress_stuck_ms(&progress, 1000), 0);
	assert_int_equal(progress_stuck_ms(&progress, 1700), 700);
	assert_int_equal(progress_stuck_ms(&progress, 61000), 60000);
	progress_end(&progress);
	progress_begin(&progress); /* the next task */
	assert_int_equal(progress_stuck_ms(&progress, 62000), 0);
	progress_end(&progress);
}

static void a_look_at_the_stop_flag_is_a_step(void **state)
{
	struct progress progress = { 0 };

	(void)state;
	progress_begin(&progress);
	progress_stuck_ms(&progress, 1000);
	for (uint64_t now = 2000; now < 100000; now += 1000) {
		assert_false(mmp_stopped());
		assert_int_equal(progress_stuck_ms(&progress, now), 0);
	}
	assert_int_equal(progress_stuck_ms(&progress, 100000), 1000);
	progress_end(&progress);
	mmp_stopped(); /* of no task: not counted */
	assert_int_equal(progress_stuck_ms(&progress, 200000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_without_a_task_is_not_stuck),
		cmocka_unit_test(
			one_that_is_at_the_same_step_is_stuck_since_that_was_seen),
		cmocka_unit_test(a_look_at_the_stop_flag_is_a_step),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
