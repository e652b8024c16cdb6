/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "account.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "connections/connection.h"
#include "served.h"
#include "work/errand.h"
#include "json/parsed.h"

/*
 * A client leaves while a call of its line is carried out. The call goes on with the whole
 * line in memory, so the user must stay charged for it until it ends.
 */

static sem_t is_held, go_on;

static int hold(struct mmp_call *call, const void *params, json_t **ret_result,
		struct mmp_error *err)
{
	(void)call, (void)params, (void)err;
	sem_post(&is_held);
	sem_wait(&go_on);
	*ret_result = json_object();
	return 0;
}

static void hold_method(const char *name)
{
	struct mmp_method *method = service->methods;

	while (strcmp(method->name, name))
		method++;
	method->answer = hold;
}

static void on_ended(void *server, struct connection *connection)
{
	(void)server, (void)connection;
	fail_msg("the daemon has closed the connection");
}

/* A batch: the call that is held, and a request of many small values. */
static void put_line(struct mmp_buffer *line, size_t values)
{
	mmp_buffer_text(line,
			"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"platform.list\"},"
			"{\"jsonrpc\":\"2.0\",\"method\":\"none\",\"params\":[0");
	for (size_t i = 0; i < values; i++)
		mmp_buffer_text(line, ",[]");
	mmp_buffer_text(line, "]}]\n");
}

static void turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
	sched_yield();
}

static uint64_t charged(void)
{
	return account_bytes(service->account, getuid());
}

static void check_line(size_t values)
{
	struct connection_owner owner = { .base = base,
					  .turns = turns_new(base),
					  .methods = service->methods,
					  .service = service,
					  .ended = on_ended };
	struct mmp_buffer line = MMP_BUFFER_EMPTY;
	struct connection *connection;
	struct caller caller;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	caller_learn(&caller, fds[0], service);
	connection = connection_new(&owner, fds[0], &caller);
	put_line(&line, values);
	assert_int_equal(write(fds[1], line.bytes, line.length), line.length);
	while (sem_trywait(&is_held))
		turn();
	connection_free(connection);
	assert_true(charged() >= (line.length - 1) * MMP_JSON_FACTOR);
	assert_true(charged() >= values * 100); /* what its lists take */

	sem_post(&go_on);
	while (charged())
		turn();
	mmp_buffer_done(&line);
	turns_free(owner.turns);
	close(fds[1]);
}

static void a_user_is_charged_for_a_line_until_its_last_call_ends(void **state)
{
	(void)state;
	assert_int_equal(charged(), 0);
	check_line(10);
	check_line(MMP_LINE_AT_ONCE / 3 + 1000); /* parsed in a thread */
}

static int set_up(void **state)
{
	(void)state;
	mmp_parsed_use_arenas();
	sem_init(&is_held, 0, 0);
	sem_init(&go_on, 0, 0);
	if (begin_service(MMP_STORE_MEMORY))
		return -1;
	hold_method("platform.list");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_is_charged_for_a_line_until_its_last_call_ends),
	};

	return cmocka_run_group_tests_name("charge", tests, set_up, end_service);
}
