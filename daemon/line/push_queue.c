/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/push_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "caller.h"
#include "memory.h"
#include "work/elsewhere.h"
#include "work/errand.h"

/* With a single host nothing waits: the caller is told that the board is in use. */
bool push_has_to_wait(const struct push *push)
{
	struct mmp_error ignored;

	return push->service->elsewhere &&
	       lease_check(push->service, push->board, NULL, &ignored);
}

static char *orders_text(const struct push *push)
{
	json_t *orders =
		json_pack("{s:I, s:b, s:b}", "deadline_ms", (json_int_t)push->deadline_ms,
			  "force", push->force, "accept_id", push->accept_id);
	char *text;

	if (push->signing_key)
		json_object_set_new(orders, "key", json_string(push->signing_key));
	text = json_dumps(orders, JSON_COMPACT);
	json_decref(orders);
	return text;
}

static int take_id(void *data, const struct mmp_build_row *row, struct mmp_error *err)
{
	struct push *push = data;

	(void)err;
	snprintf(push->id, sizeof(push->id), "%s", row->id);
	return 0;
}

/* If another host has made a job with the same key in the meantime, use that job. */
static int make_row(struct push *push, struct mmp_error *err)
{
	struct mmp_job_row *row = &push->start.row;
	struct mmp_store *store = push->service->store;
	struct mmp_error ignored;

	if (!job_row_new(push->service, row, &row->id, err))
		return 0;
	if (push->key &&
	    mmp_store_job_by_key(store, push->key, push_take_earlier, push, &ignored) > 0)
		return 0;
	return -1;
}

int push_leave(struct mmp_call *call, struct push *push, json_t **ret_result,
	       struct mmp_error *err)
{
	struct service *service = call->service;
	struct mmp_job_row *row = &push->start.row;
	char *orders;
	int failed;

	if (push->is_away)
		return mmp_fail(
			err, MMP_BUSY,
			"board \"%.80s\": its line is on host \"%s\", which is away",
			push->board, push->host);
	if (mmp_store_build_get(service->store, push->wanted, take_id, push, err))
		return -1;
	orders = orders_text(push);
	row->state = MMP_JOB_QUEUED;
	row->build = push->id;
	row->host = push->host ? push->host : service->host;
	row->orders = orders;
	row->by = *caller_signature(call);
	failed = make_row(push, err);
	free(orders);
	return failed ? -1 : job_answer(call, row->id, err);
}

/* --- a push that another host has left for this one --- */

static int claimed_step(struct mmp_call *call, void *data, json_t **ret_result,
			struct mmp_error *err)
{
	struct push *push = container_of(data, struct push, start);
	struct service *service = call->service;

	(void)ret_result;
	if (mmp_store_board_get(service->store, push->board, push_take_board, push, err))
		return -1;
	if (push->host)
		return mmp_fail(err, MMP_CONFLICT,
				"board \"%.80s\": its line is on host \"%s\" now",
				push->board, push->host);
	if (build_work_load(&push->work, service, push->wanted, err))
		return -1;
	return call_then(call, IN_WORKER, push_prove);
}

/*
 * A claimed push that did not start waits again, for its board or for the database, or has
 * failed: it holds the board, but another program uses the line.
 */
static void on_begun_or_not(void *data, struct mmp_shared *result,
			    const struct mmp_error *why)
{
	const struct push *push = container_of(data, struct push, start);

	if (result)
		return;
	if (why->code == MMP_BUSY && (!push->is_taken || push->start.is_prepared))
		elsewhere_requeue(push->service, push->start.row.id);
	else
		elsewhere_end(push->service, push->start.row.id, NULL, why);
}

void push_claimed(struct service *service, const struct claimed_job *job)
{
	const struct mmp_signature by = { job->uid, job->gid, job->pid, job->user,
					  job->time };
	const struct push_order order = {
		.build = job->build,
		.board = job->board,
		.deadline_ms = (uint64_t)json_integer_value(
			json_object_get(job->orders, "deadline_ms")),
		.key = json_string_value(json_object_get(job->orders, "key")),
		.accept_id = json_is_true(json_object_get(job->orders, "accept_id")),
		.force = json_is_true(json_object_get(job->orders, "force")),
	};
	struct push *push = push_new(service, &order);

	push->start.row.id = job->id;
	errand_of_ours(service, &by, &push->start, push_free_start, claimed_step,
		       on_begun_or_not);
}
