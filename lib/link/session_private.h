/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SESSION_PRIVATE_H
#define MMP_SESSION_PRIVATE_H

/* What the files of a session share: session.c runs it, requests.c asks,
 * answers.c reads what the board says. */

#include "link/session.h"
#include "link/trust.h"
#include "link/window.h"

enum { SESSION_OWED_MAX = 64, SESSION_STRAY_MAX = 240 };

/* A proof asks for addresses, then runs instructions, then reads the pool back. */
enum proof_step { PROOF_ASKS, PROOF_RUNS, PROOF_READS, PROOF_ENDS };

/* Bytes of the pool, or probes; `end` is the first one behind. */
struct session_range {
	size_t from, end;
};

struct mmp_session {
	struct mmp_push push;
	struct mmp_image image; /* all zero where only hello is wanted */
	enum mmp_session_state state;
	struct mmp_error error;
	struct link_window window;
	struct wire_decoder decoder;
	uint8_t body[WIRE_BODY_MAX + 4];
	uint64_t now_ms, started_ms;
	bool started, begun, cancelled;
	size_t sent_bytes, taken_bytes; /* of the pool: put into writes, answered */
	bool proof_planned;
	enum proof_step proof_step;
	size_t asked;          /* of this step's items, put into requests */
	uint32_t *trial_order; /* numbers of the trials that can be asked */
	size_t trial_order_count;
	struct mmp_trial_result *trial_results;
	struct session_range
		owed[SESSION_OWED_MAX]; /* of those, put into none after all */
	size_t owed_count;
	bool *changes; /* page by page: the board does not have it; NULL: no page is known */
	size_t compared; /* pages that the board has told of */
	bool compares;   /* hello asks for them */
	struct wire_keep keep;
	struct wire_begin begin;
	bool signs;     /* begin will be signed */
	bool goes;      /* it fits one message: begin has all of it */
	bool authentic; /* answers must carry a code */
	uint8_t board_point[WIRE_POINT_SIZE];
	struct mmp_key_pair pair; /* ours, for this session */
	uint8_t mac_key[WIRE_SECRET_SIZE];
	char board_id[WIRE_ID_MAX + 1]; /* that is expected; empty: any */
	unsigned int echoes;
	uint8_t stray[SESSION_STRAY_MAX]; /* the last that came and was no frame */
	size_t stray_length;
	uint64_t sent_before_proof; /* bytes */
	struct mmp_session_report report;
	struct mmp_proof_difference *differences;
	size_t differences_room;
};

/* A whole frame came in. */
void session_take_answer(struct mmp_session *session, const uint8_t *body, size_t length);

/* End in a state; what was underway is dropped. */
void session_end(struct mmp_session *session, enum mmp_session_state state);

/* End in MMP_SESSION_FAILED; session->error is filled in. */
void session_failed(struct mmp_session *session);

/* Say hello, or what comes next; nothing where the window is full. */
void session_advance(struct mmp_session *session);

/* A link_shorten: what no longer fits is sent by a later request. */
bool session_shorten(void *owner, struct link_request *request,
		     struct wire_writer *writer);

/* The board is known: what begin will say but for its signature. */
void session_make_begin(struct mmp_session *session);

/* Is it worth the bytes to ask for digests of what the board has staged? */
bool session_may_compare(const struct mmp_session *session);

/* The board says what it has: note which pages that saves. */
void session_note_pages(struct mmp_session *session, const struct wire_pages *pages);

/* What is staged was not what its digests had promised: everything will be sent. */
void session_send_all(struct mmp_session *session);

/* Does all of the build fit the message that begins it? */
bool session_goes_at_once(struct mmp_session *session);

/* Before the first question: what can be proved on this board. */
void session_plan_proof(struct mmp_session *session);

/* Instructions of a range of trial_order; answers to them. False: of the wrong shape. */
void session_put_trials(const struct mmp_session *session, struct link_request *request,
			struct session_range range, struct wire_writer *writer);
bool session_take_trials(struct mmp_session *session, const struct link_request *request,
			 struct wire_reader *in);
bool session_take_read_back(struct mmp_session *session, struct wire_reader *in);

/* All was asked: end in success, or say what differs. */
void session_conclude(struct mmp_session *session);

/* Tell the board to drop what it was sent. */
void session_send_abort(struct mmp_session *session);

/* Ended by mmp_session_cancel; says how far it had come. */
void session_cancelled(struct mmp_session *session, const char *how_far);

#endif
