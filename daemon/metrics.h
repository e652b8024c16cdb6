/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef METRICS_H
#define METRICS_H

#include <jansson.h>

#include "base/buffer.h"
#include "service.h"

/*
 * What the daemon counts of itself: calls by method with a histogram of how long they
 * took, and what it finds when it is asked. In the loop.
 */
struct metrics;

#define METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

enum { METRICS_BUCKETS = 13 };

/* Seconds up to which a call falls into a bucket. */
extern const double metrics_buckets[METRICS_BUCKETS];

struct method_count {
	uint64_t calls, failed, ns, longest_ns;
	uint64_t buckets[METRICS_BUCKETS]; /* calls of up to so many seconds */
};

struct metrics *metrics_new(const struct mmp_method *methods);
void metrics_free(struct metrics *metrics);

/* A call of the method at this place in the table was answered. */
void metrics_call(struct metrics *metrics, size_t method, uint64_t ns, bool failed);

/* Of the method at this place; NULL behind the last. */
const struct method_count *metrics_at(const struct metrics *metrics, size_t method);

/* For service.status: a new object. */
json_t *metrics_status(struct service *service);

/* OpenMetrics text, for service.metrics and the HTTP endpoint (openmetrics.c). */
void metrics_print(struct service *service, struct mmp_buffer *out);

#endif
