/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/window.h"

#include <string.h>

#include "base/least.h"
#include "wire/runs.h"

/* Times of RFC 6298, adjusted for a line where a lost frame should not cost a second. */
enum {
	FIRST_RTO_MS = 500, /* time-out before the first measurement */
	FIRST_BYTE_MS = 1,  /* speed for a long answer then: 9600 baud */
	HELLO_TRIES = 3,    /* the first ones may come before the board listens */
	LEAST_RTO_MS = 200, /* covers scheduling delays at both ends */
	TRIES_LEAST = 4,    /* tries within the patience for a request */
	BACKOFF_MAX = 2,    /* doublings: a line with two ends has no congestion */
	/* of a write with one run; also of four questions */
	LEAST_BODY = WIRE_HEADER_SIZE + 4 + WIRE_RUN_ROOM,
	FIRST_BODY = 1024,
	MOST_BODY = MMP_FRAME_BODY,
	CLEAN_ENOUGH =
		8, /* answers before frames of a length that died are tried again */
	CLEAN_MOST = 64,
	FRAME_EXTRA = 6 /* CRC-32C and two ENDs */
};

void link_window_init(struct link_window *window, uint16_t session, size_t body_limit,
		      uint64_t patience_ms)
{
	memset(window, 0, sizeof(*window));
	window->session = session;
	window->frames_max = 1;
	window->patience_ms = patience_ms;
	window->bold = !body_limit || body_limit >= MOST_BODY;
	window->body_limit = !body_limit               ? FIRST_BODY
			     : body_limit < LEAST_BODY ? LEAST_BODY
			     : body_limit > MOST_BODY  ? MOST_BODY
						       : body_limit;
	window->known = window->bold ? MOST_BODY : window->body_limit;
	window->died = window->bold ? SIZE_MAX : window->body_limit + 1;
	window->clean_enough = CLEAN_ENOUGH;
	window->byte_us_max = UINT64_MAX;
}

void link_window_done(struct link_window *window)
{
	mmp_buffer_done(&window->output);
}

/*
 * The given length, or less on a slow line: so little that the time until such a request
 * is sent again leaves room for some tries.
 */
static size_t timely(const struct link_window *window, size_t length, unsigned int frames)
{
	uint64_t most_us = window->patience_ms * 1000 / TRIES_LEAST / frames;

	return window->sampled && window->byte_us_max * length > most_us
		       ? mmp_greatest((size_t)(most_us / window->byte_us_max), LEAST_BODY)
		       : length;
}

size_t link_window_piece(const struct link_window *window)
{
	return timely(window, window->body_limit, window->frames_max);
}

size_t link_window_whole(const struct link_window *window)
{
	return mmp_greatest(window->bold ? timely(window, MOST_BODY, 1)
					 : link_window_piece(window),
			    WIRE_BODY_MIN);
}

size_t link_window_learned(const struct link_window *window)
{
	size_t lived = mmp_least(window->body_limit, window->lived);

	return mmp_greatest(lived, window->shortened ? LEAST_BODY : window->known);
}

bool link_window_shortened(const struct link_window *window)
{
	return window->shortened;
}

bool link_window_open(const struct link_window *window)
{
	return window->pending < window->frames_max;
}

static struct wire_writer start_body(const struct link_window *window,
				     struct link_request *request, size_t size)
{
	struct wire_writer writer = wire_writer(request->body, size);

	wire_put_header(&writer, &(struct wire_header){ request->opcode, window->session,
							request->sequence });
	return writer;
}

static bool is_in_pieces(enum wire_opcode opcode)
{
	return opcode == WIRE_WRITE || opcode == WIRE_TRANSLATE || opcode == WIRE_EXECUTE;
}

struct link_request *link_window_prepare(struct link_window *window,
					 enum wire_opcode opcode, size_t body_max,
					 struct wire_writer *ret_writer)
{
	struct link_request *request = window->requests;
	/* A request that cannot be split must get through whole, however long it is. */
	size_t size = is_in_pieces(opcode) ? link_window_piece(window) : MOST_BODY;

	if (!link_window_open(window))
		return NULL;
	while (request->pending)
		request++;
	request->opcode = (uint8_t)opcode;
	request->sequence = window->next_sequence;
	request->answer = 0;
	*ret_writer = start_body(window, request, size < body_max ? size : body_max);
	return request;
}

/* Bytes of body, of the request or its answer. */
static size_t longest_of(const struct link_request *request)
{
	return request->length > request->answer ? request->length : request->answer;
}

/*
 * A different body is a different request: under the old number, the answer to the
 * longer one could still arrive.
 */
