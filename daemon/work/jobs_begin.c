/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/jobs_private.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "caller.h"
#include "clock.h"
#include "log.h"
#include "memory.h"
#include "settings.h"
#include "work/errand.h"
#include "work/retention.h"
#include "work/store_thread.h"

static struct job_start *start_of(struct mmp_call *call)
{
	return call_kept(call);
}

static struct job *add_job(struct jobs *jobs, const struct job_start *start)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->jobs = jobs;
	job->owner = start->owner;
	job->id = start->row.id;
	job->uid = start->row.by.uid;
	job->head = job_row_json(jobs, &start->row);
	job->step = "starting";
	job->telling = evtimer_new(jobs->service->base, job_on_telling, job);
	TAILQ_INIT(&job->watches);
	pthread_mutex_lock(&jobs->lock);
	TAILQ_INSERT_HEAD(&jobs->list, job, link);
	pthread_mutex_unlock(&jobs->lock);
	return job;
}

static int begun_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err)
{
	struct job_start *start = data;
	struct jobs *jobs = start->jobs;
	struct job *job = add_job(jobs, start);

	(void)err;
	(void)call;
	log_info("job %" PRIu64 ": %s%s%.12s%s%s, by %s", job->id, start->row.kind,
		 *start->row.build ? " of build " : "", start->row.build,
		 *start->row.board ? " to board " : "", start->row.board,
		 start->row.by.user);
	*ret_result = json_copy(job->head);
	json_object_set_new(*ret_result, "progress", job_own_progress(job));
	start->jobs = NULL; /* the place belongs to the job now */
	start->begun(start, job);
	return 0;
}

/* The job that was started with the same key in the meantime. */
static int take_same_key(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct job_start *start = data;

	if (strcmp(row->build, start->row.build) || strcmp(row->board, start->row.board))
		return mmp_fail(err, MMP_CONFLICT,
				"idempotency_key \"%.60s\": it belongs to job %" PRIu64
				", for build %.12s on board \"%.60s\"",
				start->row.idempotency_key, row->id, row->build,
				row->board);
	start->row.id = row->id;
	return 0;
}

/* 1: there is one, and the call was answered with it; 0: none; -1 with *err. */
static int find_same_key(struct mmp_call *call, struct job_start *start,
			 json_t **ret_result, struct mmp_error *err)
{
	struct service *service = call->service;
	int found;

	if (!start->row.idempotency_key)
		return 0;
	found = mmp_store_job_by_key(service->store, start->row.idempotency_key,
				     take_same_key, start, err);
	if (found <= 0)
		return found;
	return job_answer(call, start->row.id, err) ? -1 : 1;
}

static int not_prepared_step(struct mmp_call *call, void *data, json_t **ret_result,
			     struct mmp_error *err)
{
	struct job_start *start = data;
	int found = find_same_key(call, start, ret_result, err);

	if (!found)
		*err = start->why;
	return found > 0 ? 0 : -1;
}

int job_row_new(struct service *service, const struct mmp_job_row *row, uint64_t *ret_id,
		struct mmp_error *err)
{
	uint64_t before = mmp_store_pruned_jobs(service->store), pruned;

	if (mmp_store_job_new(service->store, row, ret_id, err))
		return -1;
	pruned = mmp_store_pruned_jobs(service->store) - before;
	if (pruned)
		retention_pruned(service->retention, pruned);
	return 0;
}

static int record_step(struct mmp_call *call, void *data, json_t **ret_result,
		       struct mmp_error *err)
{
	struct service *service = call->service;
	struct job_start *start = data;

	int found = start->row.id ? 0 : find_same_key(call, start, ret_result, err);

	if (found)
		return found > 0 ? 0 : -1;
	if (start->check && start->check(start, err))
		return -1;
	if (!start->row.id) {
		if (job_row_new(service, &start->row, &start->row.id, err))
			return -1;
		start->is_written = true;
	}
	return call_then(call, IN_LOOP, begun_step);
}

