/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/errand_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/container.h"
#include "base/limits.h"
#include "doc/mistakes.h"
#include "memory.h"
#include "work/dispose.h"
#include "work/inputs.h"
#include "work/mailbox.h"
#include "work/store_thread.h"
#include "work/workers.h"
#include "json/text.h"
#include "json/writer.h"

static void free_errand(struct errand *e)
{
	struct service *service = e->call.service;

	account_sub(service->account, e->caller.uid, e->charged);
	if (e->free_data)
		e->free_data(e->data);
	inputs_free(e->inputs);
	mmp_dispatch_drop(&e->call);
	mmp_shared_unref(e->call.data);
	if (e->call.bytes > MMP_LINE_AT_ONCE)
		dispose_line(service, e->line);
	else
		mmp_parsed_unref(e->line);
	free(e);
}

static void drop_errand(struct task *task)
{
	struct errand *e = container_of(task, struct errand, task);

	if (e->asked) {
		e->asked->forget = NULL;
		e->asked->deferred = NULL;
	}
	free_errand(e);
}

/* --- steps --- */

/* Print the answer in the thread that computed it, as it may be long. */
static void print_result(struct errand *e)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	json_t *result = e->call.result;

	if (!result)
		return;
	e->call.result = NULL;
	if (mmp_json_print(result, MMP_ANSWER_MAX, &text, &e->call.err))
		mmp_buffer_done(&text);
	else
		e->call.text = mmp_shared_new(&text);
	if (e->call.err.code == MMP_TOO_LARGE)
		mmp_fail(&e->call.err, MMP_TOO_LARGE,
			 "the answer is over %u bytes: ask with detail map",
			 MMP_ANSWER_MAX);
	else if (!e->call.text)
		mmp_fail(&e->call.err, MMP_SYSTEM, "out of memory");
	json_decref(result);
}

/*
 * For a refused document among the params, list everything that is wrong with it as
 * "mistakes" in the data of the error. Of several, it is the one that was read.
 */
static void tell_mistakes(struct errand *e)
{
	json_t *given = json_object_get(e->request, "params"), *value;
	const json_t *refused = inputs_refused(e->inputs);
	struct mmp_buffer data = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&data);
	const char *name;

	json_object_foreach(given, name, value) {
		size_t omitted;
		json_t *mistakes;

		if ((refused && value != refused) ||
		    !json_is_object(json_object_get(value, "config")))
			continue;
		mistakes = mmp_platform_mistakes(value, &omitted);
		if (!json_array_size(mistakes)) {
			json_decref(mistakes);
			continue;
		}
		mmp_member_text(&w, "parameter", name);
		mmp_member_take(&w, "mistakes", mistakes);
		mmp_member_number(&w, "mistakes_omitted", (int64_t)omitted);
		mmp_call_data(&e->call, &data);
		return;
	}
}

void errand_charge(struct errand *e, size_t bytes)
{
	struct account *account = ((struct service *)e->call.service)->account;

	if (bytes > e->charged)
		account_add(account, e->caller.uid, bytes - e->charged);
	else
		account_sub(account, e->caller.uid, e->charged - bytes);
	e->charged = bytes;
}

/*
 * There was room when the call came, but many calls may have waited since then, and grown.
 * One that may have written something goes on, and so does one that only waits.
 */
static int check_memory(struct errand *e, struct mmp_error *err)
{
	struct service *service = e->call.service;
	bool may_go_on = e->must_go_on || e->has_waited || e->place == IN_LOOP ||
			 (e->is_begun && mmp_method_access(e->method) != MMP_READ);

	e->is_begun = true;
	e->has_waited = false;
	return may_go_on ? 0 : account_check(service->account, e->caller.uid, 0, err);
}

/*
 * What one that is refused has taken counts no more from now on, and not from when the loop
 * frees it: until then all others would be refused, too.
 */
