/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/page.h"
#include "link/refusal.h"
#include "link/session_private.h"
#include "link/stray.h"

enum { ECHOES_MAX = 3 };

/* clang-format off */
static const char *const state_names[] = {
	[MMP_SESSION_GREETING]   = "greeting",
	[MMP_SESSION_SIGNING]    = "signing",
	[MMP_SESSION_KEEPING]    = "keeping",
	[MMP_SESSION_SENDING]    = "sending",
	[MMP_SESSION_VERIFYING]  = "verifying",
	[MMP_SESSION_ACTIVATING] = "activating",
	[MMP_SESSION_PROVING]    = "proving",
	[MMP_SESSION_CANCELLING] = "cancelling",
	[MMP_SESSION_DONE]       = "done",
	[MMP_SESSION_FAILED]     = "failed",
	[MMP_SESSION_CANCELLED]  = "cancelled",
};
/* clang-format on */
static_assert(sizeof(state_names) / sizeof(state_names[0]) == MMP_SESSION_STATE_COUNT,
	      "a state has no name");

const char *mmp_session_state_name(enum mmp_session_state state)
{
	return state_names[state];
}

static int check_image(const struct mmp_image *image, struct mmp_error *err)
{
	if (image->length == 0 || image->length % MMP_PAGE ||
	    image->length > MMP_POOL_MAX)
		return mmp_fail(
			err, MMP_INVALID,
			"a pool of %zu bytes cannot be pushed: a multiple of %d up "
			"to %u must be given",
			image->length, (int)MMP_PAGE, MMP_POOL_MAX);
	if (image->pool_pa % MMP_PAGE)
		return mmp_fail(err, MMP_INVALID,
				"pool address 0x%" PRIx64 " is not a multiple of 0x%x",
				image->pool_pa, (unsigned)MMP_PAGE);
	if (image->probe_count > MMP_PROBES_MAX)
		return mmp_fail(err, MMP_INVALID,
				"a proof of %zu addresses is over the limit of %d",
				image->probe_count, MMP_PROBES_MAX);
	return 0;
}

struct mmp_session *mmp_session_new(const struct mmp_push *push, struct mmp_error *err)
{
	struct mmp_session *session;

	if (push->image && check_image(push->image, err))
		return NULL;
	session = calloc(1, sizeof(*session));
	if (!session) {
		mmp_fail(err, MMP_SYSTEM, "no memory for a session of %zu bytes",
			 sizeof(*session));
		return NULL;
	}
	session->push = *push;
	if (push->board_id)
		snprintf(session->board_id, sizeof(session->board_id), "%s",
			 push->board_id);
	session->push.board_id = NULL; /* the caller may free its own copy */
	if (push->image)
		session->image = *push->image;
	if (!session->push.patience_ms)
		session->push.patience_ms = MMP_PATIENCE_MS;
	if (push->keep)
		session->keep = *push->keep;
	session->authentic = push->board_point != NULL;
	if (session->authentic)
		memcpy(session->board_point, push->board_point, WIRE_POINT_SIZE);
	if (session->authentic &&
	    (push->secret ? mmp_key_of_secret(push->secret, &session->pair, err)
			  : mmp_key_new(&session->pair, err))) {
		free(session);
		return NULL;
	}
	session->report.pages = session->image.length / WIRE_PAGE;
	session->compares = push->image && session_may_compare(session);
	link_window_init(&session->window, push->number, push->body_limit,
			 session->push.patience_ms);
	session->window.shorten = session_shorten;
	session->window.owner = session;
	wire_decoder_init(&session->decoder, session->body, sizeof(session->body));
	return session;
}

void mmp_session_free(struct mmp_session *session)
{
	if (!session)
		return;
	link_window_done(&session->window);
	free(session->changes);
	free(session->trial_order);
	free(session->trial_results);
	free(session->differences);
	free(session);
}

static bool ended(const struct mmp_session *session)
{
	return session->state >= MMP_SESSION_DONE;
}

void session_end(struct mmp_session *session, enum mmp_session_state state)
{
	session->state = state;
	link_window_forget_all(&session->window);
	session->report.elapsed_ms = session->now_ms - session->started_ms;
}

