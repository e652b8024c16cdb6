/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SESSION_PRIVATE_H
#define MMP_SESSION_PRIVATE_H

/*
 * Shared by the files of a session: session.c runs it, requests.c sends requests,
 * answers.c reads the answers.
 */

#include "link/session.h"
#include "link/trust.h"
#include "link/window.h"

enum { SESSION_OWED_MAX = 64, SESSION_STRAY_MAX = 240 };

/* The proof asks for addresses, then runs instructions, then reads the pool back. */
enum proof_step { PROOF_ASKS, PROOF_RUNS, PROOF_READS, PROOF_ENDS };

/* A range of bytes of the pool, or of probes; `end` is exclusive. */
struct session_range {
	size_t from, end;
};

struct mmp_session {
	struct mmp_push push;
	struct mmp_image image; /* all zero if only hello is sent */
	enum mmp_session_state state;
	struct mmp_error error;
	struct link_window window;
	struct wire_decoder decoder;
	uint8_t body[WIRE_BODY_MAX + 4];
	uint64_t now_ms, started_ms;
	bool started, begun, cancelled;
	size_t sent_bytes, taken_bytes; /* of the pool: put into writes, and answered */
	bool proof_planned;
	enum proof_step proof_step;
	size_t asked;          /* items of this step that were put into requests */
	uint32_t *trial_order; /* numbers of the trials that can be run */
	size_t trial_order_count;
	struct mmp_trial_result *trial_results;
	struct session_range
		owed[SESSION_OWED_MAX]; /* ranges given back, to be sent again */
	size_t owed_count;
	bool *changes; /* per page: the board does not have it; NULL: no page is known */
	size_t compared; /* pages that the board has reported */
	bool compares;   /* whether hello asks for them */
	struct wire_keep keep;
	struct wire_begin begin;
	bool signs;     /* whether begin will be signed */
	bool goes;      /* it fits one message: begin has all of it */
	bool authentic; /* answers must carry a code */
	uint8_t board_point[WIRE_POINT_SIZE];
	struct mmp_key_pair pair; /* ours, for this session */
	uint8_t mac_key[WIRE_SECRET_SIZE];
	char board_id[WIRE_ID_MAX + 1]; /* the expected id; empty: any */
	unsigned int echoes;
	uint8_t stray[SESSION_STRAY_MAX]; /* the last bytes outside of frames */
	size_t stray_length;
	uint64_t sent_before_proof; /* bytes */
	struct mmp_session_report report;
	struct mmp_proof_difference *differences;
	size_t differences_room;
};

/* Process a whole received frame. */
void session_take_answer(struct mmp_session *session, const uint8_t *body, size_t length);

/* End in this state and drop what is under way. */
void session_end(struct mmp_session *session, enum mmp_session_state state);

/* End in MMP_SESSION_FAILED; session->error must be filled in. */
void session_failed(struct mmp_session *session);

/* Send hello, or the next request; does nothing while the window is full. */
void session_advance(struct mmp_session *session);

/* A link_shorten function: a later request sends what no longer fits. */
bool session_shorten(void *owner, struct link_request *request,
		     struct wire_writer *writer);

/* The board is known: fill in begin except for its signature. */
void session_make_begin(struct mmp_session *session);

/* Whether asking for digests of the staged pages is worth the bytes. */
bool session_may_compare(const struct mmp_session *session);

/* Note which pages the board already has, so that they are not sent. */
void session_note_pages(struct mmp_session *session, const struct wire_pages *pages);

/* What is staged did not match its digests: send everything. */
void session_send_all(struct mmp_session *session);

/* Whether the whole build fits in the message that begins it. */
bool session_goes_at_once(struct mmp_session *session);

/* Before the first request: find out what can be proved on this board. */
void session_plan_proof(struct mmp_session *session);

/* Requests for a range of trial_order, and their answers. False: of the wrong shape. */
void session_put_trials(const struct mmp_session *session, struct link_request *request,
			struct session_range range, struct wire_writer *writer);
bool session_take_trials(struct mmp_session *session, const struct link_request *request,
			 struct wire_reader *in);
bool session_take_read_back(struct mmp_session *session, struct wire_reader *in);

/* Everything was asked: end in success, or report what differs. */
void session_conclude(struct mmp_session *session);

/* Tell the board to drop what it was sent. */
void session_send_abort(struct mmp_session *session);

/* End after mmp_session_cancel; reports how far it had come. */
void session_cancelled(struct mmp_session *session, const char *how_far);

#endif
