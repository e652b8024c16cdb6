/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/compute.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/stop.h"
#include "doc/budget.h"
#include "doc/contexts.h"
#include "doc/findings.h"
#include "memory.h"
#include "work/answers.h"
#include "work/inputs.h"
#include "json/text.h"

/* --- any computation: here or in a thread --- */

static void free_computing(void *data)
{
	struct computing *computing = data;

	computing->kind->free(computing);
}

static int answer_step(struct mmp_call *call, void *data, json_t **ret_result,
		       struct mmp_error *err)
{
	struct computing *computing = data;

	return computing->kind->answer(computing, call, ret_result, err);
}

static int work_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct computing *computing = data;

	computing->kind->work(computing);
	if (mmp_stop_check(err))
		return -1;
	return computing->kind->in_store ? call_then(call, IN_STORE, answer_step)
					 : answer_step(call, data, ret_result, err);
}

/* What the platforms were made from is not needed any more. */
static void keep(struct mmp_call *call, struct computing *take_computing,
		 const struct computing_kind *kind)
{
	take_computing->kind = kind;
	call_keep(call, take_computing, free_computing);
	inputs_drop(call);
}

int compute_in_thread(struct mmp_call *call, struct computing *take_computing,
		      const struct computing_kind *kind)
{
	keep(call, take_computing, kind);
	return call_then(call, IN_WORKER, work_step);
}

static bool is_long(const struct mmp_platform *platform)
{
	return platform->count > MMP_COMPUTE_SHORT ||
	       mmp_platform_bytes(platform) > MMP_COMPUTE_BYTES_SHORT;
}

int compute_run(struct mmp_call *call, struct computing *take_computing,
		const struct computing_kind *kind, const struct mmp_platform *platform,
		json_t **ret_result, struct mmp_error *err)
{
	if (is_long(platform) && !call_is_long(call))
		return compute_in_thread(call, take_computing, kind);
	keep(call, take_computing, kind);
	return work_step(call, take_computing, ret_result, err);
}

/* --- a layout, or a budget --- */

struct layout {
	struct computing computing;
	struct mmp_platform *platform;
	struct mmp_platform *others[MMP_CONTEXTS_MAX]; /* of the same board */
	size_t other_count;
	enum mmp_detail detail;
	struct answer_key key;   /* with its own copy of the text; empty: not cached */
	struct mmp_optional shm; /* of a budget */
	struct mmp_shared *text; /* the result, as bytes; NULL: `err` */
	struct mmp_shared *data; /* of a stop, as members */
	struct mmp_error err;
};

/* The layout, or what is told of one that stopped, and its findings. */
static void write_members(struct mmp_writer *w, const struct layout *l,
			  const struct mmp_layout *layout, bool made)
{
	if (made)
		mmp_layout_members(w, layout, l->detail);
	else
		mmp_layout_stop_members(w, layout);
	mmp_policy_members(w, l->platform, layout);
}

/*
 * The same with the other firmwares of the board, whose findings are sorted in among
 * those of the first. NULL with l->err: they could not be computed.
 */
static json_t *build_contexts(struct layout *l, const struct mmp_layout *layout,
			      bool made)
{
	struct mmp_writer builder = MMP_BUILDER;
	struct mmp_error err;
	json_t *answer;

	mmp_writer_begin(&builder, '{');
	write_members(&builder, l, layout, made);
	mmp_writer_end(&builder, '}');
	answer = mmp_writer_done(&builder);
	if (!answer) {
		mmp_fail(&l->err, MMP_SYSTEM, "out of memory");
		return NULL;
	}
	if (!mmp_contexts_write(answer, l->platform, made ? layout : NULL, l->others,
				l->other_count, l->detail, &err))
		return answer;
	json_decref(answer);
	l->err = err;
	return NULL;
}

/* Print the members; those of a board with one firmware straight into bytes. */
static int print_members(struct mmp_writer *w, struct layout *l,
			 const struct mmp_layout *layout, bool made)
{
	json_t *answer;

	if (!l->other_count) {
		write_members(w, l, layout, made);
		return 0;
	}
	answer = build_contexts(l, layout, made);
	if (!answer)
		return -1;
	mmp_writer_members(w, answer);
	return 0;
}

