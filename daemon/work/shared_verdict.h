/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SHARED_VERDICT_H
#define SHARED_VERDICT_H

#include "service.h"
#include "work/errand.h"
#include "work/kept.h"

/*
 * One verdict for all registrations that share a transaction and a platform: it is
 * computed once, for the platform with all of them, by a worker during the commit. They
 * are answered after both.
 */
struct shared_verdict;

/* Remove an owner; NULL is fine. From any thread. */
void shared_verdict_unref(struct shared_verdict *verdict);

/*
 * In the store thread, after the registration was added to the cached platform: answer
 * the call with `take_head`, the members of an object before the verdict's, and with
 * the verdict. Returns like a handler.
 */
int shared_verdict_answer(struct mmp_call *call, struct kept_platform *one,
			  struct mmp_buffer *take_head);

#endif
