/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/bare.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/load.h"

enum { ANSWERS_MAX = 8 };

static struct {
	const char *method;
	json_t *result;
} answers[ANSWERS_MAX];
static size_t answer_count;

void bare_answer_as(const char *daemon_socket, const char *request)
{
	int fd = load_connect(daemon_socket);
	FILE *in = fdopen(fd, "r");
	char *line = NULL;
	size_t room = 0;
	json_t *asked = json_loads(request, 0, NULL), *answer;

	if (write(fd, request, strlen(request)) < 0 || getline(&line, &room, in) <= 0)
		exit(1);
	answer = json_loads(line, 0, NULL);
	answers[answer_count].method =
		strdup(json_string_value(json_object_get(asked, "method")));
	answers[answer_count++].result = json_incref(json_object_get(answer, "result"));
	json_decref(asked);
	json_decref(answer);
	free(line);
	fclose(in);
}

/* Built anew, as an answer is. */
static json_t *result_of(const char *method)
{
	for (size_t i = 0; i < answer_count; i++)
		if (!strcmp(answers[i].method, method))
			return json_deep_copy(answers[i].result);
	return json_null();
}

static void answer_line(struct evbuffer *out, const char *line, size_t length)
{
	json_t *request = json_loadb(line, length, 0, NULL);
	const char *method = json_string_value(json_object_get(request, "method"));
	json_t *answer =
		json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id",
			  json_object_get(request, "id"), "result", result_of(method));
	char *text = json_dumps(answer, JSON_COMPACT);

	evbuffer_add(out, text, strlen(text));
	evbuffer_add(out, "\n", 1);
	free(text);
	json_decref(answer);
	json_decref(request);
}

static void on_read(struct bufferevent *client, void *data)
{
	struct evbuffer *in = bufferevent_get_input(client);
	size_t length;
	char *line;

	(void)data;
	while ((line = evbuffer_readln(in, &length, EVBUFFER_EOL_LF))) {
		answer_line(bufferevent_get_output(client), line, length);
		free(line);
	}
}

static void on_event(struct bufferevent *client, short what, void *data)
{
	(void)what, (void)data;
	bufferevent_free(client);
}

static void on_connect(struct evconnlistener *listener, evutil_socket_t fd,
		       struct sockaddr *address, int length, void *data)
{
	struct bufferevent *client =
		bufferevent_socket_new(data, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)listener, (void)address, (void)length;
	bufferevent_setcb(client, on_read, NULL, on_event, NULL);
	bufferevent_enable(client, EV_READ | EV_WRITE);
}

void bare_serve(const char *path, int ready)
{
	struct event_base *base = event_base_new();
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	evconnlistener_new_bind(base, on_connect, base,
				LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 64,
				(struct sockaddr *)&address, sizeof(address));
	if (write(ready, "", 1) == 1)
		event_base_dispatch(base);
	_exit(0);
}
