/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/push.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "doc/build.h"
#include "line/board_json.h"
#include "line/driver.h"
#include "line/lease.h"
#include "link/serial.h"
#include "log.h"
#include "memory.h"
#include "work/jobs.h"

struct push {
	struct service *service;
	struct job *job;
	struct lease *lease;
	struct driver *driver;
	struct event *deadline;
	struct mmp_build *build;
	struct mmp_probe *probes;
	struct mmp_image image;
	char id[MMP_DIGEST_TEXT_SIZE];
	char *board, *line;
	bool accept_id;
	char *identity; /* of the board, as it is known; NULL: any will do */
	uint64_t patience_ms;
	bool greeted;         /* the store knows what the board said is live */
	bool staged;          /* the store knows that the build may become live */
	struct mmp_error why; /* it was asked to end; MMP_OK: by a person */
};

static void push_free(void *data)
{
	struct push *push = data;

	if (push->driver)
		driver_free(push->driver);
	if (push->deadline)
		event_free(push->deadline);
	lease_release(push->lease);
	mmp_build_free(push->build);
	free(push->probes);
	free(push->board);
	free(push->line);
	free(push->identity);
	free(push);
}

/* --- what the session tells --- */

static int note_greeting(struct push *push, struct mmp_error *err)
{
	struct mmp_session_report report;
	char live[MMP_DIGEST_TEXT_SIZE], now[CLOCK_TEXT_SIZE];

	driver_report(push->driver, &report);
	if (push->greeted || !report.greeted ||
	    (push->identity && strcmp(push->identity, report.board.id)))
		return 0;
	clock_text(now);
	push->greeted = true;
	if (mmp_store_board_is(push->service->store, push->board, report.board.id, NULL,
			       err))
		return -1;
	return mmp_store_board_holds(push->service->store, push->board,
				     board_live(&report.board, live), now, err);
}

/* From here on the build may be live, whatever becomes of us: on record before it is. */
static int note_staging(struct push *push, struct mmp_error *err)
{
	char now[CLOCK_TEXT_SIZE];

	clock_text(now);
	push->staged = true;
	return mmp_store_board_staged(push->service->store, push->board, push->id, now,
				      err);
}

static int on_changed(void *data, enum mmp_session_state state, struct mmp_error *err)
{
	struct push *push = data;

	if (note_greeting(push, err))
		return -1;
	return state == MMP_SESSION_ACTIVATING ? note_staging(push, err) : 0;
}

static void on_progress(void *data, const char *step, uint64_t done, uint64_t total)
{
	struct push *push = data;

	job_progress(push->job, step, done, total);
}

static enum mmp_job_outcome outcome_of(const struct push *push,
				       const struct mmp_session_report *report)
{
	if (report->activated || report->skipped)
		return MMP_OUTCOME_LIVE;
	/* A board that refused to activate has kept what it had. */
	if (push->staged && driver_error(push->driver)->code == MMP_BOARD)
		return MMP_OUTCOME_UNCHANGED;
	return MMP_OUTCOME_UNKNOWN;
}

static void on_ended(void *data, enum mmp_session_state state)
{
	struct push *push = data;
	struct mmp_session_report report;
	const struct mmp_error *why = NULL;
	enum mmp_job_outcome outcome;

	driver_report(push->driver, &report);
	outcome = outcome_of(push, &report);
	if (state == MMP_SESSION_CANCELLED)
		why = &push->why;
	else if (state == MMP_SESSION_FAILED)
		why = driver_error(push->driver);
	job_end(push->job, why, outcome, report_json(&report, push->image.probe_count));
	push_free(push);
}

static void on_cancel(void *data, const struct mmp_error *why)
{
	struct push *push = data;

	push->why = *why;
	driver_cancel(push->driver);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct push *push = data;
	struct mmp_error why;

	(void)fd, (void)what;
	mmp_fail(&why, MMP_LINK, "the push is not done at its deadline");
	on_cancel(push, &why);
}

/* --- what it takes to begin --- */

static int take_board(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	struct push *push = data;

	(void)err;
	push->board = xstrdup(row->name);
	push->line = xstrdup(row->line);
	push->identity = push->accept_id ? NULL : xstrdup(row->identity);
	push->patience_ms = board_patience(row);
	return 0;
}

static struct mmp_probe probe_of(const struct mmp_question *question)
{
	return (struct mmp_probe){
		.va = question->va,
		.write = question->write,
		.expected = { .fault = question->expected.fault,
			      .fault_status = question->expected.status,
			      .pa = question->expected.pa,
			      .memory = question->expected.memory,
			      .shareability = question->expected.shareability,
			      .nonsecure = question->expected.nonsecure },
	};
}

static int make_probes(struct push *push, const struct build_work *work,
		       struct mmp_error *err)
{
	size_t count = work->questions_count;

