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
#include "connections/parsing.h"
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

/* --- many long lines at once ------------------------------------------------------- */

enum { LINES = 20, OBJECTS = 30000, OBJECT_BYTES = 200 /* at least */ };

static struct mmp_parsed *lines[LINES];
static size_t done, parsed, refused, values_bytes;
static uint64_t limit;

static void keep_line(void *data, struct mmp_parsed *take_line,
		      const struct mmp_error *why)
{
	struct mmp_parsed **line = data;

	done++;
	*line = take_line;
	assert_true(charged() <= limit);
	if (!take_line) {
		assert_int_equal(why->code, MMP_BUSY);
		assert_non_null(strstr(why->text, "your requests and answers take up"));
		refused++;
		return;
	}
	parsed++;
	values_bytes += take_line->bytes;
	assert_true(take_line->bytes > OBJECTS * OBJECT_BYTES);
	assert_true(values_bytes <= charged());
}

/* In a line a list of empty objects, which take a hundred times what their text does. */
static void put_objects(struct mmp_buffer *line)
{
	mmp_buffer_text(line, "[{}");
	for (size_t i = 1; i < OBJECTS; i++)
		mmp_buffer_text(line, ",{}");
	mmp_buffer_text(line, "]");
}

static void read_lines(const struct mmp_buffer *line, size_t count)
{
	struct mmp_error err;

	done = parsed = refused = values_bytes = 0;
	for (size_t i = 0; i < count; i++)
		if (!parsing_begin(service, getuid(), line->bytes, line->length,
				   keep_line, &lines[i], &err))
			keep_line(&lines[i], NULL, &err);
	while (done < count)
		turn();
	assert_int_equal(parsed + refused, count);
}

static void drop_lines(size_t count)
{
	for (size_t i = 0; i < count; i++)
		mmp_parsed_unref(lines[i]);
	assert_int_equal(charged(), 0);
}

static void lines_that_are_parsed_at_once_never_pass_the_limit(void **state)
{
	struct mmp_buffer line = MMP_BUFFER_EMPTY;
	struct mmp_error err;
	size_t one;

	(void)state;
	put_objects(&line);
	limit = MMP_USER_MEMORY;
	read_lines(&line, 1);
	one = charged();
	drop_lines(1);

	/* As long as they wait there is room for all of them. */
	limit = 4 * one;
	assert_true(limit > LINES * line.length * MMP_JSON_FACTOR);
	account_limit(service->account, MMP_MEMORY, limit);
	read_lines(&line, LINES);
	assert_true(parsed < 4);
	drop_lines(LINES);

	/* At its edge: one that fits exactly, and one that is a byte too long for that. */
	limit = one + line.length * PARSING_TEXTS_FACTOR;
	account_limit(service->account, MMP_MEMORY, limit);
	read_lines(&line, 1);
	assert_int_equal(parsed, 1);
	assert_int_equal(charged(), one);
	drop_lines(1);
	account_limit(service->account, MMP_MEMORY, limit - 1);
	read_lines(&line, 1);
	assert_int_equal(refused, 1);
	drop_lines(1);

	/* One that does not fit before it is parsed does not wait. */
	account_limit(service->account, MMP_MEMORY, line.length * MMP_JSON_FACTOR - 1);
	assert_null(parsing_begin(service, getuid(), line.bytes, line.length, keep_line,
				  &lines[0], &err));
	assert_int_equal(err.code, MMP_BUSY);
	assert_int_equal(charged(), 0);
	account_limit(service->account, MMP_MEMORY, MMP_USER_MEMORY);
	mmp_buffer_done(&line);
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
		cmocka_unit_test(lines_that_are_parsed_at_once_never_pass_the_limit),
	};

	return cmocka_run_group_tests_name("charge", tests, set_up, end_service);
}
