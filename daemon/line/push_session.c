/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/push_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "clock.h"
#include "line/board_json.h"
#include "line/quality.h"
#include "log.h"
#include "memory.h"
#include "work/store_thread.h"

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

	log_warning("job %" PRIu64 ": continues without the database: %s",
		    job_id(changes->push->job), why->text);
	changes->is_late = true;
	go_on(changes->push, NULL);
}

/*
 * Record what the board reports as live, and, before the build is sent, that it may
 * become live: if mmpd ends in the meantime, the database still says so.
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
	if (report->was_reset || report->lacked_code)
		return MMP_OUTCOME_UNKNOWN;
	if (report->activated || report->skipped)
		return MMP_OUTCOME_LIVE;
	/* A board that refused to activate still has its old build. */
	if (push->staged && driver_error(push->driver)->code == MMP_BOARD)
		return MMP_OUTCOME_UNCHANGED;
	return MMP_OUTCOME_UNKNOWN;
}

/* Put this advice in front of any that the report has. Takes the advice. */
static void add_advice(json_t *report, json_t *advice)
{
	const char *more = json_string_value(json_object_get(report, "advice"));

	if (more)
		json_object_set_new(
			report, "advice",
			json_sprintf("%s; %s", json_string_value(advice), more));
	else
		json_object_set(report, "advice", advice);
	json_decref(advice);
}

/* Advice that contains a shell command; `name` is its last word. */
static json_t *advise(const char *before, const char *name, const char *after)
{
	char *word = mmp_shell_word(name);
	json_t *advice = json_sprintf("%s%s%s", before, word ? word : name, after);

	free(word);
	return advice;
}

/* Nobody knows whether the board has made the build live: say how to find out. */
static json_t *doubt_advice(const struct push *push)
{
	return advise("it is not known whether the build is live on the board: "
		      "`mmpctl board probe ",
		      push->board, "` asks the board");
}

/*
 * Advice for when another program reads the same terminal and so takes the board's
 * answers.
 */
static json_t *holder_advice(const char *path)
{
	return advise("mmpd cannot see what other users' programs have open: "
		      "`sudo fuser -v ",
		      path, "` shows whether one of them uses the line");
}

static json_t *namer_advice(const char *program)
{
	return json_sprintf(
		"another user's program%s names this device on its command line, and "
		"takes the board's answers away if it reads it",
		program);
}

static json_t *make_report(const struct push *push,
			   const struct mmp_session_report *report,
			   enum mmp_job_outcome outcome)
{
	const struct mmp_buffer *recording = &push->recorder.text;
	const char *hidden = driver_hidden_line(push->driver);
	const char *namer = driver_named_by(push->driver);
	json_t *json = report_json(report, &push->image, &push->build->layout,
				   push->signed_by.name);

	if (!report->greeted && hidden && driver_error(push->driver)->code == MMP_LINK)
		add_advice(json, holder_advice(hidden));
	if (!report->greeted && namer[0] && driver_error(push->driver)->code == MMP_LINK)
		add_advice(json, namer_advice(namer));
	if (outcome == MMP_OUTCOME_UNKNOWN && push->staged)
		add_advice(json, doubt_advice(push));
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
	job_end(push->job, why, outcome, make_report(push, &report, outcome));
	push_free(push);
}

void push_cancel(void *data, const struct mmp_error *why)
{
	struct push *push = data;

	push->why = *why;
	driver_cancel(push->driver);
}

struct driver_owner push_driver_owner(struct push *push)
{
	return (struct driver_owner){ on_changed, on_progress, on_push_ended, push };
}
