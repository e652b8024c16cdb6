/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef JOBS_PRIVATE_H
#define JOBS_PRIVATE_H

#include <event2/event.h>
#include <pthread.h>
#include <sys/queue.h>

#include "clock.h"
#include "shares.h"
#include "work/jobs.h"
#include "work/task.h"

/*
 * The jobs that run here:
 *
 *	jobs.c        their life: progress, the end, other hosts
 *	jobs_begin.c  a call begins one: a place, a row, its first step
 *	jobs_watch.c  calls that wait for the end of one
 *	jobs_json.c   a job as JSON, running or ended
 */

/* A call of job.watch that waits for the end of a job. */
struct watch {
	struct job *job;
	struct mmp_call *call;
	uint64_t told; /* the value of job->news that it was last sent */
	TAILQ_ENTRY(watch) link;
};

struct job {
	struct jobs *jobs;
	struct job_owner owner;
	uint64_t id;
	int64_t uid;  /* the user whose share it counts in */
	json_t *head; /* the answer of job.get without progress and end */
	const char *step;
	uint64_t done, total;
	TAILQ_HEAD(, watch) watches;     /* the least recently notified ones first */
	uint64_t news;                   /* counts changes of progress */
	uint64_t news_told;              /* the part that is visible to other hosts */
	struct mmp_shared *notification; /* of the last one */
	struct event *telling;
	/* The end of the job. */
	bool ended;
	enum mmp_job_state state;
	enum mmp_job_outcome outcome;
	char ended_at[CLOCK_TEXT_SIZE];
	struct mmp_error why;
	json_t *report;
	char *report_text;
	const char *proof;
	struct task printing; /* of the report */
	bool is_recorded;     /* the loop knows that the end was recorded, or cannot be */
	struct mmp_shared *end; /* the whole job as JSON; NULL: see end_err */
	struct mmp_error end_err;
	TAILQ_ENTRY(job) link;
};
TAILQ_HEAD(job_list, job);

struct jobs {
	struct service *service;
	struct job_list list;
	size_t count;          /* running jobs and reserved places */
	struct shares *shares; /* the same, by user */
	pthread_mutex_t lock;  /* protects list, and the progress of its jobs */
};

/* In jobs.c. Also a job that has ended, until its end is on record and its watchers know it. */
struct job *job_find(const struct jobs *jobs, uint64_t id);
struct job *job_find_running(const struct jobs *jobs, uint64_t id);
void job_drop(struct job *job);

/* In jobs_begin.c: a job of this user needs its place no longer. */
void job_leave_place(struct jobs *jobs, int64_t uid);

/* In jobs_watch.c: there is news of the job; a timer, which tells some watchers at a time. */
void job_tell_watches(struct job *job);
void job_on_telling(evutil_socket_t fd, short what, void *job);

/* In jobs_json.c. */
json_t *job_own_progress(const struct job *job);

#endif
