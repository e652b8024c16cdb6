/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "connections/connection.h"
#include "methods/methods.h"
#include "rpc/line.h"
#include "json/parsed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * A client of unknown intentions: its bytes go through a real connection to the real
 * methods with a database of their own. Every line that comes back must be JSON-RPC.
 */

static int not_here(struct mmp_call *call, const void *params, json_t **ret_result,
		    struct mmp_error *err)
{
	(void)call, (void)params, (void)ret_result;
	return mmp_fail(err, MMP_DENIED, "not while fuzzing");
}

/* What reaches beyond the process, or goes on by itself, has its parameters read alone. */
static void keep_inside(struct mmp_method *methods)
{
	static const char *const outside[] = { "service.backup", "layout.sweep" };

	for (struct mmp_method *m = methods; m->name; m++) {
		if (mmp_method_access(m) == MMP_DRIVE)
			m->answer = not_here;
		for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
			if (!strcmp(m->name, outside[i]))
				m->answer = not_here;
	}
}

/* Open files stay usable, and nothing is left behind whatever happens. */
static void unlink_all(const char *folder, const char *database)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal", ".lock" };
	char *path;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (asprintf(&path, "%s%s", database, suffixes[i]) < 0)
			abort();
		unlink(path);
		free(path);
	}
	if (rmdir(folder))
		abort();
}

static struct service *service_of_one(struct event_base *base)
{
	/* In memory where there is such a place: what is kept is synced all the time. */
	const char *top = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
	char *folder, *database;
	struct service *service;
	struct mmp_error err;

	if (asprintf(&folder, "%s/mmp-fuzz-rpc.XXXXXX", top) < 0 || !mkdtemp(folder) ||
	    asprintf(&database, "%s/db", folder) < 0)
		abort();
	service = service_new(base, database, NULL, &err);
	if (!service)
		abort();
	unlink_all(folder, database);
	free(database);
	free(folder);
	keep_inside(service->methods);
	return service;
}

static void on_ended(void *server, struct connection *connection)
{
	connection_free(connection);
	event_base_loopbreak(server);
}

static void check_line(const char *text, size_t length)
{
	json_t *line = json_loadb(text, length, 0, NULL);
	const json_t *first = json_is_array(line) ? json_array_get(line, 0) : line;
	const char *version = json_string_value(json_object_get(first, "jsonrpc"));

	if (!version || strcmp(version, "2.0"))
		abort();
	json_decref(line);
}

/* What the daemon says; takes it as it comes, so that it can say more. */
struct listener {
	struct mmp_line_reader line;
	struct event *readable;
};

static void on_answer(evutil_socket_t fd, short what, void *data)
{
	struct listener *listener = data;
	static char bytes[65536];
	const char *text;
	size_t length;
	ssize_t got = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (got <= 0) {
		event_del(listener->readable);
		return;
	}
	if (mmp_line_reader_feed(&listener->line, bytes, (size_t)got))
		abort();
	while (mmp_line_reader_next(&listener->line, &text, &length) == MMP_LINE_WHOLE)
		check_line(text, length);
}

static void converse(struct event_base *base, int fds[2], const uint8_t *data,
		     size_t size)
{
	struct service *service = service_of_one(base);
	const struct connection_owner owner = { .base = base,
						.turns = turns_new(base),
						.methods = service->methods,
						.service = service,
						.ended = on_ended,
						.server = base };
	struct listener listener;
	struct caller caller;

	mmp_line_reader_init(&listener.line, MMP_QUEUE_MAX);
	listener.readable =
		event_new(base, fds[1], EV_READ | EV_PERSIST, on_answer, &listener);
	event_add(listener.readable, NULL);
	caller_learn(&caller, fds[0], service);
	connection_new(&owner, fds[0], &caller);
	if (write(fds[1], data, size) != (ssize_t)size)
		abort();
	shutdown(fds[1], SHUT_WR);
	event_base_dispatch(base);
	turns_free(owner.turns);
	event_free(listener.readable);
	mmp_line_reader_done(&listener.line);
	service_free(service);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event_base *base = event_base_new();
	int fds[2];

	mmp_parsed_use_arenas();
	if (size > 65536)
		size = 65536; /* what the socket holds before somebody reads */
	if (!base || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds))
		abort();
	converse(base, fds, data, size);
	close(fds[1]);
	event_base_free(base);
	return 0;
}
