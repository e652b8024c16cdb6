/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXCHANGE_H
#define MMP_EXCHANGE_H

#include "base/buffer.h"
#include "rpc/dispatch.h"
#include "json/parsed.h"

/*
 * One line of a client and the line that answers it: a request or a batch of them. Each
 * step begins one request, so that a long batch leaves time for other clients. Answers
 * are in the order of the requests, even if some arrive later.
 *
 *	mmp_exchange_start(&exchange, text, length);
 *	while (mmp_exchange_step(&exchange) == MMP_EXCHANGE_MORE) ...
 *	send exchange.answer unless it is empty; mmp_exchange_done(&exchange);
 */
struct mmp_exchange {
	const struct mmp_method *methods;
	void (*resume)(void *owner);
	void *owner;
	struct mmp_call call; /* initial value of each call */
	/*
	 * One line with its '\n', or empty if there is no answer. If there is a body,
	 * the line is `answer`, the body, and MMP_EXCHANGE_TAIL.
	 */
	struct mmp_buffer answer;
	struct mmp_shared *body;
	struct mmp_parsed *line;         /* the parsed line */
	struct mmp_exchange_call *calls; /* one per request */
	size_t count, begun, answered;   /* requests */
	size_t waiting;                  /* begun, to be answered later */
};

#define MMP_EXCHANGE_TAIL "}\n" /* follows the body */

enum mmp_exchange_state {
	MMP_EXCHANGE_MORE,    /* step again */
	MMP_EXCHANGE_WAITING, /* step again after call.resume was called */
	MMP_EXCHANGE_DONE,    /* `answer` is complete */
};

/*
 * Prepare an exchange. `resume` is called with `owner` when a deferred call was
 * answered and a step may be due. The exchange must not move until done: deferred calls
 * point into it.
 */
void mmp_exchange_init(struct mmp_exchange *exchange, const struct mmp_method *methods,
		       void *service, void *client, void (*resume)(void *owner),
		       void *owner);

/*
 * The parsed line, for the caller to drop where freeing does not delay others. Nothing
 * more of it can be answered.
 */
struct mmp_parsed *mmp_exchange_take_line(struct mmp_exchange *exchange);

/* Free the answer and drop calls under way; deferred calls are told to forget. */
void mmp_exchange_done(struct mmp_exchange *exchange);

/* Begin with a line. If it is invalid, the first step answers with the error. */
void mmp_exchange_start(struct mmp_exchange *exchange, const char *text, size_t length);

/* The same with a line that was already parsed; NULL: it was not JSON, as `why` says. */
void mmp_exchange_start_parsed(struct mmp_exchange *exchange,
			       struct mmp_parsed *take_line, const struct mmp_error *why);

/* Carry out the next request of the line. */
enum mmp_exchange_state mmp_exchange_step(struct mmp_exchange *exchange);

/* Put the answer for a line, or a client, that cannot be accepted at all. */
void mmp_exchange_refuse(struct mmp_buffer *answer, const struct mmp_error *err);

#endif
