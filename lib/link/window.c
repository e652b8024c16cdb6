/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/window.h"

#include <string.h>

/* Times of RFC 6298, adjusted for a line where a lost frame should not cost a second. */
enum {
	FIRST_RTO_MS = 500, /* before the first measurement */
	LEAST_RTO_MS = 200, /* covers scheduling delays at both ends */
	MOST_RTO_MS = 8000,
	LEAST_BODY = 128,
	MOST_BODY = MMP_FRAME_BODY,
	CLEAN_ENOUGH = 8, /* answers before longer frames are tried again */
	FRAME_EXTRA = 6   /* CRC-32C and two ENDs */
};

void link_window_init(struct link_window *window, uint16_t session)
{
	memset(window, 0, sizeof(*window));
	window->session = session;
	window->frames_max = 1;
	window->body_limit = MOST_BODY;
	window->byte_us_max = UINT64_MAX;
}

void link_window_done(struct link_window *window)
{
	mmp_buffer_done(&window->output);
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

struct link_request *link_window_prepare(struct link_window *window,
					 enum wire_opcode opcode, size_t body_max,
					 struct wire_writer *ret_writer)
{
	struct link_request *request = window->requests;
	/* Requests that cannot be split have to get through whole. */
	bool pieces = opcode == WIRE_WRITE || opcode == WIRE_TRANSLATE ||
		      opcode == WIRE_EXECUTE;
	size_t size =
		pieces && window->body_limit < body_max ? window->body_limit : body_max;

	if (!link_window_open(window))
		return NULL;
	while (request->pending)
		request++;
	request->opcode = (uint8_t)opcode;
	request->sequence = window->next_sequence;
	request->answer = 0;
	*ret_writer = start_body(window, request, size);
	return request;
}

/*
 * A different body is a different request: under the old number, the answer to the
 * longer one could still arrive.
 */
static void shorten(struct link_window *window, struct link_request *request)
{
	struct link_request shorter = *request;
	struct wire_writer writer;

	if (request->tries < 2 || !window->shorten ||
	    (request->length <= window->body_limit &&
	     request->answer <= window->body_limit))
		return;
	shorter.sequence = window->next_sequence;
	writer = start_body(window, &shorter, window->body_limit);
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

static void lost_one(struct link_window *window)
{
	window->clean = 0;
	if (window->body_limit > LEAST_BODY)
		window->body_limit /= 2;
}

static void came_through(struct link_window *window)
{
	if (++window->clean % CLEAN_ENOUGH == 0 && window->body_limit < MOST_BODY)
		window->body_limit *= 2;
}

/* RFC 6298, 2.2 and 2.3, with alpha = 1/8 and beta = 1/4. */
static void sample(struct link_window *window, uint64_t ms, size_t bytes)
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
	if (us / bytes < window->byte_us_max)
		window->byte_us_max = us / bytes;
}

static void resend_overtaken(struct link_window *window, uint64_t order, uint64_t now_ms)
{
	for (size_t i = 0; i < WIRE_FRAMES_MAX; i++) {
		struct link_request *request = &window->requests[i];

		if (request->pending && request->last_order < order &&
		    request->tries < MMP_TRIES_MAX) {
			lost_one(window);
			transmit(window, request, now_ms);
		}
	}
}

void link_window_answered(struct link_window *window, struct link_request *request,
			  size_t bytes, uint64_t now_ms)
{
	if (!request->pending)
		return; /* its answer has ended the session, and everything was dropped */
	request->pending = false;
	window->pending--;
	window->restart_ms = window->heard_ms = now_ms;
	if (request->tries == 1) {
		window->backoff = 0;
		came_through(window);
	}
	/*
	 * For resent requests it is unknown which copy was answered. Without any sample
	 * that is still better than nothing, as the answer to the first copy takes no
	 * longer than this.
	 */
	if (request->tries == 1 || !window->sampled)
		sample(window, now_ms - request->first_ms,
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

static uint64_t rto_ms(const struct link_window *window)
{
	uint64_t ms = FIRST_RTO_MS;

	if (window->sampled) {
		ms = (window->smoothed_us + 4 * window->variation_us) / 1000;
		if (ms < LEAST_RTO_MS)
			ms = LEAST_RTO_MS;
		ms += bytes_under_way(window) * window->byte_us_max / 1000;
	}
	if (ms >= MOST_RTO_MS)
		return ms; /* a slow line needs it */
	ms <<= window->backoff;
	return ms < MOST_RTO_MS ? ms : MOST_RTO_MS;
}

static uint64_t due_ms(const struct link_window *window,
		       const struct link_request *request)
{
	uint64_t from = request->last_ms;

	if (from < window->restart_ms)
		from = window->restart_ms;
	return from + rto_ms(window);
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
		if (now_ms >= patience_end_ms(window, request) ||
		    (due[i] && request->tries >= MMP_TRIES_MAX))
			return request;
		late |= due[i];
	}
	if (late)
		lost_one(window);
	for (size_t i = 0; i < WIRE_FRAMES_MAX; i++)
		if (due[i])
			transmit(window, &window->requests[i], now_ms);
	if (late && window->backoff < 6)
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
