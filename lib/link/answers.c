/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "link/refusal.h"
#include "link/session_private.h"

/* Read the payload of an answer with WIRE_OK. False: it has the wrong shape. */
typedef bool take_answer(struct mmp_session *session, const struct link_request *request,
			 struct wire_reader *in);

static void enter(struct mmp_session *session, enum mmp_session_state state)
{
	if (state == MMP_SESSION_PROVING)
		session->sent_before_proof = session->window.bytes_sent;
	session->state = state;
}

static bool is_expected(struct mmp_session *session)
{
	const char *want = session->board_id, *got = session->report.board.id;

	if (!want[0] || strcmp(want, got) == 0)
		return true;
	mmp_fail(
		&session->error, MMP_BOARD,
		"another board answers on this line: its id is \"%s\", and was "
		"\"%.40s\" before; nothing was sent (--accept-id accepts it from now on)",
		got, want);
	session_failed(session);
	return false;
}

/* If no key can be agreed on, the session fails rather than going on without one. */
static int agree(struct mmp_session *session)
{
	const struct wire_board *board = &session->report.board;

	return session->authentic
		       ? mmp_agree(&session->pair, session->board_point, board->nonce,
				   session->mac_key, &session->error)
		       : 0;
}

/*
 * The board is known, and its answers are authentic if required: choose the first step.
 */
static bool begin_talk(struct mmp_session *session)
{
	struct mmp_session_report *report = &session->report;
	const struct wire_board *board = &report->board;
	bool must_sign = !(board->flags & WIRE_BOARD_UNSIGNED) || session->push.signs;

	report->authentic = session->authentic;
	report->skipped = session->push.image && !session->push.force && board->live &&
			  memcmp(board->live_build, session->image.id.bytes,
				 sizeof(board->live_build)) == 0;
	if (session->push.keep)
		must_sign = board->key_count > 0;
	else if (!session->push.image || report->skipped)
		return enter(session, MMP_SESSION_PROVING), true;
	session_make_begin(session);
	session->signs = must_sign;
	session->goes = session->push.image && session_goes_at_once(session);
	if (must_sign)
		enter(session, MMP_SESSION_SIGNING);
	else if (session->push.keep)
		enter(session, MMP_SESSION_KEEPING);
	else
		enter(session,
		      session->goes ? MMP_SESSION_ACTIVATING : MMP_SESSION_SENDING);
	return true;
}

static bool on_hello(struct mmp_session *session, const struct link_request *request,
		     struct wire_reader *in)
{
	struct mmp_session_report *report = &session->report;
	struct wire_pages pages = { .told = 0 };
	struct wire_board board;

	(void)request;
	wire_get_board(in, &board);
	if (session->compares && board.version == WIRE_VERSION)
		wire_get_pages(in, &pages);
	if (!wire_read_whole(in) || board.version != WIRE_VERSION)
		return false;
	report->board = board;
	report->greeted = true;
	if (!is_expected(session))
		return true;
	session_note_pages(session, &pages);
	if (session->compares)
		return true; /* not all of them fitted into the answer: hello again */
	session->window.frames_max = board.frames_max;
	return begin_talk(session);
}

static bool on_activate(struct mmp_session *session, const struct link_request *request,
			struct wire_reader *in);

static bool on_begin(struct mmp_session *session, const struct link_request *request,
		     struct wire_reader *in)
{
	if (!wire_read_whole(in))
		return false;
	session->begun = true;
	session->taken_bytes += request->count;
	return session->goes ? on_activate(session, request, in) : true;
}

static bool on_write(struct mmp_session *session, const struct link_request *request,
		     struct wire_reader *in)
{
	if (!wire_read_whole(in))
		return false;
	session->taken_bytes += request->count;
	return true;
}

static bool on_finish(struct mmp_session *session, const struct link_request *request,
		      struct wire_reader *in)
{
	(void)request;
	if (!wire_read_whole(in))
		return false;
	enter(session, MMP_SESSION_ACTIVATING);
	return true;
}

static bool on_activate(struct mmp_session *session, const struct link_request *request,
			struct wire_reader *in)
{
	(void)request;
	if (!wire_read_whole(in))
		return false;
	session->report.activated = true;
	if (session->cancelled)
		session_cancelled(session, "the build is live, its proof was left out");
	else
		enter(session, MMP_SESSION_PROVING);
	return true;
}

/* A board that was told its secret answers with the matching point. */
static bool on_keep(struct mmp_session *session, const struct link_request *request,
		    struct wire_reader *in)
{
	(void)request;
	if (session->keep.kind == WIRE_KEEP_OWN)
		wire_get_bytes(in, session->report.kept_point, WIRE_POINT_SIZE);
	if (!wire_read_whole(in))
		return false;
	session_end(session, MMP_SESSION_DONE);
	return true;
}

