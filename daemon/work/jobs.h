/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef JOBS_H
#define JOBS_H

#include <jansson.h>

#include "rpc/dispatch.h"
#include "service.h"

/*
 * Long-running work: a job has an id, a state, a progress and at the end a report. It
 * is driven by events of the loop and outlives the client that began it; its state
 * outlives the daemon. Only running jobs are here; those that have ended are in the
 * store.
 *
 * Everything here belongs to the loop unless stated otherwise.
 */
struct jobs;
struct job;

/* What a job must provide: how to stop it. */
struct job_owner {
	/* Start to end the job: job_end is called later. */
	void (*cancel)(void *owner, const struct mmp_error *why);
	/* The daemon ends: free everything now, without job_end. NULL: nothing to do. */
	void (*drop)(void *owner);
	void *owner;
};

struct jobs *jobs_new(struct service *service);

/*
 * Mark running jobs as interrupted, also in the database. The store thread must have
 * ended.
 */
void jobs_free(struct jobs *jobs);

/* --- beginning --- */

/*
 * A job that a call begins. It is the data of the call (call_keep). If it is freed before
 * `begun` was called, that must give back what `prepare` took.
 */
struct job_start {
	/*
	 * The row to record: running; texts must stay valid. With an id: it is already
	 * recorded.
	 */
	struct mmp_job_row row;
	struct job_owner owner;
	/* Take what the job needs; -1 with *err: no job is made. NULL: nothing. */
	int (*prepare)(struct job_start *start, struct mmp_error *err);
	/*
	 * In the store thread, after `prepare`: whether what was read is still so. NULL:
	 * nothing.
	 */
	int (*check)(struct job_start *start, struct mmp_error *err);
	/*
	 * It is recorded: start. What it needs belongs to the owner now, not to the
	 * call.
	 */
	void (*begun)(struct job_start *start, struct job *job);

	struct jobs *jobs;    /* where a place is reserved; NULL: none */
	bool is_prepared;     /* so MMP_BUSY from now on speaks of the database */
	bool is_written;      /* the row was added, and perhaps committed */
	struct mmp_error why; /* why `prepare` failed */
};

/*
 * Begin a job, in any place, as the last thing that a step does. The call is answered
 * with the job. MMP_BUSY: MMP_JOBS_MAX are running. Returns like a step.
 */
int job_begin(struct mmp_call *call);

/* For the function that frees a struct job_start: releases the reserved place. */
void job_start_done(struct job_start *start);

/* Set the progress: a step such as "sending", and units done of the total. */
void job_progress(struct job *job, const char *step, uint64_t done, uint64_t total);

/*
 * The job has ended, and no longer belongs to the caller: done if `why` is NULL,
 * cancelled if it was asked to end and `why` is code MMP_OK, otherwise failed. The
 * report may be NULL. Watchers are notified once the end is recorded.
 */
void job_end(struct job *job, const struct mmp_error *why, enum mmp_job_outcome outcome,
	     json_t *take_report);

uint64_t job_id(const struct job *job);
size_t jobs_count(const struct jobs *jobs);

/*
 * Add a row, in the store thread. The ended jobs that make room for it are logged and
 * counted.
 */
int job_row_new(struct service *service, const struct mmp_job_row *row, uint64_t *ret_id,
		struct mmp_error *err);

/* --- the answers of methods --- */

/* A job, running or ended, as JSON. In the store thread. */
int job_text(struct jobs *jobs, uint64_t id, struct mmp_shared **ret_text,
	     struct mmp_error *err);
int job_answer(struct mmp_call *call, uint64_t id, struct mmp_error *err);
int job_json(struct jobs *jobs, uint64_t id, json_t **ret_value, struct mmp_error *err);
json_t *job_row_json(struct jobs *jobs, const struct mmp_job_row *row); /* in any */

/* The line of a job.progress notification, for a job as JSON; NULL: out of memory. */
struct mmp_shared *job_notice(json_t *job);

/* Write the progress of jobs into their rows, for other hosts. */
void jobs_tell(struct jobs *jobs);

/* Ask a job to end. false: it is not running here. */
bool job_cancel(struct jobs *jobs, uint64_t id);

/*
 * Answer the call with the job when it has ended, and send job.progress notifications
 * until then: MMP_LATER. 0: it is not running here.
 */
int job_watch(struct jobs *jobs, uint64_t id, struct mmp_call *call);

#endif
