/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "caller.h"
#include "memory.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "settings.h"
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

	return job_json(jobs_of(call), p->job, ret_result, err);
}

/* Of a call of job.cancel or job.watch. */
static int keep_id(struct mmp_call *call, const struct job_id_params *p, call_step *step)
{
	uint64_t *id = xcalloc(1, sizeof(*id));

	*id = p->job;
	call_keep(call, id, free);
	return call_then(call, IN_LOOP, step);
}

static int get_step(struct mmp_call *call, void *data, json_t **ret_result,
		    struct mmp_error *err)
{
	return job_json(jobs_of(call), *(uint64_t *)data, ret_result, err);
}

static int was_over_step(struct mmp_call *call, void *data, json_t **ret_result,
			 struct mmp_error *err)
{
	uint64_t id = *(uint64_t *)data;
	json_t *value;

	(void)ret_result;
	if (job_json(jobs_of(call), id, &value, err))
		return -1;
	if (json_object_get(value, "ended"))
		mmp_fail(err, MMP_CONFLICT, "job %" PRIu64 ": has ended: %s", id,
			 json_string_value(json_object_get(value, "state")));
	else
		mmp_fail(err, MMP_CONFLICT,
			 "job %" PRIu64 ": runs on host \"%s\": ask the mmpd there", id,
			 json_string_value(json_object_get(value, "host")));
	json_decref(value);
	return -1;
}

static int cancel_step(struct mmp_call *call, void *data, json_t **ret_result,
		       struct mmp_error *err)
{
	(void)ret_result, (void)err;
	return call_then(call, IN_STORE,
			 job_cancel(jobs_of(call), *(uint64_t *)data) ? get_step
								      : was_over_step);
}

/* One's own, as an admin any. */
static int check_own(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	const struct caller *caller = data;

	if (row->by.uid == (int64_t)caller->uid || caller->roles & ROLE_ADMIN)
		return 0;
	return mmp_fail(err, MMP_DENIED,
			"job %" PRIu64
			": is %s's; an operator cancels own jobs, an admin any",
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

/* A job of another host is looked at again and again: that host writes down its end. */
struct looking {
	struct mmp_call *call;
	struct event *again;
};

static call_step look_step;

static void stop_looking(void *data)
{
	struct looking *looking = data;

	event_free(looking->again);
	free(looking);
}

static void on_again(evutil_socket_t fd, short what, void *data)
{
	struct looking *looking = data;
	struct mmp_call *call = looking->call;

	(void)fd, (void)what;
	stop_looking(looking);
	call_go_on(call, IN_STORE, look_step);
}

static int look_later(struct mmp_call *call)
{
	static const struct timeval pause = { .tv_usec = 200000 };
	struct service *service = call->service;
	struct looking *looking = xcalloc(1, sizeof(*looking));

	looking->call = call;
	looking->again = evtimer_new(service->base, on_again, looking);
	event_add(looking->again, &pause);
	return mmp_call_defer(call, stop_looking, looking);
}

static int watch_again_step(struct mmp_call *call, void *data, json_t **ret_result,
			    struct mmp_error *err)
{
	struct service *service = call->service;

	(void)ret_result, (void)err;
	if (job_watch(jobs_of(call), *(uint64_t *)data, call))
		return MMP_LATER;
	if (mmp_store_is_shared(service->store))
		return look_later(call);
	return call_then(call, IN_STORE, get_step);
}

/* One that is on record and has not ended was about to begin when we looked for it. */
static int look_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	if (job_json(jobs_of(call), *(uint64_t *)data, ret_result, err))
		return -1;
	if (json_object_get(*ret_result, "ended"))
		return 0;
	json_decref(*ret_result);
	*ret_result = NULL;
	return call_then(call, IN_LOOP, watch_again_step);
}

static int watch_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err)
{
	(void)ret_result, (void)err;
	if (job_watch(jobs_of(call), *(uint64_t *)data, call))
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
	METHODS_PAGE(struct job_list_params, "the job after which to go on, as the last page has it"),
	{ 0 },
};
/* clang-format on */

struct job_listing {
	struct jobs *jobs;
	json_t *all;
};

static int add_job(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct job_listing *listing = data;
	json_t *value = job_row_json(listing->jobs, row);

	(void)err;
	json_object_del(value, "report"); /* job.get has it */
	json_array_append_new(listing->all, value);
	return 0;
}

static int job_list(struct mmp_call *call, const void *params, json_t **ret_result,
		    struct mmp_error *err)
{
	const struct job_list_params *p = params;
	struct service *service = call->service;
	struct job_listing listing = { .jobs = service->jobs, .all = json_array() };

	if (mmp_store_job_list(service->store, p->board, &p->page, add_job, &listing,
			       err)) {
		json_decref(listing.all);
		return -1;
	}
	*ret_result = json_pack("{s:o}", "jobs", listing.all);
	return 0;
}

/* clang-format off */
const struct mmp_method methods_job[] = {
	{ "job.get", "Show a job: its state, its progress, its report",
	  one_params, sizeof(struct job_id_params), shape_job, MMP_READ, get_job },
	{ "job.list", "List the jobs, the newest first",
	  list_params, sizeof(struct job_list_params), shape_job_list, MMP_READ, job_list },
	{ "job.cancel", "Ask a job to end; what is live on a board stays live",
	  one_params, sizeof(struct job_id_params), shape_job, MMP_READ, cancel_job },
	{ "job.watch", "Follow a job until it ends",
	  one_params, sizeof(struct job_id_params), shape_job, MMP_READ, watch_job },
	{ 0 },
};
/* clang-format on */