static void give_back(struct errand *e)
{
	inputs_give_back(e->inputs);
	errand_charge(e, 0);
}

static int take_step(struct errand *e, struct mmp_error *err)
{
	struct mmp_call *call = &e->call;

	if (check_memory(e, err)) {
		give_back(e);
		return -1;
	}
	return e->step ? e->step(call, e->data, &call->result, err)
		       : e->method->answer(call, e->params, &call->result, err);
}

static void run_step(struct errand *e)
{
	struct mmp_call *call = &e->call;
	struct mmp_error err = { 0 };
	int outcome;

	e->has_next = e->deferred = false;
	e->weight = STEP_USUAL;
	e->current = e->step;
	e->running = e->place;
	outcome = take_step(e, &err);
	if (outcome == MMP_LATER) {
		e->deferred = !e->has_next;
		return;
	}
	if (outcome) {
		e->has_next = false; /* a part of the step may have named one before */
		mmp_dispatch_drop(call);
		call->err = err;
		if (err.code == MMP_INVALID && !e->current)
			tell_mistakes(e);
	}
	print_result(e);
	if (call->text)
		errand_charge(e, call->text->length);
}

static void work_errand(struct task *task)
{
	struct errand *e = container_of(task, struct errand, task);

	if (task->stop && !e->must_go_on)
		e->has_next = false;
	else
		run_step(e);
}

/* The transaction that the step was part of has failed. */
static void on_no_commit(struct task *task, const struct mmp_error *why)
{
	struct errand *e = container_of(task, struct errand, task);
	bool has_failed = !e->has_next && !e->call.text;

	if (has_failed)
		return;
	mmp_dispatch_drop(&e->call);
	e->has_next = false;
	e->call.err = *why;
}

void errand_hand_on(struct task *task)
{
	struct errand *e = container_of(task, struct errand, task);
	struct service *service = e->call.service;

	task->is_long =
		e->weight == STEP_USUAL ? e->place == IN_WORKER : e->weight != STEP_SHORT;
	task->goes_on = e->weight == STEP_GOES_ON;
	if (!e->has_next || e->place == IN_LOOP)
		mailbox_post(service->mailbox, task);
	else if (e->place == IN_STORE)
		store_thread_submit(service->store_thread, task);
	else
		workers_submit(service->workers, task);
}

static void answer_errand(struct errand *e)
{
	struct mmp_call *asked = e->asked, *call = &e->call;

	if (e->ending)
		e->ending(e->data, call->text ? NULL : &call->err);
	if (asked) {
		asked->data = call->data;
		call->data = NULL;
		if (call->text) {
			struct mmp_shared *text = call->text;

			call->text = NULL;
			asked->charged = e->charged;
			e->charged = 0;
			mmp_call_answer_text(asked, text);
		} else {
			mmp_call_answer(asked, NULL, &call->err);
		}
	} else if (e->answered) {
		e->answered(e->data, call->text, call->text ? NULL : &call->err);
	}
	free_errand(e);
}

/* In the loop: the errand is back, for a step here or with its result. */
static void on_back(struct task *task)
{
	struct errand *e = container_of(task, struct errand, task);

	if (e->has_next && !e->asked && !e->must_go_on) {
		free_errand(e);
		return;
	}
	if (e->has_next)
		run_step(e);
	e->is_deferred = e->deferred;
	if (e->is_deferred)
		return;
	if (e->has_next)
		errand_hand_on(task);
	else
		answer_errand(e);
}

/* A step that was deferred has its answer. */
static void on_resume(void *data)
{
	struct errand *e = data;

	e->is_deferred = e->deferred = false;
	print_result(e);
	answer_errand(e);
}

void errand_drop_deferred(struct errand *e)
{
	if (e->call.forget)
		e->call.forget(e->call.deferred);
	free_errand(e);
}

