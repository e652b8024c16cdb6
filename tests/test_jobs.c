/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connections/connection.h"
#include "held_workers.h"
#include "rpc/line.h"
#include "served.h"
#include "work/errand.h"
#include "work/jobs.h"
#include "work/store_thread.h"

/*
 * A client watches a job that has ended, but whose end is not on record: every worker is
 * busy, and one of them has to print the report first.
 */

enum { WATCH_ID = 1, GET_ID, GETS = 6 };

static int client; /* its end of the connection */
static struct held_workers held;
static struct job_start start;
static bool released;
static unsigned gets;       /* answers of job.get while the workers are busy */
static json_t *watched;     /* the job as job.watch has answered it */
static bool watched_before; /* it was answered while the workers were busy */

static void ask(const char *method, int id)
{
	char line[128];
	int length = snprintf(line, sizeof(line),
			      "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\","
			      "\"params\":{\"job\":%d}}\n",
			      id, method, (int)start.row.id);

	assert_int_equal(write(client, line, (size_t)length), length);
}

static void release(void)
{
	if (!released)
		release_workers(&held);
	released = true;
}

static void cancel(void *owner, const struct mmp_error *why)
{
	(void)owner, (void)why;
}

static void on_begun(struct job_start *begun, struct job *job)
{
	(void)begun;
	hold_workers(&held, service->workers, workers_count(service->workers), false);
	job_end(job, NULL, MMP_OUTCOME_UNKNOWN, json_pack("{s:i}", "failed", 0));
	ask("job.watch", WATCH_ID);
	ask("job.get", GET_ID);
}

static int begin_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err)
{
	(void)data, (void)ret_result, (void)err;
	return job_begin(call);
}

static void free_start(void *data)
{
	job_start_done(data);
}

/*
 * Several questions, one after the other, take longer than all steps of the watch: what
 * it would be answered now, it has been answered by then.
 */
static void take_answer(const json_t *answer)
{
	json_t *result = json_object_get(answer, "result");

	switch (json_integer_value(json_object_get(answer, "id"))) {
	case WATCH_ID:
		watched = json_incref(result);
		watched_before = !released;
		event_base_loopbreak(base);
		break;
	case GET_ID:
		if (++gets < GETS)
			ask("job.get", GET_ID);
		else
			release();
		break;
	default: /* job.progress */
		break;
	}
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct mmp_line_reader *lines = data;
	char bytes[4096];
	ssize_t got = read(fd, bytes, sizeof(bytes));
	const char *text;
	size_t length;

	(void)what;
	assert_true(got > 0);
	mmp_line_reader_feed(lines, bytes, (size_t)got);
	while (mmp_line_reader_next(lines, &text, &length) == MMP_LINE_WHOLE) {
		json_t *answer = json_loadb(text, length, 0, NULL);

		assert_non_null(answer);
		take_answer(answer);
		json_decref(answer);
	}
}

static void on_ended(void *server, struct connection *connection)
{
	(void)server, (void)connection;
	fail_msg("the daemon has closed the connection");
}

static void a_watcher_of_a_job_whose_end_is_not_on_record_yet_waits_for_it(void **state)
{
	const struct mmp_signature by = { .user = "test",
					  .time = "2026-01-01T00:00:00Z" };
	struct connection_owner owner = { .base = base,
					  .turns = turns_new(base),
					  .methods = service->methods,
					  .service = service,
					  .ended = on_ended };
	struct connection *connection;
	struct mmp_line_reader lines;
	struct event *readable;
	struct caller caller;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	client = fds[1];
	mmp_line_reader_init(&lines, MMP_QUEUE_MAX);
	readable = event_new(base, client, EV_READ | EV_PERSIST, on_readable, &lines);
	event_add(readable, NULL);
	caller_learn(&caller, fds[0], service);
	connection = connection_new(&owner, fds[0], &caller);
	start = (struct job_start){ .row = { .kind = "sweep", .build = "", .board = "" },
				    .owner = { .cancel = cancel },
				    .begun = on_begun };
	errand_of_ours(service, &by, &start, free_start, begin_step, NULL);
	event_base_dispatch(base);
	release();

	assert_string_equal(json_string_value(json_object_get(watched, "state")), "done");
	assert_non_null(json_object_get(watched, "report"));
	assert_false(watched_before);

	json_decref(watched);
	event_free(readable);
	connection_free(connection);
	turns_free(owner.turns);
	mmp_line_reader_done(&lines);
	close(client);
}

