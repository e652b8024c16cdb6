/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "work/fair.h"

static struct fair fair;
static struct task tasks[8];

static int set_up(void **state)
{
	(void)state;
	fair_init(&fair);
	for (size_t i = 0; i < COUNT(tasks); i++)
		tasks[i] = (struct task){ .uid = 1000 };
	return 0;
}

static int tear_down(void **state)
{
	struct task *task;

	(void)state;
	while ((task = fair_take(&fair, FAIR_ANY)))
		fair_done(&fair, task->uid, 0);
	fair_done_all(&fair);
	assert_true(LIST_EMPTY(&fair.users));
	return 0;
}

static int number_of(const struct task *task)
{
	return task ? (int)(task - tasks) : -1;
}

static int take(enum fair_which which, uint64_t ns)
{
	struct task *task = fair_take(&fair, which);

	if (task)
		fair_done(&fair, task->uid, ns);
	return number_of(task);
}

static void the_tasks_of_a_user_come_in_their_order_and_short_ones_first(void **state)
{
	(void)state;
	tasks[0].is_long = true;
	for (int i = 0; i < 4; i++)
		fair_put(&fair, &tasks[i]);
	assert_int_equal(take(FAIR_ANY, 1), 1);
	assert_int_equal(take(FAIR_SHORT, 1), 2);
	assert_int_equal(take(FAIR_ANY, 1), 3);
	assert_int_equal(take(FAIR_SHORT, 1), -1);
	assert_int_equal(take(FAIR_ANY, 1), 0);
	assert_int_equal(take(FAIR_ANY, 1), -1);
}

/* A short one comes each time that one is taken. */
static void short_tasks_that_never_end_let_a_long_one_pass(void **state)
{
	int overtaken = 0, taken;

	(void)state;
	tasks[0].is_long = tasks[1].is_long = true;
	for (int i = 0; i < 3; i++)
		fair_put(&fair, &tasks[i]);
	while ((taken = take(FAIR_ANY, 1)) == 2) {
		overtaken++;
		fair_put(&fair, &tasks[2]);
	}
	assert_int_equal(taken, 0);
	assert_int_equal(overtaken, FAIR_OVERTAKEN_MAX);
	for (int i = 0; i < FAIR_OVERTAKEN_MAX; i++) {
		assert_int_equal(take(i % 2 ? FAIR_SHORT : FAIR_ANY, 1), 2);
		fair_put(&fair, &tasks[2]);
	}
	assert_int_equal(take(FAIR_SHORT, 1), 2);
	assert_int_equal(take(FAIR_ANY, 1), 1);
}

/* Six tasks of one user and two of another, each of the same time: they alternate. */
static void users_share_the_time_and_not_the_tasks(void **state)
{
	int of_other = 0;

	(void)state;
	tasks[6].uid = tasks[7].uid = 1001;
	for (size_t i = 0; i < COUNT(tasks); i++)
		fair_put(&fair, &tasks[i]);
	for (size_t i = 0; i < COUNT(tasks); i++) {
		struct task *task = fair_take(&fair, FAIR_ANY);

		of_other += task->uid == 1001;
		fair_done(&fair, task->uid, 10);
		if (i == 3)
			assert_int_equal(of_other, 2);
	}
	assert_int_equal(fair.waiting, 0);
}

static void who_comes_late_has_saved_nothing_up(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		fair_put(&fair, &tasks[i]);
	take(FAIR_ANY, 1000);
	tasks[3].uid = tasks[4].uid = 1001;
	fair_put(&fair, &tasks[3]);
	fair_put(&fair, &tasks[4]);
	take(FAIR_ANY, 10);
	take(FAIR_ANY, 10);
	take(FAIR_ANY, 10);
	assert_int_equal(fair.waiting, 1);
	assert_int_not_equal(take(FAIR_ANY, 10), -1);
}

/* One user leaves after each task of 100 and comes back, the other has tasks of 10. */
static void who_leaves_and_comes_back_keeps_what_it_has_used(void **state)
{
	int of_first = 0, of_other = 0;

	(void)state;
	tasks[1].uid = 1001;
	for (int i = 0; i < 110; i++) {
		struct task *task;

		if (!tasks[0].queue)
			fair_put(&fair, &tasks[0]);
		if (!tasks[1].queue)
			fair_put(&fair, &tasks[1]);
		task = fair_take(&fair, FAIR_ANY);
		of_first += task == &tasks[0];
		of_other += task == &tasks[1];
		fair_done(&fair, task->uid, task == &tasks[0] ? 100 : 10);
	}
	assert_int_equal(of_first, 10);
	assert_int_equal(of_other, 100);
}

static void a_long_task_is_finished_before_the_next_is_begun(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		tasks[i].is_long = true;
	for (int i = 0; i < 4; i++)
		fair_put(&fair, &tasks[i]);
	assert_int_equal(take(FAIR_ANY, 1), 3);
	assert_int_equal(take(FAIR_ANY, 1), 0);
	tasks[0].goes_on = true;
	fair_put(&fair, &tasks[0]);
	assert_int_equal(take(FAIR_ANY, 1), 0);
	assert_int_equal(take(FAIR_ANY, 1), 1);
}

static void the_system_comes_before_all_others(void **state)
{
	(void)state;
	tasks[1].uid = TASK_SYSTEM;
	fair_put(&fair, &tasks[0]);
	fair_put(&fair, &tasks[1]);
	assert_int_equal(take(FAIR_ANY, 1000000), 1);
	assert_int_equal(take(FAIR_ANY, 1), 0);
}

static void only_a_write_joins_those_that_write(void **state)
{
	(void)state;
	tasks[1].writes = true;
	fair_put(&fair, &tasks[0]);
	fair_put(&fair, &tasks[1]);
	assert_int_equal(take(FAIR_WRITES, 1), -1); /* not past the read before it */
	assert_int_equal(take(FAIR_ANY, 1), 0);
	assert_int_equal(take(FAIR_WRITES, 1), 1);
}

static void
a_task_that_is_removed_is_not_taken_and_one_that_was_taken_is_not_removed(void **state)
{
	struct fair other;

	(void)state;
	fair_init(&other);
	fair_put(&fair, &tasks[0]);
	assert_false(fair_remove(&other, &tasks[0]));
	assert_true(fair_remove(&fair, &tasks[0]));
	assert_false(fair_remove(&fair, &tasks[0]));
	assert_int_equal(take(FAIR_ANY, 1), -1);
	fair_put(&fair, &tasks[1]);
	assert_ptr_equal(fair_take(&fair, FAIR_ANY), &tasks[1]);
	assert_false(fair_remove(&fair, &tasks[1]));
	fair_done(&fair, 1000, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_tasks_of_a_user_come_in_their_order_and_short_ones_first),
		TEST(short_tasks_that_never_end_let_a_long_one_pass),
		TEST(users_share_the_time_and_not_the_tasks),
		TEST(who_comes_late_has_saved_nothing_up),
		TEST(who_leaves_and_comes_back_keeps_what_it_has_used),
		TEST(a_long_task_is_finished_before_the_next_is_begun),
		TEST(the_system_comes_before_all_others),
		TEST(only_a_write_joins_those_that_write),
		TEST(a_task_that_is_removed_is_not_taken_and_one_that_was_taken_is_not_removed),
	};

	return cmocka_run_group_tests_name("fair", tests, NULL, NULL);
}
