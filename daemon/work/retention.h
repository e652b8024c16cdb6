/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RETENTION_H
#define RETENTION_H

#include "service.h"

/*
 * Deletes what is older than [retention] in mmpd.conf allows: jobs, history, and builds
 * that no board holds and no recorded job names. Runs every hour and when the settings
 * are read, a few rows at a time; the log says what was deleted, and history lists each
 * build.
 */
struct retention;

enum { RETENTION_ROWS = 100, RETENTION_SECONDS = 3600 };

/* The first pass begins with the loop. */
struct retention *retention_new(struct service *service);
void retention_free(struct retention *retention);

/* Start a pass soon; does nothing while one is running. From the loop. */
void retention_begin(struct retention *retention);

/* How much was deleted since the start. */
struct retention_counts {
	uint64_t jobs, history, builds;
};
struct retention_counts retention_counts(const struct retention *retention);

/* From any thread: that many jobs were removed because MMP_JOBS_KEPT are kept. */
void retention_pruned(struct retention *retention, uint64_t jobs);

#endif
