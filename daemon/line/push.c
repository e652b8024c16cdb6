/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/push.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "caller.h"
#include "line/board_json.h"
#include "line/push_private.h"
#include "link/serial.h"
#include "memory.h"
#include "work/elsewhere.h"
#include "work/errand.h"

void push_free(void *data)
{
	struct push *push = data;

	if (push->driver)
		driver_free(push->driver);
	if (push->deadline)
		event_free(push->deadline);
	signer_free(push->signer);
	free(push->signing_key);
	lease_release(push->lease);
	build_work_done(&push->work);
	mmp_build_free(push->build);
	free(push->probes);
	free(push->trials);
	free(push->wanted);
	free(push->board);
	free(push->line);
	free(push->identity);
	free(push->host);
	free(push->key);
	mmp_buffer_done(&push->recorder.text);
	free(push);
}

void push_free_start(void *data)
{
	struct push *push = container_of(data, struct push, start);

	job_start_done(&push->start);
	if (!push->job)
		push_free(push);
}

/* --- what a push needs to begin --- */

int push_take_board(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	struct push *push = data;

	if (lease_is_elsewhere(push->service, row)) {
		push->host = xstrdup(row->host);
		push->is_away = row->is_away;
		return 0;
	}
	push->has_point = row->key && !push->accept_id;
	if (push->has_point && mmp_point_parse(row->key, push->point, err))
		return -1;
	push->line = xstrdup(row->line);
	push->identity = push->accept_id ? NULL : xstrdup(row->identity);
	push->patience_ms = board_patience(row);
	return 0;
}

static int make_probes(struct push *push, struct build_work *work, struct mmp_error *err)
{
	if (!work->questions || !work->trials)
		return mmp_fail(err, MMP_SYSTEM,
				"build %.12s: no proof can be made of it", push->id);
	push->probes = work->questions;
	work->questions = NULL;
	push->image.probes = push->probes;
	push->image.probe_count = work->questions_count;
	push->trials = work->trials;
	work->trials = NULL;
	push->image.trials = push->trials;
	push->image.trial_count = work->trials_count;
	return 0;
}

static void take_build(struct push *push)
{
	push->build = push->work.build;
	push->work.build = NULL;
	mmp_digest_print(&push->build->id, push->id);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct push *push = data;
	struct mmp_error why;

	(void)fd, (void)what;
	mmp_fail(&why, MMP_LINK, "the push did not end before its deadline");
	push_cancel(push, &why);
}

