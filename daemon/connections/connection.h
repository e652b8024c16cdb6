/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <event2/event.h>
#include <jansson.h>

#include "rpc/dispatch.h"
#include "store/store.h"

/*
 * One client. Its lines are answered one by one, and a line a request a turn of the
 * loop, so that other clients come in between. A call that is answered later does not
 * hold up the lines behind it, unless there are very many or it is a very long one.
 *
 * Nothing more is read from a client while a line of it is being answered, or while the
 * answers that it has not fetched pile up.
 */
struct connection;

struct connection_owner {
	struct event_base *base;
	const struct mmp_method *methods;
	void *service;
	void (*ended)(void *server, struct connection *connection); /* frees it */
	void *server;
};

/* Takes fd, which is non-blocking. Never fails. */
struct connection *connection_new(const struct connection_owner *owner, int fd);
void connection_free(struct connection *connection);

/* Send a notification. It is left out where the client does not fetch its answers. */
void connection_notify(struct connection *connection, const char *method,
		       json_t *take_params);

/* Who it is (SO_PEERCRED), and the time now; borrowed until the next such call. */
const struct mmp_signature *connection_signature(struct connection *connection);

/* Lists of the server. */
struct connection *connection_next(const struct connection *connection);
void connection_set_next(struct connection *connection, struct connection *next);

#endif
