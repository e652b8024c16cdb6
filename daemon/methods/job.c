/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "caller.h"
#include "clock.h"
#include "connections/connection.h"
#include "memory.h"
#include "methods/listing.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "settings.h"
#include "work/elsewhere.h"
#include "work/errand.h"
#include "work/jobs.h"

struct job_id_params {
	uint64_t job;
};

/* clang-format off */
static const struct mmp_param one_params[] = {
	{ "job", MMP_PARAM_UINT, offsetof(struct job_id_params, job), true, "number of a job", NULL },
	{ 0 },
};
/* clang-format on */

static struct jobs *jobs_of(struct mmp_call *call)
{
	struct service *service = call->service;

	return service->jobs;
}

static int get_job(struct mmp_call *call, const void *params, json_t **ret_result,
		   struct mmp_error *err)
{
	const struct job_id_params *p = params;

	(void)ret_result;
	return job_answer(call, p->job, err);
}

/* A call of job.cancel or job.watch. */
struct asked {
	uint64_t id;
	json_t *told;              /* the progress that was last sent to the watcher */
	struct mmp_shared *notice; /* the next notification, or NULL */
};

static void free_asked(void *data)
{
	struct asked *asked = data;

	json_decref(asked->told);
	mmp_shared_unref(asked->notice);
	free(asked);
}

static int keep_id(struct mmp_call *call, const struct job_id_params *p, call_step *step)
{
	struct asked *asked = xcalloc(1, sizeof(*asked));

	asked->id = p->job;
	call_keep(call, asked, free_asked);
	return call_then(call, IN_LOOP, step);
}

static int get_step(struct mmp_call *call, void *data, json_t **ret_result,
		    struct mmp_error *err)
{
	const struct asked *asked = data;

	(void)ret_result;
	return job_answer(call, asked->id, err);
}

/* The job has ended, waits for its host, or runs on another host, which is asked. */
static int not_here_step(struct mmp_call *call, void *data, json_t **ret_result,
			 struct mmp_error *err)
{
	struct service *service = call->service;
	const struct asked *asked = data;
	char now[CLOCK_TEXT_SIZE];

	if (job_json(jobs_of(call), asked->id, ret_result, err))
		return -1;
	if (json_object_get(*ret_result, "ended"))
		return mmp_fail(err, MMP_CONFLICT, "job %" PRIu64 ": has ended: %s",
				asked->id,
				json_string_value(json_object_get(*ret_result, "state")));
	json_decref(*ret_result);
	*ret_result = NULL;
	if (!service->elsewhere)
		return mmp_fail(err, MMP_BUSY,
				"job %" PRIu64
				": is about to begin, or has just ended: try again",
				asked->id);
	clock_text(now);
	if (mmp_store_job_cancel(service->store, asked->id, now, err))
		return -1;
	return job_answer(call, asked->id, err);
}

static int cancel_step(struct mmp_call *call, void *data, json_t **ret_result,
		       struct mmp_error *err)
{
	const struct asked *asked = data;

	(void)ret_result, (void)err;
	return call_then(call, IN_STORE,
			 job_cancel(jobs_of(call), asked->id) ? get_step : not_here_step);
}

/* Users may end their own jobs, admins any job. */
static int check_own(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	const struct caller *caller = data;

	if (row->by.uid == (int64_t)caller->uid || caller->roles & ROLE_ADMIN)
		return 0;
	return mmp_fail(
		err, MMP_DENIED,
		"job %" PRIu64
		": belongs to %s; operators may cancel their own jobs, admins all jobs",
		row->id, *row->by.user ? row->by.user : "another user");
}

static int cancel_job(struct mmp_call *call, const void *params, json_t **ret_result,
		      struct mmp_error *err)
{
	struct service *service = call->service;
	const struct job_id_params *p = params;

	(void)ret_result;
	if (mmp_store_job_get(service->store, p->job, check_own, call->client, err))
		return -1;
	return keep_id(call, params, cancel_step);
}

