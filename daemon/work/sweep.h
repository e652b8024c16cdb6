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
	const struct mmp_signature *by;
};

/* Begin a job that sweeps, chunk by chunk in the worker threads. */
int sweep_start(struct service *service, const struct sweep_order *order,
		uint64_t *ret_job, struct mmp_error *err);

/* Sweeps under way are dropped with the jobs, after the workers have ended. */
void sweeps_free(struct service *service);

#endif
