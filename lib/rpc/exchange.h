/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXCHANGE_H
#define MMP_EXCHANGE_H

#include "base/buffer.h"
#include "rpc/dispatch.h"

/*
 * One line of a client and the line that answers it: a request or a batch of them,
 * answered one a step, so that a long batch lets others have their turn in between.
 *
 *	mmp_exchange_start(&exchange, text, length);
 *	while (mmp_exchange_step(&exchange) == MMP_EXCHANGE_MORE) ...
 *	send exchange.answer, where it is not empty; mmp_exchange_done(&exchange);
 */
struct mmp_exchange {
	const struct mmp_method *methods;
	void (*resume)(void *owner);
	void *owner;
	struct mmp_call call;
	struct mmp_buffer answer; /* one line with its '\n', or empty: nothing to say */
	json_t *line;             /* what was read; NULL between two lines */
	size_t next;              /* of the batch: how many were answered */
	bool waiting;             /* for a deferred answer */
	bool answered;            /* that answer is there */
};

enum mmp_exchange_state {
	MMP_EXCHANGE_MORE,    /* step again */
	MMP_EXCHANGE_WAITING, /* step again when call.resume was called */
	MMP_EXCHANGE_DONE,    /* `answer` is whole */
};

/*
 * `resume` is told, with `owner`, that a step is due after MMP_EXCHANGE_WAITING. The
 * exchange stays where it is until done: deferred calls point into it.
 */
void mmp_exchange_init(struct mmp_exchange *exchange, const struct mmp_method *methods,
		       void *service, void *client, void (*resume)(void *owner),
		       void *owner);

/* Frees the answer, and what is under way; a deferred call is forgotten. */
void mmp_exchange_done(struct mmp_exchange *exchange);

/* Begin with a line. What is wrong with it is the answer of the first step. */
void mmp_exchange_start(struct mmp_exchange *exchange, const char *text, size_t length);
enum mmp_exchange_state mmp_exchange_step(struct mmp_exchange *exchange);

/* Put the answer that is due when a line, or a client, cannot be taken at all. */
void mmp_exchange_refuse(struct mmp_buffer *answer, const struct mmp_error *err);

#endif