/* The client has gone. */
static void on_forget(void *data)
{
	struct errand *e = data;
	struct service *service = e->call.service;

	e->asked = NULL;
	e->caller.connection = NULL;
	if (e->must_go_on)
		return;
	if (e->is_deferred)
		errand_drop_deferred(e);
	else if (!store_thread_cancel(service->store_thread, &e->task))
		workers_cancel(service->workers, &e->task);
}

/* --- the beginning --- */

/* Use the current time if none is given. */
static void sign(struct caller *caller, const char *time)
{
	if (!time)
		clock_text(caller->time);
	caller->signature = (struct mmp_signature){ .uid = caller->uid,
						    .gid = caller->gid,
						    .pid = caller->pid,
						    .user = caller->user,
						    .time = caller->time };
}

/* NULL if there is no room for it; call->err is set. */
static struct errand *new_errand(struct mmp_call *call, const struct mmp_method *method,
				 const void *params)
{
	struct service *service = call->service;
	const struct caller *caller = call->client;
	struct errand *e;

	if (account_check(service->account, caller->uid, 0, &call->err))
		return NULL;
	e = xcalloc(1, sizeof(*e));
	e->task = (struct task){ .work = work_errand,
				 .next = errand_hand_on,
				 .failed = on_no_commit,
				 .done = on_back,
				 .drop = drop_errand };
	e->caller = *caller;
	sign(&e->caller, NULL);
	e->task.uid = e->caller.uid;
	e->task.writes = mmp_method_access(method) != MMP_READ;
	e->call = (struct mmp_call){ .service = service,
				     .client = &e->caller,
				     .bytes = call->bytes,
				     .request = call->request,
				     .resume = on_resume,
				     .resumed = e };
	e->asked = call;
	e->method = method;
	e->line = mmp_parsed_ref(call->line);
	e->request = call->request;
	memcpy(e->params, params, method->params_size);
	return e;
}

int errand_begin(struct mmp_call *call, const struct mmp_method *method,
		 const void *params)
{
	struct service *service = call->service;
	struct errand *e = new_errand(call, method, params);

	if (!e)
		return 0; /* with an error instead of a result */
	store_thread_submit(service->store_thread, &e->task);
	return mmp_call_defer(call, on_forget, e);
}

int errand_begin_in_worker(struct mmp_call *call, const struct mmp_method *method,
			   const void *params, bool is_long)
{
	struct service *service = call->service;
	struct errand *e = new_errand(call, method, params);

	if (!e)
		return 0;
	e->place = IN_WORKER;
	e->task.is_long = is_long;
	workers_submit(service->workers, &e->task);
	return mmp_call_defer(call, on_forget, e);
}

static struct caller caller_of(const struct mmp_signature *by)
{
	struct caller caller = { .uid = (uid_t)by->uid,
				 .gid = (gid_t)by->gid,
				 .pid = (pid_t)by->pid };

	snprintf(caller.user, sizeof(caller.user), "%s", by->user);
	snprintf(caller.time, sizeof(caller.time), "%s", by->time);
	return caller;
}

void errand_of_ours(struct service *service, const struct mmp_signature *by,
		    void *take_data, void (*free_data)(void *data), call_step *step,
		    void (*answered)(void *data, struct mmp_shared *result,
				     const struct mmp_error *why))
{
	struct errand *e = xcalloc(1, sizeof(*e));

	e->task = (struct task){ .work = work_errand,
				 .next = errand_hand_on,
				 .failed = on_no_commit,
				 .done = on_back,
				 .drop = drop_errand,
				 .uid = (uid_t)by->uid,
				 .writes = true };
	e->caller = caller_of(by);
	sign(&e->caller, by->time);
	e->call = (struct mmp_call){ .service = service,
				     .client = &e->caller,
				     .resume = on_resume,
				     .resumed = e };
	e->must_go_on = true;
	e->step = step;
	e->data = take_data;
	e->free_data = free_data;
	e->answered = answered;
	store_thread_submit(service->store_thread, &e->task);
}