static bool on_abort(struct mmp_session *session, const struct link_request *request,
		     struct wire_reader *in)
{
	(void)request;
	if (!wire_read_whole(in))
		return false;
	session_cancelled(session, "what was live on the board stays live");
	return true;
}

static void keep_difference(struct mmp_session *session,
			    const struct mmp_proof_difference *difference)
{
	size_t kept = session->report.differences_kept, room = session->differences_room;
	struct mmp_proof_difference *more = session->differences;

	session->report.difference_count++;
	session->report.accesses[difference->probe.access].differ++;
	if (kept == MMP_DIFFERENCES_MAX)
		return;
	if (kept == room) {
		room = room ? 2 * room : 16;
		more = realloc(more, room * sizeof(*more));
		if (!more)
			return; /* it was counted anyway */
		session->differences = more;
		session->differences_room = room;
	}
	more[session->report.differences_kept++] = *difference;
}

/*
 * With short descriptors some boards (QEMU) report neither memory type nor
 * shareability: then compare only the rest.
 */
static bool is_same(const struct mmp_session *session, const struct mmp_par *expected,
		    const struct mmp_par *got)
{
	struct mmp_par reported = *expected;

	if (session->image.regime == WIRE_AARCH32_SHORT && !got->fault) {
		reported.memory = got->memory;
		reported.shareability = got->shareability;
	}
	return mmp_par_same(&reported, got);
}

static void count_access(struct mmp_access_count *count, bool denied)
{
	count->allowed += !denied;
	count->denied += denied;
}

static bool on_translate(struct mmp_session *session, const struct link_request *request,
			 struct wire_reader *in)
{
	if (in->length - in->at != request->count * WIRE_PAR_SIZE)
		return false;
	for (size_t i = 0; i < request->count; i++) {
		struct mmp_proof_difference d = {
			.probe = session->image.probes[request->from + i],
			.got_par = wire_get64(in),
		};

		d.got = mmp_par_of(d.got_par);
		session->report.proved++;
		count_access(&session->report.accesses[d.probe.access], d.got.fault);
		if (!is_same(session, &d.probe.expected, &d.got))
			keep_difference(session, &d);
	}
	return true;
}

static bool on_read_back(struct mmp_session *session, const struct link_request *request,
			 struct wire_reader *in)
{
	(void)request;
	return session_take_read_back(session, in);
}

/* clang-format off */
static take_answer *const takers[WIRE_OPCODE_COUNT] = {
	[WIRE_HELLO]     = on_hello,
	[WIRE_BEGIN]     = on_begin,
	[WIRE_WRITE]     = on_write,
	[WIRE_FINISH]    = on_finish,
	[WIRE_ACTIVATE]  = on_activate,
	[WIRE_TRANSLATE] = on_translate,
	[WIRE_ABORT]     = on_abort,
	[WIRE_KEEP]      = on_keep,
	[WIRE_READ_BACK] = on_read_back,
	[WIRE_EXECUTE]   = session_take_trials,
};
/* clang-format on */

/*
 * "it may write 0xe100000+0xf00000 and ...", so that the person can choose another
 * pool.
 */
static void print_windows(const struct wire_board *board, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < board->window_count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used,
					 "%s0x%" PRIx64 "+0x%" PRIx64, i ? ", " : "",
					 board->windows[i].base, board->windows[i].size);
}

static void refuse_begin(struct mmp_session *session, const char *why)
{
	const struct mmp_image *image = &session->image;
	const struct wire_board *board = &session->report.board;
	char windows[64];

	print_windows(board, windows, sizeof(windows));
	mmp_fail(&session->error, MMP_BOARD,
		 "board %s refuses: %s (pool 0x%" PRIx64 "+0x%zx, ttbr0 0x%" PRIx64
		 "; it takes %" PRIu32 " bytes into %s)",
		 board->id, why, image->pool_pa, image->length,
		 image->registers[WIRE_TTBR0], board->staging_bytes, windows);
}

static void refuse_version(struct mmp_session *session, struct wire_reader *in)
{
	mmp_fail(&session->error, MMP_BOARD,
		 "the board speaks version %u of the protocol, and this host version %u: "
		 "load a loader of the same version",
		 wire_get16(in), WIRE_VERSION);
}

static void refuse_leaving(struct mmp_session *session, const char *why,
			   struct wire_reader *in)
{
	struct wire_leaving leaving;

	wire_get_leaving(in, &leaving);
	mmp_fail(&session->error, MMP_BOARD,
		 "board %s refuses finish: %s (0x%016" PRIx64 " at offset 0x%" PRIx32
		 "; the pool is 0x%" PRIx64 "+0x%zx)",
		 session->report.board.id, why, leaving.descriptor, leaving.offset,
		 session->image.pool_pa, session->image.length);
}

/*
 * A page with the same short digest may still differ from the board's; only the digest
 * of the whole pool shows that.
 */
