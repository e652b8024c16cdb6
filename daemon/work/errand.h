/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ERRAND_H
#define ERRAND_H

#include "rpc/dispatch.h"
#include "service.h"

/*
 * A call on its way through the threads, in steps. Its method's handler is the first
 * step, in the store thread. A step answers as a handler does; or it names the next step
 * and the place for it, and returns what call_then returns.
 *
 *	IN_STORE   service->store may be used; nothing that takes long
 *	IN_WORKER  may take long; looks at mmp_stopped()
 *	IN_LOOP    clients, jobs, boards and leases may be used; next to no time
 *
 * What a step in the store thread has written is on the disk when the next one runs. A
 * client that goes away takes its call with it: steps that wait are not run any more,
 * from call_must_go_on on excepted.
 */
enum place { IN_STORE, IN_WORKER, IN_LOOP };

typedef int call_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err);

/* `data` of all further steps, freed when the call has ended; replaces none. */
void call_keep(struct mmp_call *call, void *take_data, void (*free_data)(void *data));

/* The next step: `return call_then(...)`. */
int call_then(struct mmp_call *call, enum place place, call_step *step);

/* The next step is the handler once more, elsewhere: `return call_again(...)`. */
int call_again(struct mmp_call *call, enum place place);

/*
 * Where the step that is under way runs. Whether a document is so long that it should be
 * read in a worker; and the same, and this is not one and may be.
 */
bool service_is_long(const json_t *document);
bool service_takes_long(const struct mmp_call *call, const json_t *document);
enum place call_place(const struct mmp_call *call);

/* What call_keep was given is freed now; it may be called again. */
void call_replace(struct mmp_call *call);

/* What call_keep was given; NULL: nothing. */
void *call_kept(const struct mmp_call *call);

/* As call_then, from the loop, for a call that a step has deferred (mmp_call_defer). */
void call_go_on(struct mmp_call *call, enum place place, call_step *step);

/* From now on all steps are run, be the client there or not. */
void call_must_go_on(struct mmp_call *call);

/* The same in the loop and in short: is somebody there who would read the answer? */
bool call_is_waited_for(const struct mmp_call *call);

/*
 * Carry out a call so; for struct mmp_call.elsewhere, and for a handler in the loop that
 * has no answer at hand. Returns what a handler returns.
 */
int errand_begin(struct mmp_call *call, const struct mmp_method *method,
		 const void *params);

/*
 * Steps of our own accord, in the name of `by`, that nobody waits for: as a call whose
 * client has gone, and which must go on. Begins in the store thread. `failed` is told in
 * the loop where a step has failed; then take_data is freed.
 */
void errand_of_ours(struct service *service, const struct mmp_signature *by,
		    void *take_data, void (*free_data)(void *data), call_step *step,
		    void (*failed)(void *data, const struct mmp_error *why));

/*
 * The same for a handler that needs no database, in a worker from the beginning: it does not
 * wait for what others ask the database. `is_long`: behind the short ones.
 */
int errand_begin_in_worker(struct mmp_call *call, const struct mmp_method *method,
			   const void *params, bool is_long);

/* Free a large value in a thread. */
void errand_dispose(struct service *service, json_t *take_value);

#endif
