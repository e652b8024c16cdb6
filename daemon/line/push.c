/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/push.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/regime.h"
#include "base/container.h"
#include "base/limits.h"
#include "caller.h"
#include "clock.h"
#include "doc/build.h"
#include "line/board_json.h"
#include "line/driver.h"
#include "line/keys.h"
#include "line/lease.h"
#include "link/serial.h"
#include "log.h"
#include "memory.h"
#include "work/build_work.h"
#include "work/errand.h"
#include "work/jobs.h"
#include "work/store_thread.h"

struct push {
	struct job_start start;
	struct build_work work; /* the build as it is read back, and its proof */
	struct service *service;
	struct job *job; /* NULL: not begun */
	struct lease *lease;
	struct driver *driver;
	struct event *deadline;
	struct mmp_build *build;
	struct mmp_probe *probes;
	struct mmp_image image;
	char id[MMP_DIGEST_TEXT_SIZE];
	char *wanted; /* the build as it was asked for */
	char *board, *line, *key;
	char *signing_key;    /* that shall sign; NULL: any that the board trusts */
	struct key signed_by; /* once it has signed */
	struct signer *signer;
	bool has_point;
	uint8_t point[WIRE_POINT_SIZE]; /* the board's own key */
	bool signs;                     /* the board waits for a signature */
	char *identity; /* of the board, as it is known; NULL: any will do */
	uint64_t patience_ms, deadline_ms;
	bool force, accept_id;
	bool greeted; /* the store knows what the board said is live */
	bool staged;  /* the store knows that the build may become live */
	char live[MMP_DIGEST_TEXT_SIZE]; /* what the board said; "" for none */
	char said[sizeof(((struct wire_board *)0)->id)]; /* who it said that it is */
	struct mmp_error why; /* it was asked to end; MMP_OK: by a person */
};

static void push_free(void *data)
{
	struct push *push = data;

	if (push->driver)
		driver_free(push->driver);
	if (push->deadline)
		event_free(push->deadline);
	signer_free(push->signer);
	free(push->signing_key);
	lease_release(push->lease);
	build_work_done(&push->work);
	mmp_build_free(push->build);
	free(push->probes);
	free(push->wanted);
	free(push->board);
	free(push->line);
	free(push->identity);
	free(push->key);
	free(push);
}

/* Of a call that came to nothing; a push that was begun is its job's. */
static void free_start(void *data)
{
	struct push *push = container_of(data, struct push, start);

	job_start_done(&push->start);
	if (!push->job)
		push_free(push);
}

/* --- what the session tells --- */

/* In the store thread. */
static int write_changes(struct mmp_store *store, void *data, struct mmp_error *err)
{
	struct push *push = data;
	char now[CLOCK_TEXT_SIZE];

	clock_text(now);
	if (mmp_store_board_is(store, push->board, push->said,
			       push->accept_id ? "" : NULL, err) ||
	    mmp_store_board_holds(store, push->board, *push->live ? push->live : NULL,
				  now, err))
		return -1;
	return push->staged
		       ? mmp_store_board_staged(store, push->board, push->id, now, err)
		       : 0;
}

/* --- signing --- */

static void on_signed(void *data, const uint8_t *signature, const struct mmp_error *err)
{
	struct push *push = data;

	if (signature)
		driver_signed(push->driver, signature);
	else
		driver_go_on(push->driver, err);
}

static int start_signing(struct push *push, struct mmp_error *err)
{
	struct mmp_session_report report;
	struct mmp_digest digest;

	driver_report(push->driver, &report);
	if (push->signing_key
		    ? key_find(push->service, push->signing_key, &push->signed_by, err)
		    : key_for_board(push->service, &report.board, &push->signed_by, err))
		return -1;
	digest = driver_statement(push->driver, push->signed_by.id);
	push->signer = signer_new(push->service, &push->signed_by, &digest, on_signed,
				  push, err);
	return push->signer ? 0 : -1;
}

static void on_changes_written(void *data, const struct mmp_error *why)
{
	struct push *push = data;
	struct mmp_error err;

	if (why || !push->signs)
		driver_go_on(push->driver, why);
	else if (start_signing(push, &err))
		driver_go_on(push->driver, &err);
	push->signs = false;
}

/*
 * What the board says is live goes on record when it has said so; that the build may be
 * live, before it is, whatever becomes of us.
 */
