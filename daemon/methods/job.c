/* SPDX-License-Identifier: BSD-2-Clause */
#include "methods/methods.h"
#include "work/jobs.h"

struct one {
	uint64_t job;
};

/* clang-format off */
static const struct mmp_param one_params[] = {
	{ "job", MMP_PARAM_UINT, offsetof(struct one, job), true, "its id", NULL },
	{ 0 },
};
/* clang-format on */

static struct jobs *jobs_of(struct mmp_call *call)
{
	struct service *service = call->service;

	return service->jobs;
}

static int get(struct mmp_call *call, const void *params, json_t **ret_result,
	       struct mmp_error *err)
{
	const struct one *p = params;

	return job_json(jobs_of(call), p->job, ret_result, err);
}

static int cancel(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	const struct one *p = params;

	if (job_cancel(jobs_of(call), p->job, err))
		return -1;
	return job_json(jobs_of(call), p->job, ret_result, err);
}

static int watch(struct mmp_call *call, const void *params, json_t **ret_result,
		 struct mmp_error *err)
{
	const struct one *p = params;

	return job_watch(jobs_of(call), p->job, call, ret_result, err);
}

/* --- job.list --- */

struct list {
	const char *board;
};

/* clang-format off */
static const struct mmp_param list_params[] = {
	{ "board", MMP_PARAM_TEXT, offsetof(struct list, board), false, "only of this one", NULL },
	{ 0 },
};
/* clang-format on */

struct listing {
	struct jobs *jobs;
	json_t *all;
};

static int add_job(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct listing *listing = data;
	json_t *value = job_row_json(listing->jobs, row);

	(void)err;
	json_object_del(value, "report"); /* job.get has it */
	json_array_append_new(listing->all, value);
	return 0;
}

static int list(struct mmp_call *call, const void *params, json_t **ret_result,
		struct mmp_error *err)
{
	const struct list *p = params;
	struct service *service = call->service;
	struct listing listing = { .jobs = service->jobs, .all = json_array() };

	if (mmp_store_job_list(service->store, p->board, add_job, &listing, err)) {
		json_decref(listing.all);
		return -1;
	}
	*ret_result = json_pack("{s:o}", "jobs", listing.all);
	return 0;
}

/* clang-format off */
const struct mmp_method methods_job[] = {
	{ "job.get", "A job: its state, its progress, its report",
	  one_params, sizeof(struct one), "job, state, progress, error, report", MMP_READ, get },
	{ "job.list", "The jobs, the newest first",
	  list_params, sizeof(struct list), "jobs, without their reports", MMP_READ, list },
	{ "job.cancel", "Ask a job to end; what is live on a board stays live",
	  one_params, sizeof(struct one), "the job; it ends later", MMP_DRIVE, cancel },
	{ "job.watch", "Wait for the end of a job; job.progress notifications come before",
	  one_params, sizeof(struct one), "the job as it has ended", MMP_READ, watch },
	{ 0 },
};
/* clang-format on */
