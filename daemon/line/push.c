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
#include "line/quality.h"
#include "link/serial.h"
#include "log.h"
#include "memory.h"
#include "work/build_work.h"
#include "work/errand.h"
#include "work/jobs.h"
#include "work/store_thread.h"

struct push {
	struct job_start start;
	struct build_work work; /* the build that was read back, and its proof */
	struct service *service;
	struct job *job; /* NULL: not started */
	struct lease *lease;
	struct driver *driver;
	struct event *deadline;
	struct mmp_build *build;
	struct mmp_probe *probes;
	struct mmp_trial *trials;
	struct mmp_image image;
	char id[MMP_DIGEST_TEXT_SIZE];
	char *wanted; /* the build as the caller named it */
	char *board, *line, *key;
	char *signing_key;    /* the requested key; NULL: any that the board trusts */
	struct key signed_by; /* after it has signed */
	struct signer *signer;
	bool has_point;
	uint8_t point[WIRE_POINT_SIZE]; /* the board's own key */
	bool signs;                     /* the board waits for a signature */
	char *identity;                 /* the board's known identity; NULL: any board */
	char *host;    /* the host that its line reaches; NULL: this one */
	bool is_away;  /* whether that host is away */
	bool is_taken; /* the board is ours: from now on it is not busy */
	uint64_t patience_ms, deadline_ms;
	bool force, accept_id, records;
	struct mmp_recorder recorder;
	struct mmp_key_pair pair; /* of this session, if it is recorded */
	bool greeted;             /* the store knows what the board reported as live */
	bool staged;              /* the store knows that the build may become live */
	char live[MMP_DIGEST_TEXT_SIZE]; /* what the board reported; "" for none */
	char said[sizeof(((struct wire_board *)0)->id)]; /* the id that it reported */
	struct mmp_error why; /* why it was asked to end; MMP_OK: by a person */
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
	free(push->trials);
	free(push->wanted);
	free(push->board);
	free(push->line);
	free(push->identity);
	free(push->host);
	free(push->key);
	mmp_buffer_done(&push->recorder.text);
	free(push);
}

/* For a call that did not start a push; a push that started belongs to its job. */
static void free_start(void *data)
{
	struct push *push = container_of(data, struct push, start);

	job_start_done(&push->start);
	if (!push->job)
		push_free(push);
}

/* --- events of the session --- */

/*
 * Changes to be recorded. They outlive the push if the database is away: the push
 * continues, as a half-updated board is worse than a late record.
 */
struct changes {
	struct push *push;
	bool is_late;
	char *board;
	bool accept_id, staged;
	char said[sizeof(((struct wire_board *)0)->id)], live[MMP_DIGEST_TEXT_SIZE],
		id[MMP_DIGEST_TEXT_SIZE];
};

static struct changes *changes_new(struct push *push)
{
	struct changes *changes = xcalloc(1, sizeof(*changes));

	changes->push = push;
	changes->board = xstrdup(push->board);
	changes->accept_id = push->accept_id;
	changes->staged = push->staged;
	memcpy(changes->said, push->said, sizeof(changes->said));
	memcpy(changes->live, push->live, sizeof(changes->live));
	memcpy(changes->id, push->id, sizeof(changes->id));
	return changes;
}

static void changes_free(void *data)
{
	struct changes *changes = data;

	free(changes->board);
	free(changes);
}

