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
#include "work/elsewhere.h"
#include "work/jobs.h"
#include "work/retention.h"
#include "work/store_thread.h"
#include "work/workers.h"
#include "json/writer.h"

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
 * The time in ms within which that share of the calls was answered, rounded up to the end
 * of a bucket.
 */
static json_t *within_ms(const struct method_count *count, double share)
{
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		if ((double)count->buckets[i] >= share * (double)count->calls)
			return json_real(metrics_buckets[i] * 1e3);
	return ms_json(count->longest_ns);
}

static void write_methods(struct mmp_writer *w, const struct metrics *metrics)
{
	mmp_member_begin(w, "methods", '[');
	for (size_t i = 0; i < metrics->count; i++) {
		const struct method_count *count = &metrics->counts[i];

		if (!count->calls)
			continue;
		mmp_writer_begin(w, '{');
		mmp_member_text(w, "method", metrics->methods[i].name);
		mmp_member_number(w, "calls", (int64_t)count->calls);
		mmp_member_number(w, "failed", (int64_t)count->failed);
		mmp_member_take(w, "mean_ms", ms_json(count->ns / count->calls));
		mmp_member_take(w, "p50_ms", within_ms(count, 0.5));
		mmp_member_take(w, "p99_ms", within_ms(count, 0.99));
		mmp_member_take(w, "worst_ms", ms_json(count->longest_ns));
		mmp_writer_end(w, '}');
	}
	mmp_writer_end(w, ']');
}

static void write_board(struct mmp_writer *w, const void *row)
{
	mmp_writer_text(w, ((const struct quality *)row)->board);
}

/* clang-format off */
static const struct mmp_column quality_columns[] = {
	{ "board",         .write = write_board },
	{ "sessions",      MMP_COLUMN_UNSIGNED, MMP_AT(struct quality, sessions) },
	{ "failed",        MMP_COLUMN_UNSIGNED, MMP_AT(struct quality, failed) },
	{ "frames",        MMP_COLUMN_UNSIGNED, MMP_AT(struct quality, frames_sent) },
	{ "resent",        MMP_COLUMN_UNSIGNED, MMP_AT(struct quality, frames_resent) },
	{ "broken",        MMP_COLUMN_UNSIGNED, MMP_AT(struct quality, frames_broken) },
	{ "foreign",       MMP_COLUMN_UNSIGNED, MMP_AT(struct quality, frames_foreign) },
	{ "round_trip_ms", MMP_COLUMN_UNSIGNED, MMP_AT(struct quality, round_trip_ms) },
	{ 0 },
};

static const struct mmp_column retention_columns[] = {
	{ "jobs",    MMP_COLUMN_UNSIGNED, MMP_AT(struct retention_counts, jobs) },
	{ "history", MMP_COLUMN_UNSIGNED, MMP_AT(struct retention_counts, history) },
	{ "builds",  MMP_COLUMN_UNSIGNED, MMP_AT(struct retention_counts, builds) },
	{ 0 },
};
/* clang-format on */

static void write_lines(struct mmp_writer *w, const struct quality_table *table)
{
	mmp_member_begin(w, "lines", '[');
	for (size_t i = 0; i < table->count; i++)
		mmp_writer_row(w, quality_columns, &table->rows[i]);
	mmp_writer_end(w, ']');
}

/* An object of two numbers, such as an amount and its limit. */
static void write_pair(struct mmp_writer *w, const char *key, const char *first,
		       uint64_t one, const char *second, uint64_t other)
{
	mmp_member_begin(w, key, '{');
	mmp_member_number(w, first, (int64_t)one);
	mmp_member_number(w, second, (int64_t)other);
	mmp_writer_end(w, '}');
}

static void write_users(struct mmp_writer *w, struct service *service)
{
	struct account_row rows[ACCOUNT_USERS_MAX + 1];
	size_t count = account_rows(service->account, rows);

	mmp_member_begin(w, "users", '[');
	for (size_t i = 0; i < count; i++) {
		mmp_writer_begin(w, '{');
		if (rows[i].uid != (uid_t)-1)
			mmp_member_number(w, "uid", (int64_t)rows[i].uid);
		mmp_member_number(w, "bytes", (int64_t)rows[i].bytes);
		mmp_writer_end(w, '}');
	}
	mmp_writer_end(w, ']');
}

static void write_memory(struct mmp_writer *w, struct service *service)
{
	struct policy policy = service_policy(service);

	mmp_member_begin(w, "memory", '{');
	mmp_member_number(w, "bytes",
			  (int64_t)account_bytes(service->account, (uid_t)-1));
	mmp_member_number(w, "limit", (int64_t)policy.memory);
	mmp_member_number(w, "user_limit", (int64_t)policy.user_memory);
	write_users(w, service);
	mmp_member_number(w, "answers", (int64_t)answers_bytes(service->answers));
	mmp_writer_end(w, '}');
}

static void write_database(struct mmp_writer *w, const struct service *service)
{
	mmp_member_begin(w, "database", '{');
	mmp_member_text(w, "path", mmp_store_path(service->store));
	mmp_member_number(w, "changes",
			  (int64_t)store_thread_changes(service->store_thread));
	if (mmp_store_is_shared(service->store))
		mmp_member_flag(w, "away", elsewhere_is_cut_off(service));
	mmp_writer_end(w, '}');
}

json_t *metrics_status(struct service *service)
{
	struct retention_counts forgotten = retention_counts(service->retention);
	struct mmp_writer w = MMP_BUILDER;

	mmp_writer_begin(&w, '{');
	mmp_member_text(&w, "version", PACKAGE_VERSION);
	mmp_member_number(&w, "uptime",
			  (int64_t)((clock_ms() - service->started_ms) / 1000));
	if (*service->host)
		mmp_member_text(&w, "host", service->host);
	write_database(&w, service);
	write_pair(&w, "clients", "connected", service->clients, "limit",
		   MMP_CLIENTS_MAX);
	write_pair(&w, "jobs", "running", jobs_count(service->jobs), "limit",
		   MMP_JOBS_MAX);
	write_pair(&w, "queues", "workers", workers_waiting(service->workers), "store",
		   store_thread_waiting(service->store_thread));
	write_memory(&w, service);
	mmp_writer_key(&w, "forgotten");
	mmp_writer_row(&w, retention_columns, &forgotten);
	write_lines(&w, &service->lines_quality);
	write_methods(&w, service->metrics);
	mmp_writer_end(&w, '}');
	return mmp_writer_done(&w);
}