static void shorten(struct link_window *window, struct link_request *request)
{
	struct link_request shorter = *request;
	unsigned int least_tries = request->opcode == WIRE_HELLO ? HELLO_TRIES : 1;
	struct wire_writer writer;

	if (request->tries < least_tries || !window->shorten ||
	    longest_of(request) <= window->body_limit)
		return;
	shorter.sequence = window->next_sequence;
	writer = start_body(window, &shorter,
			    is_in_pieces(request->opcode) ? link_window_piece(window)
							  : WIRE_BODY_MIN);
	if (!window->shorten(window->owner, &shorter, &writer))
		return;
	shorter.length = writer.at;
	window->next_sequence++;
	*request = shorter;
}

static void transmit(struct link_window *window, struct link_request *request,
		     uint64_t now_ms)
{
	uint8_t line[WIRE_ENCODED_MAX(WIRE_BODY_MAX)];
	size_t length;

	shorten(window, request);
	length = wire_encode(request->body, request->length, line);
	mmp_buffer_add(&window->output, line, length);
	window->bytes_sent += length;
	window->frames_sent++;
	window->frames_resent += request->tries > 0;
	request->tries++;
	request->last_ms = now_ms;
	request->last_order = ++window->order;
}

void link_window_send(struct link_window *window, struct link_request *request,
		      const struct wire_writer *writer, uint64_t now_ms)
{
	request->length = writer->at;
	request->pending = true;
	request->tries = 0;
	request->first_ms = now_ms;
	window->pending++;
	window->next_sequence++;
	transmit(window, request, now_ms);
	request->first_order = request->last_order;
}

struct link_request *link_window_find(struct link_window *window,
				      const struct wire_header *header)
{
	for (size_t i = 0; i < WIRE_FRAMES_MAX; i++) {
		struct link_request *request = &window->requests[i];

		if (request->pending && request->sequence == header->sequence &&
		    header->opcode == (request->opcode | WIRE_ANSWER))
			return request;
	}
	return NULL;
}

/*
 * If frames were lost again soon after they grew, require more answers in a row before
 * they grow the next time.
 */
static void note_failed_growth(struct link_window *window)
{
	if (window->grown && window->clean < CLEAN_ENOUGH &&
	    window->clean_enough < CLEAN_MOST)
		window->clean_enough *= 2;
	window->grown = false;
}

/*
 * Whether the loss of a request says anything about its length. A hello that was not
 * answered in time does not: the board may not listen yet, or the line is slow.
 */
static bool shows_length(const struct link_window *window,
			 const struct link_request *request)
{
	return request->opcode != WIRE_HELLO || window->sampled;
}

/*
 * Halve the length of frames, but once only for what was under way together: one burst
 * may have hit all of it. `died` is the length at which frames are known to die.
 */
static void lost_one(struct link_window *window, const struct link_request *request)
{
	size_t longest = longest_of(request);

	note_failed_growth(window);
	window->clean = 0;
	window->bold = false;
	if (request->last_order <= window->cut_order)
		return;
	window->cut_order = window->order;
	if (longest > window->body_limit / 2 && shows_length(window, request)) {
		window->died = mmp_least(longest, window->died);
		window->shortened = true;
	}
	if (longest <= 2 * window->body_limit)
		window->body_limit = mmp_greatest(window->body_limit / 2, LEAST_BODY);
}

/* Only a frame of about that length shows that the line takes such frames. */
static void came_through(struct link_window *window, const struct link_request *request)
{
	size_t longest = longest_of(request);

	window->clean++;
	if (longest > window->lived)
		window->lived = longest;
	if (longest <= window->body_limit / 2 || window->body_limit >= MOST_BODY)
		return;
	if (2 * window->body_limit > window->died) {
		if (window->clean < window->clean_enough)
			return;
		window->died *= 2;
		window->clean = 0;
		window->grown = true;
	}
	window->body_limit = mmp_least(2 * window->body_limit, MOST_BODY);
}

/*
 * RFC 6298, 2.2 and 2.3, with alpha = 1/8 and beta = 1/4. `most_ms` is how long the
 * bytes took at most: since the first copy, if it is unknown which one was answered.
 */
static void sample(struct link_window *window, uint64_t ms, uint64_t most_ms,
		   size_t bytes)
{
	uint64_t us = ms * 1000, smoothed = window->smoothed_us;
	uint64_t off = us > smoothed ? us - smoothed : smoothed - us;

	if (!window->sampled) {
		window->smoothed_us = us;
		window->variation_us = us / 2;
	} else {
		window->variation_us = (3 * window->variation_us + off) / 4;
		window->smoothed_us = (7 * smoothed + us) / 8;
	}
	window->sampled = true;
	if (1000 * most_ms / bytes < window->byte_us_max)
		window->byte_us_max = 1000 * most_ms / bytes;
}

