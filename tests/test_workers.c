/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "base/container.h"
#include "base/limits.h"
#include "held_workers.h"
#include "peaks.h"
#include "service.h"
#include "work/dispose.h"
#include "work/workers.h"
#include "json/parsed.h"

/* Threads, their mailbox and the loop, without a daemon around them. */

struct job {
	struct task task;
	unsigned worked, done, dropped;
};

static struct event_base *base;
static struct mailbox *mailbox;
static struct workers *workers;
static struct mmp_error err;
static unsigned expected; /* jobs whose end the loop waits for */

static void work(struct task *task)
{
	container_of(task, struct job, task)->worked++;
}

static void done(struct task *task)
{
	container_of(task, struct job, task)->done++;
	if (--expected == 0)
		event_base_loopbreak(base);
}

static void drop(struct task *task)
{
	container_of(task, struct job, task)->dropped++;
}

static void init_job(struct job *job, uid_t uid)
{
	*job = (struct job){
		.task = { .work = work, .done = done, .drop = drop, .uid = uid }
	};
}

static int set_up(void **state)
{
	(void)state;
	base = event_base_new();
	mailbox = mailbox_new(base, &err);
	workers = workers_new(mailbox, &err);
	return workers ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	workers_free(workers);
	mailbox_free(mailbox);
	event_base_free(base);
	return 0;
}

static void each_task_is_worked_once_and_the_loop_hears_of_it(void **state)
{
	static struct job jobs[3 * MMP_TURN_TASKS];

	(void)state;
	expected = COUNT(jobs);
	for (size_t i = 0; i < COUNT(jobs); i++) {
		init_job(&jobs[i], (uid_t)(1000 + i % 5));
		jobs[i].task.is_long = i % 2;
		workers_submit(workers, &jobs[i].task);
	}
	event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
	assert_int_equal(expected, 0);
	for (size_t i = 0; i < COUNT(jobs); i++) {
		assert_int_equal(jobs[i].worked, 1);
		assert_int_equal(jobs[i].done, 1);
		assert_int_equal(jobs[i].dropped, 0);
	}
	assert_int_equal(workers_waiting(workers), 0);
}

/* All threads but one hold a long task, a further long one waits, a short one gets on. */
static void a_short_task_gets_on_past_long_ones(void **state)
{
	static struct held_workers held;
	static struct job late, quick;

	(void)state;
	hold_workers(&held, workers, workers_count(workers) - 1, true);
	init_job(&late, 1000);
	late.task.is_long = true;
	workers_submit(workers, &late.task);
	init_job(&quick, 1000);
	workers_submit(workers, &quick.task);
	expected = 1;
	event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
	assert_int_equal(quick.done, 1);
	assert_int_equal(late.worked, 0);
	assert_int_equal(workers_waiting(workers), 1);

	/* One that waits is dropped when it is cancelled; one at work is asked to stop. */
	assert_true(workers_cancel(workers, &late.task));
	assert_int_equal(late.dropped, 1);
	assert_false(workers_cancel(workers, &held.tasks[0].task));
	release_workers(&held);
	await_held(&held, base);
	assert_true(held.tasks[0].was_stopped);
	for (unsigned i = 1; i < held.count; i++)
		assert_false(held.tasks[i].was_stopped);
	assert_int_equal(late.worked, 0);
}

/* An array that has so many values with itself, and that the caller holds too. */
static json_t *values(size_t count)
{
	json_t *array = json_array(), *pair = json_array();

	json_array_append_new(array, pair);
	json_array_append_new(pair, json_object());
	for (size_t i = 3; i < count; i++)
		json_array_append_new(array, json_integer(1));
	return json_incref(array);
}

/* A line that takes so many bytes, and that the caller holds too. */
static struct mmp_parsed *line_of(size_t bytes)
{
	json_error_t fault;
	struct mmp_parsed *line = mmp_parsed_load("[1]", 3, 0, &fault);

	line->bytes = bytes;
	return mmp_parsed_ref(line);
}

static int use_arenas(void **state)
{
	(void)state;
	mmp_parsed_use_arenas();
	return 0;
}

static void the_loop_frees_few_values_itself_and_leaves_many_to_a_thread(void **state)
{
	enum { PAGE = 4096 };
	struct service service = { .workers = workers };
	json_t *few = values(MMP_TURN_FREED), *many = values(MMP_TURN_FREED + 1);
	struct mmp_parsed *small = line_of((MMP_TURN_FREED + 1) * PAGE - 1);
	struct mmp_parsed *large = line_of((MMP_TURN_FREED + 1) * PAGE);
	static struct held_workers held;
	static struct job after;

	(void)state;
	hold_workers(&held, workers, workers_count(workers), false);
	dispose_value(&service, few);
	dispose_value(&service, many);
	dispose_value(&service, NULL);
	dispose_line(&service, small);
	dispose_line(&service, large);
	dispose_line(&service, NULL);
	assert_int_equal(small->owners, 1);
	assert_int_equal(large->owners, 2);
	assert_int_equal(few->refcount, 1);
	assert_int_equal(many->refcount, 2); /* no thread is free */
	assert_int_equal(peak_get(PEAK_TURN_FREED), MMP_TURN_FREED);

	init_job(&after, 1000);
	workers_submit(workers, &after.task);
	expected = 1;
	release_workers(&held);
	await_held(&held, base);
	while (expected)
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
	workers_end(workers);
	assert_int_equal(many->refcount, 1);
	assert_int_equal(large->owners, 1);
	mmp_parsed_unref(small);
	mmp_parsed_unref(large);
	json_decref(few);
	json_decref(many);
}

static void what_comes_after_the_end_is_dropped(void **state)
{
	static struct job late;

	(void)state;
	workers_end(workers);
	init_job(&late, 1000);
	workers_submit(workers, &late.task);
	assert_int_equal(late.dropped, 1);
	assert_int_equal(late.worked, 0);
	workers_end(workers); /* a second time changes nothing */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			each_task_is_worked_once_and_the_loop_hears_of_it, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_short_task_gets_on_past_long_ones,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_loop_frees_few_values_itself_and_leaves_many_to_a_thread,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_comes_after_the_end_is_dropped,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, use_arenas, NULL);
}
