/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PUSH_H
#define PUSH_H

#include "service.h"
#include "work/elsewhere.h"

/* The parameters of a push. Borrowed. */
struct push_order {
	const char *build; /* id, or its first digits */
	const char *board;
	const char *idempotency_key; /* NULL for none */
	uint64_t deadline_ms;        /* the push fails if it takes longer; 0: no limit */
	const char *key; /* that signs it; NULL: one that the board trusts, if needed */
	bool accept_id;  /* another board behind the line replaces this one */
	bool records;    /* keep both directions of the line in the job's report */
	bool force;      /* send it even if the board says that it is live */
};

/*
 * Start a push as a job, or leave it to the host that the board's line reaches. Answers
 * the call with the new job, or with an earlier one with the same idempotency key:
 * MMP_CONFLICT if that was for another build or board. Returns like the handler of a
 * method.
 */
int push_start(struct mmp_call *call, const struct push_order *order, json_t **ret_result,
	       struct mmp_error *err);

/* Carry out a push that another host left for this one. In the loop. */
void push_claimed(struct service *service, const struct claimed_job *job);

#endif
