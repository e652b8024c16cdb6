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

struct metrics *metrics_new(const struct mmp_method *methods);
void metrics_free(struct metrics *metrics);

/* A call of the method at this place in the table was answered. */
void metrics_call(struct metrics *metrics, size_t method, uint64_t ns, bool failed);

/* For service.status: a new object. */
json_t *metrics_status(struct service *service);

/* OpenMetrics text, for service.metrics and the HTTP endpoint. */
void metrics_print(struct service *service, struct mmp_buffer *out);

#endif
