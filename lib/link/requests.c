/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/least.h"
#include "link/session_private.h"
#include "wire/runs.h"

enum {
	WORD = 8,
	BEGIN_SIGNATURE_MAX = WIRE_NONCE_SIZE + 1 + WIRE_ID_MAX + 10 + WIRE_KEY_ID_SIZE +
			      WIRE_SIGNATURE_SIZE,
	BOARD_BYTES_PER_MS =
		64, /* minimum rate of zeroing, hashing or copying without caches */
	CANCEL_PATIENCE_MS = 3000 /* after a cancel nobody wants to wait long */
};

/* Prepare a request, with the number of bytes of memory that the board has to process. */
static struct link_request *prepare_request(struct mmp_session *session,
					    enum wire_opcode opcode, size_t work,
					    struct wire_writer *ret_writer)
{
	size_t body_max =
		session->report.greeted ? session->report.board.body_max : WIRE_BODY_MIN;
	struct link_request *request =
		link_window_prepare(&session->window, opcode, body_max, ret_writer);

	if (request)
		request->patience_ms =
			session->push.patience_ms + work / BOARD_BYTES_PER_MS;
	return request;
}

static void send(struct mmp_session *session, struct link_request *request,
		 const struct wire_writer *writer)
{
	link_window_send(&session->window, request, writer, session->now_ms);
}

static void send_plain(struct mmp_session *session, enum wire_opcode opcode, size_t work)
{
	struct wire_writer writer;
	struct link_request *request = prepare_request(session, opcode, work, &writer);

	if (request)
		send(session, request, &writer);
}

void session_send_abort(struct mmp_session *session)
{
	struct wire_writer writer;
	struct link_request *request = prepare_request(session, WIRE_ABORT, 0, &writer);

	if (!request)
		return;
	if (request->patience_ms > CANCEL_PATIENCE_MS)
		request->patience_ms = CANCEL_PATIENCE_MS;
	send(session, request, &writer);
}

static void send_hello(struct mmp_session *session)
{
	struct wire_hello hello = { .magic = WIRE_MAGIC,
				    .version = WIRE_VERSION,
				    .authentic = session->authentic,
				    .compares = session->compares,
				    .page = (uint32_t)session->compared };
	struct wire_writer writer;
	struct link_request *request = prepare_request(session, WIRE_HELLO, 0, &writer);

	if (!request)
		return;
	memcpy(hello.point, session->pair.point, sizeof(hello.point));
	wire_put_hello(&writer, &hello);
	if (session->compares)
		request->answer = WIRE_PAGE_DIGEST_SIZE *
				  (session->report.pages - session->compared);
	send(session, request, &writer);
}

/*
 * Stop asking for digests: the long answer that carries them does not get through on this
 * line.
 */
static bool shorten_hello(struct mmp_session *session, struct link_request *request,
			  struct wire_writer *writer)
{
	struct wire_hello hello = { .magic = WIRE_MAGIC,
				    .version = WIRE_VERSION,
				    .authentic = session->authentic };

	if (!session->compares)
		return false;
	memcpy(hello.point, session->pair.point, sizeof(hello.point));
	wire_put_hello(writer, &hello);
	session->compares = false;
	request->answer = 0;
	return !writer->failed;
}

/* The word size of the tables, for the encoding. */
static enum wire_word word_width(const struct mmp_session *session)
{
	return session->image.regime == WIRE_AARCH32_SHORT ? WIRE_SHORT_WORD
							   : WIRE_LONG_WORD;
}

/* Put the pool from an offset, as far as it fits; returns the number of bytes covered. */
static size_t put_runs(const struct mmp_session *session, size_t from, size_t end,
		       struct wire_writer *writer)
{
	enum wire_word width = word_width(session);
	const uint8_t *bytes = session->image.bytes + from;
	size_t count = (end - from) / width;
	struct wire_known known = { session->changes, from / width };

	return width *
	       (session->changes
			? wire_runs_encode_changes(bytes, count, width, &known, writer)
			: wire_runs_encode(bytes, count, width, false, writer));
}

/* Put the front of the pool. */
static size_t put_front(const struct mmp_session *session, struct wire_writer *writer)
{
	return put_runs(session, 0, session->image.length, writer);
}

