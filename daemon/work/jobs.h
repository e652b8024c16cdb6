/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef JOBS_H
#define JOBS_H

#include <jansson.h>

#include "rpc/dispatch.h"
#include "service.h"

/*
 * Long work: a job has an id, a state, a progress and in the end a report. It is driven
 * by events of the loop and outlives the client that began it; its state outlives the
 * daemon. Here are the jobs under way; those that have ended lie in the store.
 */
struct jobs;
struct job;

/* What a job must bring: how to stop it. */
struct job_owner {
	/* Begin to end: job_end comes later. */
	void (*cancel)(void *owner, const struct mmp_error *why);
	/* The daemon ends: let go of everything now, without job_end. NULL: nothing to. */
	void (*drop)(void *owner);
	void *owner;
};

struct jobs *jobs_new(struct service *service);
void jobs_free(struct jobs *jobs); /* jobs under way are interrupted, and on record so */

/* A new job as the row says it, running. MMP_BUSY: MMP_JOBS_MAX are under way. */
int job_new(struct jobs *jobs, const struct mmp_job_row *row, struct job_owner owner,
	    struct job **ret_job, struct mmp_error *err);

/* Where the job is: "sending", and units done of units in all. */
void job_progress(struct job *job, const char *step, uint64_t done, uint64_t total);

/*
 * The job has ended, and is freed: done where `why` is NULL, cancelled where it was
 * asked to be and `why` is code MMP_OK, else failed. The report may be NULL.
 */
void job_end(struct job *job, const struct mmp_error *why, enum mmp_job_outcome outcome,
	     json_t *take_report);

uint64_t job_id(const struct job *job);

/* The job under way that uses this build; NULL: none. */
const struct job *jobs_with_build(const struct jobs *jobs, const char *build);

/* --- what methods answer --- */

/* A job, under way or ended, as JSON. */
int job_json(struct jobs *jobs, uint64_t id, json_t **ret_value, struct mmp_error *err);
json_t *job_row_json(struct jobs *jobs, const struct mmp_job_row *row);

/* Ask it to end. MMP_CONFLICT: it has. */
int job_cancel(struct jobs *jobs, uint64_t id, struct mmp_error *err);

/*
 * Answer the call with the job when it has ended, and send job.progress notifications
 * until then. Returns what a handler returns.
 */
int job_watch(struct jobs *jobs, uint64_t id, struct mmp_call *call, json_t **ret_result,
	      struct mmp_error *err);

#endif