static int on_changed(void *data, enum mmp_session_state state, struct mmp_error *err)
{
	struct push *push = data;
	struct store_write write = { write_changes, on_changes_written, push };
	struct mmp_session_report report;
	bool greets, stages = state == MMP_SESSION_ACTIVATING;

	(void)err;
	driver_report(push->driver, &report);
	greets = !push->greeted && report.greeted &&
		 (!push->identity || !strcmp(push->identity, report.board.id));
	if (!greets && !stages)
		return 0;
	if (greets && !board_live(&report.board, push->live))
		push->live[0] = '\0';
	if (greets)
		snprintf(push->said, sizeof(push->said), "%s", report.board.id);
	push->greeted |= greets;
	push->signs = state == MMP_SESSION_SIGNING;
	push->staged |= stages;
	store_thread_write(push->service->store_thread, &write);
	return 1;
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

static void on_push_ended(void *data, enum mmp_session_state state)
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
	job_end(push->job, why, outcome,
		report_json(&report, push->image.probe_count, push->signed_by.name));
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

	if (lease_check_host(push->service, row, err))
		return -1;
	push->has_point = row->key && !push->accept_id;
	if (push->has_point && mmp_point_parse(row->key, push->point, err))
		return -1;
	push->line = xstrdup(row->line);
	push->identity = push->accept_id ? NULL : xstrdup(row->identity);
	push->patience_ms = board_patience(row);
	return 0;
}

static int make_probes(struct push *push, struct build_work *work, struct mmp_error *err)
{
	if (!work->questions)
		return mmp_fail(err, MMP_SYSTEM,
				"build %.12s: no proof can be made of it", push->id);
	push->probes = work->questions;
	work->questions = NULL;
	push->image.probes = push->probes;
	push->image.probe_count = work->questions_count;
	return 0;
}

/* Tables of another regime, with its registers, mean nothing to a secure EL1 of 64 bits. */
static int check_regime(const struct push *push, struct mmp_error *err)
{
	const struct mmp_regime *regime = push->build->layout.plan.shape.regime;

	if (regime->pushable)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"build %.12s: the tables of its platform \"%.60s\" are for %s "
			"(%s), and boards take tables for EL1&0 only; "
			"build.compare compares them with memory read from a board",
			push->id, push->build->platform->name, regime->name,
			regime->about);
}

/* What one register is made of: a layout's, by its role or names, and the base table. */
struct register_source {
	enum wire_register number;
	enum mmp_register_role role; /* MMP_REGISTER_OTHER: by name */
	const char *low, *high;      /* bits 31:0 and 63:32; NULL: zeroes */
	bool base;                   /* and the address of the base table */
};

#define ROLE(number, role)                                                               \
	{                                                                                \
		number, role, NULL, NULL, false                                          \
	}
#define NAMED(number, low, ...)                                                          \
	{                                                                                \
		number, MMP_REGISTER_OTHER, low, __VA_ARGS__                             \
	}

/* clang-format off */
static const struct {
	const struct mmp_regime *regime;
	enum wire_regime number;
	struct register_source list[WIRE_REGISTER_COUNT];
} sources[] = {
	{ &mmp_regime_el1, WIRE_AARCH64, {
		ROLE(WIRE_MAIR, MMP_REGISTER_MAIR),
		ROLE(WIRE_TCR, MMP_REGISTER_TCR),
		NAMED(WIRE_TTBR0, NULL, NULL, true) } },
	{ &mmp_regime_pl1_long, WIRE_AARCH32_LONG, {
		ROLE(WIRE_MAIR, MMP_REGISTER_MAIR),
		ROLE(WIRE_TCR, MMP_REGISTER_TCR),
		NAMED(WIRE_TTBR0, NULL, NULL, true) } },
	{ &mmp_regime_pl1_short, WIRE_AARCH32_SHORT, {
		NAMED(WIRE_MAIR, "prrr", "nmrr", false),
		ROLE(WIRE_TCR, MMP_REGISTER_TCR),
		NAMED(WIRE_TTBR0, "ttbr_attr", NULL, true),
		NAMED(WIRE_TTBR1, "ttbr_attr", NULL, true),
		NAMED(WIRE_DACR, "dacr", NULL, false) } },
};
/* clang-format on */

static uint64_t register_of(const struct mmp_layout *layout,
			    const struct register_source *source)
{
	uint64_t value = 0;

	if (source->role != MMP_REGISTER_OTHER)
		value = mmp_layout_register_for(layout, source->role);
	if (source->low)
		value = mmp_layout_register(layout, source->low);
	if (source->high)
		value |= mmp_layout_register(layout, source->high) << 32;
	if (source->base)
		value |= mmp_tables_view(&layout->tables, 0).pa;
	return value;
}

