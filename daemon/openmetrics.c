/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "metrics.h"

#include <inttypes.h>
#include <string.h>

#include "account.h"
#include "clock.h"
#include "peaks.h"
#include "trim.h"
#include "work/answers.h"
#include "work/elsewhere.h"
#include "work/jobs.h"
#include "work/retention.h"
#include "work/store_thread.h"
#include "work/workers.h"

/* OpenMetrics 1.0: families with one type each, and "# EOF" at the end. */

static void begin_family(struct mmp_buffer *out, const char *name, const char *type,
			 const char *help)
{
	mmp_buffer_printf(out, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

static void print_gauge(struct mmp_buffer *out, const char *name, const char *help,
			uint64_t value)
{
	begin_family(out, name, "gauge", help);
	mmp_buffer_printf(out, "%s %" PRIu64 "\n", name, value);
}

/* Print the value of a label: '\', '"' and newlines are escaped. */
static void print_label(struct mmp_buffer *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			mmp_buffer_add(out, "\\", 1);
		mmp_buffer_add(out, *text == '\n' ? "\\n" : text, *text == '\n' ? 2 : 1);
	}
}

/* --- calls --- */

/* A number that is the value of the label le is written with a fraction or exponent. */
static void print_bound(struct mmp_buffer *out, double bound)
{
	mmp_buffer_printf(out, bound < 1 ? "%g" : "%.1f", bound);
}

static void print_durations(struct mmp_buffer *out, const char *method,
			    const struct method_count *count)
{
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		mmp_buffer_printf(out, "mmpd_call_seconds_bucket{method=\"%s\",le=\"",
				  method);
		print_bound(out, metrics_buckets[i]);
		mmp_buffer_printf(out, "\"} %" PRIu64 "\n", count->buckets[i]);
	}
	mmp_buffer_printf(out,
			  "mmpd_call_seconds_bucket{method=\"%s\",le=\"+Inf\"} %" PRIu64
			  "\n"
			  "mmpd_call_seconds_sum{method=\"%s\"} %.6f\n"
			  "mmpd_call_seconds_count{method=\"%s\"} %" PRIu64 "\n",
			  method, count->calls, method, (double)count->ns / 1e9, method,
			  count->calls);
}

static void print_methods(struct mmp_buffer *out, const struct service *service)
{
	const struct method_count *count;

	begin_family(out, "mmpd_call_seconds", "histogram",
		     "From the request to its answer.");
	for (size_t i = 0; (count = metrics_at(service->metrics, i)); i++)
		if (count->calls)
			print_durations(out, service->methods[i].name, count);
	begin_family(out, "mmpd_failed_calls", "counter", "Answered with an error.");
	for (size_t i = 0; (count = metrics_at(service->metrics, i)); i++)
		if (count->calls)
			mmp_buffer_printf(
				out,
				"mmpd_failed_calls_total{method=\"%s\"} %" PRIu64 "\n",
				service->methods[i].name, count->failed);
}

/* --- lines to boards --- */

/* clang-format off */
static const struct {
	const char *name, *type, *suffix, *help;
	size_t offset;
} line_families[] = {
	{ "mmpd_line_sessions",        "counter", "_total", "Pushes and probes.",                 offsetof(struct quality, sessions) },
	{ "mmpd_line_failed_sessions", "counter", "_total", "Pushes and probes that failed.",     offsetof(struct quality, failed) },
	{ "mmpd_line_frames_sent",     "counter", "_total", "Frames sent to the board.",          offsetof(struct quality, frames_sent) },
	{ "mmpd_line_frames_received", "counter", "_total", "Whole frames from the board.",       offsetof(struct quality, frames_received) },
	{ "mmpd_line_frames_resent",   "counter", "_total", "Frames that were sent again.",       offsetof(struct quality, frames_resent) },
	{ "mmpd_line_frames_broken",   "counter", "_total", "Frames with a bad CRC or length.",   offsetof(struct quality, frames_broken) },
	{ "mmpd_line_frames_foreign",  "counter", "_total", "Frames that answered no request of ours.", offsetof(struct quality, frames_foreign) },
};
/* clang-format on */

static void print_round_trips(struct mmp_buffer *out, const struct quality_table *table)
{
	begin_family(out, "mmpd_line_round_trip_seconds", "gauge",
		     "Smoothed, of the last session.");
	for (size_t i = 0; i < table->count; i++) {
		mmp_buffer_text(out, "mmpd_line_round_trip_seconds{board=\"");
		print_label(out, table->rows[i].board);
		mmp_buffer_printf(out, "\"} %.3f\n",
				  (double)table->rows[i].round_trip_ms / 1e3);
	}
}

