/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef JOBS_H
#define JOBS_H

#include <jansson.h>

#include "rpc/dispatch.h"
#include "service.h"

/*
 * Long work: a job has an id, a state, a progress and in the end a report. It is driven
 * by events of the loop and outlives the client that began it; its state outlives the
 * daemon. Here are the jobs under way; those that have ended are in the store.
 *
 * Everything here belongs to the loop, but for what says otherwise.
 */
struct jobs;
struct job;

enum { JOBS_TURN = 64 }; /* watchers that are told in one turn of the loop */

/* What a job must bring: how to stop it. */
struct job_owner {
	/* Begin to end: job_end comes later. */
	void (*cancel)(void *owner, const struct mmp_error *why);
	/* The daemon ends: let go of everything now, without job_end. NULL: nothing to. */
	void (*drop)(void *owner);
	void *owner;
};

struct jobs *jobs_new(struct service *service);

/* Jobs under way are interrupted, and on record so. The store thread has ended. */
void jobs_free(struct jobs *jobs);

/* --- beginning --- */

/*
 * A job that a call begins. It is what the call keeps (call_keep), and what frees that
 * gives back what `prepare` took, where `begun` was not called.
 */
struct job_start {
	/* As it goes on record: running; the texts stay. With an id: it is there already. */
	struct mmp_job_row row;
	struct job_owner owner;
	/* Take what the job needs; -1 with *err: no job. NULL: nothing. */
	int (*prepare)(struct job_start *start, struct mmp_error *err);
	/* It is on record: go. What it needs is the owner's now, no longer the call's. */
	void (*begun)(struct job_start *start, struct job *job);

	struct jobs *jobs;    /* where a place is reserved; NULL: none is */
	struct mmp_error why; /* it was not prepared */
};

/*
 * In any place, as the last thing that a step does. The call is answered with the job.
 * MMP_BUSY: MMP_JOBS_MAX are under way. Returns what a step returns.
 */
int job_begin(struct mmp_call *call);

/* For what frees a struct job_start: the place that it holds is free again. */
void job_start_done(struct job_start *start);

/* Where the job is: "sending", and units done of units in all. */
void job_progress(struct job *job, const char *step, uint64_t done, uint64_t total);

/*
 * The job has ended, and is not the caller's any more: done where `why` is NULL,
 * cancelled where it was asked to be and `why` is code MMP_OK, else failed. The report
 * may be NULL. Watchers are told once that is on record.
 */
void job_end(struct job *job, const struct mmp_error *why, enum mmp_job_outcome outcome,
	     json_t *take_report);

uint64_t job_id(const struct job *job);
size_t jobs_count(const struct jobs *jobs);

/* --- what methods answer --- */

/* A job, under way or ended, as JSON. In the store thread. */
int job_json(struct jobs *jobs, uint64_t id, json_t **ret_value, struct mmp_error *err);
json_t *job_row_json(struct jobs *jobs, const struct mmp_job_row *row); /* in any */

/* The line of a job.progress notification, of a job as JSON; NULL: out of memory. */
struct mmp_shared *job_notice(json_t *job);

/* Where jobs have got to is written into their rows, for other hosts to see. */
void jobs_tell(struct jobs *jobs);

/* Ask it to end. false: it is not under way here. */
bool job_cancel(struct jobs *jobs, uint64_t id);

/*
 * Answer the call with the job when it has ended, and send job.progress notifications
 * until then: MMP_LATER. 0: it is not under way here.
 */
int job_watch(struct jobs *jobs, uint64_t id, struct mmp_call *call);

#endif
