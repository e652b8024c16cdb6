/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SWEEP_H
#define SWEEP_H

#include "service.h"
#include "study/sweep.h"

/* A sweep that is asked for. */
struct sweep_order {
	struct mmp_platform *take_platform; /* moves in, also on failure */
	uint64_t revision;                  /* 0: it was a document */
	struct mmp_seeds seeds;
	bool sampled;
};

/*
 * Begin a job that sweeps, chunk by chunk in the workers, and answer the call with it:
 * the last thing that a step does. Returns what a step returns.
 */
int sweep_start(struct mmp_call *call, const struct sweep_order *order);

/* Sweeps under way are dropped with the jobs, after the workers have ended. */
void sweeps_free(struct service *service);

#endif
