/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/errand.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/container.h"
#include "base/limits.h"
#include "caller.h"
#include "doc/mistakes.h"
#include "memory.h"
#include "peaks.h"
#include "work/inputs.h"
#include "work/mailbox.h"
#include "work/store_thread.h"
#include "work/workers.h"
#include "json/text.h"
#include "json/writer.h"

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
	enum step_weight weight; /* of the next step */
	struct inputs *inputs;   /* read for the handler; NULL: nothing */
	size_t charged;          /* bytes of the result, on the account of the user */
	void *data;
	void (*free_data)(void *data);
	void (*answered)(void *data, struct mmp_shared *result,
			 const struct mmp_error *why);     /* or NULL */
	void (*ending)(void *data, struct mmp_error *err); /* or NULL */
};

static struct errand *errand_of(const struct mmp_call *call)
{
	return container_of((struct mmp_call *)call, struct errand, call);
}

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
		errand_drop_line(service, e->line);
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

static void run_step(struct errand *e)
{
	struct mmp_call *call = &e->call;
	struct mmp_error err = { 0 };
	int outcome;

	e->has_next = e->deferred = false;
	e->weight = STEP_USUAL;
	e->current = e->step;
	e->running = e->place;
	outcome = e->step ? e->step(call, e->data, &call->result, &err)
			  : e->method->answer(call, e->params, &call->result, &err);
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
	if (call->text && !e->charged) {
		e->charged = call->text->length;
		account_add(((struct service *)call->service)->account, e->caller.uid,
			    e->charged);
	}
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

/* Pass the errand on to the place of the next step, or to the loop with the answer. */
static void hand_on(struct task *task)
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
		hand_on(task);
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

static void drop_deferred(struct errand *e)
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
		drop_deferred(e);
	else if (!store_thread_cancel(service->store_thread, &e->task))
		workers_cancel(service->workers, &e->task);
}

/* --- the public side --- */

void call_keep(struct mmp_call *call, void *take_data, void (*free_data)(void *data))
{
	struct errand *e = errand_of(call);

	assert(!e->free_data);
	e->data = take_data;
	e->free_data = free_data;
}

int call_then(struct mmp_call *call, enum place place, call_step *step)
{
	struct errand *e = errand_of(call);

	e->has_next = true;
	e->place = place;
	e->step = step;
	return MMP_LATER;
}

int call_again(struct mmp_call *call, enum place place)
{
	return call_then(call, place, NULL);
}

enum place call_place(const struct mmp_call *call)
{
	return errand_of(call)->running;
}

size_t service_registrations(const json_t *document)
{
	const json_t *registrations = json_object_get(document, "registrations");

	if (!registrations)
		registrations = json_object_get(json_object_get(document, "input"),
						"registrations");
	return json_array_size(registrations);
}

bool service_is_long(const json_t *document)
{
	return service_registrations(document) > MMP_COMPUTE_SHORT;
}

void call_weigh(struct mmp_call *call, enum step_weight weight)
{
	errand_of(call)->weight = weight;
}

void call_only_reads(struct mmp_call *call)
{
	errand_of(call)->task.writes = false;
}

bool call_is_long(const struct mmp_call *call)
{
	return errand_of(call)->task.is_long;
}

call_step *call_current(const struct mmp_call *call)
{
	return errand_of(call)->current;
}

struct inputs **call_inputs(const struct mmp_call *call)
{
	return &errand_of(call)->inputs;
}

void call_replace(struct mmp_call *call)
{
	struct errand *e = errand_of(call);

	if (e->free_data)
		e->free_data(e->data);
	e->data = NULL;
	e->free_data = NULL;
}

void *call_kept(const struct mmp_call *call)
{
	return errand_of(call)->data;
}

void call_go_on(struct mmp_call *call, enum place place, call_step *step)
{
	struct errand *e = errand_of(call);

	call->forget = NULL;
	call->deferred = NULL;
	e->is_deferred = e->deferred = false;
	call_then(call, place, step);
	hand_on(&e->task);
}

void call_must_go_on(struct mmp_call *call)
{
	errand_of(call)->must_go_on = true;
}

void call_on_end(struct mmp_call *call, void (*ending)(void *data, struct mmp_error *err))
{
	errand_of(call)->ending = ending;
}

void call_drop(struct mmp_call *call)
{
	drop_deferred(errand_of(call));
}

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
				 .next = hand_on,
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
				 .next = hand_on,
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

/* --- large values --- */

struct rubbish {
	struct task task;
	json_t *value;
	struct mmp_parsed *line;
};

static void burn(struct task *task)
{
	struct rubbish *r = container_of(task, struct rubbish, task);

	json_decref(r->value);
	mmp_parsed_unref(r->line);
	r->value = NULL;
	r->line = NULL;
}

static void on_burnt(struct task *task)
{
	free(container_of(task, struct rubbish, task));
}

static void drop_rubbish(struct task *task)
{
	burn(task);
	on_burnt(task);
}

/* How many values it has with all that is in them, counted up to `most`. */
static size_t count_values(const json_t *value, size_t most)
{
	size_t count = 1, i;
	const char *key;
	json_t *one;

	if (json_is_array(value)) {
		json_array_foreach(value, i, one) {
			if (count >= most)
				break;
			count += count_values(one, most - count);
		}
	} else if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, one) {
			if (count >= most)
				break;
			count += count_values(one, most - count);
		}
	}
	return count;
}

static void dispose_in_thread(struct service *service, json_t *take_value,
			      struct mmp_parsed *take_line)
{
	struct rubbish *r = xcalloc(1, sizeof(*r));

	r->task = (struct task){
		.work = burn, .done = on_burnt, .drop = drop_rubbish, .uid = TASK_SYSTEM
	};
	r->value = take_value;
	r->line = take_line;
	workers_submit(service->workers, &r->task);
}

void errand_dispose(struct service *service, json_t *take_value)
{
	size_t count = count_values(take_value, MMP_TURN_FREED + 1);

	if (count > MMP_TURN_FREED) {
		dispose_in_thread(service, take_value, NULL);
		return;
	}
	peak_note(PEAK_TURN_FREED, count);
	json_decref(take_value);
}

void errand_drop_line(struct service *service, struct mmp_parsed *take_line)
{
	enum { PAGE = 4096 };
	size_t count;

	if (!take_line)
		return;
	count = take_line->chunks ? take_line->bytes / PAGE
				  : count_values(take_line->root, MMP_TURN_FREED + 1);
	if (count > MMP_TURN_FREED) {
		dispose_in_thread(service, NULL, take_line);
		return;
	}
	peak_note(PEAK_TURN_FREED, count);
	mmp_parsed_unref(take_line);
}
