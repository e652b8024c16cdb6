/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RETENTION_H
#define RETENTION_H

#include "service.h"

/*
 * What is older than [retention] in mmpd.conf says is forgotten: jobs, history, and builds
 * that no board holds and no job on record names. Every hour and when the settings are read,
 * a few rows at a time; the log says what has gone, and history has each build.
 */
struct retention;

enum { RETENTION_ROWS = 100, RETENTION_SECONDS = 3600 };

/* The first pass begins with the loop. */
struct retention *retention_new(struct service *service);
void retention_free(struct retention *retention);

/* A pass begins soon; nothing happens while one is under way. From the loop. */
void retention_begin(struct retention *retention);

/* How many were forgotten since the start. */
struct retention_counts {
	uint64_t jobs, history, builds;
};
struct retention_counts retention_counts(const struct retention *retention);

#endif
