/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TALK_H
#define TALK_H

#include "link/trust.h"
#include "service.h"
#include "work/elsewhere.h"

/*
 * A short session with a board that one call waits for: the board is asked what it is, or
 * is told to keep something for good, such as a key.
 */
enum talk_kind {
	TALK_PROBE,  /* what is it, and what is live on it? */
	TALK_TRUST,  /* trust a key from now on */
	TALK_REVOKE, /* trust a key no longer */
	TALK_ENROLL, /* have a key of its own */
	TALK_KINDS
};

struct talk_order {
	enum talk_kind kind;
	const char *board;
	bool accept_id; /* of a probe: another board behind the line replaces this one */
	/*
	 * A public key. To trust, to revoke: the one that it is about. To enroll: the one
	 * that the board already has, which is only recorded. NULL: none.
	 */
	const uint8_t *point;
};

/*
 * Answer the call with the result. If another host has the board's line, the talk is a
 * job there, whose end the call waits for. In the store thread; returns like a handler.
 */
int talk_begin(struct mmp_call *call, const struct talk_order *order, json_t **ret_result,
	       struct mmp_error *err);

/* Have the talk that another host has left; false: the job is of another kind. */
bool talk_claimed(struct service *service, const struct claimed_job *job);

/* End the talk of that job, unless the board was asked already to keep something. */
void talk_cancel(struct service *service, uint64_t job);

/* Drop those that go on without a client, after the threads have ended. */
void talks_free(struct service *service);

#endif
