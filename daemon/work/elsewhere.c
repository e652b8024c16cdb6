/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/elsewhere.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "clock.h"
#include "line/push.h"
#include "line/talk.h"
#include "log.h"
#include "memory.h"
#include "work/jobs.h"
#include "work/store_thread.h"

/* A call that waits for news. */
struct news_waiter {
	struct elsewhere *elsewhere;
	struct mmp_call *call;
	call_step *step;
	TAILQ_ENTRY(news_waiter) link;
};

struct elsewhere {
	struct service *service;
	struct event *beat, *tell, *soon;
	TAILQ_HEAD(, news_waiter) waiters;
	bool is_looking;
	bool is_away; /* already logged that the database is away */
	/* What the last look in the database found. */
	struct claimed_job claimed[ELSEWHERE_CLAIM_MAX];
	size_t claimed_count;
	bool is_unsure; /* whether these were claimed: the commit was lost */
	uint64_t cancelled[ELSEWHERE_CLAIM_MAX];
	size_t cancelled_count;
};

/* --- jobs that others have left; the first two functions run in the store thread --- */

static int take_claimed(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct elsewhere *e = data;

	(void)err;
	e->claimed[e->claimed_count++] = (struct claimed_job){
		.id = row->id,
		.kind = xstrdup(row->kind),
		.build = xstrdup(row->build),
		.board = xstrdup(row->board),
		.orders = json_loads(row->orders ? row->orders : "{}", 0, NULL),
		.uid = row->by.uid,
		.gid = row->by.gid,
		.pid = row->by.pid,
		.user = xstrdup(row->by.user),
		.time = xstrdup(row->by.time),
	};
	return 0;
}

static void forget_claimed(struct elsewhere *e)
{
	for (size_t i = 0; i < e->claimed_count; i++) {
		free(e->claimed[i].kind);
		free(e->claimed[i].build);
		free(e->claimed[i].board);
		free(e->claimed[i].user);
		free(e->claimed[i].time);
		json_decref(e->claimed[i].orders);
	}
	e->claimed_count = 0;
}