/* Runs in the store thread. */
static int write_changes(struct mmp_store *store, void *data, struct mmp_error *err)
{
	const struct changes *changes = data;
	char now[CLOCK_TEXT_SIZE];

	clock_text(now);
	if (mmp_store_board_is(store, changes->board, changes->said,
			       changes->accept_id ? "" : NULL, err) ||
	    mmp_store_board_holds(store, changes->board,
				  *changes->live ? changes->live : NULL, now, err))
		return -1;
	return changes->staged ? mmp_store_board_staged(store, changes->board,
							changes->id, now, err)
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

static void go_on(struct push *push, const struct mmp_error *why)
{
	struct mmp_error err;

	if (why || !push->signs)
		driver_go_on(push->driver, why);
	else if (start_signing(push, &err))
		driver_go_on(push->driver, &err);
	push->signs = false;
}

static void on_changes_written(void *data, const struct mmp_error *why)
{
	struct changes *changes = data;

	if (!changes->is_late)
		go_on(changes->push, why);
	else if (why)
		log_error("board %s: what its job found is not on record: %s",
			  changes->board, why->text);
	changes_free(changes);
}

static void on_database_away(void *data, const struct mmp_error *why)
{
	struct changes *changes = data;

	log_warning("job %" PRIu64 ": goes on without the database: %s",
		    job_id(changes->push->job), why->text);
	changes->is_late = true;
	go_on(changes->push, NULL);
}

/*
 * What the board reports as live is recorded when it has reported it; that the build
 * may become live is recorded before it is sent, so that it survives our own end.
 */
static int on_changed(void *data, enum mmp_session_state state, struct mmp_error *err)
{
	struct push *push = data;
	struct store_write write = { write_changes, on_changes_written,
				     push->service->elsewhere ? on_database_away : NULL,
				     changes_free, NULL };
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
	write.data = changes_new(push);
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
	/*
	 * A board that refused to activate still has its old build, unless it was
	 * reset.
	 */
	if (push->staged && !report->was_reset &&
	    driver_error(push->driver)->code == MMP_BOARD)
		return MMP_OUTCOME_UNCHANGED;
	return MMP_OUTCOME_UNKNOWN;
}

static json_t *make_report(const struct push *push,
			   const struct mmp_session_report *report)
{
	const struct mmp_buffer *recording = &push->recorder.text;
	json_t *json = report_json(report, &push->image, &push->build->layout,
				   push->signed_by.name);

	if (recording->length && !recording->failed)
		json_object_set_new(json, "recording",
				    json_stringn(recording->bytes, recording->length));
	return json;
}

static void on_push_ended(void *data, enum mmp_session_state state)
{
	struct push *push = data;
	struct mmp_session_report report;
	const struct mmp_error *why = NULL;
	enum mmp_job_outcome outcome;

	driver_report(push->driver, &report);
	quality_add(&push->service->lines_quality, push->board, &report,
		    state == MMP_SESSION_FAILED);
	outcome = outcome_of(push, &report);
	if (state == MMP_SESSION_CANCELLED)
		why = &push->why;
	else if (state == MMP_SESSION_FAILED)
		why = driver_error(push->driver);
	job_end(push->job, why, outcome, make_report(push, &report));
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

/* --- what a push needs to begin --- */

static int take_board(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	struct push *push = data;

	if (lease_check_host(push->service, row, err)) {
		push->host = xstrdup(row->host);
		push->is_away = row->is_away;
		return 0;
	}
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
	if (!work->questions || !work->trials)
		return mmp_fail(err, MMP_SYSTEM,
				"build %.12s: no proof can be made of it", push->id);
	push->probes = work->questions;
	work->questions = NULL;
	push->image.probes = push->probes;
	push->image.probe_count = work->questions_count;
	push->trials = work->trials;
	work->trials = NULL;
	push->image.trials = push->trials;
	push->image.trial_count = work->trials_count;
	return 0;
}

/*
 * Refuse tables of another regime: with its registers they mean nothing to a 64-bit
 * secure EL1.
 */
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

/*
 * The source of one register: a layout's register, by role or names, and the base
 * table.
 */
struct register_source {
	enum wire_register number;
	enum mmp_register_role role; /* MMP_REGISTER_OTHER: by name */
	const char *low, *high;      /* bits 31:0 and 63:32; NULL: zeroes */
	bool base;                   /* add the address of the base table */
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

/*
 * --- the steps: read the build and the board, take the board, record the job, start
 * ---
 */

static void on_begun(struct job_start *start, struct job *job)
{
	struct push *push = container_of(start, struct push, start);

	push->job = job;
	lease_for_job(push->lease, job_id(job));
	elsewhere_look(push->service); /* it may have been asked to end in the meantime */
	set_deadline(push, push->deadline_ms);
	driver_start(push->driver);
}

/* The parameters of the session become the first lines of its recording. */
static int record(struct push *push, struct mmp_push *what, struct mmp_error *err)
{
	char comment[200];

	if (!push->records)
		return 0;
	if (push->has_point && mmp_key_new(&push->pair, err))
		return -1;
	mmp_buffer_drop(&push->recorder.text, push->recorder.text.length);
	what->secret = push->has_point ? push->pair.secret : NULL;
	snprintf(comment, sizeof(comment), "board %.60s, line %.100s", push->board,
		 push->line);
	mmp_recorder_begin(&push->recorder, what, comment);
	return 0;
}

/* A line that cannot be opened is an error of the call: no job is made. */
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
	    record(push, &what, err) ||
	    lease_take(push->service, push->board, push->line, "a push", &push->lease,
		       err))
		return -1;
	push->is_taken = true;
	push->driver = driver_new(push->service->base, push->line, &what, &owner, err);
	if (push->driver && push->records)
		driver_record(push->driver, &push->recorder);
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
	push->records = order->records;
	push->signing_key = xstrdup(order->key);
	push->start.owner = (struct job_owner){ on_cancel, push_free, push };
	push->start.prepare = prepare_push;
	push->start.begun = on_begun;
	push->start.row = (struct mmp_job_row){ .kind = "push",
						.board = push->board,
						.idempotency_key = push->key };
	return push;
}

/* --- a push that waits for its host, or for its board --- */

/* With a single host nothing waits: the caller is told that the board is in use. */
static bool has_to_wait(const struct push *push)
{
	struct mmp_error ignored;

	return push->service->elsewhere &&
	       lease_check(push->service, push->board, NULL, &ignored);
}

static char *orders_text(const struct push *push)
{
	json_t *orders =
		json_pack("{s:I, s:b, s:b}", "deadline_ms", (json_int_t)push->deadline_ms,
			  "force", push->force, "accept_id", push->accept_id);
	char *text;

	if (push->signing_key)
		json_object_set_new(orders, "key", json_string(push->signing_key));
	text = json_dumps(orders, JSON_COMPACT);
	json_decref(orders);
	return text;
}

static int take_id(void *data, const struct mmp_build_row *row, struct mmp_error *err)
{
	struct push *push = data;

	(void)err;
	snprintf(push->id, sizeof(push->id), "%s", row->id);
	return 0;
}

/* If another host has made a job with the same key in the meantime, use that job. */
static int make_row(struct push *push, struct mmp_error *err)
{
	struct mmp_job_row *row = &push->start.row;
	struct mmp_store *store = push->service->store;
	struct mmp_error ignored;

	if (!mmp_store_job_new(store, row, &row->id, err))
		return 0;
	if (push->key &&
	    mmp_store_job_by_key(store, push->key, take_earlier, push, &ignored) > 0)
		return 0;
	return -1;
}

static int leave_to_host(struct mmp_call *call, struct push *push, json_t **ret_result,
			 struct mmp_error *err)
{
	struct service *service = call->service;
	struct mmp_job_row *row = &push->start.row;
	char *orders;
	int failed;

	if (push->is_away)
		return mmp_fail(
			err, MMP_BUSY,
			"board \"%.80s\": its line is on host \"%s\", which is away",
			push->board, push->host);
	if (mmp_store_build_get(service->store, push->wanted, take_id, push, err))
		return -1;
	orders = orders_text(push);
	row->state = MMP_JOB_QUEUED;
	row->build = push->id;
	row->host = push->host ? push->host : service->host;
	row->orders = orders;
	row->by = *caller_signature(call);
	failed = make_row(push, err);
	free(orders);
	return failed ? -1 : job_json(service->jobs, row->id, ret_result, err);
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
	    mmp_store_board_get(service->store, push->board, take_board, push, err))
		return -1;
	if (push->host || has_to_wait(push))
		return leave_to_host(call, push, ret_result, err);
	if (build_work_load(&push->work, service, push->wanted, err))
		return -1;
	if (push->work.bytes.length > MMP_BUILD_BYTES_AT_ONCE)
		return call_then(call, IN_WORKER, prove_step);
	return prove_step(call, &push->start, ret_result, err);
}

