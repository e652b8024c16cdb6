/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/talk_private.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "line/board_json.h"
#include "link/serial.h"
#include "log.h"
#include "memory.h"
#include "methods/methods.h"
#include "work/errand.h"

const char *const talk_names[TALK_KINDS] = {
	[TALK_PROBE] = "board.probe",
	[TALK_TRUST] = "key.trust",
	[TALK_REVOKE] = "key.revoke",
	[TALK_ENROLL] = "key.enroll",
};

/*
 * Close the line as soon as the session has ended. The lease stays until its result is
 * recorded, so that the board is the same one until then.
 */
static void close_line(void *data)
{
	struct talk *talk = data;

	signer_free(talk->signer);
	if (talk->driver)
		driver_free(talk->driver);
	talk->signer = NULL;
	talk->driver = NULL;
}

/*
 * The call is about to be answered. If it has failed after the board was enrolled, the
 * error also gives the board's public key, and the command that records it.
 */
static void tell_point(void *data, struct mmp_error *err)
{
	struct talk *talk = data;
	const char *has = talk->enrolled == ENROLLED_MAYBE ? "may have" : "has";
	char point[MMP_POINT_TEXT_SIZE];
	struct mmp_error why;

	if (err && talk->enrolled != ENROLLED_NOT) {
		why = *err;
		mmp_point_print(talk->own_point, point);
		log_error("board \"%s\": it %s the permanent public key %s, which could "
			  "not be recorded: %s",
			  talk->board, has, point, why.text);
		mmp_fail(err, why.code,
			 "the board %s its own permanent key, which is not recorded: run "
			 "`mmpctl key enroll BOARD --public %s`: %s",
			 has, point, why.text);
	}
	talk->enrolled = ENROLLED_NOT;
}

void talk_free(void *data)
{
	struct talk *talk = data;
	struct mmp_error err;

	talk_left_free(talk);
	mmp_fail(&err, MMP_SYSTEM, "mmpd has ended");
	tell_point(talk, &err);
	close_line(talk);
	if (talk->lease)
		LIST_REMOVE(talk, link);
	lease_release(talk->lease);
	explicit_bzero(&talk->keep, sizeof(talk->keep));
	free(talk->board);
	free(talk->line);
	free(talk->identity);
	free(talk->host);
	free(talk);
}

/* --- the session ------------------------------------------------------------------- */

static void on_signed(void *data, const uint8_t *signature, const struct mmp_error *err)
{
	struct talk *talk = data;

	if (signature)
		driver_signed(talk->driver, signature);
	else
		driver_go_on(talk->driver, err);
}

/* The board is about to be asked, so its answer must be waited for and recorded. */
static void ask_for_good(struct talk *talk)
{
	call_must_go_on(talk->call);
	talk->is_for_good = true;
	if (talk->kind == TALK_ENROLL)
		talk->enrolled = ENROLLED_MAYBE;
}

static int on_changed(void *data, enum mmp_session_state state, struct mmp_error *err)
{
	struct talk *talk = data;
	struct mmp_session_report report;
	struct mmp_digest digest;
	struct key key;

	if (state == MMP_SESSION_KEEPING)
		ask_for_good(talk);
	if (state != MMP_SESSION_SIGNING)
		return 0;
	driver_report(talk->driver, &report);
	if (key_for_board(talk->service, &report.board, &key, err))
		return -1;
	digest = driver_statement(talk->driver, key.id);
	talk->signer = signer_new(talk->service, &key, &digest, on_signed, talk, err);
	return talk->signer ? 1 : -1;
}

static void on_progress(void *data, const char *step, uint64_t done, uint64_t total)
{
	(void)data, (void)step, (void)done, (void)total;
}

static json_t *kept_json(const char *board, const char *identity)
{
	return json_pack("{s:o, s:o}", "name", methods_text(board), "board",
			 methods_text(identity));
}