/*
 * --- job.watch: our jobs notify directly, those of other hosts through the database
 * ---
 */

static call_step look_step;

static int wait_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	const struct caller *caller = call->client;
	struct service *service = call->service;
	struct asked *asked = data;

	(void)ret_result, (void)err;
	if (job_watch(jobs_of(call), asked->id, call))
		return MMP_LATER;
	if (!service->elsewhere)
		return call_then(call, IN_STORE, get_step);
	if (asked->notice && caller->connection)
		connection_notify(caller->connection, asked->notice);
	mmp_shared_unref(asked->notice);
	asked->notice = NULL;
	return elsewhere_wait(service, call, look_step);
}

static void note_progress(struct asked *asked, json_t *take_job)
{
	json_t *progress = json_object_get(take_job, "progress");

	if (!asked->told || !json_equal(asked->told, progress)) {
		json_decref(asked->told);
		asked->told = json_incref(progress);
		asked->notice = job_notice(take_job);
	}
	json_decref(take_job);
}

/*
 * A job of this host that has not ended was about to begin when we looked for it: look
 * again.
 */
static int look_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct asked *asked = data;
	bool has_ended;

	if (job_json(jobs_of(call), asked->id, ret_result, err))
		return -1;
	has_ended = json_object_get(*ret_result, "ended");
	if (has_ended)
		json_decref(*ret_result);
	else
		note_progress(asked, *ret_result);
	*ret_result = NULL;
	if (has_ended)
		return job_answer(call, asked->id, err);
	return call_then(call, IN_LOOP, wait_step);
}

static int watch_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err)
{
	const struct asked *asked = data;

	(void)ret_result, (void)err;
	if (job_watch(jobs_of(call), asked->id, call))
		return MMP_LATER;
	return call_then(call, IN_STORE, look_step);
}

static int watch_job(struct mmp_call *call, const void *params, json_t **ret_result,
		     struct mmp_error *err)
{
	(void)ret_result, (void)err;
	return keep_id(call, params, watch_step);
}

/* --- job.list --- */

struct job_list_params {
	const char *board;
	struct mmp_page page;
};

/* clang-format off */
static const struct mmp_param list_params[] = {
	{ "board", MMP_PARAM_TEXT, offsetof(struct job_list_params, board), false, "only the jobs of this board", NULL },
	METHODS_PAGE(struct job_list_params, "continue after this job, which the previous page ended with"),
	{ 0 },
};
/* clang-format on */

static int add_job(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct listing *listing = data;
	struct jobs *jobs = listing->service->jobs;

	(void)err;
	listing->after = row->id;
	json_array_append_new(listing->rows, job_row_json(jobs, row));
	return 0;
}

static int read_jobs(struct service *service, struct listing *listing,
		     const struct mmp_page *page, struct mmp_error *err)
{
	return mmp_store_job_list(service->store, listing->of, NULL, page, add_job,
				  listing, err);
}

static int job_list(struct mmp_call *call, const void *params, json_t **ret_result,
		    struct mmp_error *err)
{
	const struct job_list_params *p = params;
	const struct listing jobs = { .read = read_jobs,
				      .key = "jobs",
				      .of = p->board,
				      .limit = p->page.limit,
				      .after = p->page.after };

	return listing_begin(call, &jobs, ret_result, err);
}

/* clang-format off */
const struct mmp_method methods_job[] = {
	{ "job.get", "Show a job: its state, its progress, its report",
	  one_params, sizeof(struct job_id_params), shape_job, MMP_READ, get_job },
	{ "job.list", "List the jobs, the newest first",
	  list_params, sizeof(struct job_list_params), shape_job_list, MMP_READ, job_list },
	{ "job.cancel", "Ask a job to end; the live tables of the board stay live",
	  one_params, sizeof(struct job_id_params), shape_job, MMP_READ, cancel_job },
	{ "job.watch", "Follow a job until it ends",
	  one_params, sizeof(struct job_id_params), shape_job, MMP_READ, watch_job },
	{ 0 },
};
/* clang-format on */