/* --- a push that another host has left for this one --- */

static int claimed_step(struct mmp_call *call, void *data, json_t **ret_result,
			struct mmp_error *err)
{
	struct push *push = container_of(data, struct push, start);
	struct service *service = call->service;

	(void)ret_result;
	if (mmp_store_board_get(service->store, push->board, take_board, push, err))
		return -1;
	if (push->host)
		return mmp_fail(err, MMP_CONFLICT,
				"board \"%.80s\": its line is on host \"%s\" now",
				push->board, push->host);
	if (build_work_load(&push->work, service, push->wanted, err))
		return -1;
	return call_then(call, IN_WORKER, prove_step);
}

/* A claimed push that did not start: it waits for its board again, or has failed. */
struct refusal {
	uint64_t job;
	bool waits;
	struct mmp_error why;
};

static int write_refusal(struct mmp_store *store, void *data, struct mmp_error *err)
{
	const struct refusal *refusal = data;
	char now[CLOCK_TEXT_SIZE];
	struct mmp_job_row end = { .id = refusal->job,
				   .state = MMP_JOB_FAILED,
				   .ended = now,
				   .error_kind = mmp_code_info(refusal->why.code)->name,
				   .error_text = refusal->why.text };

	if (refusal->waits)
		return mmp_store_job_requeue(store, refusal->job, err);
	clock_text(now);
	return mmp_store_job_end(store, &end, MMP_OUTCOME_UNKNOWN, err);
}

