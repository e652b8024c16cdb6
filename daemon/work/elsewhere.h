/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ELSEWHERE_H
#define ELSEWHERE_H

#include "service.h"
#include "work/errand.h"

/*
 * This mmpd among others that share its database: the heartbeat, jobs that others have
 * left for it, progress of its own jobs, and calls that wait for news of a job of
 * another host. Without a shared database none of this is used: service->elsewhere is
 * NULL, and all functions do nothing.
 *
 * Everything here belongs to the loop.
 */
struct elsewhere;

/* A job that waited for this host, which has now claimed it. */
struct claimed_job {
	uint64_t id;
	char *kind, *build, *board;
	json_t *orders; /* as `orders` of its row */
	int64_t uid, gid, pid;
	char *user, *time; /* who created it, and when */
};

struct elsewhere *elsewhere_new(struct service *service);
void elsewhere_free(struct elsewhere *elsewhere);

/* Whether the shared database could not be reached at the last heartbeat. */
bool elsewhere_is_cut_off(const struct service *service);

/* Look for jobs from others soon, because something has happened that may release one. */
void elsewhere_look(struct service *service);

/*
 * A claimed job has ended without having been one of `jobs`: with that result, which is
 * borrowed, or NULL and why it failed (code MMP_OK: it was cancelled). Its board is in
 * use: it waits again.
 */
void elsewhere_end(struct service *service, uint64_t job, struct mmp_shared *result,
		   const struct mmp_error *why);
void elsewhere_requeue(struct service *service, uint64_t job);

/*
 * Continue with this step in the store thread when another host has written something,
 * or after ELSEWHERE_PAUSE_S. `call` must be in a step in the loop. Returns MMP_LATER.
 */
int elsewhere_wait(struct service *service, struct mmp_call *call, call_step *step);

enum {
	ELSEWHERE_PAUSE_S = 2,    /* between heartbeats and looks */
	ELSEWHERE_TELL_MS = 500,  /* how often progress is stored */
	ELSEWHERE_SOON_MS = 20,   /* delay for collecting several notifications */
	ELSEWHERE_CLAIM_MAX = 16, /* jobs claimed in one transaction */
};

#endif