static void take_layout_text(struct layout *l, struct mmp_buffer *take_text)
{
	l->text = mmp_shared_new(take_text);
	if (!l->text)
		mmp_fail(&l->err, MMP_SYSTEM, "out of memory");
}

static void print_layout(struct layout *l, const struct mmp_layout *layout)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&text);

	mmp_writer_begin(&w, '{');
	if (print_members(&w, l, layout, true)) {
		mmp_buffer_done(&text);
		return;
	}
	mmp_writer_end(&w, '}');
	take_layout_text(l, &text);
}

/* What the error of a stop says; findings are part of a result as well as of an error. */
static void print_stop(struct layout *l, const struct mmp_layout *layout)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&text);

	if (print_members(&w, l, layout, false))
		mmp_buffer_done(&text);
	else
		l->data = mmp_shared_new(&text);
}

static void work_layout(struct computing *computing)
{
	struct layout *l = container_of(computing, struct layout, computing);
	struct mmp_layout layout;

	mmp_layout_init(&layout);
	if (mmp_layout_make(&layout, l->platform, NULL, &l->err)) {
		if (l->err.code == MMP_FIRMWARE_STOP)
			print_stop(l, &layout);
	} else if (!mmp_layout_write_check(&layout, l->detail, &l->err)) {
		print_layout(l, &layout);
	}
	mmp_layout_done(&layout);
}

static void work_budget(struct computing *computing)
{
	struct layout *l = container_of(computing, struct layout, computing);
	uint64_t shm = l->shm.given ? l->shm.value : MMP_BUDGET_SHM;
	struct mmp_budget budget;
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer writer = MMP_WRITER(&text);

	mmp_budget_init(&budget);
	if (!mmp_budget_make(&budget, l->platform, shm, &l->err)) {
		mmp_writer_begin(&writer, '{');
		mmp_budget_members(&writer, &budget, l->shm.given, l->detail);
		mmp_policy_members(&writer, l->platform, &budget.as_is);
		mmp_writer_end(&writer, '}');
		take_layout_text(l, &text);
	} else if (l->err.code == MMP_FIRMWARE_STOP) {
		print_stop(l, &budget.as_is);
	}
	mmp_budget_done(&budget);
}

static int answer_layout(struct computing *computing, struct mmp_call *call,
			 json_t **ret_result, struct mmp_error *err)
{
	struct layout *l = container_of(computing, struct layout, computing);
	struct service *service = call->service;

	call->data = mmp_shared_ref(l->data);
	call->text = mmp_shared_ref(l->text);
	if (l->text && l->key.platform)
		answers_put(service->answers, &l->key, l->text);
	(void)ret_result;
	if (l->text)
		return 0;
	*err = l->err;
	return -1;
}

static void free_layout(struct computing *computing)
{
	struct layout *l = container_of(computing, struct layout, computing);

	mmp_platform_free(l->platform);
	for (size_t i = 0; i < l->other_count; i++)
		mmp_platform_free(l->others[i]);
	mmp_shared_unref(l->data);
	mmp_shared_unref(l->text);
	free((char *)l->key.platform);
	free(l);
}

static const struct computing_kind layout_kind = { .work = work_layout,
						   .answer = answer_layout,
						   .free = free_layout };

static const struct computing_kind budget_kind = { .work = work_budget,
						   .answer = answer_layout,
						   .free = free_layout };

int compute_layout(struct mmp_call *call, struct mmp_platform *take_platform,
		   enum mmp_detail detail, const struct answer_key *key,
		   json_t **ret_result, struct mmp_error *err)
{
	struct layout *l = xcalloc(1, sizeof(*l));
	int outcome;

	l->platform = take_platform;
	l->detail = detail;
	outcome = input_contexts(call, take_platform, l->others, &l->other_count, err);
	if (outcome) {
		free_layout(&l->computing);
		return outcome;
	}
	if (key) {
		l->key = *key;
		l->key.platform = xstrdup(key->platform);
	}
	return compute_run(call, &l->computing, &layout_kind, take_platform, ret_result,
			   err);
}

int compute_budget(struct mmp_call *call, struct mmp_platform *take_platform,
		   const struct mmp_optional *shm, enum mmp_detail detail)
{
	struct layout *l = xcalloc(1, sizeof(*l));

	l->platform = take_platform;
	l->shm = *shm;
	l->detail = detail;
	return compute_in_thread(call, &l->computing, &budget_kind);
}
