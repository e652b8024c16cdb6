/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "connections/connection.h"
#include "log.h"
#include "memory.h"
#include "rpc/exchange.h"
#include "service.h"

enum { PAUSE_SECONDS = 1 }; /* the line in the log comes no more often */

struct server {
	struct connection_owner owner;
	struct listening listening;
	struct event *accepting[LISTEN_MAX];
	struct event *again; /* the end of a pause */
	struct connection_list connections;
	size_t connections_count;
	bool for_one; /* the loop ends with the client that it was started for */
};

static void accept_again(struct server *server)
{
	for (size_t i = 0; i < server->listening.count; i++)
		event_add(server->accepting[i], NULL);
}

static void on_again(evutil_socket_t fd, short what, void *data)
{
	(void)fd, (void)what;
	accept_again(data);
}

/* The system has no descriptor or no memory for one more, and would say so again at once. */
static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Wait until a client goes, or for a while: it may be others who have taken it all. */
static void pause_accepting(struct server *server, int error)
{
	static const struct timeval pause = { .tv_sec = PAUSE_SECONDS };

	log_warning("a client must wait: %s; %zu are connected", strerror(error),
		    server->connections_count);
	for (size_t i = 0; i < server->listening.count; i++)
		event_del(server->accepting[i]);
	event_add(server->again, &pause);
}

static void on_connection_ended(void *data, struct connection *connection)
{
	struct server *server = data;

	connection_unlink(&server->connections, connection);
	connection_free(connection);
	server->connections_count--;
	((struct service *)server->owner.service)->clients = server->connections_count;
	if (server->for_one)
		event_base_loopexit(server->owner.base, NULL);
	accept_again(server);
}

static void add_connection(struct server *server, int fd)
{
	struct connection *connection = connection_new(&server->owner, fd);

	connection_link(&server->connections, connection);
	server->connections_count++;
	((struct service *)server->owner.service)->clients = server->connections_count;
}

/* A line for those that are too many: it fits into the socket's buffer, so no waiting. */
static void turn_away(int fd)
{
	struct mmp_buffer answer = MMP_BUFFER_EMPTY;
	struct mmp_error err;

	mmp_fail(&err, MMP_BUSY, "%d clients are connected, which is the limit",
		 MMP_CLIENTS_MAX);
	mmp_exchange_refuse(&answer, &err);
	if (send(fd, answer.bytes, answer.length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("a client that was turned away did not hear why");
	log_warning("%s", err.text);
	mmp_buffer_done(&answer);
	close(fd);
}

static void on_connect(evutil_socket_t listening, short what, void *data)
{
	struct server *server = data;
	int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (fd < 0) {
		if (is_shortage(errno))
			pause_accepting(server, errno);
		return;
	}
	if (server->connections_count >= MMP_CLIENTS_MAX) {
		turn_away(fd);
		return;
	}
	add_connection(server, fd);
}

void server_serve_one(struct server *server, int fd)
{
	server->for_one = true;
	add_connection(server, fd);
}

struct server *server_new(struct event_base *base, const struct mmp_method *methods,
			  void *service, struct listening *take_listening)
{
	struct server *server = xcalloc(1, sizeof(*server));

	TAILQ_INIT(&server->connections);
	server->listening = *take_listening;
	*take_listening = (struct listening){ 0 };
	server->owner = (struct connection_owner){ .base = base,
						   .methods = methods,
						   .service = service,
						   .ended = on_connection_ended,
						   .server = server };
	for (size_t i = 0; i < server->listening.count; i++)
		server->accepting[i] =
			event_new(base, server->listening.fds[i], EV_READ | EV_PERSIST,
				  on_connect, server);
	server->again = evtimer_new(base, on_again, server);
	accept_again(server);
	return server;
}

void server_free(struct server *server)
{
	struct connection *connection;

	if (!server)
		return;
	for (size_t i = 0; i < server->listening.count; i++)
		event_free(server->accepting[i]);
	event_free(server->again);
	while ((connection = TAILQ_FIRST(&server->connections))) {
		connection_unlink(&server->connections, connection);
		connection_free(connection);
	}
	listen_close(&server->listening);
	free(server);
}
