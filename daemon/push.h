/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PUSH_H
#define PUSH_H

#include "service.h"

/* What is pushed where, and for whom. Borrowed. */
struct push_order {
	const char *build; /* id, or its first digits */
	const char *board;
	const char *idempotency_key; /* NULL for none */
	uint64_t deadline_ms; /* the push fails when it takes longer; 0: no limit */
	bool force;           /* send it even where the board says that it is live */
	const struct mmp_signature *by;
};

/*
 * Begin a push as a job; *ret_job is its id. A key that is known gives the job that it
 * began, MMP_CONFLICT where that was of another build or board.
 */
int push_start(struct service *service, const struct push_order *order, uint64_t *ret_job,
	       struct mmp_error *err);

#endif