static bool is_kept_in_vain(const struct mmp_session *session, uint8_t status)
{
	return status == WIRE_DIGEST_DIFFERS && session->begin.keeps;
}

static void on_refused(struct mmp_session *session, const struct link_request *request,
		       uint8_t status, struct wire_reader *in)
{
	const char *why = mmp_refusal_text(status);
	const char *id = session->report.greeted ? session->report.board.id : "";

	session->report.was_reset = status == WIRE_NO_SESSION;
	if (status == WIRE_BAD_VERSION)
		refuse_version(session, in);
	else if (!why)
		mmp_fail(&session->error, MMP_BOARD,
			 "board %s refuses %s with code %u, which this version does not "
			 "know",
			 id, mmp_request_name(request->opcode), status);
	else if (status == WIRE_TABLE_LEAVES)
		refuse_leaving(session, why, in);
	else if (request->opcode == WIRE_BEGIN)
		refuse_begin(session, why);
	else
		mmp_fail(&session->error, MMP_BOARD, "board %s refuses %s: %s", id,
			 mmp_request_name(request->opcode), why);
	session_failed(session);
}

/* A duplicate answer is harmless; our own request coming back is an echo. */
static void unasked(struct mmp_session *session, const struct wire_header *header)
{
	const struct link_window *window = &session->window;
	uint16_t age = (uint16_t)(window->next_sequence - header->sequence - 1);

	if (header->session != window->session || age > INT16_MAX)
		session->report.answers_foreign++;
	else if (!(header->opcode & WIRE_ANSWER))
		session->echoes++;
}

static void take_payload(struct mmp_session *session, struct link_request *request,
			 struct wire_reader *in)
{
	if (!takers[request->opcode](session, request, in)) {
		session->report.answers_foreign++;
		return;
	}
	link_window_answered(&session->window, request, in->length, session->now_ms);
	if (session->state < MMP_SESSION_DONE)
		session_advance(session);
}

/*
 * Treat the request as answered, but ignore what it carried, and send it again. After a
 * cancel that answer is the end: the build did not go live.
 */
static void send_again(struct mmp_session *session, struct link_request *request,
		       const struct wire_reader *in)
{
	if (session->cancelled) {
		session_cancelled(session, "what was live on the board stays live");
		return;
	}
	session_send_all(session);
	link_window_answered(&session->window, request, in->length, session->now_ms);
	session_advance(session);
}

/* The nonce, and so the key, arrives in the answer to hello itself. */
static int agree_from_answer(struct mmp_session *session, struct wire_reader in)
{
	struct wire_board board;

	wire_get_board(&in, &board);
	if (in.failed || board.version != WIRE_VERSION)
		return mmp_fail(&session->error, MMP_LINK,
				"the answer to hello is malformed");
	session->report.board = board;
	return agree(session);
}

/*
 * Whether this is the board's own answer: it carries a code that only the board and we
 * can compute, for this very request. A refusal of hello has no code, as there is no
 * key yet.
 */
static bool is_authentic(struct mmp_session *session, const struct link_request *request,
			 uint8_t status, struct wire_reader *in)
{
	const uint8_t *mac;

	if (!session->authentic || (request->opcode == WIRE_HELLO && status != WIRE_OK))
		return true;
	if (in->length - in->at < WIRE_MAC_SIZE)
		return false;
	in->length -= WIRE_MAC_SIZE;
	mac = in->bytes + in->length;
	if (request->opcode == WIRE_HELLO && agree_from_answer(session, *in))
		return false;
	return mmp_answer_authentic(session->mac_key, request->body, request->length,
				    in->bytes, in->length, mac);
}

/* A board that was reset has forgotten the key of the session, so it sends no code. */
static void not_authentic(struct mmp_session *session, const struct link_request *request,
			  uint8_t status)
{
	session->report.lacked_code = true;
	mmp_fail(&session->error, MMP_BOARD,
		 "the answer to %s does not come from the board that was enrolled: it "
		 "lacks that board's code, so %ssomebody else answers on this line",
		 mmp_request_name(request->opcode),
		 status == WIRE_NO_SESSION ? "the board was reset, or " : "");
	session_failed(session);
}

void session_take_answer(struct mmp_session *session, const uint8_t *body, size_t length)
{
	struct wire_reader in = wire_reader(body, length);
	struct link_request *request = NULL;
	struct wire_header header;
	uint8_t status;

	wire_get_header(&in, &header);
	if (in.failed) {
		session->report.answers_foreign++;
		return;
	}
	status = wire_get8(&in);
	if (!in.failed && header.session == session->window.session)
		request = link_window_find(&session->window, &header);
	if (!request)
		unasked(session, &header);
	else if (!is_authentic(session, request, status, &in))
		not_authentic(session, request, status);
	else if (is_kept_in_vain(session, status))
		send_again(session, request, &in);
	else if (status != WIRE_OK)
		on_refused(session, request, status, &in);
	else
		take_payload(session, request, &in);
}