bool session_may_compare(const struct mmp_session *session)
{
	size_t worth = session->report.pages * WIRE_PAGE_DIGEST_SIZE, at = 0, bytes = 0;
	uint8_t body[WIRE_BODY_MAX];

	while (at < session->image.length && bytes <= worth) {
		struct wire_writer writer = wire_writer(body, sizeof(body));

		at += put_runs(session, at, session->image.length, &writer);
		bytes += writer.at;
	}
	return bytes > worth;
}

static bool is_as_told(const struct mmp_image *image, size_t page, const uint8_t *digest)
{
	struct mmp_digest ours =
		mmp_digest_of(image->bytes + page * WIRE_PAGE, WIRE_PAGE);

	return memcmp(ours.bytes, digest, WIRE_PAGE_DIGEST_SIZE) == 0;
}

/* If there is no memory for the notes, everything is sent. */
void session_note_pages(struct mmp_session *session, const struct wire_pages *pages)
{
	size_t all = session->report.pages, from = session->compared;

	if (!session->changes && pages->told) {
		session->changes = malloc(all * sizeof(*session->changes));
		for (size_t i = 0; session->changes && i < all; i++)
			session->changes[i] = true;
	}
	for (size_t i = 0; session->changes && i < pages->told && from + i < all; i++)
		if (is_as_told(&session->image, from + i, pages->digests[i])) {
			session->changes[from + i] = false;
			session->report.pages_kept++;
		}
	session->compared += pages->told;
	session->compares = pages->told && session->compared < all &&
			    session->compared < pages->staged;
}

void session_send_all(struct mmp_session *session)
{
	free(session->changes);
	session->changes = NULL;
	session->report.pages_kept = 0;
	session->begin.keeps = session->begun = false;
	session->sent_bytes = session->taken_bytes = 0;
	session->goes = session_goes_at_once(session);
	session->state = session->goes ? MMP_SESSION_ACTIVATING : MMP_SESSION_SENDING;
}

void session_make_begin(struct mmp_session *session)
{
	const struct mmp_image *image = &session->image;
	const struct wire_board *board = &session->report.board;
	struct wire_begin *begin = &session->begin;

	*begin = (struct wire_begin){
		.regime = (uint8_t)image->regime,
		.length = (uint32_t)image->length,
		.pool_pa = image->pool_pa,
		.keeps = session->report.pages_kept > 0,
		.id_length = board->id_length,
		.counter = board->counter + 1,
	};
	memcpy(begin->registers, image->registers, sizeof(begin->registers));
	memcpy(begin->build, image->id.bytes, sizeof(begin->build));
	memcpy(begin->digest, image->digest.bytes, sizeof(begin->digest));
	memcpy(begin->nonce, board->nonce, sizeof(begin->nonce));
	memcpy(begin->id, board->id, sizeof(begin->id));
}

struct mmp_digest mmp_session_statement(struct mmp_session *session,
					const uint8_t key[WIRE_KEY_ID_SIZE])
{
	uint8_t bytes[WIRE_STATEMENT_MAX];
	struct wire_writer writer = wire_writer(bytes, sizeof(bytes));

	memcpy(session->begin.key, key, WIRE_KEY_ID_SIZE);
	memcpy(session->keep.key, key, WIRE_KEY_ID_SIZE);
	if (session->push.keep)
		wire_put_keep_statement(&writer, &session->report.board, &session->keep);
	else
		wire_put_begin_statement(&writer, &session->begin);
	return mmp_digest_of(bytes, writer.at);
}

void mmp_session_signed(struct mmp_session *session,
			const uint8_t signature[WIRE_SIGNATURE_SIZE])
{
	struct mmp_session_report *report = &session->report;

	if (session->state != MMP_SESSION_SIGNING)
		return;
	memcpy(session->begin.signature, signature, WIRE_SIGNATURE_SIZE);
	memcpy(session->keep.signature, signature, WIRE_SIGNATURE_SIZE);
	memcpy(report->key, session->begin.key, sizeof(report->key));
	session->begin.is_signed = session->keep.is_signed = report->is_signed = true;
	session->state = session->push.keep ? MMP_SESSION_KEEPING
			 : session->goes    ? MMP_SESSION_ACTIVATING
					    : MMP_SESSION_SENDING;
}

/* Put begin, and as much of the pool as fits in the message. */
static void put_begin(struct mmp_session *session, struct link_request *request,
		      struct wire_writer *writer)
{
	struct wire_begin plain = session->begin;
	size_t piece = link_window_piece(&session->window), unsigned_end;

