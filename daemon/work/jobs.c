/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/jobs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "clock.h"
#include "connections/connection.h"
#include "log.h"
#include "memory.h"
#include "methods/methods.h"

/* A call of job.watch that waits for the end of a job. */
struct watch {
	struct job *job;
	struct mmp_call *call;
	struct watch *next;
};

struct job {
	struct jobs *jobs;
	struct job *next;
	struct job_owner owner;
	uint64_t id;
	char *kind, *build, *board;
	const char *step;
	uint64_t done, total;
	struct watch *watches;
};

struct jobs {
	struct service *service;
	struct job *first;
	size_t count;
};

struct jobs *jobs_new(struct service *service)
{
	struct jobs *jobs = xcalloc(1, sizeof(*jobs));

	jobs->service = service;
	return jobs;
}

static struct job *find(const struct jobs *jobs, uint64_t id)
{
	struct job *job = jobs->first;

	while (job && job->id != id)
		job = job->next;
	return job;
}

uint64_t job_id(const struct job *job)
{
	return job->id;
}

const struct job *jobs_with_build(const struct jobs *jobs, const char *build)
{
	for (const struct job *job = jobs->first; job; job = job->next)
		if (!strcmp(job->build, build))
			return job;
	return NULL;
}

/* --- a job as JSON --- */

static json_t *error_json(const struct mmp_job_row *row)
{
	enum mmp_code code = MMP_SYSTEM;

	for (int i = 0; i < MMP_CODE_COUNT; i++)
		if (!strcmp(mmp_code_info((enum mmp_code)i)->name, row->error_kind))
			code = (enum mmp_code)i;
	return json_pack("{s:i, s:o, s:{s:s}}", "code", mmp_code_info(code)->rpc,
			 "message", methods_text(row->error_text), "data", "kind",
			 row->error_kind);
}

static void add_progress(json_t *value, const struct job *job)
{
	json_object_set_new(value, "progress",
			    json_pack("{s:s, s:I, s:I}", "step", job->step, "done",
				      (json_int_t)job->done, "total",
				      (json_int_t)job->total));
}

static void add_end(json_t *value, const struct mmp_job_row *row)
{
	json_object_set_new(value, "ended", json_string(row->ended));
	if (row->error_kind)
		json_object_set_new(value, "error", error_json(row));
	if (row->report)
		json_object_set_new(value, "report", json_loads(row->report, 0, NULL));
}

/* A sweep has neither a build nor a board. */
static json_t *text_or_null(const char *text)
{
	return methods_text(*text ? text : NULL);
}

json_t *job_row_json(struct jobs *jobs, const struct mmp_job_row *row)
{
	const struct job *job = find(jobs, row->id);
	json_t *value =
		json_pack("{s:I, s:s, s:s, s:o, s:o, s:s, s:o, s:I, s:I}", "job",
			  (json_int_t)row->id, "kind", row->kind, "state",
			  mmp_job_state_name(row->state), "build",
			  text_or_null(row->build), "board", text_or_null(row->board),
			  "started", row->by.time, "user", methods_text(row->by.user),
			  "uid", (json_int_t)row->by.uid, "pid", (json_int_t)row->by.pid);

	if (row->idempotency_key)
		json_object_set_new(value, "idempotency_key",
				    methods_text(row->idempotency_key));
	if (row->ended)
		add_end(value, row);
	else if (job)
		add_progress(value, job);
	return value;
}

struct asking {
	struct jobs *jobs;
	json_t *value;
};

static int take_row(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct asking *asking = data;

	(void)err;
	asking->value = job_row_json(asking->jobs, row);
	return 0;
}

int job_json(struct jobs *jobs, uint64_t id, json_t **ret_value, struct mmp_error *err)
{
	struct asking asking = { .jobs = jobs };

	if (mmp_store_job_get(jobs->service->store, id, take_row, &asking, err))
		return -1;
	*ret_value = asking.value;
	return 0;
}

/* --- watching --- */

static void forget_watch(void *data)
{
	struct watch *watch = data, **at = &watch->job->watches;

	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
	free(watch);
}

int job_watch(struct jobs *jobs, uint64_t id, struct mmp_call *call, json_t **ret_result,
	      struct mmp_error *err)
{
	struct job *job = find(jobs, id);
	struct watch *watch;

	if (!job)
		return job_json(jobs, id, ret_result, err);
	watch = xcalloc(1, sizeof(*watch));
	*watch = (struct watch){ .job = job, .call = call, .next = job->watches };
	job->watches = watch;
	return mmp_call_defer(call, forget_watch, watch);
}

static void tell_watches(struct job *job)
{
	struct mmp_error err;
	json_t *value;

	if (!job->watches || job_json(job->jobs, job->id, &value, &err))
		return;
	for (struct watch *watch = job->watches; watch; watch = watch->next)
		connection_notify(watch->call->client, "job.progress",
				  json_incref(value));
	json_decref(value);
}

