/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONNECTION_PRIVATE_H
#define CONNECTION_PRIVATE_H

#include "connections/connection.h"
#include "rpc/exchange.h"
#include "rpc/line.h"
#include "service.h"

/*
 * One client:
 *
 *	connection.c         its events: what it sends, its turns, its life
 *	connection_calls.c   the requests of its lines, from the first step to the log
 *	connection_output.c  the answers that it has not fetched
 */

/* A line that is being answered. */
struct work {
	struct mmp_exchange exchange;
	struct connection *connection;
	size_t bytes;   /* of the line */
	size_t charged; /* for the answer of a batch so far, to its user */
	bool parked;    /* waits for a deferred answer, or to be parsed */
	struct parsing *parsing;
	TAILQ_ENTRY(work) link;
};

struct connection {
	struct connection_owner owner;
	int fd;
	struct event *readable, *writable;
	struct turn turn;    /* the next step of its work, after the others */
	struct event *drain; /* time-out for the rest of a line over the limit */
	struct mmp_line_reader input;
	struct evbuffer *output;
	TAILQ_HEAD(works, work) works; /* oldest first */
	size_t works_count, works_bytes;
	bool is_named; /* the name of its user is known */
	bool ended;    /* the client will send nothing more */
	bool draining; /* the rest of a line over the limit is being discarded */
	bool closing;  /* once the output is sent */
	bool gone;     /* its requests are let go, some at a time, and then it ends */
	struct caller caller;
	size_t charged;   /* bytes of input and output, on the account of the user */
	uint64_t used_ms; /* when it last sent a request or was answered */
	TAILQ_ENTRY(connection) link;
};

/* --- connection.c --- */

/* Have its next step after the other clients. */
void connection_take_turn(struct connection *connection);

/* A line is over the limit, so no more can be read: tell the client, and discard the rest. */
void connection_refuse_line(struct connection *connection);

/* --- connection_calls.c --- */

/* A line that can take its next step; the second begins one if there is room. Or NULL. */
struct work *connection_runnable(const struct connection *connection);
struct work *connection_next_work(struct connection *connection);

/* Take that step. The work ends with its answer. */
void connection_step(struct connection *connection, struct work *work);

/* Forget a line, whether it is answered or not. */
void connection_end_work(struct connection *connection, struct work *work);

/* --- connection_output.c --- */

struct account *connection_account(const struct connection *connection);

/* Charge lines that were not begun and unfetched output to the account of the user. */
void connection_charge(struct connection *connection);

void connection_put(struct connection *connection, struct mmp_buffer *take_bytes);
void connection_answer(struct connection *connection, struct mmp_exchange *exchange);

/*
 * Send what the socket takes now, up to a limit; the rest waits until it is writable.
 * false: closed.
 */
bool connection_send(struct connection *connection);

#endif
