/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/talk_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "link/serial.h"
#include "log.h"
#include "memory.h"
#include "work/errand.h"
#include "work/jobs.h"
#include "work/store_thread.h"

/* --- on the host that was asked: leave it, and wait for its end -------------------- */

static char *orders_text(const struct talk *talk)
{
	json_t *orders = json_pack("{s:b}", "accept_id", talk->accept_id);
	char point[MMP_POINT_TEXT_SIZE], *text;

	if (talk->has_given)
		json_object_set_new(orders, "point",
				    json_string(mmp_point_print(talk->given, point)));
	text = json_dumps(orders, JSON_COMPACT);
	json_decref(orders);
	return text;
}

/* What was asked for has not come about; where the job did not say why, its state does. */
static int take_failure(const struct talk *talk, const struct mmp_job_row *row,
			struct mmp_error *err)
{
	if (row->state == MMP_JOB_INTERRUPTED && !row->attempt)
		return mmp_fail(err, MMP_BUSY,
				"board \"%.80s\": its line is on host \"%s\", which went "
				"away before it began; the board was not asked",
				talk->board, row->host);
	if (row->state == MMP_JOB_INTERRUPTED)
		return mmp_fail(err, MMP_LINK,
				"board \"%.80s\": host \"%s\" ended before job %" PRIu64
				" did; its log says how far it got",
				talk->board, row->host, row->id);
	if (!row->error_kind)
		return mmp_fail(err, MMP_CONFLICT, "job %" PRIu64 " of host \"%s\": %s",
				row->id, row->host, mmp_job_state_name(row->state));
	return mmp_fail(err, mmp_code_find(row->error_kind), "%s", row->error_text);
}

/* What there is of the job that was left. */
struct letter {
	struct mmp_call *call;
	const struct talk *talk;
	bool has_ended;
};

static int take_letter(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct letter *letter = data;
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	letter->has_ended = row->ended;
	if (!row->ended)
		return 0;
	if (row->state != MMP_JOB_DONE || !row->report)
		return take_failure(letter->talk, row, err);
	mmp_buffer_text(&text, row->report);
	letter->call->text = mmp_shared_new(&text);
	return letter->call->text ? 0 : mmp_fail(err, MMP_SYSTEM, "out of memory");
}

static call_step wait_step;

/* If the job has ended, talk_left_free forgets it. */
static int look_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct service *service = call->service;
	struct talk *talk = data;
	struct letter letter = { call, talk, false };
	int failed =
		mmp_store_job_get(service->store, talk->job, take_letter, &letter, err);

	(void)ret_result;
	if (!failed && !letter.has_ended)
		return call_then(call, IN_LOOP, wait_step);
	talk->is_left = letter.has_ended;
	if (!letter.has_ended && err->code != MMP_NOT_FOUND)
		mmp_while(err, "job %" PRIu64 " goes on", talk->job);
	return failed;
}

static int wait_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	call_only_reads(call);
	(void)data, (void)ret_result, (void)err;
	return elsewhere_wait(call->service, call, look_step);
}

int talk_leave(struct mmp_call *call, struct talk *talk, struct mmp_error *err)
{
	struct service *service = call->service;
	struct mmp_job_row row = { .kind = talk_names[talk->kind],
				   .state = MMP_JOB_QUEUED,
				   .build = "",
				   .board = talk->board,
				   .host = talk->host,
				   .by = *caller_signature(call) };
	char *orders;
	int failed;

	if (talk->is_away)
		return mmp_fail(
			err, MMP_BUSY,
			"board \"%.80s\": its line is on host \"%s\", which is away",
			talk->board, talk->host);
	if (mmp_store_board_unused(service->store, talk->board, err))
		return -1;
	orders = orders_text(talk);
	row.orders = orders;
	failed = job_row_new(service, &row, &talk->job, err);
	free(orders);
	if (failed)
		return -1;
	snprintf(talk->created, sizeof(talk->created), "%s", row.by.time);
	talk->is_left = true;
	return call_then(call, IN_LOOP, wait_step);
}

struct left {
	uint64_t job;
	char created[CLOCK_TEXT_SIZE];
};

static int write_leave(struct mmp_store *store, void *data, struct mmp_error *err)
{
	const struct left *left = data;

	return mmp_store_letter_leave(store, left->job, left->created, err);
}

/* If it could not be written, the job goes on to its end, and its host forgets it then. */
static void on_left(void *data, const struct mmp_error *why)
{
	(void)why;
	free(data);
}

void talk_left_free(struct talk *talk)
{
	struct left *left;
	struct store_write write = { write_leave, on_left, .drop = free };

	if (!talk->is_left)
		return;
	left = xcalloc(1, sizeof(*left));
	left->job = talk->job;
	memcpy(left->created, talk->created, sizeof(left->created));
	write.data = left;
	store_thread_write(talk->service->store_thread, &write);
}

/* --- on the host that has the line ------------------------------------------------- */

static int claimed_step(struct mmp_call *call, void *data, json_t **ret_result,
			struct mmp_error *err)
{
	struct talk *talk = data;

	if (talk_look_up(talk, err))
		return -1;
	if (!talk->host)
		return talk_here(call, talk, ret_result, err);
	return mmp_fail(err, MMP_CONFLICT,
			"board \"%.80s\": its line is on host \"%s\" now", talk->board,
			talk->host);
}

static void on_answered(void *data, struct mmp_shared *result,
			const struct mmp_error *why)
{
	const struct talk *talk = data;

	elsewhere_end(talk->service, talk->job, result, why);
}

bool talk_claimed(struct service *service, const struct claimed_job *job)
{
	const struct mmp_signature by = { job->uid, job->gid, job->pid, job->user,
					  job->time };
	const char *given = json_string_value(json_object_get(job->orders, "point"));
	struct talk_order order = {
		.board = job->board,
		.accept_id = json_is_true(json_object_get(job->orders, "accept_id")),
	};
	uint8_t point[WIRE_POINT_SIZE];
	struct mmp_error ignored;
	struct talk *talk;

	while (order.kind < TALK_KINDS && strcmp(job->kind, talk_names[order.kind]) != 0)
		order.kind++;
	if (order.kind == TALK_KINDS)
		return false;
	if (given && !mmp_point_parse(given, point, &ignored))
		order.point = point;
	talk = talk_new(service, &order);
	talk->job = job->id;
	log_info("job %" PRIu64 ": %s of board %s, by %s", job->id, job->kind, job->board,
		 job->user);
	errand_of_ours(service, &by, talk, talk_free, claimed_step, on_answered);
	return true;
}
