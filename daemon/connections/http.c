/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "connections/listen.h"
#include "log.h"
#include "memory.h"
#include "metrics.h"

enum {
	HEAD_BYTES = 8 << 10, /* maximum size of a request's headers */
	PATIENCE_SECONDS = 10,
	WAITING_MAX = 16, /* connections not accepted yet */
	PAUSE_SECONDS = 1,
};

struct http {
	struct service *service;
	struct evhttp *server;
	struct evconnlistener *listener; /* belongs to the server */
	struct event *again;             /* the end of a pause */
	struct listening own;            /* a unix socket, to be removed at the end */
};

static void free_text(const void *bytes, size_t length, void *data)
{
	(void)length, (void)data;
	free((void *)(uintptr_t)bytes);
}

static void answer_metrics(struct evhttp_request *request, void *data)
{
	struct http *http = data;
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *out = evbuffer_new();
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	metrics_print(http->service, &text);
	if (text.failed || !out ||
	    evbuffer_add_reference(out, text.bytes, text.length, free_text, NULL)) {
		mmp_buffer_done(&text);
		evhttp_send_error(request, HTTP_INTERNAL, "out of memory");
	} else {
		evhttp_add_header(headers, "Content-Type", METRICS_TYPE);
		evhttp_send_reply(request, HTTP_OK, "OK", out);
	}
	if (out)
		evbuffer_free(out);
}

static void answer_other(struct evhttp_request *request, void *data)
{
	(void)data;
	evhttp_send_error(request, HTTP_NOTFOUND, "only /metrics exists");
}

/* --- the listening socket --- */

/* The system gives out the lowest free number. */
static bool are_half_taken(void)
{
	struct rlimit limit;
	int lowest = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	if (lowest >= 0)
		close(lowest);
	return lowest < 0 || (!getrlimit(RLIMIT_NOFILE, &limit) &&
			      (rlim_t)lowest >= limit.rlim_cur / 2);
}

/*
 * Whoever opens connections and never completes a request uses up at most half of the
 * descriptors: the rest is for clients and boards.
 */
static struct bufferevent *make_bufferevent(struct event_base *base, void *data)
{
	static const struct timeval pause = { .tv_sec = PAUSE_SECONDS };
	struct http *http = data;

	if (are_half_taken()) {
		evconnlistener_disable(http->listener);
		event_add(http->again, &pause);
	}
	return bufferevent_socket_new(base, -1, 0);
}

static void on_again(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval pause = { .tv_sec = PAUSE_SECONDS };
	struct http *http = data;

	(void)fd, (void)what;
	if (are_half_taken())
		event_add(http->again, &pause);
	else
		evconnlistener_enable(http->listener);
}

static int fail_address(const char *address, struct mmp_error *err)
{
	return mmp_fail(
		err, MMP_INVALID,
		"--metrics %.100s: must be unix:/path, or 127.0.0.1:PORT or [::1]:PORT: "
		"it has no access control, so it must stay on this machine",
		address);
}

static bool is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *four =
		(const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *six =
		(const struct sockaddr_in6 *)(const void *)address;

	if (address->ss_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127 && four->sin_port;
	return address->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) &&
	       six->sin6_port;
}

/* The listener closes the descriptor; only the path is ours to remove. */
static struct evconnlistener *listen_on_path(struct http *http, const char *path,
					     unsigned flags, struct mmp_error *err)
{
	struct evconnlistener *listener;

	if (listen_at(&http->own, path, err)) {
		mmp_while(err, "--metrics");
		return NULL;
	}
	listener = evconnlistener_new(http->service->base, NULL, NULL, flags, WAITING_MAX,
				      http->own.fds[0]);
	if (listener)
		http->own.count = 0;
	else
		mmp_fail(err, MMP_SYSTEM, "out of memory");
	return listener;
}

static struct evconnlistener *listen_on_port(struct http *http, const char *text,
					     unsigned flags, struct mmp_error *err)
{
	struct sockaddr_storage address = { 0 };
	struct evconnlistener *listener;
	int size = sizeof(address);

	if (evutil_parse_sockaddr_port(text, (struct sockaddr *)&address, &size) ||
	    !is_loopback(&address)) {
		fail_address(text, err);
		return NULL;
	}
	listener =
		evconnlistener_new_bind(http->service->base, NULL, NULL, flags,
					WAITING_MAX, (struct sockaddr *)&address, size);
	if (!listener)
		mmp_fail(err, MMP_SYSTEM, "--metrics %.100s: %s", text, strerror(errno));
	return listener;
}

static int bind_to(struct http *http, const char *text, struct mmp_error *err)
{
	unsigned flags =
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC;
	struct evconnlistener *listener =
		strncmp(text, "unix:/", 6) ? listen_on_port(http, text, flags, err)
					   : listen_on_path(http, text + 5, flags, err);

	if (!listener)
		return -1;
	http->listener = listener;
	if (evhttp_bind_listener(http->server, listener))
		return 0;
	evconnlistener_free(listener);
	return mmp_fail(err, MMP_SYSTEM, "out of memory");
}

int http_new(struct service *service, const char *address, struct http **ret_http,
	     struct mmp_error *err)
{
	struct http *http = xcalloc(1, sizeof(*http));

	http->service = service;
	http->server = evhttp_new(service->base);
	if (!http->server) {
		free(http);
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	}
	evhttp_set_allowed_methods(http->server, EVHTTP_REQ_GET);
	evhttp_set_max_headers_size(http->server, HEAD_BYTES);
	evhttp_set_max_body_size(http->server, 0);
	evhttp_set_timeout(http->server, PATIENCE_SECONDS);
	evhttp_set_cb(http->server, "/metrics", answer_metrics, http);
	evhttp_set_gencb(http->server, answer_other, http);
	evhttp_set_bevcb(http->server, make_bufferevent, http);
	http->again = evtimer_new(service->base, on_again, http);
	if (bind_to(http, address, err)) {
		http_free(http);
		return -1;
	}
	log_info("metrics: GET /metrics at %s", address);
	*ret_http = http;
	return 0;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	evhttp_free(http->server);
	event_free(http->again);
	listen_close(&http->own);
	free(http);
}
