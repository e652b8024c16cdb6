/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SWEEP_H
#define SWEEP_H

#include "service.h"
#include "study/sweep.h"

/* The parameters of a sweep. */
struct sweep_order {
	struct mmp_platform *take_platform; /* taken, also on failure */
	uint64_t revision;                  /* 0: it was a document */
	struct mmp_seeds seeds;
	bool sampled;
};

/*
 * Start a job that sweeps, chunk by chunk in the workers, and answer the call with it.
 * The last thing that a step does; returns like a step.
 */
int sweep_start(struct mmp_call *call, const struct sweep_order *order);

/* Running sweeps are dropped with the jobs, after the workers have ended. */
void sweeps_free(struct service *service);

#endif