/* Record what the board reports as live. */
static int note_live(struct talk *talk, json_t **ret_result, struct mmp_error *err)
{
	char live[MMP_DIGEST_TEXT_SIZE], now[CLOCK_TEXT_SIZE];

	clock_text(now);
	if (mmp_store_board_holds(talk->service->store, talk->board,
				  board_live(&talk->report.board, live), now, err))
		return -1;
	*ret_result = board_json(&talk->report.board);
	json_object_set_new(*ret_result, "name", methods_text(talk->board));
	return 0;
}

/* From now on the answers of an enrolled board are checked with its public key. */
static int note_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct service *service = call->service;
	struct talk *talk = data;
	char point[MMP_POINT_TEXT_SIZE];
	const char *key = talk->enrolled == ENROLLED_FOR_GOOD
				  ? mmp_point_print(talk->own_point, point)
			  : talk->accept_id ? ""
					    : NULL;

	if (lease_check_line(service, talk->board, talk->line, err) ||
	    mmp_store_board_is(service->store, talk->board, talk->report.board.id, key,
			       err))
		return -1;
	if (talk->kind == TALK_PROBE)
		return note_live(talk, ret_result, err);
	*ret_result = kept_json(talk->board, talk->report.board.id);
	return 0;
}

/* A board that has refused has no new key, unless it was reset before it said so. */
static void learn_enrolled(struct talk *talk, enum mmp_session_state state)
{
	const struct mmp_session_report *report = &talk->report;

	if (talk->enrolled == ENROLLED_NOT)
		return;
	if (state == MMP_SESSION_DONE) {
		talk->enrolled = ENROLLED_FOR_GOOD;
		memcpy(talk->own_point, report->kept_point, WIRE_POINT_SIZE);
	} else if (driver_error(talk->driver)->code == MMP_BOARD && !report->was_reset) {
		talk->enrolled = ENROLLED_NOT;
	}
}

static void on_session_ended(void *data, enum mmp_session_state state)
{
	struct talk *talk = data;
	struct mmp_call *call = talk->call;
	struct mmp_error err = *driver_error(talk->driver);

	driver_report(talk->driver, &talk->report);
	quality_add(&talk->service->lines_quality, talk->board, &talk->report,
		    state == MMP_SESSION_FAILED);
	learn_enrolled(talk, state);
	close_line(talk);
	if (state == MMP_SESSION_DONE)
		call_go_on(call, IN_STORE, note_step);
	else
		mmp_call_answer(call, NULL, &err);
}

static int talk_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct talk *talk = data;
	struct service *service = talk->service;
	struct driver_owner owner = { on_changed, on_progress, on_session_ended, talk };
	struct mmp_push what = { .keep = talk->kind == TALK_PROBE ? NULL : &talk->keep,
				 .number = ++service->sessions,
				 .patience_ms = talk->patience_ms,
				 .board_point = talk->has_point ? talk->point : NULL,
				 .board_id = talk->identity };

	(void)ret_result;
	if (mmp_line_allowed(talk->line, service->lines, service->line_count, err) ||
	    lease_take(service, talk->board, talk->line, talk_names[talk->kind],
		       &talk->lease, err))
		return -1;
	LIST_INSERT_HEAD(&service->talks, talk, link);
	talk->driver = driver_new(service->base, talk->line, &what, &owner, err);
	if (!talk->driver)
		return -1;
	driver_start(talk->driver);
	return mmp_call_defer(call, close_line, talk);
}

/* --- what it needs to begin -------------------------------------------------------- */

static int take_board(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	struct talk *talk = data;

	if (lease_is_elsewhere(talk->service, row)) {
		talk->host = xstrdup(row->host);
		talk->is_away = row->is_away;
		return 0;
	}
	if (talk->kind == TALK_ENROLL && talk->has_given && row->key)
		return mmp_fail(err, MMP_CONFLICT,
				"board \"%.60s\": its public key is already recorded; "
				"board probe --accept-id forgets it",
				row->name);
	talk->has_point = row->key && !talk->accept_id;
	if (talk->has_point && mmp_point_parse(row->key, talk->point, err))
		return -1;
	talk->line = xstrdup(row->line);
	talk->identity = talk->accept_id ? NULL : xstrdup(row->identity);
	talk->patience_ms = board_patience(row);
	return 0;
}

