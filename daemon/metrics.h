/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef METRICS_H
#define METRICS_H

#include <jansson.h>

#include "base/buffer.h"
#include "service.h"

/*
 * The daemon's statistics: calls by method with a histogram of their durations, and
 * values that are collected on request. In the loop.
 */
struct metrics;

#define METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

enum { METRICS_BUCKETS = 13 };

/* Upper limits of the buckets in seconds. */
extern const double metrics_buckets[METRICS_BUCKETS];

struct method_count {
	uint64_t calls, failed, ns, longest_ns;
	uint64_t buckets[METRICS_BUCKETS]; /* calls of up to that many seconds */
};

struct metrics *metrics_new(const struct mmp_method *methods);
void metrics_free(struct metrics *metrics);

/* Count an answered call of the method with this index in the table. */
void metrics_call(struct metrics *metrics, size_t method, uint64_t ns, bool failed);

/* The counts of the method with this index; NULL after the last one. */
const struct method_count *metrics_at(const struct metrics *metrics, size_t method);

/* For service.status: a new object. */
json_t *metrics_status(struct service *service);

/* Print OpenMetrics text, for service.metrics and the HTTP endpoint (openmetrics.c). */
void metrics_print(struct service *service, struct mmp_buffer *out);

#endif