	session->begin.goes = session->goes;
	plain.is_signed = false;
	wire_put_begin(writer, &plain);
	unsigned_end = writer->at;
	writer->at = WIRE_HEADER_SIZE;
	wire_put_begin(writer, &session->begin);
	session->report.signature_bytes = writer->at - unsigned_end;
	if (!session->goes && writer->capacity > piece)
		writer->capacity = writer->at > piece ? writer->at : piece;
	request->from = 0;
	request->count = put_front(session, writer);
}

static void send_begin(struct mmp_session *session)
{
	struct wire_writer writer;
	struct link_request *request =
		prepare_request(session, WIRE_BEGIN, 3 * session->image.length, &writer);

	if (!request)
		return;
	put_begin(session, request, &writer);
	session->sent_bytes = request->count;
	send(session, request, &writer);
}

bool session_goes_at_once(struct mmp_session *session)
{
	uint8_t body[WIRE_BODY_MAX];
	struct wire_writer writer =
		wire_writer(body, mmp_least(session->report.board.body_max,
					    link_window_whole(&session->window)));

	writer.at = WIRE_HEADER_SIZE;
	wire_put_begin(&writer, &session->begin);
	if (!session->begin.is_signed && session->signs)
		writer.at += BEGIN_SIGNATURE_MAX;
	return writer.at < writer.capacity &&
	       put_front(session, &writer) == session->image.length;
}

static void send_keep(struct mmp_session *session)
{
	struct wire_writer writer;
	struct link_request *request = prepare_request(session, WIRE_KEEP, 0, &writer);

	if (!request)
		return;
	wire_put_keep(&writer, &session->keep);
	send(session, request, &writer);
}

/* --- requests in pieces: writes and translates --- */

/* The next range: one that a lost request has given back, or the next unsent one. */
static struct session_range next_range(const struct mmp_session *session, size_t cursor,
				       size_t all)
{
	return session->owed_count ? session->owed[session->owed_count - 1]
				   : (struct session_range){ cursor, all };
}

static bool is_more(const struct mmp_session *session, size_t cursor, size_t all)
{
	return session->owed_count || cursor < all;
}

static void sent_up_to(struct mmp_session *session, size_t *cursor, size_t end)
{
	struct session_range *owed;

	if (!session->owed_count) {
		*cursor = end;
		return;
	}
	owed = &session->owed[session->owed_count - 1];
	owed->from = end;
	if (owed->from == owed->end)
		session->owed_count--;
}

static void owe(struct mmp_session *session, struct session_range range)
{
	if (range.from < range.end)
		session->owed[session->owed_count++] = range;
}

/*
 * Put as much of the range as fits in a frame. False: it is all zero and need not be
 * sent.
 */
static bool put_write(const struct mmp_session *session, struct link_request *request,
		      struct session_range range, struct wire_writer *writer)
{
	size_t head;

	wire_put32(writer, (uint32_t)range.from);
	head = writer->at;
	request->from = range.from;
	request->count = put_runs(session, range.from, range.end, writer);
	request->count -= request->count % WORD;
	return writer->at > head;
}

static const uint8_t accesses[MMP_PROBE_ACCESS_COUNT] = {
	[MMP_PROBE_READ] = WIRE_READ,
	[MMP_PROBE_WRITE] = WIRE_WRITE_ACCESS,
	[MMP_PROBE_USER_READ] = WIRE_USER_READ,
	[MMP_PROBE_USER_WRITE] = WIRE_USER_WRITE,
};

static void put_questions(const struct mmp_session *session, struct link_request *request,
			  struct session_range range, struct wire_writer *writer)
{
	size_t room = (writer->capacity - writer->at) / WIRE_QUESTION_SIZE;

	request->from = range.from;
	request->count = range.end - range.from < room ? range.end - range.from : room;
	request->answer = WIRE_PAR_SIZE * request->count;
	for (size_t i = 0; i < request->count; i++) {
		const struct mmp_probe *probe = &session->image.probes[range.from + i];
		struct wire_question question = { accesses[probe->access], probe->va };

		wire_put_question(writer, &question);
	}
}

/*
 * Drop the data, which then follows in writes. A board that has already carried out the
 * whole message does it once more. After a cancel it stays as it is: only its answer
 * says what is live.
 */