/* The secret is generated here, sent to the board once, and not stored anywhere else. */
static int make_own_key(struct talk *talk, struct mmp_error *err)
{
	struct mmp_key_pair pair;

	if (mmp_key_new(&pair, err))
		return -1;
	memcpy(talk->keep.payload, pair.secret, sizeof(pair.secret));
	memcpy(talk->own_point, pair.point, sizeof(talk->own_point));
	explicit_bzero(&pair, sizeof(pair));
	return 0;
}

/* What the board is to keep. */
static int make_keep(struct talk *talk, struct mmp_error *err)
{
	switch (talk->kind) {
	case TALK_TRUST:
		talk->keep.kind = WIRE_KEEP_TRUST;
		memcpy(talk->keep.payload, talk->given, sizeof(talk->given));
		return 0;
	case TALK_REVOKE:
		talk->keep.kind = WIRE_KEEP_REVOKE;
		mmp_key_id(talk->given, talk->keep.payload);
		return 0;
	case TALK_ENROLL:
		talk->keep.kind = WIRE_KEEP_OWN;
		return make_own_key(talk, err);
	case TALK_PROBE:
	case TALK_KINDS:
		break;
	}
	return 0;
}

/* Make good for an enrolment whose result could not be recorded. */
static int record_given(struct talk *talk, json_t **ret_result, struct mmp_error *err)
{
	char text[MMP_POINT_TEXT_SIZE];

	if (lease_check(talk->service, talk->board, NULL, err) ||
	    mmp_store_board_is(talk->service->store, talk->board, talk->identity,
			       mmp_point_print(talk->given, text), err))
		return -1;
	*ret_result = kept_json(talk->board, talk->identity);
	return 0;
}

struct talk *talk_new(struct service *service, const struct talk_order *order)
{
	struct talk *talk = xcalloc(1, sizeof(*talk));

	talk->service = service;
	talk->kind = order->kind;
	talk->accept_id = order->accept_id;
	talk->has_given = order->point;
	if (order->point)
		memcpy(talk->given, order->point, sizeof(talk->given));
	talk->board = xstrdup(order->board);
	return talk;
}

int talk_look_up(struct talk *talk, struct mmp_error *err)
{
	return mmp_store_board_get(talk->service->store, talk->board, take_board, talk,
				   err);
}

int talk_here(struct mmp_call *call, struct talk *talk, json_t **ret_result,
	      struct mmp_error *err)
{
	talk->call = call;
	call_on_end(call, tell_point);
	if (talk->kind == TALK_ENROLL && talk->has_given)
		return record_given(talk, ret_result, err);
	if (make_keep(talk, err))
		return -1;
	return call_then(call, IN_LOOP, talk_step);
}

int talk_begin(struct mmp_call *call, const struct talk_order *order, json_t **ret_result,
	       struct mmp_error *err)
{
	struct talk *talk = talk_new(call->service, order);

	call_keep(call, talk, talk_free);
	if (talk_look_up(talk, err))
		return -1;
	return talk->host ? talk_leave(call, talk, err)
			  : talk_here(call, talk, ret_result, err);
}

void talk_cancel(struct service *service, uint64_t job)
{
	struct mmp_error why;
	struct talk *talk;

	LIST_FOREACH(talk, &service->talks, link)
		if (talk->job == job)
			break;
	if (!talk || !talk->driver || talk->is_for_good)
		return;
	mmp_fail(&why, MMP_OK, "cancelled");
	close_line(talk);
	mmp_call_answer(talk->call, NULL, &why);
}

void talks_free(struct service *service)
{
	while (!LIST_EMPTY(&service->talks))
		call_drop(LIST_FIRST(&service->talks)->call);
}