static int look_round(struct mmp_store *store, void *data, struct mmp_error *err)
{
	struct elsewhere *e = data;
	uint64_t ids[ELSEWHERE_CLAIM_MAX];
	size_t count;

	if (mmp_store_jobs_cancelled(store, e->cancelled, ELSEWHERE_CLAIM_MAX,
				     &e->cancelled_count, err) ||
	    mmp_store_jobs_claim(store, ids, ELSEWHERE_CLAIM_MAX, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (mmp_store_job_get(store, ids[i], take_claimed, e, err))
			return -1;
	return 0;
}

static void wake_waiters(struct elsewhere *e)
{
	struct news_waiter *waiter;

	while ((waiter = TAILQ_FIRST(&e->waiters))) {
		struct mmp_call *call = waiter->call;
		call_step *step = waiter->step;

		TAILQ_REMOVE(&e->waiters, waiter, link);
		free(waiter);
		call_go_on(call, IN_STORE, step);
	}
}

/*
 * If the commit failed, it may have been done all the same: what it was to claim waits
 * again, before the next look.
 */
static void on_looked(void *data, const struct mmp_error *why)
{
	struct elsewhere *e = data;
	struct service *service = e->service;

	e->is_looking = false;
	e->is_unsure = why && e->claimed_count;
	if (e->is_unsure) {
		log_warning("jobs of this host: %s", why->text);
		e->cancelled_count = 0;
		elsewhere_look(service);
		return;
	}
	for (size_t i = 0; !why && i < e->claimed_count; i++)
		if (!talk_claimed(service, &e->claimed[i]))
			push_claimed(service, &e->claimed[i]);
	for (size_t i = 0; !why && i < e->cancelled_count; i++)
		if (!job_cancel(service->jobs, e->cancelled[i]))
			talk_cancel(service, e->cancelled[i]);
	if (!why && e->claimed_count == ELSEWHERE_CLAIM_MAX)
		elsewhere_look(service);
	e->cancelled_count = 0;
	forget_claimed(e);
}

static int unclaim(struct mmp_store *store, void *data, struct mmp_error *err)
{
	struct elsewhere *e = data;

	for (size_t i = 0; i < e->claimed_count; i++)
		if (mmp_store_job_requeue(store, e->claimed[i].id, err))
			return -1;
	return 0;
}

/* If that has failed, too, the next look tries it again. */
static void on_unclaimed(void *data, const struct mmp_error *why)
{
	struct elsewhere *e = data;

	e->is_looking = false;
	if (why)
		return;
	e->is_unsure = false;
	forget_claimed(e);
	elsewhere_look(e->service);
}

static void on_soon(evutil_socket_t fd, short what, void *data)
{
	struct elsewhere *e = data;
	const struct store_write look = { look_round, on_looked, .data = e };
	const struct store_write undo = { unclaim, on_unclaimed, .data = e };

	(void)fd, (void)what;
	wake_waiters(e);
	if (e->is_looking) {
		elsewhere_look(e->service);
		return;
	}
	e->is_looking = true;
	store_thread_write(e->service->store_thread, e->is_unsure ? &undo : &look);
}

void elsewhere_look(struct service *service)
{
	static const struct timeval soon = { .tv_usec = ELSEWHERE_SOON_MS * 1000 };
	struct elsewhere *e = service->elsewhere;

	if (e && !event_pending(e->soon, EV_TIMEOUT, NULL))
		event_add(e->soon, &soon);
}

static void on_heard(void *data)
{
	elsewhere_look(data);
}

/* --- the end of a job that others have left --- */

struct ending {
	struct service *service;
	uint64_t job;
	bool waits;   /* for its board: it goes back into the queue */
	char *report; /* NULL: see `why` */
	struct mmp_error why;
};

static void free_ending(void *data)
{
	struct ending *ending = data;

	free(ending->report);
	free(ending);
}

static int write_ending(struct mmp_store *store, void *data, struct mmp_error *err)
{
	const struct ending *ending = data;
	char now[CLOCK_TEXT_SIZE];
	struct mmp_job_row row = { .id = ending->job,
				   .state = MMP_JOB_DONE,
				   .ended = now,
				   .report = ending->report };

	if (ending->waits)
		return mmp_store_job_requeue(store, ending->job, err);
	clock_text(now);
	if (!ending->report && ending->why.code == MMP_OK) {
		row.state = MMP_JOB_CANCELLED;
	} else if (!ending->report) {
		row.state = MMP_JOB_FAILED;
		row.error_kind = mmp_code_info(ending->why.code)->name;
		row.error_text = ending->why.text;
	}
	return mmp_store_job_end(store, &row, MMP_OUTCOME_UNKNOWN, err);
}

static void on_ending_away(void *data, const struct mmp_error *why)
{
	(void)data, (void)why; /* written when the database is back */
}

static void on_ending_written(void *data, const struct mmp_error *why)
{
	const struct ending *ending = data;

	if (why)
		log_error("job %" PRIu64 ": %s", ending->job, why->text);
	elsewhere_look(ending->service); /* another job may wait for the board */
	free_ending(data);
}

static void write_later(struct service *service, struct ending *take_ending)
{
	const struct store_write write = { write_ending, on_ending_written,
					   on_ending_away, free_ending, take_ending };

	take_ending->service = service;
	store_thread_write(service->store_thread, &write);
}

void elsewhere_end(struct service *service, uint64_t job, struct mmp_shared *result,
		   const struct mmp_error *why)
{
	struct ending *ending = xcalloc(1, sizeof(*ending));

	ending->job = job;
	if (result) {
		ending->report = xcalloc(1, result->length + 1);
		memcpy(ending->report, result->bytes, result->length);
	} else {
		ending->why = *why;
	}
	log_info("job %" PRIu64 ": %s%s", job,
		 result                ? "done"
		 : why->code == MMP_OK ? ""
				       : "failed: ",
		 result ? "" : why->text);
	write_later(service, ending);
}

void elsewhere_requeue(struct service *service, uint64_t job)
{
	struct ending *ending = xcalloc(1, sizeof(*ending));

	ending->job = job;
	ending->waits = true;
	write_later(service, ending);
}

/* --- the heartbeat --- */

static int write_beat(struct mmp_store *store, void *data, struct mmp_error *err)
{
	char now[CLOCK_TEXT_SIZE], before[CLOCK_TEXT_SIZE];
	uint64_t dead = 0, orphans = 0;

	(void)data;
	clock_text(now);
	clock_text_ago(MMP_LETTER_SECONDS, before);
	if (mmp_store_beat(store, now, clock_ms(), &dead, err) ||
	    mmp_store_jobs_orphaned(store, now, before, &orphans, err) ||
	    mmp_store_letters_forget(store, before, err))
		return -1;
	if (dead + orphans)
		log_warning("jobs that were interrupted, as their host is dead: %" PRIu64,
			    dead + orphans);
	return 0;
}

static void on_beaten(void *data, const struct mmp_error *why)
{
	struct elsewhere *e = data;

	if (why && !e->is_away)
		log_warning("heartbeat: %s", why->text);
	else if (!why && e->is_away)
		log_info("heartbeat: the database is back");
	e->is_away = why;
}

bool elsewhere_is_cut_off(const struct service *service)
{
	return service->elsewhere && service->elsewhere->is_away;
}

static void on_beat(evutil_socket_t fd, short what, void *data)
{
	struct elsewhere *e = data;
	const struct store_write write = { write_beat, on_beaten, .data = e };

	(void)fd, (void)what;
	store_thread_write(e->service->store_thread, &write);
	elsewhere_look(e->service);
}

static void on_tell(evutil_socket_t fd, short what, void *data)
{
	struct elsewhere *e = data;

	(void)fd, (void)what;
	jobs_tell(e->service->jobs);
}

/* --- calls that wait --- */

static void stop_waiting(void *data)
{
	struct news_waiter *waiter = data;

	TAILQ_REMOVE(&waiter->elsewhere->waiters, waiter, link);
	free(waiter);
}

int elsewhere_wait(struct service *service, struct mmp_call *call, call_step *step)
{
	struct elsewhere *e = service->elsewhere;
	struct news_waiter *waiter = xcalloc(1, sizeof(*waiter));

	*waiter = (struct news_waiter){ .elsewhere = e, .call = call, .step = step };
	TAILQ_INSERT_TAIL(&e->waiters, waiter, link);
	return mmp_call_defer(call, stop_waiting, waiter);
}

/* --- life --- */

struct elsewhere *elsewhere_new(struct service *service)
{
	static const struct timeval every = { .tv_sec = ELSEWHERE_PAUSE_S };
	static const struct timeval telling = { .tv_usec = ELSEWHERE_TELL_MS * 1000 };
	struct elsewhere *e;

	if (!mmp_store_is_shared(service->store))
		return NULL;
	e = xcalloc(1, sizeof(*e));
	e->service = service;
	TAILQ_INIT(&e->waiters);
	e->beat = event_new(service->base, -1, EV_PERSIST, on_beat, e);
	e->tell = event_new(service->base, -1, EV_PERSIST, on_tell, e);
	e->soon = evtimer_new(service->base, on_soon, e);
	event_add(e->beat, &every);
	event_add(e->tell, &telling);
	store_thread_listen(service->store_thread, on_heard, service);
	event_active(e->beat, EV_TIMEOUT, 0);
	return e;
}

void elsewhere_free(struct elsewhere *e)
{
	if (!e)
		return;
	event_free(e->beat);
	event_free(e->tell);
	event_free(e->soon);
	forget_claimed(e);
	free(e);
}
