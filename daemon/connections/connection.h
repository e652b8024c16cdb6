/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <event2/event.h>
#include <jansson.h>

#include <sys/queue.h>

#include "base/shared.h"
#include "caller.h"
#include "connections/turns.h"
#include "rpc/dispatch.h"

/*
 * One client. Its requests are handled a few at a time, so that other clients get their
 * turn in between; long lines are parsed in a thread. A call that is answered later
 * does not block the lines after it, unless there are very many or it is a long one.
 *
 * Nothing more is read from a client while one of its lines is being answered, or while
 * unfetched answers pile up.
 */
struct connection;

struct connection_owner {
	struct event_base *base;
	struct turns *turns;
	const struct mmp_method *methods;
	void *service;
	void (*ended)(void *server, struct connection *connection); /* frees it */
	void *server;
};

TAILQ_HEAD(connection_list, connection);

/* For the list that its server keeps. */
void connection_link(struct connection_list *list, struct connection *connection);
void connection_unlink(struct connection_list *list, struct connection *connection);
struct connection *connection_first(const struct connection_list *list); /* or NULL */
struct connection *connection_next(const struct connection *connection);

/*
 * Make a connection for that client. Takes fd, which must be non-blocking. Never fails.
 */
struct connection *connection_new(const struct connection_owner *owner, int fd,
				  const struct caller *caller);
const struct caller *connection_caller(const struct connection *connection);

/*
 * For how long it has neither sent a request nor been answered; 0: it waits for an
 * answer, or has sent part of a line.
 */
uint64_t connection_idle_ms(const struct connection *connection);

/* Tell the client why it will be closed; connection_free sends what the socket takes. */
void connection_refuse(struct connection *connection, const struct mmp_error *why);
void connection_free(struct connection *connection);

/*
 * Send this line, a notification. It is dropped if the client does not fetch its
 * answers.
 */
void connection_notify(struct connection *connection, struct mmp_shared *line);

#endif