	if (!work->questions)
		return mmp_fail(err, MMP_SYSTEM,
				"build %.12s: no proof can be made of it", push->id);
	push->probes = xcalloc(count + 1, sizeof(*push->probes));
	for (size_t i = 0; i < count; i++)
		push->probes[i] = probe_of(&work->questions[i]);
	push->image.probes = push->probes;
	push->image.probe_count = count;
	return 0;
}

/* A 32-bit core's tables, with its registers, mean nothing to a secure EL1 of 64 bits. */
static int check_arch(const struct push *push, struct mmp_error *err)
{
	if (push->build->layout.plan.shape.va_mask > UINT32_MAX)
		return 0;
	return mmp_fail(
		err, MMP_INVALID,
		"build %.12s: its platform \"%.60s\" is of arch arm32, and boards "
		"take builds of arm64 only",
		push->id, push->build->platform->name);
}

static void make_image(struct push *push)
{
	const struct mmp_build *build = push->build;

	push->image.id = build->id;
	push->image.digest = build->bytes_digest;
	push->image.pool_pa = build->pool_pa;
	push->image.bytes = build->bytes;
	push->image.length = build->length;
	push->image.mair_el1 = build->mair_el1;
	push->image.tcr_el1 = build->tcr_el1;
	push->image.ttbr0_el1 = build->ttbr0_el1;
}

static void take_build(struct push *push, struct build_work *work)
{
	push->build = work->build;
	work->build = NULL;
	mmp_digest_print(&push->build->id, push->id);
}

static int gather(struct push *push, const struct push_order *order,
		  const struct build_work *work, struct mmp_error *err)
{
	struct mmp_store *store = push->service->store;

	if (mmp_store_board_get(store, order->board, take_board, push, err) ||
	    mmp_line_allowed(push->line, push->service->lines, push->service->line_count,
			     err) ||
	    check_arch(push, err) || make_probes(push, work, err))
		return -1;
	make_image(push);
	return lease_take(push->service, push->board, push->line, "a push", &push->lease,
			  err);
}

static int begin_session(struct push *push, const struct push_order *order,
			 struct mmp_error *err)
{
	struct driver_owner owner = { on_changed, on_progress, on_ended, push };
	struct mmp_push what = { .image = &push->image,
				 .board_id = push->identity,
				 .force = order->force,
				 .number = ++push->service->sessions,
				 .patience_ms = push->patience_ms };

	push->driver = driver_new(push->service->base, push->line, &what, &owner, err);
	return push->driver ? 0 : -1;
}

/* A line that cannot be opened is the caller's error, not a job's: no job is made. */
static int begin_job(struct push *push, const struct push_order *order,
		     struct mmp_error *err)
{
	struct job_owner owner = { on_cancel, push_free, push };
	struct mmp_job_row row = { .kind = "push",
				   .build = push->id,
				   .board = push->board,
				   .idempotency_key = order->idempotency_key,
				   .by = *order->by };

	if (job_new(push->service->jobs, &row, owner, &push->job, err))
		return -1;
	snprintf(push->lease->what, sizeof(push->lease->what), "job %" PRIu64,
		 job_id(push->job));
	return 0;
}

static void set_deadline(struct push *push, uint64_t ms)
{
	struct timeval wait = { .tv_sec = (time_t)(ms / 1000),
				.tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	if (!ms)
		return;
	push->deadline = evtimer_new(push->service->base, on_deadline, push);
	event_add(push->deadline, &wait);
}

/* --- the same order twice --- */

struct earlier {
	const struct push_order *order;
	uint64_t job;
};

static int take_earlier(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct earlier *earlier = data;
	const struct push_order *order = earlier->order;

	if (strncmp(row->build, order->build, strlen(order->build)) ||
	    strcmp(row->board, order->board))
		return mmp_fail(err, MMP_CONFLICT,
				"idempotency_key \"%.60s\": job %" PRIu64
				" has it, for build %.12s on board \"%.60s\"",
				order->idempotency_key, row->id, row->build, row->board);
	earlier->job = row->id;
	return 0;
}

int push_earlier(struct service *service, const struct push_order *order,
		 uint64_t *ret_job, struct mmp_error *err)
{
	struct earlier earlier = { .order = order };
	int found;

	if (!order->idempotency_key)
		return 0;
	found = mmp_store_job_by_key(service->store, order->idempotency_key, take_earlier,
				     &earlier, err);
	if (found > 0)
		*ret_job = earlier.job;
	return found;
}

int push_start(struct service *service, const struct push_order *order,
	       struct build_work *work, uint64_t *ret_job, struct mmp_error *err)
{
	int earlier = push_earlier(service, order, ret_job, err);
	struct push *push;

	if (earlier)
		return earlier < 0 ? -1 : 0;
	push = xcalloc(1, sizeof(*push));
	push->service = service;
	push->accept_id = order->accept_id;
	take_build(push, work);
	if (gather(push, order, work, err) || begin_session(push, order, err) ||
	    begin_job(push, order, err)) {
		push_free(push);
		return -1;
	}
	set_deadline(push, order->deadline_ms);
	*ret_job = job_id(push->job);
	return 0;
}