static void set_deadline(struct push *push, uint64_t ms)
{
	struct timeval wait = { .tv_sec = (time_t)(ms / 1000),
				.tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	if (!ms)
		return;
	push->deadline = evtimer_new(push->service->base, on_deadline, push);
	event_add(push->deadline, &wait);
}

int push_take_earlier(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct push *push = data;

	if (strncmp(row->build, push->wanted, strlen(push->wanted)) ||
	    strcmp(row->board, push->board))
		return mmp_fail(err, MMP_CONFLICT,
				"idempotency_key \"%.60s\": it belongs to job %" PRIu64
				", for build %.12s on board \"%.60s\"",
				push->key, row->id, row->build, row->board);
	push->start.row.id = row->id;
	return 0;
}

/* --- the steps: take the board, record the job, start --- */

static void on_begun(struct job_start *start, struct job *job)
{
	struct push *push = container_of(start, struct push, start);

	push->job = job;
	lease_for_job(push->lease, job_id(job));
	elsewhere_look(push->service); /* it may have been asked to end in the meantime */
	set_deadline(push, push->deadline_ms);
	driver_start(push->driver);
}

/* The parameters of the session become the first lines of its recording. */
static int record(struct push *push, struct mmp_push *what, struct mmp_error *err)
{
	char comment[200];

	if (!push->records)
		return 0;
	if (push->has_point && mmp_key_new(&push->pair, err))
		return -1;
	mmp_buffer_drop(&push->recorder.text, push->recorder.text.length);
	what->secret = push->has_point ? push->pair.secret : NULL;
	mmp_text_print(comment, sizeof(comment), "board %.60s, line %.100s", push->board,
		       push->line);
	mmp_recorder_begin(&push->recorder, what, comment);
	return 0;
}

/* A line that cannot be opened is an error of the call: no job is made. */
static int prepare_push(struct job_start *start, struct mmp_error *err)
{
	struct push *push = container_of(start, struct push, start);
	struct driver_owner owner = push_driver_owner(push);
	struct mmp_push what = { .image = &push->image,
				 .board_id = push->identity,
				 .board_point = push->has_point ? push->point : NULL,
				 .signs = push->signing_key != NULL,
				 .force = push->force,
				 .number = ++push->service->sessions,
				 .patience_ms = push->patience_ms,
				 .body_limit = quality_body_limit(
					 &push->service->lines_quality, push->board) };

	if (mmp_line_allowed(push->line, push->service->lines, push->service->line_count,
			     err) ||
	    record(push, &what, err) ||
	    lease_take(push->service, push->board, push->line, "a push", &push->lease,
		       err))
		return -1;
	push->is_taken = true;
	push->driver = driver_new(push->service->base, push->line, &what, &owner, err);
	if (push->driver && push->records)
		driver_record(push->driver, &push->recorder);
	return push->driver ? 0 : -1;
}

/* The board may have been given another line before it was taken. */
static int check_push(struct job_start *start, struct mmp_error *err)
{
	struct push *push = container_of(start, struct push, start);

	return lease_check_line(push->service, push->board, push->line, err);
}

int push_prove(struct mmp_call *call, void *data, json_t **ret_result,
	       struct mmp_error *err)
{
	struct push *push = container_of(data, struct push, start);

	(void)ret_result;
	build_work_prove(&push->work.computing);
	if (!push->work.build) {
		*err = push->work.err;
		return -1;
	}
	take_build(push);
	if (push_image(&push->image, push->build, err) ||
	    make_probes(push, &push->work, err))
		return -1;
	push->start.row.build = push->id;
	return job_begin(call);
}

struct push *push_new(struct service *service, const struct push_order *order)
{
	struct push *push = xcalloc(1, sizeof(*push));

	push->service = service;
	push->wanted = xstrdup(order->build);
	push->board = xstrdup(order->board);
	push->key = xstrdup(order->idempotency_key);
	push->deadline_ms = order->deadline_ms;
	push->force = order->force;
	push->accept_id = order->accept_id;
	push->records = order->records;
	push->signing_key = xstrdup(order->key);
	push->start.owner = (struct job_owner){ push_cancel, push_free, push };
	push->start.prepare = prepare_push;
	push->start.check = check_push;
	push->start.begun = on_begun;
	push->start.row = (struct mmp_job_row){ .kind = "push",
						.board = push->board,
						.idempotency_key = push->key };
	return push;
}

int push_start(struct mmp_call *call, const struct push_order *order, json_t **ret_result,
	       struct mmp_error *err)
{
	struct service *service = call->service;
	struct push *push = push_new(service, order);
	int earlier = 0;

	call_keep(call, &push->start, push_free_start);
	if (caller_may_use_board(call, push->board, err))
		return -1;
	if (push->key)
		earlier = mmp_store_job_by_key(service->store, push->key,
					       push_take_earlier, push, err);
	if (earlier > 0)
		return job_answer(call, push->start.row.id, err);
	if (earlier ||
	    mmp_store_board_get(service->store, push->board, push_take_board, push, err))
		return -1;
	if (push->host || push_has_to_wait(push))
		return push_leave(call, push, ret_result, err);
	if (build_work_load(&push->work, service, push->wanted, err))
		return -1;
	if (push->work.bytes.length > MMP_BUILD_BYTES_AT_ONCE)
		return call_then(call, IN_WORKER, push_prove);
	return push_prove(call, &push->start, ret_result, err);
}
