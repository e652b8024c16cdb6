/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ELSEWHERE_H
#define ELSEWHERE_H

#include "service.h"
#include "work/errand.h"

/*
 * This mmpd among others that share its database: the heartbeat, jobs that others have
 * left for it, what it tells of its own jobs, and calls that wait for news of a job of
 * another host. Without a shared database none of this is used: service->elsewhere
 * is NULL, and all functions do nothing.
 *
 * Everything here belongs to the loop.
 */
struct elsewhere;

/* A job that waited for this host, and is its to carry out now. */
struct claimed_job {
	uint64_t id;
	char *build, *board;
	json_t *orders; /* as `orders` of its row */
	int64_t uid, gid, pid;
	char *user, *time; /* who began it, and when */
};

struct elsewhere *elsewhere_new(struct service *service);
void elsewhere_free(struct elsewhere *elsewhere);

/* Look soon for what others have left; something has happened that makes it worth it. */
void elsewhere_look(struct service *service);

/*
 * Go on with this step in the store thread when another host has written something, or
 * after ELSEWHERE_PAUSE_S. `call` is one that a step in the loop has; MMP_LATER.
 */
int elsewhere_wait(struct service *service, struct mmp_call *call, call_step *step);

enum {
	ELSEWHERE_PAUSE_S = 2,    /* a heartbeat, and a look round */
	ELSEWHERE_TELL_MS = 500,  /* how often progress is written down */
	ELSEWHERE_SOON_MS = 20,   /* for more than one piece of news to come together */
	ELSEWHERE_CLAIM_MAX = 16, /* jobs that are claimed in one transaction */
};

#endif