static void answer_watches(struct job *job)
{
	while (job->watches) {
		struct watch *watch = job->watches;
		struct mmp_error err = { 0 };
		json_t *value = NULL;

		job->watches = watch->next;
		job_json(job->jobs, job->id, &value, &err);
		mmp_call_answer(watch->call, value, &err);
		free(watch);
	}
}

/* --- life --- */

static struct job *add(struct jobs *jobs, const struct mmp_job_row *row,
		       struct job_owner owner, uint64_t id)
{
	struct job *job = xcalloc(1, sizeof(*job));

	*job = (struct job){ .jobs = jobs,
			     .next = jobs->first,
			     .owner = owner,
			     .id = id,
			     .kind = xstrdup(row->kind),
			     .build = xstrdup(row->build),
			     .board = xstrdup(row->board),
			     .step = "starting" };
	jobs->first = job;
	jobs->count++;
	return job;
}

static void drop(struct job *job)
{
	struct job **at = &job->jobs->first;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	job->jobs->count--;
	free(job->kind);
	free(job->build);
	free(job->board);
	free(job);
}

int job_new(struct jobs *jobs, const struct mmp_job_row *row, struct job_owner owner,
	    struct job **ret_job, struct mmp_error *err)
{
	uint64_t id;

	if (jobs->count >= MMP_JOBS_MAX)
		return mmp_fail(err, MMP_BUSY,
				"%zu jobs are under way, which is the limit",
				jobs->count);
	if (mmp_store_job_new(jobs->service->store, row, &id, err) ||
	    mmp_store_job_running(jobs->service->store, id, err))
		return -1;
	*ret_job = add(jobs, row, owner, id);
	log_info("job %" PRIu64 ": %s%s%.12s%s%s, by %s", id, row->kind,
		 *row->build ? " of build " : "", row->build,
		 *row->board ? " to board " : "", row->board, row->by.user);
	return 0;
}

static bool is_news(const struct job *job, const char *step, uint64_t done,
		    uint64_t total)
{
	uint64_t share = total / 100;

	return strcmp(job->step, step) || job->total != total ||
	       done - job->done > share || (done == total && done != job->done);
}

void job_progress(struct job *job, const char *step, uint64_t done, uint64_t total)
{
	if (!is_news(job, step, done, total))
		return;
	job->step = step;
	job->done = done;
	job->total = total;
	tell_watches(job);
}

static enum mmp_job_state end_state(const struct mmp_error *why)
{
	if (!why)
		return MMP_JOB_DONE;
	return why->code == MMP_OK ? MMP_JOB_CANCELLED : MMP_JOB_FAILED;
}

void job_end(struct job *job, const struct mmp_error *why, enum mmp_job_outcome outcome,
	     json_t *take_report)
{
	char now[CLOCK_TEXT_SIZE];
	char *report = take_report ? json_dumps(take_report, JSON_COMPACT) : NULL;
	struct mmp_job_row row = {
		.id = job->id, .state = end_state(why), .ended = now, .report = report
	};
	struct mmp_error err;

	clock_text(now);
	if (row.state == MMP_JOB_FAILED) {
		row.error_kind = mmp_code_info(why->code)->name;
		row.error_text = why->text;
	}
	if (mmp_store_job_end(job->jobs->service->store, &row, outcome, &err))
		log_error("job %" PRIu64 ": its end is not on record: %s", job->id,
			  err.text);
	log_info("job %" PRIu64 ": %s%s%s", job->id, mmp_job_state_name(row.state),
		 why ? ": " : "", why ? why->text : "");
	tell_watches(job);
	answer_watches(job);
	free(report);
	json_decref(take_report);
	drop(job);
}

int job_cancel(struct jobs *jobs, uint64_t id, struct mmp_error *err)
{
	struct job *job = find(jobs, id);
	json_t *value;

	if (job) {
		mmp_fail(err, MMP_OK, "cancelled");
		job->owner.cancel(job->owner.owner, err);
		return 0;
	}
	if (job_json(jobs, id, &value, err))
		return -1;
	mmp_fail(err, MMP_CONFLICT, "job %" PRIu64 ": has ended: %s", id,
		 json_string_value(json_object_get(value, "state")));
	json_decref(value);
	return -1;
}

static void interrupt_all(struct jobs *jobs)
{
	char now[CLOCK_TEXT_SIZE];
	struct mmp_error err;
	uint64_t count;

	clock_text(now);
	if (mmp_store_jobs_interrupted(jobs->service->store, now, &count, &err))
		log_error("jobs under way: %s; the next start says so", err.text);
	else
		log_warning("%" PRIu64 " jobs are interrupted", count);
}

void jobs_free(struct jobs *jobs)
{
	if (!jobs)
		return;
	if (jobs->first)
		interrupt_all(jobs);
	while (jobs->first) {
		struct job_owner owner = jobs->first->owner;

		drop(jobs->first);
		if (owner.drop)
			owner.drop(owner.owner);
	}
	free(jobs);
}
