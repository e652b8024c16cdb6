/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "held_workers.h"
#include "served.h"
#include "settings.h"

/* SIGHUP asks for the settings to be read again, and may come any number of times. */

enum { STORM = 1000 };

static char path[] = "/tmp/test_reload-XXXXXX";

static void write_jobs(unsigned jobs)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "[limits]\nuser_jobs = %u\n", jobs);
	assert_int_equal(fclose(file), 0);
}

static void await_reload(void)
{
	while (service->is_reloading)
		event_base_loop(base, EVLOOP_ONCE);
}

static void a_storm_of_signals_has_the_settings_read_twice(void **state)
{
	unsigned before = service->settings_number;
	struct held_workers held;

	(void)state;
	write_jobs(3);
	hold_workers(&held, service->workers, workers_count(service->workers), false);
	for (int i = 0; i < STORM; i++)
		service_reload(service);
	assert_int_equal(workers_waiting(service->workers), 1);
	assert_true(service->reload_again);
	release_workers(&held);
	await_held(&held, base);
	await_reload();
	assert_int_equal(service->settings_number - before, 2);
	assert_int_equal(service_policy(service).user_jobs, 3);
}

/* It may have been read before. */
static void a_file_that_changes_while_it_is_read_is_read_again(void **state)
{
	(void)state;
	write_jobs(4);
	service_reload(service);
	while (service_policy(service).user_jobs != 4)
		sched_yield(); /* a worker has read it, and the loop does not know that yet */
	write_jobs(5);
	service_reload(service);
	await_reload();
	assert_int_equal(service_policy(service).user_jobs, 5);
	service_reload(service); /* and later as ever */
	assert_true(service->is_reloading);
	assert_false(service->reload_again);
	await_reload();
}

static int set_up(void **state)
{
	int file = mkstemp(path);

	(void)state;
	if (file < 0 || close(file) || begin_service(MMP_STORE_MEMORY))
		return -1;
	service->settings_path = path;
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	return end_service(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_storm_of_signals_has_the_settings_read_twice),
		cmocka_unit_test(a_file_that_changes_while_it_is_read_is_read_again),
	};

	return cmocka_run_group_tests_name("reload", tests, set_up, tear_down);
}