void session_failed(struct mmp_session *session)
{
	session_end(session, MMP_SESSION_FAILED);
}

void session_cancelled(struct mmp_session *session, const char *how_far)
{
	mmp_fail(&session->error, MMP_CONFLICT, "cancelled: %s", how_far);
	session_end(session, MMP_SESSION_CANCELLED);
}

static void count_byte(struct mmp_session *session)
{
	if (session->state == MMP_SESSION_PROVING)
		session->report.proof_bytes_received++;
	else
		session->report.bytes_received++;
}

/*
 * Keep what arrived outside of frames, to show it to a person. Prefer text: text that was
 * kept is not replaced by bytes such as those of a broken frame.
 */
static void keep_stray(struct mmp_session *session)
{
	size_t length = session->decoder.length;
	size_t from = length > SESSION_STRAY_MAX ? length - SESSION_STRAY_MAX : 0;

	if (!length)
		return;
	session->stray_length = length - from;
	memcpy(session->stray, session->body + from, session->stray_length);
}

static void take_byte(struct mmp_session *session, uint8_t byte)
{
	enum wire_event event = wire_decoder_feed(&session->decoder, byte);

	count_byte(session);
	if (event == WIRE_MORE)
		return;
	session->report.frames_received++;
	if (event == WIRE_FRAME)
		session_take_answer(session, session->body, session->decoder.length);
	else {
		session->report.frames_broken++;
		keep_stray(session);
	}
}

/*
 * What the person should know about received bytes that were no answers, as the end of a
 * sentence.
 */
static const char *describe_stray(struct mmp_session *session,
				  char text[MMP_STRAY_TEXT_SIZE + 2])
{
	if (!session->decoder.ended)
		keep_stray(session); /* a console that never sends END */
	text[0] = '\0';
	if (session->stray_length) {
		memcpy(text, "; ", 3);
		mmp_stray_text(session->stray, session->stray_length, text + 2);
	}
	return text;
}

static void fail_by_echo(struct mmp_session *session)
{
	mmp_fail(&session->error, MMP_LINK,
		 "our own frames come back: the line has a loop or an echo, and no board "
		 "answers");
	session_failed(session);
}

/* Nothing came in time: report what was tried, and what came instead. */
static void give_up(struct mmp_session *session, const struct link_request *request)
{
	struct mmp_session_report *report = &session->report;
	char stray[MMP_STRAY_TEXT_SIZE + 2];

	if (session->echoes && !report->greeted) {
		fail_by_echo(session);
		return;
	}
	if (report->bytes_received + report->proof_bytes_received == 0)
		mmp_fail(&session->error, MMP_LINK,
			 "the board is silent: %s was sent %u times in %" PRIu64
			 " ms, and not one byte came back",
			 mmp_request_name(request->opcode), request->tries,
			 session->now_ms - request->first_ms);
	else
		mmp_fail(&session->error, MMP_LINK,
			 "no answer to %s (number %u) in %" PRIu64
			 " ms and %u tries; of %" PRIu64 " frames that came, %" PRIu64
			 " were broken and %" PRIu64 " answered no request of ours%s",
			 mmp_request_name(request->opcode), request->sequence,
			 session->now_ms - request->first_ms, request->tries,
			 report->frames_received, report->frames_broken,
			 report->answers_foreign,
			 report->greeted ? describe_stray(session, stray)
			 : describe_stray(session, stray)[0] ? stray
							     : " (is the speed right?)");
	session_failed(session);
}

static void tick(struct mmp_session *session)
{
	const struct link_request *late =
		link_window_tick(&session->window, session->now_ms);

	if (late && session->cancelled)
		session_cancelled(session, session->report.activated
						   ? "the build is live"
						   : "the board did not confirm it");
	else if (late)
		give_up(session, late);
}

static void check_bounds(struct mmp_session *session)
{
	if (session->window.output.failed) {
		mmp_fail(&session->error, MMP_SYSTEM, "no memory for frames");
		session_failed(session);
	} else if (session->echoes >= ECHOES_MAX) {
		fail_by_echo(session);
	} else if (session->report.answers_foreign > MMP_FOREIGN_MAX) {
		mmp_fail(&session->error, MMP_LINK,
			 "the board does not follow the protocol: %" PRIu64 " of %" PRIu64
			 " frames were whole, but answered no request of ours",
			 session->report.answers_foreign,
			 session->report.frames_received);
		session_failed(session);
	}
}