/* --- a job that is on record already, and somebody else's write --------------------- */

static char folder[] = "/tmp/test_jobs-XXXXXX", file[64];
static bool commit_failed, has_begun;

/*
 * A write whose commit fails, as the file is gone from its place. Writes that wait would
 * share its transaction.
 */
static int write_in_vain(struct mmp_store *store, void *data, struct mmp_error *err)
{
	const struct mmp_job_row row = { .kind = "sweep",
					 .state = MMP_JOB_RUNNING,
					 .build = "",
					 .board = "",
					 .by = { .user = "test", .time = "2026" } };
	uint64_t id;

	(void)data;
	while (!store_thread_waiting(service->store_thread))
		sched_yield();
	assert_int_equal(unlink(file), 0);
	return mmp_store_job_new(store, &row, &id, err);
}

static void on_written(void *data, const struct mmp_error *why)
{
	(void)data;
	commit_failed = why != NULL;
}

static int prepare(struct job_start *prepared, struct mmp_error *err)
{
	const struct store_write write = { write_in_vain, on_written };

	(void)prepared, (void)err;
	store_thread_write(service->store_thread, &write);
	return 0;
}

static void on_claimed_begun(struct job_start *begun, struct job *job)
{
	(void)begun, (void)job;
	has_begun = true;
}

static void on_answered(void *data, struct mmp_shared *result,
			const struct mmp_error *why)
{
	(void)data, (void)result, (void)why;
	event_base_loopbreak(base);
}

static void a_job_on_record_begins_though_a_commit_of_others_fails(void **state)
{
	const struct mmp_signature by = { .user = "test",
					  .time = "2026-01-01T00:00:00Z" };

	(void)state;
	start = (struct job_start){
		.row = { .id = 7, .kind = "push", .build = "", .board = "" },
		.owner = { .cancel = cancel },
		.prepare = prepare,
		.begun = on_claimed_begun
	};
	errand_of_ours(service, &by, &start, free_start, begin_step, on_answered);
	event_base_dispatch(base);
	assert_true(commit_failed);
	assert_true(has_begun);
}

/* --- a write that the database was too busy for --------------------------------------- */

static unsigned tries;
static bool was_away;

static int write_at_the_second_try(struct mmp_store *store, void *data,
				   struct mmp_error *err)
{
	(void)store, (void)data;
	return tries++ ? 0 : mmp_fail(err, MMP_BUSY, "another program has locked it");
}

static void on_away(void *data, const struct mmp_error *why)
{
	(void)data;
	was_away = why->code == MMP_BUSY;
}

static void on_stored(void *data, const struct mmp_error *why)
{
	*(bool *)data = !why;
	event_base_loopbreak(base);
}

static void a_write_that_waits_for_the_database_is_tried_again_by_itself(void **state)
{
	bool is_stored = false;
	const struct store_write write = { write_at_the_second_try, on_stored, on_away,
					   NULL, &is_stored };

	(void)state;
	store_thread_write(service->store_thread, &write);
	event_base_dispatch(base);
	assert_true(was_away);
	assert_int_equal(tries, 2);
	assert_true(is_stored);
}

static int set_up(void **state)
{
	(void)state;
	return begin_service(MMP_STORE_MEMORY);
}

static int set_up_file(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/database", folder);
	return begin_service(file);
}

static int tear_down_file(void **state)
{
	char name[80];

	end_service(state);
	for (size_t i = 0; i < 3; i++) {
		static const char *const ends[] = { "-wal", "-shm", ".lock" };

		snprintf(name, sizeof(name), "%s%s", file, ends[i]);
		unlink(name);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_watcher_of_a_job_whose_end_is_not_on_record_yet_waits_for_it,
			set_up, end_service),
		cmocka_unit_test_setup_teardown(
			a_job_on_record_begins_though_a_commit_of_others_fails,
			set_up_file, tear_down_file),
		cmocka_unit_test_setup_teardown(
			a_write_that_waits_for_the_database_is_tried_again_by_itself,
			set_up, end_service),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
