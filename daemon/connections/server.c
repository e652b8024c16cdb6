/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "connections/connection.h"
#include "log.h"
#include "memory.h"
#include "peaks.h"
#include "rpc/exchange.h"
#include "service.h"
#include "settings.h"
#include "shares.h"

enum { PAUSE_SECONDS = 1 }; /* for which no client is accepted */

struct server {
	struct connection_owner owner;
	struct listening listening;
	struct event *accepting[LISTEN_MAX];
	struct event *again; /* ends a pause */
	struct connection_list connections;
	size_t connections_count;
	struct shares *shares; /* connections of each user */
	bool for_one;          /* the loop ends with its only client */
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

/* Out of descriptors or memory: accepting again immediately would fail again. */
static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Wait until a client goes, or for a while, as other programs may use the resources. */
static void pause_accepting(struct server *server, int error)
{
	static const struct timeval pause = { .tv_sec = PAUSE_SECONDS };

	log_warning("a client must wait: %s; %zu are connected", strerror(error),
		    server->connections_count);
	for (size_t i = 0; i < server->listening.count; i++)
		event_del(server->accepting[i]);
	event_add(server->again, &pause);
}

static struct service *service_of(const struct server *server)
{
	return server->owner.service;
}

static void forget_connection(struct server *server, struct connection *connection)
{
	shares_sub(server->shares, connection_caller(connection)->uid);
	connection_unlink(&server->connections, connection);
	connection_free(connection);
	server->connections_count--;
	service_of(server)->clients = server->connections_count;
}

static void on_connection_ended(void *data, struct connection *connection)
{
	struct server *server = data;

	forget_connection(server, connection);
	if (server->for_one)
		event_base_loopexit(server->owner.base, NULL);
	accept_again(server);
}

static void add_connection(struct server *server, int fd, const struct caller *caller)
{
	struct connection *connection = connection_new(&server->owner, fd, caller);

	connection_link(&server->connections, connection);
	shares_add(server->shares, caller->uid);
	server->connections_count++;
	service_of(server)->clients = server->connections_count;
}

/* Refuse a client over the limit. The line fits into the socket's buffer: no waiting. */
static void turn_away(int fd, const struct mmp_error *why)
{
	struct mmp_buffer answer = MMP_BUFFER_EMPTY;

	mmp_exchange_refuse(&answer, why);
	if (send(fd, answer.bytes, answer.length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("a client was refused, and could not be told why");
	log_warning("%s", why->text);
	mmp_buffer_done(&answer);
	close(fd);
}

/* Of the user with the most connections, the one that has been idle longest. */
static struct connection *find_idle(const struct server *server, uint64_t least_ms)
{
	struct connection *one, *best = NULL;
	size_t best_share = 0;

	for (one = connection_first(&server->connections); one;
	     one = connection_next(one)) {
		size_t share = shares_count(server->shares, connection_caller(one)->uid);
		uint64_t idle = connection_idle_ms(one);

		if (idle < least_ms || !idle || share < best_share)
			continue;
		if (!best || share > best_share || idle > connection_idle_ms(best)) {
			best = one;
			best_share = share;
		}
	}
	return best;
}

/* All places are taken: close an idle connection to make room for the next client. */
static bool make_room(struct server *server)
{
	uint64_t seconds = service_policy(service_of(server)).idle;
	struct connection *idle = find_idle(server, seconds * 1000);
	struct mmp_error why;

	if (!idle)
		return false;
	mmp_fail(&why, MMP_BUSY,
		 "all %d connections are in use, and this one was idle for %" PRIu64
		 " s: it is closed; connect again",
		 MMP_CLIENTS_MAX, connection_idle_ms(idle) / 1000);
	log_info("a connection of uid %ld was closed: it was idle, and all connections "
		 "were in use",
		 (long)connection_caller(idle)->uid);
	connection_refuse(idle, &why);
	forget_connection(server, idle);
	return true;
}

/* Check for a free place for this client, in total and in its user's share. */
static int find_place(struct server *server, const struct caller *caller,
		      struct mmp_error *err)
{
	uint64_t share = service_policy(service_of(server)).user_clients;

	if (!(caller->roles & ROLE_ADMIN) &&
	    shares_count(server->shares, caller->uid) >= share)
		return mmp_fail(err, MMP_BUSY,
				"uid %ld has %" PRIu64 " connections, which is the limit "
				"of one user",
				(long)caller->uid, share);
	if (server->connections_count >= MMP_CLIENTS_MAX && !make_room(server))
		return mmp_fail(err, MMP_BUSY,
				"%d clients are connected, which is the limit",
				MMP_CLIENTS_MAX);
	return 0;
}

/* false: nobody waits, or none can be accepted now. */
static bool accept_one(struct server *server, int listening)
{
	int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct caller caller;
	struct mmp_error err;

	if (fd < 0) {
		if (is_shortage(errno))
			pause_accepting(server, errno);
		return false;
	}
	caller_learn(&caller, fd, service_of(server));
	if (find_place(server, &caller, &err))
		turn_away(fd, &err);
	else
		add_connection(server, fd, &caller);
	return true;
}

/* Some at a time, as others may connect and leave again without end. */
static void on_connect(evutil_socket_t listening, short what, void *data)
{
	(void)what;
	for (unsigned i = 0; i < MMP_TURN_ACCEPTS && accept_one(data, listening); i++)
		peak_note(PEAK_TURN_ACCEPTS, i + 1);
}

void server_serve_one(struct server *server, int fd)
{
	struct caller caller;

	caller_learn(&caller, fd, service_of(server));
	server->for_one = true;
	add_connection(server, fd, &caller);
}

struct server *server_new(struct event_base *base, const struct mmp_method *methods,
			  void *service, struct listening *take_listening)
{
	struct server *server = xcalloc(1, sizeof(*server));

	TAILQ_INIT(&server->connections);
	server->shares = shares_new(MMP_CLIENTS_MAX);
	server->listening = *take_listening;
	*take_listening = (struct listening){ 0 };
	server->owner = (struct connection_owner){ .base = base,
						   .turns = turns_new(base),
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
	while ((connection = connection_first(&server->connections)))
		forget_connection(server, connection);
	turns_free(server->owner.turns);
	shares_free(server->shares);
	listen_close(&server->listening);
	free(server);
}
