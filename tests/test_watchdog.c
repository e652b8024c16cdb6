/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <semaphore.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "served.h"
#include "watchdog.h"
#include "work/store_thread.h"
#include "work/workers.h"

/*
 * What systemd hears while the loop, a thread or the database is stuck. Each is held until
 * the watchdog's time has passed several times, which is an event of the machine's clock.
 */

enum { WATCHDOG_US = 20000, TIMES = 5 };

static struct watchdog *watchdog;
static unsigned pings, misses;                 /* of all looks so far */
static unsigned awaited_pings, awaited_misses; /* the loop ends with so many; 0: never */
static sem_t held, go_on;

static void tell(void *data, bool is_alive)
{
	(void)data;
	pings += is_alive;
	misses += !is_alive;
	if (is_alive ? pings == awaited_pings : misses == awaited_misses)
		event_base_loopbreak(base);
}

static int set_up(void **state)
{
	(void)state;
	if (begin_service(MMP_STORE_MEMORY))
		return -1;
	pings = misses = awaited_pings = awaited_misses = 0;
	sem_init(&held, 0, 0);
	sem_init(&go_on, 0, 0);
	watchdog = watchdog_new(service, WATCHDOG_US, tell, NULL);
	return 0;
}

static int tear_down(void **state)
{
	watchdog_free(watchdog);
	sem_destroy(&held);
	sem_destroy(&go_on);
	return end_service(state);
}

static void await_pings(unsigned more)
{
	awaited_misses = 0;
	awaited_pings = pings + more;
	event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
	assert_int_equal(pings, awaited_pings);
}

static void await_misses(unsigned more)
{
	awaited_pings = 0;
	awaited_misses = misses + more;
	event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
	assert_int_equal(misses, awaited_misses);
}

/* Return when the watchdog's time has passed so many times. */
static void let_time_pass(unsigned times)
{
	const struct itimerspec every = { { 0, WATCHDOG_US * 1000 },
					  { 0, WATCHDOG_US * 1000 } };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	uint64_t passed, all = 0;

	assert_int_equal(timerfd_settime(timer, 0, &every, NULL), 0);
	while (all < times) {
		assert_int_equal(read(timer, &passed, sizeof(passed)), sizeof(passed));
		all += passed;
	}
	close(timer);
}

/* A callback that does not return. */
static void hold_loop(evutil_socket_t fd, short what, void *data)
{
	unsigned before = pings + misses;

	(void)fd, (void)what;
	let_time_pass(TIMES);
	assert_int_equal(pings + misses, before);
	*(bool *)data = true;
}

static void a_loop_that_is_stuck_tells_nothing_and_goes_on_to_when_it_is_not(void **state)
{
	struct event *holding;
	bool was_held = false;

	(void)state;
	holding = evtimer_new(base, hold_loop, &was_held);
	await_pings(2);
	event_active(holding, EV_TIMEOUT, 0);
	await_pings(2);
	assert_true(was_held);
	event_free(holding);
}

/* --- a thread ---------------------------------------------------------------------- */

static void hold_thread(struct task *task)
{
	(void)task;
	sem_post(&held);
	sem_wait(&go_on);
}

static void nothing(struct task *task)
{
	(void)task;
}

static struct task holding = {
	.work = hold_thread, .done = nothing, .drop = nothing, .uid = TASK_SYSTEM
};

/* It is missed while the thread is held, and fed again afterwards. */
static void is_missed_while_held(void)
{
	sem_wait(&held);
	await_misses(TIMES);
	sem_post(&go_on);
	await_pings(2);
}

static void work_that_is_stuck_in_a_worker_ends_the_pings(void **state)
{
	(void)state;
	await_pings(2);
	workers_submit(service->workers, &holding);
	is_missed_while_held();
}

static void a_database_that_is_stuck_ends_the_pings(void **state)
{
	(void)state;
	await_pings(2);
	store_thread_submit(service->store_thread, &holding);
	is_missed_while_held();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_loop_that_is_stuck_tells_nothing_and_goes_on_to_when_it_is_not),
		TEST(work_that_is_stuck_in_a_worker_ends_the_pings),
		TEST(a_database_that_is_stuck_ends_the_pings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