static void take_place(struct jobs *jobs, int64_t uid)
{
	jobs->count++;
	shares_add(jobs->shares, (uid_t)uid);
}

void job_leave_place(struct jobs *jobs, int64_t uid)
{
	jobs->count--;
	shares_sub(jobs->shares, (uid_t)uid);
}

static int check_job_place(const struct jobs *jobs, const struct caller *caller,
			   struct mmp_error *err)
{
	uint64_t share = service_policy(jobs->service).user_jobs;

	if (!(caller->roles & ROLE_ADMIN) &&
	    shares_count(jobs->shares, caller->uid) >= share)
		return mmp_fail(err, MMP_BUSY,
				"%" PRIu64 " jobs of yours are running, which is the "
				"limit of one user",
				share);
	if (jobs->count >= MMP_JOBS_MAX)
		return mmp_fail(err, MMP_BUSY, "%zu jobs are running, which is the limit",
				jobs->count);
	return 0;
}

static int reserve_step(struct mmp_call *call, void *data, json_t **ret_result,
			struct mmp_error *err)
{
	struct service *service = call->service;
	struct jobs *jobs = service->jobs;
	struct job_start *start = data;

	(void)ret_result;
	if (check_job_place(jobs, call->client, err))
		return -1;
	take_place(jobs, caller_signature(call)->uid);
	start->jobs = jobs;
	start->row.by = *caller_signature(call);
	start->row.host = service->host;
	start->row.state = MMP_JOB_RUNNING;
	if (start->prepare && start->prepare(start, &start->why))
		return call_then(call, IN_STORE, not_prepared_step);
	start->is_prepared = true;
	call_must_go_on(call);
	if (start->row.id)
		call_only_reads(call); /* a commit that others lose is not its own */
	return call_then(call, IN_STORE, record_step);
}

int job_begin(struct mmp_call *call)
{
	assert(start_of(call));
	return call_then(call, IN_LOOP, reserve_step);
}

/* A job whose commit was lost. */
struct not_begun {
	uint64_t id;
	char created[CLOCK_TEXT_SIZE];
};

static int write_not_begun(struct mmp_store *store, void *data, struct mmp_error *err)
{
	char now[CLOCK_TEXT_SIZE];
	const struct not_begun *job = data;
	const struct mmp_job_row row = { .id = job->id,
					 .by.time = job->created,
					 .state = MMP_JOB_INTERRUPTED,
					 .ended = now,
					 .error_kind = mmp_code_info(MMP_SYSTEM)->name,
					 .error_text =
						 "it did not begin, as it was not "
						 "known whether it was recorded: "
						 "start another, with another "
						 "idempotency_key if one was given" };

	clock_text(now);
	return mmp_store_job_end_created(store, &row, err);
}

static void on_database_away(void *data, const struct mmp_error *why)
{
	(void)data, (void)why; /* written when the database is back */
}

static void on_written(void *data, const struct mmp_error *why)
{
	const struct not_begun *job = data;

	if (why)
		log_error("job %" PRIu64 ": its end is not on record: %s", job->id,
			  why->text);
	free(data);
}

/*
 * The commit of its row was lost. A server may have done it all the same, and then the job
 * would count as running here. (A file has not done it, and gives the id to the next one.)
 */
static void end_not_begun(struct service *service, const struct mmp_job_row *row)
{
	struct not_begun *job = xcalloc(1, sizeof(*job));
	const struct store_write write = { write_not_begun, on_written, on_database_away,
					   free, job };

	job->id = row->id;
	snprintf(job->created, sizeof(job->created), "%s", row->by.time);
	store_thread_write(service->store_thread, &write);
}

void job_start_done(struct job_start *start)
{
	struct jobs *jobs = start->jobs;

	if (jobs)
		job_leave_place(jobs, start->row.by.uid);
	if (jobs && start->is_written && jobs->service->elsewhere)
		end_not_begun(jobs->service, &start->row);
	start->jobs = NULL;
}
