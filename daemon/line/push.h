/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PUSH_H
#define PUSH_H

#include "service.h"
#include "work/build_work.h"

/* What is pushed where, and for whom. Borrowed. */
struct push_order {
	const char *build; /* id, or its first digits */
	const char *board;
	const char *idempotency_key; /* NULL for none */
	uint64_t deadline_ms; /* the push fails when it takes longer; 0: no limit */
	bool accept_id;       /* another board behind its line is this one from now on */
	bool force;           /* send it even where the board says that it is live */
	const struct mmp_signature *by;
};

/*
 * 1: the order's key is known, and *ret_job is the job that it began; 0: it is not; -1
 * with *err, MMP_CONFLICT where that job was of another build or board.
 */
int push_earlier(struct service *service, const struct push_order *order,
		 uint64_t *ret_job, struct mmp_error *err);

/*
 * Begin a push as a job; *ret_job is its id, or that of the job which the same key began.
 * `work` has read the build back and made its proof; the build is taken out of it.
 */
int push_start(struct service *service, const struct push_order *order,
	       struct build_work *work, uint64_t *ret_job, struct mmp_error *err);

#endif
