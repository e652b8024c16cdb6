/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ERRAND_H
#define ERRAND_H

#include "rpc/dispatch.h"
#include "service.h"

/*
 * A call that is carried out in steps by several threads. The method's handler is the
 * first step, in the store thread. A step answers like a handler; or it names the next
 * step and its place, and returns what call_then returns.
 *
 *	IN_STORE   service->store may be used; nothing that takes long
 *	IN_WORKER  may take long; checks mmp_stopped()
 *	IN_LOOP    clients, jobs, boards and leases may be used; must be very short
 *
 * What a step in the store thread has written is on the disk when the next step runs.
 * If the client goes away, its call is dropped and waiting steps are not run any more,
 * except after call_must_go_on.
 */
enum place { IN_STORE, IN_WORKER, IN_LOOP };

typedef int call_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err);

/* `data` for all further steps, freed when the call has ended. Only one can be set. */
void call_keep(struct mmp_call *call, void *take_data, void (*free_data)(void *data));

/* Name the next step: `return call_then(...)`. */
int call_then(struct mmp_call *call, enum place place, call_step *step);

/* Run the handler again in another place: `return call_again(...)`. */
int call_again(struct mmp_call *call, enum place place);

/* Where the current step runs. */
enum place call_place(const struct mmp_call *call);

/*
 * After call_then or call_again: how the next step is queued. Without it, a step in a
 * worker is long, and others are short.
 */
enum step_weight {
	STEP_USUAL,
	STEP_SHORT,
	STEP_LONG,
	STEP_GOES_ON, /* the next part of a long step; short ones of others go before */
};
void call_weigh(struct mmp_call *call, enum step_weight weight);

/*
 * From now on the steps in the store thread only read: they are in no transaction of others,
 * so that its failure is not theirs.
 */
void call_only_reads(struct mmp_call *call);

/*
 * The part of the answer that is there takes up that many bytes. Its user is charged for
 * them at once, as many such calls may be under way; a call that only reads ends with
 * MMP_BUSY before its next step if the user has taken up too much.
 */
void call_charge(struct mmp_call *call, size_t bytes);

/* Whether the current step was queued as a long one. */
bool call_is_long(const struct mmp_call *call);

/* The current step, also once it has named the next one; NULL: the handler. */
call_step *call_current(const struct mmp_call *call);

/* What was read for the call, freed with it; for inputs.c. */
struct inputs;
struct inputs **call_inputs(const struct mmp_call *call);

/* Free the data given to call_keep, which may then be called again. */
void call_replace(struct mmp_call *call);

/* The data given to call_keep; NULL: none. */
void *call_kept(const struct mmp_call *call);

/* Like call_then, from the loop, for a call that a step has deferred (mmp_call_defer). */
void call_go_on(struct mmp_call *call, enum place place, call_step *step);

/*
 * From now on all steps are run even if the client is gone. One that is deferred stays
 * so until it is answered, and must be dropped if the daemon ends before.
 */
void call_must_go_on(struct mmp_call *call);

/*
 * Have `ending` called with the data of call_keep, in the loop, when the call is about to
 * be answered, whether the client is there or not: `err` is the error, whose text it may
 * change, or NULL if all steps have succeeded and their writes are on the disk.
 */
void call_on_end(struct mmp_call *call,
		 void (*ending)(void *data, struct mmp_error *err));

/* Free a deferred call without an answer, as the daemon ends and its client is gone. */
void call_drop(struct mmp_call *call);

/*
 * Carry out a call in steps; for struct mmp_call.elsewhere, and for a handler in the
 * loop that cannot answer immediately. Returns like a handler.
 */
int errand_begin(struct mmp_call *call, const struct mmp_method *method,
		 const void *params);

/*
 * Steps that the daemon starts itself, in the name of `by`: like a call whose client
 * has gone, and which must go on. Begins in the store thread. `answered` is called in the
 * loop with the result, which is borrowed, or with NULL and the error of the step that
 * failed; then take_data is freed.
 */
void errand_of_ours(struct service *service, const struct mmp_signature *by,
		    void *take_data, void (*free_data)(void *data), call_step *step,
		    void (*answered)(void *data, struct mmp_shared *result,
				     const struct mmp_error *why));

/*
 * Like errand_begin for a handler that needs no database, in a worker from the
 * beginning, so that it does not wait for the store thread. `is_long`: queued after the
 * short ones.
 */
int errand_begin_in_worker(struct mmp_call *call, const struct mmp_method *method,
			   const void *params, bool is_long);

#endif
