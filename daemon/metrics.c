/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "clock.h"
#include "memory.h"
#include "settings.h"
#include "work/answers.h"
#include "work/jobs.h"
#include "work/store_thread.h"
#include "work/workers.h"

/* Seconds up to which a call falls into a bucket; the last bucket has no end. */
static const double buckets[] = { 0.0001, 0.001, 0.01, 0.1, 1, 10 };

enum { BUCKETS = sizeof(buckets) / sizeof(buckets[0]) };

struct count {
	uint64_t calls, failed, ns;
	uint64_t buckets[BUCKETS];
};

struct metrics {
	const struct mmp_method *methods;
	size_t count;
	struct count *counts; /* one a method */
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
	struct count *count;

	if (method >= metrics->count)
		return;
	count = &metrics->counts[method];
	count->calls++;
	count->failed += failed;
	count->ns += ns;
	for (size_t i = 0; i < BUCKETS; i++)
		count->buckets[i] += (double)ns / 1e9 <= buckets[i];
}

/* --- service.status --- */

static json_t *methods_json(const struct metrics *metrics)
{
	json_t *all = json_array();

	for (size_t i = 0; i < metrics->count; i++) {
		const struct count *count = &metrics->counts[i];

		if (!count->calls)
			continue;
		json_array_append_new(
			all, json_pack("{s:s, s:I, s:I, s:f}", "method",
				       metrics->methods[i].name, "calls",
				       (json_int_t)count->calls, "failed",
				       (json_int_t)count->failed, "mean_ms",
				       (double)(count->ns / count->calls / 1000) / 1e3));
	}
	return all;
}

json_t *metrics_status(struct service *service)
{
	return json_pack("{s:s, s:I, s:{s:s, s:I}, s:I, s:I, s:{s:I, s:I}, s:{s:I, s:I, "
			 "s:I}, s:o}",
			 "version", PACKAGE_VERSION, "uptime",
			 (json_int_t)((clock_ms() - service->started_ms) / 1000),
			 "database", "path", mmp_store_path(service->store), "changes",
			 (json_int_t)store_thread_changes(service->store_thread),
			 "clients", (json_int_t)service->clients, "jobs",
			 (json_int_t)jobs_count(service->jobs), "queues", "workers",
			 (json_int_t)workers_waiting(service->workers), "store",
			 (json_int_t)store_thread_waiting(service->store_thread),
			 "memory", "bytes",
			 (json_int_t)account_bytes(service->account, (uid_t)-1), "limit",
			 (json_int_t)service_policy(service).memory, "answers",
			 (json_int_t)answers_bytes(service->answers), "methods",
			 methods_json(service->metrics));
}

/* --- OpenMetrics --- */

static void print_gauge(struct mmp_buffer *out, const char *name, const char *help,
			uint64_t value)
{
	mmp_buffer_printf(out, "# TYPE %s gauge\n# HELP %s %s\n%s %" PRIu64 "\n", name,
			  name, help, name, value);
}

static void print_durations(struct mmp_buffer *out, const char *method,
			    const struct count *count)
{
	for (size_t i = 0; i < BUCKETS; i++)
		mmp_buffer_printf(
			out,
			"mmpd_call_seconds_bucket{method=\"%s\",le=\"%g\"} %" PRIu64 "\n",
			method, buckets[i], count->buckets[i]);
	mmp_buffer_printf(out,
			  "mmpd_call_seconds_bucket{method=\"%s\",le=\"+Inf\"} %" PRIu64
			  "\n"
			  "mmpd_call_seconds_sum{method=\"%s\"} %.6f\n"
			  "mmpd_call_seconds_count{method=\"%s\"} %" PRIu64 "\n",
			  method, count->calls, method, (double)count->ns / 1e9, method,
			  count->calls);
}

static void print_methods(struct mmp_buffer *out, const struct metrics *metrics)
{
	mmp_buffer_text(out,
			"# TYPE mmpd_call_seconds histogram\n"
			"# HELP mmpd_call_seconds From the request to its answer.\n");
	for (size_t i = 0; i < metrics->count; i++)
		if (metrics->counts[i].calls)
			print_durations(out, metrics->methods[i].name,
					&metrics->counts[i]);
	mmp_buffer_text(out, "# TYPE mmpd_failed_calls counter\n"
			     "# HELP mmpd_failed_calls Answered with an error.\n");
	for (size_t i = 0; i < metrics->count; i++)
		if (metrics->counts[i].calls)
			mmp_buffer_printf(
				out,
				"mmpd_failed_calls_total{method=\"%s\"} %" PRIu64 "\n",
				metrics->methods[i].name, metrics->counts[i].failed);
}

void metrics_print(struct service *service, struct mmp_buffer *out)
{
	print_gauge(out, "mmpd_uptime_seconds", "Since the daemon was started.",
		    (clock_ms() - service->started_ms) / 1000);
	print_gauge(out, "mmpd_clients", "Connections.", service->clients);
	print_gauge(out, "mmpd_jobs", "Jobs that run.", jobs_count(service->jobs));
	print_gauge(out, "mmpd_workers_waiting", "Tasks that wait for a thread.",
		    workers_waiting(service->workers));
	print_gauge(out, "mmpd_store_waiting", "Calls that wait for the database.",
		    store_thread_waiting(service->store_thread));
	print_gauge(out, "mmpd_request_bytes",
		    "Memory of requests, results and output of all clients.",
		    account_bytes(service->account, (uid_t)-1));
	print_gauge(out, "mmpd_remembered_bytes", "Memory of remembered layouts.",
		    answers_bytes(service->answers));
	print_gauge(out, "mmpd_store_changes", "Rows that were changed since the start.",
		    store_thread_changes(service->store_thread));
	print_methods(out, service->metrics);
	mmp_buffer_text(out, "# EOF\n");
}