static void on_refusal_away(void *data, const struct mmp_error *why)
{
	(void)data, (void)why; /* written when the database is back */
}

static void on_refusal_written(void *data, const struct mmp_error *why)
{
	const struct refusal *refusal = data;

	if (why)
		log_error("job %" PRIu64 ": %s", refusal->job, why->text);
	free(data);
}

static void on_not_begun(void *data, const struct mmp_error *why)
{
	const struct push *push = container_of(data, struct push, start);
	struct refusal *refusal = xcalloc(1, sizeof(*refusal));
	const struct store_write write = { write_refusal, on_refusal_written,
					   on_refusal_away, free, refusal };

	refusal->job = push->start.row.id;
	refusal->waits = why->code == MMP_BUSY && !push->is_taken;
	refusal->why = *why;
	if (!refusal->waits)
		log_info("job %" PRIu64 ": failed: %s", refusal->job, why->text);
	store_thread_write(push->service->store_thread, &write);
}

void push_claimed(struct service *service, const struct claimed_job *job)
{
	const struct mmp_signature by = { job->uid, job->gid, job->pid, job->user,
					  job->time };
	const struct push_order order = {
		.build = job->build,
		.board = job->board,
		.deadline_ms = (uint64_t)json_integer_value(
			json_object_get(job->orders, "deadline_ms")),
		.key = json_string_value(json_object_get(job->orders, "key")),
		.accept_id = json_is_true(json_object_get(job->orders, "accept_id")),
		.force = json_is_true(json_object_get(job->orders, "force")),
	};
	struct push *push = push_new(service, &order);

	push->start.row.id = job->id;
	errand_of_ours(service, &by, &push->start, free_start, claimed_step,
		       on_not_begun);
}