static void take_registers(struct mmp_image *image, const struct mmp_layout *layout)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		const struct wire_regime_registers *registers =
			wire_registers_of(sources[i].number);

		if (sources[i].regime != layout->plan.shape.regime)
			continue;
		image->regime = sources[i].number;
		for (size_t r = 0; r < registers->count; r++)
			image->registers[sources[i].list[r].number] =
				register_of(layout, &sources[i].list[r]);
	}
}

static void make_image(struct push *push)
{
	const struct mmp_build *build = push->build;
	struct mmp_image *image = &push->image;

	image->id = build->id;
	image->digest = build->bytes_digest;
	image->pool_pa = build->pool_pa;
	image->bytes = build->bytes;
	image->length = build->length;
	take_registers(image, &build->layout);
}

static void take_build(struct push *push)
{
	push->build = push->work.build;
	push->work.build = NULL;
	mmp_digest_print(&push->build->id, push->id);
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

/* --- the steps: read the build and the board, take the board, be on record, go --- */

static void on_begun(struct job_start *start, struct job *job)
{
	struct push *push = container_of(start, struct push, start);

	push->job = job;
	lease_for_job(push->lease, job_id(job));
	set_deadline(push, push->deadline_ms);
	driver_start(push->driver);
}

/* A line that cannot be opened is the caller's error, not a job's: no job is made. */
static int prepare_push(struct job_start *start, struct mmp_error *err)
{
	struct push *push = container_of(start, struct push, start);
	struct driver_owner owner = { on_changed, on_progress, on_push_ended, push };
	struct mmp_push what = { .image = &push->image,
				 .board_id = push->identity,
				 .board_point = push->has_point ? push->point : NULL,
				 .signs = push->signing_key != NULL,
				 .force = push->force,
				 .number = ++push->service->sessions,
				 .patience_ms = push->patience_ms };

	if (mmp_line_allowed(push->line, push->service->lines, push->service->line_count,
			     err) ||
	    lease_take(push->service, push->board, push->line, "a push", &push->lease,
		       err))
		return -1;
	push->driver = driver_new(push->service->base, push->line, &what, &owner, err);
	return push->driver ? 0 : -1;
}

static int prove_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err)
{
	struct push *push = container_of(data, struct push, start);

	(void)ret_result;
	build_work_prove(&push->work.computing);
	if (!push->work.build) {
		*err = push->work.err;
		return -1;
	}
	take_build(push);
	if (check_regime(push, err) || make_probes(push, &push->work, err))
		return -1;
	make_image(push);
	push->start.row.build = push->id;
	return job_begin(call);
}

static int take_earlier(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct push *push = data;

	if (strncmp(row->build, push->wanted, strlen(push->wanted)) ||
	    strcmp(row->board, push->board))
		return mmp_fail(err, MMP_CONFLICT,
				"idempotency_key \"%.60s\": job %" PRIu64
				" has it, for build %.12s on board \"%.60s\"",
				push->key, row->id, row->build, row->board);
	push->start.row.id = row->id;
	return 0;
}

static struct push *push_new(struct service *service, const struct push_order *order)
{
	struct push *push = xcalloc(1, sizeof(*push));

	push->service = service;
	push->wanted = xstrdup(order->build);
	push->board = xstrdup(order->board);
	push->key = xstrdup(order->idempotency_key);
	push->deadline_ms = order->deadline_ms;
	push->force = order->force;
	push->accept_id = order->accept_id;
	push->signing_key = xstrdup(order->key);
	push->start.owner = (struct job_owner){ on_cancel, push_free, push };
	push->start.prepare = prepare_push;
	push->start.begun = on_begun;
	push->start.row = (struct mmp_job_row){ .kind = "push",
						.board = push->board,
						.idempotency_key = push->key };
	return push;
}

int push_start(struct mmp_call *call, const struct push_order *order, json_t **ret_result,
	       struct mmp_error *err)
{
	struct service *service = call->service;
	struct push *push = push_new(service, order);
	int earlier = 0;

	call_keep(call, &push->start, free_start);
	if (caller_may_use_board(call, push->board, err))
		return -1;
	if (push->key)
		earlier = mmp_store_job_by_key(service->store, push->key, take_earlier,
					       push, err);
	if (earlier > 0)
		return job_json(service->jobs, push->start.row.id, ret_result, err);
	if (earlier ||
	    mmp_store_board_get(service->store, push->board, take_board, push, err) ||
	    build_work_load(&push->work, service, push->wanted, err))
		return -1;
	if (push->work.bytes.length > MMP_BUILD_BYTES_AT_ONCE)
		return call_then(call, IN_WORKER, prove_step);
	return prove_step(call, &push->start, ret_result, err);
}
