/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/retention.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "clock.h"
#include "log.h"
#include "memory.h"
#include "work/store_thread.h"

struct retention {
	struct service *service;
	struct event *hourly;
	bool is_running;
	struct policy policy; /* of the current pass */
	struct retention_counts all, pass;
	/* Of the current step: written by the store thread, then read by the loop. */
	struct retention_counts step;
	atomic_uint_fast64_t pruned; /* jobs, because there were too many */
};

/* The time that many days ago, in the format of the database. */
static void days_ago(uint64_t days, char text[CLOCK_TEXT_SIZE])
{
	clock_text_ago((days > 36500 ? 36500 : days) * 86400, text);
}

/* --- in the store thread --- */

struct unused {
	char ids[RETENTION_ROWS][72];
	size_t count;
};

static int take_id(void *data, const struct mmp_build_row *row, struct mmp_error *err)
{
	struct unused *unused = data;

	(void)err;
	snprintf(unused->ids[unused->count++], sizeof(unused->ids[0]), "%s", row->id);
	return 0;
}

static int forget_builds(struct mmp_store *store, const char *before, uint64_t *ret_count,
			 struct mmp_error *err)
{
	char now[CLOCK_TEXT_SIZE];
	const struct mmp_signature by = { .uid = (int64_t)getuid(),
					  .gid = (int64_t)getgid(),
					  .pid = (int64_t)getpid(),
					  .user = "mmpd",
					  .time = now };
	struct unused unused = { .count = 0 };

	clock_text(now);
	if (mmp_store_unused_builds(store, before, RETENTION_ROWS, take_id, &unused, err))
		return -1;
	for (size_t i = 0; i < unused.count; i++)
		if (mmp_store_build_remove(store, unused.ids[i], &by, err))
			return -1;
	*ret_count = unused.count;
	return 0;
}

static int forget_some(struct mmp_store *store, void *data, struct mmp_error *err)
{
	struct retention *r = data;
	const struct policy *p = &r->policy;
	char before[CLOCK_TEXT_SIZE];

	r->step = (struct retention_counts){ 0 };
	days_ago(p->keep_jobs, before);
	if (p->keep_jobs &&
	    mmp_store_forget_jobs(store, before, RETENTION_ROWS, &r->step.jobs, err))
		return -1;
	days_ago(p->keep_history, before);
	if (p->keep_history && mmp_store_forget_history(store, before, RETENTION_ROWS,
							&r->step.history, err))
		return -1;
	days_ago(p->keep_builds, before);
	return p->keep_builds ? forget_builds(store, before, &r->step.builds, err) : 0;
}

/* --- in the loop --- */

static void begin_step(struct retention *r);

static void add_counts(struct retention_counts *to, const struct retention_counts *from)
{
	to->jobs += from->jobs;
	to->history += from->history;
	to->builds += from->builds;
}

static bool has_counts(const struct retention_counts *counts)
{
	return counts->jobs || counts->history || counts->builds;
}

static void end_pass(struct retention *r)
{
	r->is_running = false;
	if (has_counts(&r->pass))
		log_info("retention: forgot %" PRIu64 " jobs, %" PRIu64
			 " rows of history and %" PRIu64
			 " builds, as [retention] in the settings says",
			 r->pass.jobs, r->pass.history, r->pass.builds);
}

static void on_step(void *data, const struct mmp_error *why)
{
	struct retention *r = data;

	if (why) {
		log_warning("retention: %s", why->text);
		end_pass(r);
		return;
	}
	add_counts(&r->all, &r->step);
	add_counts(&r->pass, &r->step);
	if (has_counts(&r->step))
		begin_step(r);
	else
		end_pass(r);
}

static void begin_step(struct retention *r)
{
	const struct store_write write = { .work = forget_some,
					   .done = on_step,
					   .data = r };

	store_thread_write(r->service->store_thread, &write);
}

void retention_begin(struct retention *r)
{
	if (r->is_running)
		return;
	r->policy = service_policy(r->service);
	if (!r->policy.keep_jobs && !r->policy.keep_history && !r->policy.keep_builds)
		return;
	r->is_running = true;
	r->pass = (struct retention_counts){ 0 };
	begin_step(r);
}

static void on_hour(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval hour = { .tv_sec = RETENTION_SECONDS };
	struct retention *r = data;

	(void)fd, (void)what;
	event_add(r->hourly, &hour);
	retention_begin(r);
}

struct retention *retention_new(struct service *service)
{
	static const struct timeval at_once;
	struct retention *r = xcalloc(1, sizeof(*r));

	r->service = service;
	r->hourly = evtimer_new(service->base, on_hour, r);
	event_add(r->hourly, &at_once);
	return r;
}

void retention_free(struct retention *r)
{
	if (!r)
		return;
	event_free(r->hourly);
	free(r);
}

struct retention_counts retention_counts(const struct retention *r)
{
	struct retention_counts counts = r->all;

	counts.jobs += r->pruned;
	return counts;
}

void retention_pruned(struct retention *r, uint64_t jobs)
{
	atomic_fetch_add(&r->pruned, jobs);
	log_info("retention: forgot jobs=%" PRIu64 " why=jobs_kept limit=%d", jobs,
		 MMP_JOBS_KEPT);
}
