/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "clock.h"
#include "memory.h"
#include "methods/methods.h"
#include "work/answers.h"
#include "work/jobs.h"
#include "work/retention.h"
#include "work/store_thread.h"
#include "work/workers.h"

const double metrics_buckets[METRICS_BUCKETS] = { 0.0001, 0.00025, 0.0005, 0.001, 0.0025,
						  0.005,  0.01,    0.025,  0.05,  0.1,
						  0.5,    1,       10 };

struct metrics {
	const struct mmp_method *methods;
	size_t count;
	struct method_count *counts; /* one per method */
};

struct metrics *metrics_new(const struct mmp_method *methods)
{
	struct metrics *metrics = xcalloc(1, sizeof(*metrics));

	metrics->methods = methods;
	while (methods[metrics->count].name)
		metrics->count++;
	metrics->counts = xcalloc(metrics->count + 1, sizeof(*metrics->counts));
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	free(metrics->counts);
	free(metrics);
}

void metrics_call(struct metrics *metrics, size_t method, uint64_t ns, bool failed)
{
	struct method_count *count;

	if (method >= metrics->count)
		return;
	count = &metrics->counts[method];
	count->calls++;
	count->failed += failed;
	count->ns += ns;
	if (ns > count->longest_ns)
		count->longest_ns = ns;
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		count->buckets[i] += (double)ns / 1e9 <= metrics_buckets[i];
}

const struct method_count *metrics_at(const struct metrics *metrics, size_t method)
{
	return method < metrics->count ? &metrics->counts[method] : NULL;
}

/* --- service.status --- */

static json_t *ms_json(uint64_t ns)
{
	return json_real((double)(ns / 1000) / 1e3);
}

/*
 * The time in ms within which that share of the calls was answered: the end of its
 * bucket.
 */
static json_t *within_ms(const struct method_count *count, double share)
{
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		if ((double)count->buckets[i] >= share * (double)count->calls)
			return json_real(metrics_buckets[i] * 1e3);
	return ms_json(count->longest_ns);
}

static json_t *methods_json(const struct metrics *metrics)
{
	json_t *all = json_array();

	for (size_t i = 0; i < metrics->count; i++) {
		const struct method_count *count = &metrics->counts[i];

		if (!count->calls)
			continue;
		json_array_append_new(
			all,
			json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "method",
				  metrics->methods[i].name, "calls",
				  (json_int_t)count->calls, "failed",
				  (json_int_t)count->failed, "mean_ms",
				  ms_json(count->ns / count->calls), "p50_ms",
				  within_ms(count, 0.5), "p99_ms", within_ms(count, 0.99),
				  "worst_ms", ms_json(count->longest_ns)));
	}
	return all;
}

static json_t *lines_json(const struct quality_table *table)
{
	json_t *all = json_array();

	for (size_t i = 0; i < table->count; i++) {
		const struct quality *q = &table->rows[i];

		json_array_append_new(
			all, json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
				       "board", methods_text(q->board), "sessions",
				       (json_int_t)q->sessions, "failed",
				       (json_int_t)q->failed, "frames",
				       (json_int_t)q->frames_sent, "resent",
				       (json_int_t)q->frames_resent, "broken",
				       (json_int_t)q->frames_broken, "foreign",
				       (json_int_t)q->frames_foreign, "round_trip_ms",
				       (json_int_t)q->round_trip_ms));
	}
	return all;
}

static json_t *forgotten_json(const struct retention *retention)
{
	struct retention_counts counts = retention_counts(retention);

	return json_pack("{s:I, s:I, s:I}", "jobs", (json_int_t)counts.jobs, "history",
			 (json_int_t)counts.history, "builds", (json_int_t)counts.builds);
}

json_t *metrics_status(struct service *service)
{
	return json_pack(
		"{s:s, s:I, s:{s:s, s:I}, s:{s:I, s:i}, s:{s:I, s:i}, s:{s:I, s:I}, "
		"s:{s:I, s:I, s:I}, s:o, s:o, s:o}",
		"version", PACKAGE_VERSION, "uptime",
		(json_int_t)((clock_ms() - service->started_ms) / 1000), "database",
		"path", mmp_store_path(service->store), "changes",
		(json_int_t)store_thread_changes(service->store_thread), "clients",
		"connected", (json_int_t)service->clients, "limit", MMP_CLIENTS_MAX,
		"jobs", "running", (json_int_t)jobs_count(service->jobs), "limit",
		MMP_JOBS_MAX, "queues", "workers",
		(json_int_t)workers_waiting(service->workers), "store",
		(json_int_t)store_thread_waiting(service->store_thread), "memory",
		"bytes", (json_int_t)account_bytes(service->account, (uid_t)-1), "limit",
		(json_int_t)service_policy(service).memory, "answers",
		(json_int_t)answers_bytes(service->answers), "forgotten",
		forgotten_json(service->retention), "lines",
		lines_json(&service->lines_quality), "methods",
		methods_json(service->metrics));
}
