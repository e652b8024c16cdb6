/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <jansson.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "connections/connection.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "random_platform.h"
#include "served.h"
#include "store/store.h"
#include "work/answers.h"

/*
 * The daemon computes a stored platform from what it stored encoded: the only JSON that is
 * parsed is the request. Parsing is counted, as every way to it goes through jansson.
 */

static struct connection_owner owner;
static struct connection *connection;
static int client;
static char folder[] = "/tmp/mmp-compute-XXXXXX";
static atomic_uint parsed;

json_t *__real_json_loads(const char *text, size_t flags, json_error_t *error);
json_t *__wrap_json_loads(const char *text, size_t flags, json_error_t *error);
json_t *__real_json_loadb(const char *text, size_t length, size_t flags,
			  json_error_t *error);
json_t *__wrap_json_loadb(const char *text, size_t length, size_t flags,
			  json_error_t *error);

json_t *__wrap_json_loads(const char *text, size_t flags, json_error_t *error)
{
	parsed++;
	return __real_json_loads(text, flags, error);
}

json_t *__wrap_json_loadb(const char *text, size_t length, size_t flags,
			  json_error_t *error)
{
	parsed++;
	return __real_json_loadb(text, length, flags, error);
}

static void on_ended(void *server, struct connection *ended)
{
	(void)server, (void)ended;
	fail_msg("the daemon has closed the connection");
}

/* One request and its answer, a line each; how many texts the daemon has parsed for it. */
static unsigned ask(const char *method, json_t *take_params, struct mmp_buffer *answer)
{
	json_t *request = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 1,
				    "method", method, "params", take_params);
	char *text = json_dumps(request, JSON_COMPACT), bytes[4096];
	ssize_t length;

	parsed = 0;
	assert_int_equal(write(client, text, strlen(text)), strlen(text));
	assert_int_equal(write(client, "\n", 1), 1);
	*answer = MMP_BUFFER_EMPTY;
	do {
		event_base_loop(base, EVLOOP_NONBLOCK);
		sched_yield();
		length = read(client, bytes, sizeof(bytes));
		if (length > 0)
			mmp_buffer_add(answer, bytes, (size_t)length);
	} while (!answer->length || answer->bytes[answer->length - 1] != '\n');
	free(text);
	json_decref(request);
	if (!strstr(answer->bytes, "\"result\""))
		fail_msg("%s", answer->bytes);
	return parsed;
}

static struct mmp_platform *sound_platform(void)
{
	const struct mmp_rules *rules = mmp_rules_at(0);
	struct mmp_layout layout;
	struct mmp_error err;

	for (uint64_t n = 0;; n++) {
		struct mmp_platform *platform;
		bool is_sound;

		random_begin(DEFAULT_SEED, n);
		platform = random_platform(rules);
		mmp_layout_init(&layout);
		is_sound = !rules->check(rules, &platform->config, &err) &&
			   !mmp_layout_make(&layout, platform, NULL, &err);
		mmp_layout_done(&layout);
		if (is_sound)
			return platform;
		mmp_platform_free(platform);
	}
}

/* Store a platform as another program might have: `encoded` bytes of its form, or none. */
static void store_as(struct mmp_store *store, const char *name,
		     const struct mmp_platform *platform, const struct mmp_stored *stored,
		     size_t encoded)
{
	struct mmp_region_row *regions = calloc(platform->count + 1, sizeof(*regions));
	const struct mmp_platform_row row = { .name = name,
					      .rules = platform->rules->name,
					      .config = stored->text.bytes,
					      .encoded = encoded ? stored->encoded.bytes
								 : NULL,
					      .encoded_size = encoded,
					      .regions_count = platform->count,
					      .regions = regions };
	const struct mmp_signature by = { .user = "eva", .time = "2026-01-01" };
	struct mmp_error err;
	uint64_t revision;

	for (size_t i = 0; i < platform->count; i++)
		regions[i] =
			service_region_row(platform->rules, &platform->registrations[i]);
	assert_int_equal(mmp_store_platform_put(store, &row, 0, &by, &revision, &err), 0);
	free(regions);
}

