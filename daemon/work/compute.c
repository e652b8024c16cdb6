/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/compute.h"

#include <stdlib.h>

#include "base/limits.h"
#include "doc/budget.h"
#include "doc/findings.h"
#include "memory.h"

/* --- anything: here or in a thread --- */

static struct computing *of_task(struct task *task)
{
	return (struct computing *)(void *)task;
}

static void work(struct task *task)
{
	of_task(task)->kind->work(of_task(task));
}

static void drop(struct task *task)
{
	of_task(task)->kind->free(of_task(task));
}

static void on_done(struct task *task)
{
	struct computing *computing = of_task(task);
	struct mmp_call *call = computing->call;
	struct mmp_error err = { 0 };
	json_t *result = NULL;

	if (call) {
		if (computing->kind->answer(computing, call, &result, &err))
			result = NULL;
		mmp_call_answer(call, result, &err);
	}
	computing->kind->free(computing);
}

/* The thread cannot be stopped; what it finds is dropped. */
static void on_forget(void *deferred)
{
	struct computing *computing = deferred;

	computing->call = NULL;
}

static bool is_long(const struct mmp_platform *platform)
{
	return platform->count > MMP_COMPUTE_AT_ONCE ||
	       mmp_platform_bytes(platform) > MMP_COMPUTE_BYTES_AT_ONCE;
}

int compute_in_thread(struct mmp_call *call, struct computing *take_computing,
		      const struct computing_kind *kind)
{
	struct service *service = call->service;

	take_computing->kind = kind;
	take_computing->call = call;
	take_computing->task =
		(struct task){ .work = work, .done = on_done, .drop = drop };
	workers_submit(service->workers, &take_computing->task);
	return mmp_call_defer(call, on_forget, take_computing);
}

int compute_here(struct mmp_call *call, struct computing *take_computing,
		 const struct computing_kind *kind, json_t **ret_result,
		 struct mmp_error *err)
{
	int failed;

	take_computing->kind = kind;
	kind->work(take_computing);
	failed = kind->answer(take_computing, call, ret_result, err);
	kind->free(take_computing);
	return failed;
}

int compute_run(struct mmp_call *call, struct computing *take_computing,
		const struct computing_kind *kind, const struct mmp_platform *platform,
		json_t **ret_result, struct mmp_error *err)
{
	if (is_long(platform))
		return compute_in_thread(call, take_computing, kind);
	return compute_here(call, take_computing, kind, ret_result, err);
}

/* --- a layout, or a budget --- */

struct layout {
	struct computing computing; /* first */
	struct mmp_platform *platform;
	enum mmp_detail detail;
	struct mmp_optional shm; /* of a budget */
	json_t *result, *data;   /* one of them, or none */
	struct mmp_error err;
};

/* Findings come with a result and with an error alike. */
static void work_layout(struct computing *computing)
{
	struct layout *l = (struct layout *)(void *)computing;
	struct mmp_layout layout;
	json_t *answer = NULL;

	mmp_layout_init(&layout);
	if (!mmp_layout_make(&layout, l->platform, NULL, &l->err) &&
	    !mmp_layout_write_check(&layout, l->detail, &l->err))
		l->result = answer = mmp_layout_write(&layout, l->detail);
	else if (l->err.code == MMP_FIRMWARE_STOP)
		l->data = answer = mmp_layout_stop_write(&layout);
	if (answer)
		mmp_policy_write(answer, l->platform, &layout);
	mmp_layout_done(&layout);
}

static void work_budget(struct computing *computing)
{
	struct layout *l = (struct layout *)(void *)computing;
	uint64_t shm = l->shm.given ? l->shm.value : MMP_BUDGET_SHM;
	struct mmp_budget budget;
	json_t *answer = NULL;

	mmp_budget_init(&budget);
	if (!mmp_budget_make(&budget, l->platform, shm, &l->err))
		l->result = answer = mmp_budget_write(&budget, l->shm.given, l->detail);
	else if (l->err.code == MMP_FIRMWARE_STOP)
		l->data = answer = mmp_layout_stop_write(&budget.as_is);
	if (answer)
		mmp_policy_write(answer, l->platform, &budget.as_is);
	mmp_budget_done(&budget);
}

static int answer_layout(struct computing *computing, struct mmp_call *call,
			 json_t **ret_result, struct mmp_error *err)
{
	struct layout *l = (struct layout *)(void *)computing;

	call->data = json_incref(l->data);
	*ret_result = json_incref(l->result);
	if (l->result)
		return 0;
	*err = l->err;
	return -1;
}

static void free_layout(struct computing *computing)
{
	struct layout *l = (struct layout *)(void *)computing;

	mmp_platform_free(l->platform);
	json_decref(l->result);
	json_decref(l->data);
	free(l);
}

int compute_layout(struct mmp_call *call, struct mmp_platform *take_platform,
		   enum mmp_detail detail, json_t **ret_result, struct mmp_error *err)
{
	static const struct computing_kind kind = { work_layout, answer_layout,
						    free_layout };
	struct layout *l = xcalloc(1, sizeof(*l));

	l->platform = take_platform;
	l->detail = detail;
	return compute_run(call, &l->computing, &kind, take_platform, ret_result, err);
}

int compute_budget(struct mmp_call *call, struct mmp_platform *take_platform,
		   const struct mmp_optional *shm, enum mmp_detail detail)
{
	static const struct computing_kind kind = { work_budget, answer_layout,
						    free_layout };
	struct layout *l = xcalloc(1, sizeof(*l));

	l->platform = take_platform;
	l->shm = *shm;
	l->detail = detail;
	return compute_in_thread(call, &l->computing, &kind);
}
