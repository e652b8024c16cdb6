/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_LINK_WINDOW_H
#define MMP_LINK_WINDOW_H

/*
 * Requests under way: their frames, when each is sent again, and when the line counts as
 * lost. The window does not interpret them. Internal to lib/link.
 *
 * Time-outs follow measured round trips (RFC 6298): smoothed round trip plus four times
 * its variation, doubled with each time-out; an answer to a frame that was sent more than
 * once gives no sample (Karn). The time that the bytes under way need at the measured
 * speed is added, so that a slow line is not flooded with copies. As a line keeps the
 * order, an answer to a later frame shows that an earlier one, or its answer, was lost:
 * that one is sent again immediately.
 *
 * Noise damages single bytes, so long frames are the first to be lost. Frames start
 * short. Their length doubles with each one that gets through and is halved when one is
 * lost, also for the lost one itself. Above a length that was lost it grows only after
 * several answers in a row. A message that begins a push may be longer as long as nothing
 * was lost: it saves round trips.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "wire/frame.h"
#include "wire/message.h"

struct link_request {
	bool pending;
	uint8_t opcode;
	uint16_t sequence;
	unsigned int tries;
	uint64_t first_ms, last_ms;       /* when it was sent */
	uint64_t first_order, last_order; /* position among all frames that were sent */
	uint64_t patience_ms;
	size_t answer;      /* bytes of body in its answer */
	size_t from, count; /* the caller's: its part of the image or proof */
	size_t length;
	uint8_t body[WIRE_BODY_MAX];
};

/*
 * Write a shorter body, or one with a shorter answer, for a request that was lost,
 * as far as the writer, which follows the header, has room. False: it cannot be
 * shortened; send it unchanged.
 */
typedef bool link_shorten(void *owner, struct link_request *request,
			  struct wire_writer *writer);

struct link_window {
	uint16_t session, next_sequence;
	link_shorten *shorten; /* may be NULL */
	void *owner;           /* passed to shorten */
	unsigned int frames_max, pending;
	struct link_request requests[WIRE_FRAMES_MAX];
	struct mmp_buffer output; /* encoded, not yet taken by the line */
	uint64_t order;
	uint64_t patience_ms;
	/* How long frames may be, in bytes of body; see above. */
	size_t body_limit;  /* what is worth sending now */
	size_t known;       /* what it was at first; the most if nothing was known */
	size_t died, lived; /* the shortest that was lost, the longest answered */
	bool bold;          /* nothing was lost: a message may have any length */
	bool shortened;     /* a long frame was lost in this session */
	bool grown;         /* beyond `died`, after clean_enough answers */
	unsigned int clean_enough; /* it doubles each time that was too early */
	unsigned int clean;        /* answers in a row to frames that were sent once */
	uint64_t cut_order; /* losses of frames up to this position have been handled */

	uint64_t restart_ms; /* timers run from here or from the frame's sending */
	uint64_t heard_ms;   /* time of the last good answer */
	bool sampled;
	uint64_t smoothed_us, variation_us; /* round trip */
	uint64_t byte_us_max; /* the longest time that the line takes for a byte */
	unsigned int backoff; /* doublings since the last good answer */
	uint64_t bytes_sent, frames_sent, frames_resent;
};

/*
 * An empty window for a session of that number; link_window_done frees what it
 * allocated. `body_limit` is what link_window_learned said after the last session on the
 * same line; 0: nothing is known. `patience_ms` is how long a request may take.
 */
void link_window_init(struct link_window *window, uint16_t session, size_t body_limit,
		      uint64_t patience_ms);
void link_window_done(struct link_window *window);

/* Bytes of the longest body of one frame among others under way. */
size_t link_window_piece(const struct link_window *window);

/* Bytes of the longest body worth sending in one piece. */
size_t link_window_whole(const struct link_window *window);

/*
 * Bytes of body that frames on this line should have: what the session began with, less
 * if longer frames were lost, more if longer ones came through.
 */
size_t link_window_learned(const struct link_window *window);

/* Whether long frames were lost, and the next ones were made shorter for it. */
bool link_window_shortened(const struct link_window *window);

/* Whether there is room for one more request. */
bool link_window_open(const struct link_window *window);

/*
 * Start a request: its header is written, and `ret_writer` is positioned after it. NULL
 * if the window is full. Then call link_window_send, or drop it.
 */
struct link_request *link_window_prepare(struct link_window *window,
					 enum wire_opcode opcode, size_t body_max,
					 struct wire_writer *ret_writer);
void link_window_send(struct link_window *window, struct link_request *request,
		      const struct wire_writer *writer, uint64_t now_ms);

/* The request that this header answers, or NULL. */
struct link_request *link_window_find(struct link_window *window,
				      const struct wire_header *header);

/*
 * The request was answered with `bytes` of body: remove it, update the timing, and
 * resend what was lost.
 */
void link_window_answered(struct link_window *window, struct link_request *request,
			  size_t bytes, uint64_t now_ms);

/* Drop every request that waits for its answer. */
void link_window_forget_all(struct link_window *window);

/* The line has taken `length` bytes of the output. */
void link_window_taken(struct link_window *window, size_t length, uint64_t now_ms);

/*
 * Resend what is due. Returns the request that has run out of patience, or
 * NULL if there is none.
 */
const struct link_request *link_window_tick(struct link_window *window, uint64_t now_ms);

/* When to call tick next; UINT64_MAX if nothing is under way. */
uint64_t link_window_deadline_ms(const struct link_window *window);

#endif