enum mmp_session_state mmp_session_step(struct mmp_session *session, uint64_t now_ms,
					const uint8_t *input, size_t length)
{
	if (!session->started)
		session->started_ms = now_ms;
	session->started = true;
	if (now_ms > session->now_ms)
		session->now_ms = now_ms;
	for (size_t i = 0; i < length && !ended(session); i++)
		take_byte(session, input[i]);
	if (!ended(session))
		session_advance(session);
	if (!ended(session))
		tick(session);
	if (!ended(session))
		check_bounds(session);
	return session->state;
}

const uint8_t *mmp_session_output(struct mmp_session *session, size_t *length)
{
	*length = session->window.output.length;
	return (const uint8_t *)session->window.output.bytes;
}

void mmp_session_sent(struct mmp_session *session, size_t length)
{
	link_window_taken(&session->window, length, session->now_ms);
}

uint64_t mmp_session_deadline_ms(const struct mmp_session *session)
{
	if (ended(session))
		return UINT64_MAX;
	return session->started ? link_window_deadline_ms(&session->window) : 0;
}

void mmp_session_cancel(struct mmp_session *session, uint64_t now_ms)
{
	if (ended(session) || session->cancelled)
		return;
	session->now_ms = now_ms > session->now_ms ? now_ms : session->now_ms;
	session->cancelled = true;
	if (session->state <= MMP_SESSION_KEEPING) {
		session_cancelled(session, session->report.greeted
						   ? "before anything was sent"
						   : "before the board had answered");
	} else if (session->state == MMP_SESSION_PROVING) {
		session_cancelled(session, "the build is live, its proof was left out");
	} else if (session->state == MMP_SESSION_ACTIVATING && !session->window.pending) {
		session_cancelled(session, "before anything was sent");
	} else if (session->state == MMP_SESSION_ACTIVATING) {
		session->state = MMP_SESSION_CANCELLING;
	} else {
		session->state = MMP_SESSION_CANCELLING;
		link_window_forget_all(&session->window);
		session_send_abort(session);
	}
}

void mmp_session_lost(struct mmp_session *session, const struct mmp_error *why)
{
	if (ended(session))
		return;
	session->error = *why;
	mmp_while(&session->error, "the line was lost while %s",
		  state_names[session->state]);
	session_failed(session);
}

void mmp_session_refused(struct mmp_session *session, const struct mmp_error *why)
{
	if (ended(session))
		return;
	session->error = *why;
	session_failed(session);
}

void mmp_session_progress(const struct mmp_session *session, uint64_t *ret_done,
			  uint64_t *ret_total)
{
	bool proving = session->state == MMP_SESSION_PROVING || session->report.proved;

	*ret_done = proving ? session->report.proved : session->taken_bytes;
	*ret_total = proving ? session->image.probe_count : session->image.length;
}

void mmp_session_report(const struct mmp_session *session,
			struct mmp_session_report *ret_report)
{
	const struct link_window *window = &session->window;
	bool proof = session->state == MMP_SESSION_PROVING || session->proof_planned;

	*ret_report = session->report;
	ret_report->frames_sent = window->frames_sent;
	ret_report->frames_resent = window->frames_resent;
	ret_report->bytes_sent = proof ? session->sent_before_proof : window->bytes_sent;
	ret_report->proof_bytes_sent =
		proof ? window->bytes_sent - session->sent_before_proof : 0;
	ret_report->round_trip_ms = (window->smoothed_us + 500) / 1000;
	if (!ended(session))
		ret_report->elapsed_ms = session->now_ms - session->started_ms;
	ret_report->body_limit = link_window_learned(window);
	ret_report->shortened = link_window_shortened(window);
	ret_report->differences = session->differences;
	ret_report->trials = session->trial_results;
}

const struct mmp_error *mmp_session_error(const struct mmp_session *session)
{
	return &session->error;
}
