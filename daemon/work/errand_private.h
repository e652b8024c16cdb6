/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ERRAND_PRIVATE_H
#define ERRAND_PRIVATE_H

#include "caller.h"
#include "work/errand.h"
#include "work/task.h"

/*
 * A call on its way through the threads:
 *
 *	errand.c        its life: it begins, goes from step to step, and is answered
 *	errand_steps.c  what a step asks of it: the call_ functions of errand.h
 */

struct errand {
	struct task task;
	struct mmp_call call;   /* as its steps see it; the client is `caller` */
	struct mmp_call *asked; /* for the loop: of the connection; NULL: nobody waits */
	struct caller caller;
	const struct mmp_method *method;
	struct mmp_parsed *line; /* the params borrow from it; NULL: a call of ours */
	const json_t *request;   /* in it */
	_Alignas(max_align_t) unsigned char params[MMP_PARAMS_MAX];

	enum place place;   /* of the next or current step */
	enum place running; /* where the current step runs; it may have named another */
	call_step *step;    /* the next or current one; NULL: the handler of the method */
	call_step *current; /* that has not ended; it may have named the next one */
	bool has_next;      /* the step has named a next one */
	bool deferred;      /* the step has called mmp_call_defer */
	bool is_deferred;   /* for the loop: deferred, and not answered yet */
	bool must_go_on;
	bool is_begun;   /* its first step was run, and may have written */
	bool has_waited; /* its next step was woken up: it looks whether it may go on */
	enum step_weight weight; /* of the next step */
	struct inputs *inputs;   /* read for the handler; NULL: nothing */
	size_t charged;          /* bytes of the result, on the account of the user */
	void *data;
	void (*free_data)(void *data);
	void (*answered)(void *data, struct mmp_shared *result,
			 const struct mmp_error *why);     /* or NULL */
	void (*ending)(void *data, struct mmp_error *err); /* or NULL */
};

/* Pass the errand on to the place of the next step, or to the loop with the answer. */
void errand_hand_on(struct task *task);

/* Have the account of its user say that its result, or what there is of it, is so long. */
void errand_charge(struct errand *e, size_t bytes);

/* Free an errand that a step has deferred, without an answer. */
void errand_drop_deferred(struct errand *e);

#endif
