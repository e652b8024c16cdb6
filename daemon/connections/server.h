/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SERVER_H
#define SERVER_H

#include <event2/event.h>

#include "connections/listen.h"
#include "rpc/dispatch.h"

/*
 * Serves clients on unix sockets: each line is a JSON-RPC request or a batch, and each
 * answer is a line. A slow or silent client does not delay others.
 */
struct server;

/* Make a server. Borrows base, methods and service; takes the sockets. Never fails. */
struct server *server_new(struct event_base *base, const struct mmp_method *methods,
			  void *service, struct listening *take_listening);
/* Serve the client on this connected socket, and end the loop when it goes. Takes fd. */
void server_serve_one(struct server *server, int fd);
void server_free(struct server *server);

#endif