static void resend_overtaken(struct link_window *window, uint64_t order, uint64_t now_ms)
{
	for (size_t i = 0; i < WIRE_FRAMES_MAX; i++) {
		struct link_request *request = &window->requests[i];

		if (request->pending && request->last_order < order &&
		    request->tries < MMP_TRIES_MAX) {
			lost_one(window, request);
			transmit(window, request, now_ms);
		}
	}
}

void link_window_answered(struct link_window *window, struct link_request *request,
			  size_t bytes, uint64_t now_ms)
{
	if (!request->pending)
		return; /* the answer has ended the session, and everything was dropped */
	request->pending = false;
	window->pending--;
	window->restart_ms = window->heard_ms = now_ms;
	if (request->tries == 1) {
		window->backoff = 0;
		came_through(window, request);
	}
	/*
	 * For resent requests it is unknown which copy was answered. Without any sample
	 * the last copy is still better than nothing: if that is too short a time, the
	 * next time-outs double it. Only the speed of the line must not look higher than
	 * it is, as nothing would ever lower it.
	 */
	if (request->tries == 1 || !window->sampled)
		sample(window, now_ms - request->last_ms, now_ms - request->first_ms,
		       request->length + bytes + 2 * FRAME_EXTRA);
	resend_overtaken(window, request->first_order, now_ms);
}

void link_window_forget_all(struct link_window *window)
{
	for (size_t i = 0; i < WIRE_FRAMES_MAX; i++)
		window->requests[i].pending = false;
	window->pending = 0;
}

void link_window_taken(struct link_window *window, size_t length, uint64_t now_ms)
{
	mmp_buffer_drop(&window->output, length);
	if (length && window->output.length == 0)
		window->restart_ms = now_ms;
}

static uint64_t bytes_under_way(const struct link_window *window)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < WIRE_FRAMES_MAX; i++)
		if (window->requests[i].pending)
			bytes += window->requests[i].length + window->requests[i].answer +
				 2 * FRAME_EXTRA;
	return bytes;
}

static uint64_t rto_ms(const struct link_window *window,
		       const struct link_request *request)
{
	uint64_t ms = FIRST_RTO_MS + FIRST_BYTE_MS * request->answer;
	uint64_t most = request->patience_ms / TRIES_LEAST;

	if (window->sampled) {
		ms = (window->smoothed_us + 4 * window->variation_us) / 1000;
		if (ms < LEAST_RTO_MS)
			ms = LEAST_RTO_MS;
		ms += bytes_under_way(window) * window->byte_us_max / 1000;
	}
	ms <<= window->backoff;
	return ms < most ? ms : most;
}

static uint64_t due_ms(const struct link_window *window,
		       const struct link_request *request)
{
	uint64_t from = request->last_ms;

	if (request->tries >= MMP_TRIES_MAX)
		return UINT64_MAX; /* a busy board still has the rest of the patience */
	if (from < window->restart_ms)
		from = window->restart_ms;
	return from + rto_ms(window, request);
}

static uint64_t patience_end_ms(const struct link_window *window,
				const struct link_request *request)
{
	uint64_t from = request->first_ms;

	if (from < window->heard_ms)
		from = window->heard_ms;
	return from + request->patience_ms;
}

/* While the line has not taken all output, sending more would not help. */
static bool may_resend(const struct link_window *window)
{
	return window->output.length == 0;
}

const struct link_request *link_window_tick(struct link_window *window, uint64_t now_ms)
{
	bool idle = may_resend(window), late = false, due[WIRE_FRAMES_MAX] = { false };

	for (size_t i = 0; i < WIRE_FRAMES_MAX; i++) {
		struct link_request *request = &window->requests[i];

		if (!request->pending)
			continue;
		due[i] = idle && now_ms >= due_ms(window, request);
		if (now_ms >= patience_end_ms(window, request))
			return request;
		late |= due[i];
	}
	for (size_t i = 0; i < WIRE_FRAMES_MAX; i++)
		if (due[i]) {
			lost_one(window, &window->requests[i]);
			transmit(window, &window->requests[i], now_ms);
		}
	if (late && window->backoff < BACKOFF_MAX)
		window->backoff++;
	return NULL;
}

uint64_t link_window_deadline_ms(const struct link_window *window)
{
	uint64_t deadline = UINT64_MAX;

	for (size_t i = 0; i < WIRE_FRAMES_MAX; i++) {
		const struct link_request *request = &window->requests[i];
		uint64_t at;

		if (!request->pending)
			continue;
		at = patience_end_ms(window, request);
		if (at < deadline)
			deadline = at;
		at = due_ms(window, request);
		if (may_resend(window) && at < deadline)
			deadline = at;
	}
	return deadline;
}
