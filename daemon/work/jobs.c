/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/jobs_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/limits.h"
#include "log.h"
#include "memory.h"
#include "work/elsewhere.h"
#include "work/proof.h"
#include "work/store_thread.h"
#include "work/workers.h"

struct jobs *jobs_new(struct service *service)
{
	struct jobs *jobs = xcalloc(1, sizeof(*jobs));

	jobs->service = service;
	TAILQ_INIT(&jobs->list);
	jobs->shares = shares_new(MMP_JOBS_MAX);
	pthread_mutex_init(&jobs->lock, NULL);
	return jobs;
}

struct job *job_find(const struct jobs *jobs, uint64_t id)
{
	struct job *job;

	TAILQ_FOREACH(job, &jobs->list, link)
		if (job->id == id)
			return job;
	return NULL;
}

struct job *job_find_running(const struct jobs *jobs, uint64_t id)
{
	struct job *job = job_find(jobs, id);

	return job && !job->ended ? job : NULL;
}

uint64_t job_id(const struct job *job)
{
	return job->id;
}

size_t jobs_count(const struct jobs *jobs)
{
	return jobs->count;
}

/* --- life --- */

void job_drop(struct job *job)
{
	struct jobs *jobs = job->jobs;

	pthread_mutex_lock(&jobs->lock);
	TAILQ_REMOVE(&jobs->list, job, link);
	pthread_mutex_unlock(&jobs->lock);
	event_free(job->telling);
	json_decref(job->head);
	json_decref(job->report);
	free(job->report_text);
	mmp_shared_unref(job->notification);
	mmp_shared_unref(job->end);
	free(job);
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
	pthread_mutex_lock(&job->jobs->lock);
	job->step = step;
	job->done = done;
	job->total = total;
	pthread_mutex_unlock(&job->jobs->lock);
	job_tell_watches(job);
}

/* --- the end: recorded first --- */

/* In the store thread. */
static int write_end(struct mmp_store *store, void *data, struct mmp_error *err)
{
	struct job *job = data;
	struct mmp_job_row row = { .id = job->id,
				   .state = job->state,
				   .ended = job->ended_at,
				   .report = job->report_text,
				   .proof = job->proof };
	int failed;

	if (job->state == MMP_JOB_FAILED) {
		row.error_kind = mmp_code_info(job->why.code)->name;
		row.error_text = job->why.text;
	}
	failed = mmp_store_job_end(store, &row, job->outcome, err);
	if (!failed && job_text(job->jobs, job->id, &job->end, &job->end_err))
		job->end = NULL;
	return failed;
}

static const struct timeval at_once;

static void on_end_written(void *data, const struct mmp_error *why)
{
	struct job *job = data;

	if (why) {
		log_error("job %" PRIu64 ": its end is not on record: %s", job->id,
			  why->text);
		mmp_shared_unref(job->end);
		job->end = NULL;
		job->end_err = *why;
	} else if (!job->end && !job->end_err.code) {
		mmp_fail(&job->end_err, MMP_SYSTEM, "out of memory");
	}
	job->is_recorded = true;
	event_add(job->telling, &at_once);
	elsewhere_look(job->jobs->service); /* another job may wait for the board */
}

static void on_database_away(void *data, const struct mmp_error *why)
{
	struct job *job = data;

	log_warning("job %" PRIu64
		    ": its end goes on record when the database is back: %s",
		    job->id, why->text);
}

static enum mmp_job_state end_state(const struct mmp_error *why)
{
	if (!why)
		return MMP_JOB_DONE;
	return why->code == MMP_OK ? MMP_JOB_CANCELLED : MMP_JOB_FAILED;
}

/* In a worker, as the report may be long. */
static void print_report(struct task *task)
{
	struct job *job = container_of(task, struct job, printing);

	if (job->report)
		job->report_text = json_dumps(job->report, JSON_COMPACT);
	job->proof = report_proof(mmp_job_state_name(job->state), job->report);
}

/* In the loop; also if the workers have ended, as the end must not get lost. */
static void record_end(struct task *task)
{
	struct job *job = container_of(task, struct job, printing);
	struct store_write write = { write_end, on_end_written, on_database_away,
				     .data = job };

	if (!job->proof)
		print_report(task);
	store_thread_write(job->jobs->service->store_thread, &write);
}

void job_end(struct job *job, const struct mmp_error *why, enum mmp_job_outcome outcome,
	     json_t *take_report)
{
	pthread_mutex_lock(&job->jobs->lock);
	job->ended = true;
	pthread_mutex_unlock(&job->jobs->lock);
	job_leave_place(job->jobs, job->uid);
	job->state = end_state(why);
	job->outcome = outcome;
	job->report = take_report;
	if (why)
		job->why = *why;
	clock_text(job->ended_at);
	log_info("job %" PRIu64 ": %s%s%s", job->id, mmp_job_state_name(job->state),
		 why ? ": " : "", why ? why->text : "");
	job->printing = (struct task){ .work = print_report,
				       .done = record_end,
				       .drop = record_end,
				       .uid = TASK_SYSTEM };
	workers_submit(job->jobs->service->workers, &job->printing);
}

/* --- progress for other hosts --- */

struct telling {
	uint64_t id, done, total;
	const char *step;
};

static int write_progress(struct mmp_store *store, void *data, struct mmp_error *err)
{
	const struct telling *told = data;
	const struct mmp_job_row row = { .id = told->id,
					 .step = told->step,
					 .done = told->done,
					 .total = told->total };

	return mmp_store_job_progress(store, &row, err);
}

/* If it could not be written, the next attempt follows soon. */
static void on_progress_written(void *data, const struct mmp_error *why)
{
	(void)why;
	free(data);
}

static void tell_others(struct job *job)
{
	struct telling *told = xcalloc(1, sizeof(*told));
	const struct store_write write = { write_progress, on_progress_written,
					   .drop = free, .data = told };

	*told = (struct telling){ job->id, job->done, job->total, job->step };
	job->news_told = job->news;
	store_thread_write(job->jobs->service->store_thread, &write);
}

void jobs_tell(struct jobs *jobs)
{
	struct job *job;

	TAILQ_FOREACH(job, &jobs->list, link)
		if (!job->ended && job->news_told != job->news)
			tell_others(job);
}

bool job_cancel(struct jobs *jobs, uint64_t id)
{
	struct job *job = job_find_running(jobs, id);
	struct mmp_error why;

	if (!job)
		return false;
	mmp_fail(&why, MMP_OK, "cancelled");
	job->owner.cancel(job->owner.owner, &why);
	return true;
}

static void interrupt_all(struct jobs *jobs)
{
	char now[CLOCK_TEXT_SIZE];
	struct mmp_error err;
	uint64_t count;

	clock_text(now);
	if (mmp_store_jobs_interrupted(jobs->service->store, now, &count, &err))
		log_error("running jobs: %s; the next start marks them as interrupted",
			  err.text);
	else if (count)
		log_warning("%" PRIu64 " jobs are interrupted", count);
}

void jobs_free(struct jobs *jobs)
{
	struct job *job;

	if (!jobs)
		return;
	interrupt_all(jobs);
	while ((job = TAILQ_FIRST(&jobs->list))) {
		struct job_owner owner = job->owner;
		bool has_owner = !job->ended;

		job_drop(job);
		if (has_owner && owner.drop)
			owner.drop(owner.owner);
	}
	shares_free(jobs->shares);
	pthread_mutex_destroy(&jobs->lock);
	free(jobs);
}