static void print_lines(struct mmp_buffer *out, const struct quality_table *table)
{
	for (size_t f = 0; f < sizeof(line_families) / sizeof(line_families[0]); f++) {
		begin_family(out, line_families[f].name, line_families[f].type,
			     line_families[f].help);
		for (size_t i = 0; i < table->count; i++) {
			const char *row = (const char *)&table->rows[i];
			uint64_t value;

			memcpy(&value, row + line_families[f].offset, sizeof(value));
			mmp_buffer_printf(out, "%s%s{board=\"", line_families[f].name,
					  line_families[f].suffix);
			print_label(out, table->rows[i].board);
			mmp_buffer_printf(out, "\"} %" PRIu64 "\n", value);
		}
	}
}

/* --- memory by user --- */

static void print_users(struct mmp_buffer *out, struct account *account)
{
	struct account_row rows[ACCOUNT_USERS_MAX + 1];
	size_t count = account_rows(account, rows);

	begin_family(out, "mmpd_user_bytes", "gauge",
		     "Of those, what each user takes up; without a uid, all beyond the "
		     "first 64.");
	for (size_t i = 0; i < count; i++) {
		if (rows[i].uid == (uid_t)-1)
			mmp_buffer_text(out, "mmpd_user_bytes{uid=\"\"}");
		else
			mmp_buffer_printf(out, "mmpd_user_bytes{uid=\"%lu\"}",
					  (unsigned long)rows[i].uid);
		mmp_buffer_printf(out, " %" PRIu64 "\n", rows[i].bytes);
	}
}

/* The largest amount of work done at a time, and its bound. */
static void print_peaks(struct mmp_buffer *out)
{
	begin_family(
		out, "mmpd_peak", "gauge",
		"The largest amount of work that was done at a time since the start.");
	for (int i = 0; i < PEAK_COUNT; i++)
		mmp_buffer_printf(out, "mmpd_peak{of=\"%s\"} %" PRIu64 "\n",
				  peak_info((enum peak)i)->name, peak_get((enum peak)i));
	begin_family(out, "mmpd_peak_bound", "gauge",
		     "The bound that mmpd_peak must not exceed.");
	for (int i = 0; i < PEAK_COUNT; i++)
		mmp_buffer_printf(out, "mmpd_peak_bound{of=\"%s\"} %" PRIu64 "\n",
				  peak_info((enum peak)i)->name,
				  peak_info((enum peak)i)->bound);
	begin_family(out, "mmpd_longest_seconds", "gauge",
		     "The longest processor time of one turn of the loop or one step of "
		     "the database thread.");
	for (int i = 0; i < LONGEST_COUNT; i++)
		mmp_buffer_printf(out, "mmpd_longest_seconds{of=\"%s\"} %.6f\n",
				  longest_name((enum longest)i),
				  (double)longest_get((enum longest)i) / 1e9);
}

static void print_forgotten(struct mmp_buffer *out, const struct retention *retention)
{
	struct retention_counts counts = retention_counts(retention);

	begin_family(out, "mmpd_forgotten_rows", "counter",
		     "Rows deleted as [retention] of the settings says, and jobs over "
		     "their limit.");
	mmp_buffer_printf(out,
			  "mmpd_forgotten_rows_total{of=\"jobs\"} %" PRIu64 "\n"
			  "mmpd_forgotten_rows_total{of=\"history\"} %" PRIu64 "\n"
			  "mmpd_forgotten_rows_total{of=\"builds\"} %" PRIu64 "\n",
			  counts.jobs, counts.history, counts.builds);
}

void metrics_print(struct service *service, struct mmp_buffer *out)
{
	begin_family(out, "mmpd", "info", "The program.");
	mmp_buffer_text(out, "mmpd_info{version=\"" PACKAGE_VERSION "\"} 1\n");
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
	print_users(out, service->account);
	print_gauge(out, "mmpd_remembered_bytes", "Memory of remembered layouts.",
		    answers_bytes(service->answers));
	begin_family(out, "mmpd_memory_returned", "counter",
		     "How often freed memory was returned to the system.");
	mmp_buffer_printf(out, "mmpd_memory_returned_total %" PRIu64 "\n",
			  trim_count(service->trim));
	print_gauge(out, "mmpd_store_changes", "Rows that were changed since the start.",
		    store_thread_changes(service->store_thread));
	print_gauge(out, "mmpd_store_away",
		    "1 while a shared database cannot be reached.",
		    elsewhere_is_cut_off(service));
	print_peaks(out);
	print_forgotten(out, service->retention);
	print_lines(out, &service->lines_quality);
	print_round_trips(out, &service->lines_quality);
	print_methods(out, service);
	mmp_buffer_text(out, "# EOF\n");
}
