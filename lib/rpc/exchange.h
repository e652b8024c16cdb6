/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXCHANGE_H
#define MMP_EXCHANGE_H

#include "base/buffer.h"
#include "rpc/dispatch.h"

/*
 * One line of a client and the line that answers it: a request or a batch of them. The
 * requests are begun one a step, so that a long batch lets others have their turn in
 * between, and are answered in their order, also where some are answered later.
 *
 *	mmp_exchange_start(&exchange, text, length);
 *	while (mmp_exchange_step(&exchange) == MMP_EXCHANGE_MORE) ...
 *	send exchange.answer, where it is not empty; mmp_exchange_done(&exchange);
 */
struct mmp_exchange {
	const struct mmp_method *methods;
	void (*resume)(void *owner);
	void *owner;
	struct mmp_call call; /* what every call of it begins with */
	/*
	 * One line with its '\n', or empty: nothing to say. Where there is a body, the
	 * line is `answer`, the body, and MMP_EXCHANGE_TAIL.
	 */
	struct mmp_buffer answer;
	struct mmp_shared *body;
	json_t *line;                    /* what was read */
	struct mmp_exchange_call *calls; /* one a request */
	size_t count, begun, answered;   /* requests */
	size_t waiting;                  /* that were begun and will be answered later */
};

#define MMP_EXCHANGE_TAIL "}\n" /* what follows the body */

enum mmp_exchange_state {
	MMP_EXCHANGE_MORE,    /* step again */
	MMP_EXCHANGE_WAITING, /* step again when call.resume was called */
	MMP_EXCHANGE_DONE,    /* `answer` is whole */
};

/*
 * `resume` is told, with `owner`, that a call was answered later than it was begun: a step
 * may be due. The exchange stays where it is until done: deferred calls point into it.
 */
void mmp_exchange_init(struct mmp_exchange *exchange, const struct mmp_method *methods,
		       void *service, void *client, void (*resume)(void *owner),
		       void *owner);

/*
 * The line that was read, for the caller to free where that takes no time from others.
 * Nothing more of it can be answered.
 */
json_t *mmp_exchange_take_line(struct mmp_exchange *exchange);

/* Frees the answer, and what is under way; a deferred call is forgotten. */
void mmp_exchange_done(struct mmp_exchange *exchange);

/* Begin with a line. What is wrong with it is the answer of the first step. */
void mmp_exchange_start(struct mmp_exchange *exchange, const char *text, size_t length);

/* The same with a line that was parsed already; NULL: it was not JSON, as `why` says. */
void mmp_exchange_start_parsed(struct mmp_exchange *exchange, json_t *take_line,
			       const struct mmp_error *why);

/* Carry out the next request of the line. */
enum mmp_exchange_state mmp_exchange_step(struct mmp_exchange *exchange);

/* Put the answer that is due when a line, or a client, cannot be taken at all. */
void mmp_exchange_refuse(struct mmp_buffer *answer, const struct mmp_error *err);

#endif
