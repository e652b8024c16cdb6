/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PUSH_H
#define PUSH_H

#include "service.h"
#include "work/elsewhere.h"

/* What is pushed where, and for whom. Borrowed. */
struct push_order {
	const char *build; /* id, or its first digits */
	const char *board;
	const char *idempotency_key; /* NULL for none */
	uint64_t deadline_ms; /* the push fails when it takes longer; 0: no limit */
	const char
		*key;   /* that signs it; NULL: one that the board trusts, where needed */
	bool accept_id; /* another board behind its line is this one from now on */
	bool records;   /* keep both directions of the line in the job's report */
	bool force;     /* send it even where the board says that it is live */
};

/*
 * Begin a push as a job, or leave it to the host that the board's line reaches, and answer the call with it, or with the job that the same key
 * began: MMP_CONFLICT where that was of another build or board. The handler of a method:
 * returns what one returns.
 */
int push_start(struct mmp_call *call, const struct push_order *order, json_t **ret_result,
	       struct mmp_error *err);

/* Carry out a push that another host has left for this one. In the loop. */
void push_claimed(struct service *service, const struct claimed_job *job);

#endif