static bool shorten_begin(struct mmp_session *session, struct link_request *request,
			  struct wire_writer *writer)
{
	if (!request->count || session->cancelled)
		return false;
	session->begin.goes = false;
	wire_put_begin(writer, &session->begin);
	if (writer->failed)
		return false;
	session->goes = false;
	session->sent_bytes = 0;
	request->count = 0;
	if (session->state == MMP_SESSION_ACTIVATING)
		session->state = MMP_SESSION_SENDING;
	return true;
}

bool session_shorten(void *owner, struct link_request *request,
		     struct wire_writer *writer)
{
	struct mmp_session *session = owner;
	struct session_range range = { request->from, request->from + request->count };

	if (session->owed_count == SESSION_OWED_MAX)
		return false;
	if (request->opcode == WIRE_HELLO)
		return shorten_hello(session, request, writer);
	if (request->opcode == WIRE_BEGIN)
		return shorten_begin(session, request, writer);
	if (request->opcode == WIRE_WRITE)
		put_write(session, request, range, writer);
	else if (request->opcode == WIRE_TRANSLATE)
		put_questions(session, request, range, writer);
	else if (request->opcode == WIRE_EXECUTE)
		session_put_trials(session, request, range, writer);
	else
		return false;
	owe(session, (struct session_range){ request->from + request->count, range.end });
	return true;
}

static bool send_write(struct mmp_session *session)
{
	struct session_range range =
		next_range(session, session->sent_bytes, session->image.length);
	struct wire_writer writer;
	struct link_request *request = prepare_request(session, WIRE_WRITE, 0, &writer);

	if (!request)
		return false;
	if (put_write(session, request, range, &writer))
		send(session, request, &writer);
	else
		session->taken_bytes += request->count;
	sent_up_to(session, &session->sent_bytes, range.from + request->count);
	return true;
}

static size_t items_of_step(const struct mmp_session *session)
{
	return session->proof_step == PROOF_ASKS ? session->image.probe_count
						 : session->trial_order_count;
}

static bool send_items(struct mmp_session *session)
{
	bool asks = session->proof_step == PROOF_ASKS;
	struct session_range range =
		next_range(session, session->asked, items_of_step(session));
	struct wire_writer writer;
	struct link_request *request = prepare_request(
		session, asks ? WIRE_TRANSLATE : WIRE_EXECUTE, 0, &writer);

	if (!request)
		return false;
	if (asks)
		put_questions(session, request, range, &writer);
	else
		session_put_trials(session, request, range, &writer);
	send(session, request, &writer);
	sent_up_to(session, &session->asked, range.from + request->count);
	return true;
}

static void advance_sending(struct mmp_session *session)
{
	size_t all = session->image.length;

	if (!session->begun) {
		if (!session->window.pending)
			send_begin(session);
		return;
	}
	while (is_more(session, session->sent_bytes, all) && send_write(session))
		;
	if (!is_more(session, session->sent_bytes, all) && !session->window.pending) {
		session->state = MMP_SESSION_VERIFYING;
		send_plain(session, WIRE_FINISH, session->image.length);
	}
}

/* One step after the other, because each needs the answers to the previous one. */
static void advance_proving(struct mmp_session *session)
{
	if (!session->proof_planned)
		session_plan_proof(session);
	while (session->proof_step < PROOF_READS) {
		while (is_more(session, session->asked, items_of_step(session)))
			if (!send_items(session))
				return;
		if (session->window.pending)
			return;
		session->proof_step++;
		session->asked = 0;
	}
	if (session->window.pending)
		return;
	if (session->proof_step++ == PROOF_READS && session->image.probe_count)
		send_plain(session, WIRE_READ_BACK, session->image.length);
	else
		session_conclude(session);
}

/* Send what the state calls for. Pending requests keep it from being sent twice. */
void session_advance(struct mmp_session *session)
{
	if (session->state == MMP_SESSION_GREETING && !session->window.pending)
		send_hello(session);
	if (session->state == MMP_SESSION_KEEPING && !session->window.pending)
		send_keep(session);
	if (session->state == MMP_SESSION_SENDING)
		advance_sending(session);
	if (session->state == MMP_SESSION_ACTIVATING && session->goes &&
	    !session->begun && !session->window.pending)
		send_begin(session);
	else if (session->state == MMP_SESSION_ACTIVATING && !session->window.pending)
		send_plain(session, WIRE_ACTIVATE, session->image.length);
	if (session->state == MMP_SESSION_PROVING)
		advance_proving(session);
}