/* "text" has no encoded form, that of "damaged" is cut off. */
static void store_platforms(const char *path)
{
	struct mmp_platform *platform = sound_platform();
	struct mmp_stored stored;
	struct mmp_store *store;
	struct mmp_error err;

	assert_int_equal(mmp_store_open(path, &store, &err), 0);
	assert_int_equal(mmp_stored_write(platform, &stored, &err), 0);
	store_as(store, "encoded", platform, &stored, stored.encoded.length);
	store_as(store, "text", platform, &stored, 0);
	store_as(store, "damaged", platform, &stored, stored.encoded.length / 2);
	mmp_store_close(store);
	mmp_stored_done(&stored);
	mmp_platform_free(platform);
}

/* Its layout with nothing remembered; how many texts were parsed for it. */
static unsigned compute(const char *name, json_t **ret_result)
{
	struct mmp_buffer line;
	unsigned count;
	json_t *answer;

	answers_free(service->answers);
	service->answers = answers_new();
	count = ask("layout.compute", json_pack("{s:s}", "platform", name), &line);
	answer = json_loads(line.bytes, 0, NULL);
	*ret_result = json_incref(json_object_get(answer, "result"));
	json_decref(answer);
	mmp_buffer_done(&line);
	return count;
}

static void a_stored_platform_is_computed_without_parsing_json(void **state)
{
	json_t *result;

	(void)state;
	assert_int_equal(compute("encoded", &result), 1);
	json_decref(result);
}

static void what_has_no_sound_encoded_form_is_computed_from_its_text(void **state)
{
	json_t *encoded, *text, *damaged;

	(void)state;
	compute("encoded", &encoded);
	assert_int_equal(compute("text", &text), 2);
	assert_int_equal(compute("damaged", &damaged), 2);
	assert_true(json_equal(encoded, text));
	assert_true(json_equal(encoded, damaged));
	json_decref(encoded);
	json_decref(text);
	json_decref(damaged);
}

/* The configuration is as it was, so it is there already, but not encoded. */
static void platform_put_stores_the_encoded_form(void **state)
{
	struct mmp_buffer answer;
	json_t *got, *document, *result;

	(void)state;
	ask("platform.get", json_pack("{s:s}", "name", "text"), &answer);
	got = json_loads(answer.bytes, 0, NULL);
	mmp_buffer_done(&answer);
	document = json_object_get(json_object_get(got, "result"), "document");
	json_array_remove(json_object_get(document, "registrations"), 0);
	ask("platform.put", json_pack("{s:O}", "document", document), &answer);
	json_decref(got);
	mmp_buffer_done(&answer);
	assert_int_equal(compute("text", &result), 1);
	json_decref(result);
	assert_int_equal(compute("text@1", &result), 2);
	json_decref(result);
}

static int set_up(void **state)
{
	struct caller caller;
	char path[64];
	int fds[2];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/database", folder);
	store_platforms(path);
	if (begin_service(path) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds))
		return -1;
	owner = (struct connection_owner){ .base = base,
					   .turns = turns_new(base),
					   .methods = service->methods,
					   .service = service,
					   .ended = on_ended };
	caller_learn(&caller, fds[0], service);
	connection = connection_new(&owner, fds[0], &caller);
	client = fds[1];
	return 0;
}

static int tear_down(void **state)
{
	char command[64];

	connection_free(connection);
	turns_free(owner.turns);
	close(client);
	end_service(state);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stored_platform_is_computed_without_parsing_json),
		cmocka_unit_test(
			what_has_no_sound_encoded_form_is_computed_from_its_text),
		cmocka_unit_test(platform_put_stores_the_encoded_form),
	};

	return cmocka_run_group_tests_name("compute", tests, set_up, tear_down);
}
