/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_LINE_H
#define SESSION_LINE_H

/*
 * For tests of lib/link/session.c: a session and the loader's core at the two ends of a
 * line in memory, on a clock that the test moves on. setup() makes all of it anew.
 */

#include <stdbool.h>

#include "base/least.h"
#include "fake_board.h"
#include "link/session.h"

#define POOL_PA (FAKE_RAM_BASE + 0x40000)

enum { PAGE = 4096, PIPE = 1 << 16, POOL_WORDS = 8 * 512 };

/* One direction of a line: bytes with the time at which they come out, in order. */
struct pipe {
	struct {
		uint8_t byte;
		uint64_t at_ms;
	} bytes[PIPE];
	size_t head, tail;
	uint64_t busy_until_us;
	unsigned int run; /* bytes since the last frame ended */
	unsigned int longest_run;
};

/* Bytes of ten thousand that are damaged so, on the average. */
struct noise {
	unsigned int flip, drop, twice, delay;
	unsigned int byte_us; /* that a byte takes on the line */
	unsigned int latency_ms;
	unsigned int longest; /* bytes of a frame that get through; 0: any number */
};

extern struct fake_board board;
extern struct pipe to_board, to_host;
extern struct noise noise; /* of both directions */
extern bool chatty;        /* a console's text is before each answer */
extern uint64_t now_ms, random_state;
extern uint8_t pool[8 * POOL_WORDS];
extern struct mmp_probe probes[600];
extern struct mmp_image image; /* what start() pushes: the pool, and the probes */

/* 0 to sides - 1, the same everywhere for the same random_state. */
uint32_t dice(uint32_t sides);

/* Whether a byte has come out of a line by now. */
bool ready(const struct pipe *pipe);

/* Hand what has come out by now to the board, or to the buffer; returns how many bytes. */
void deliver_to_board(void);
size_t collect_for_host(uint8_t *input, size_t room);

/* `send` of the board: bytes to the host. */
void board_sends(void *context, const uint8_t *bytes, size_t length);

/* Send what the session wants to send. */
void take_output(struct mmp_session *session);

/* Let it run on the fake clock until it ends, or until `stop` is reached. */
enum mmp_session_state run_until(struct mmp_session *session,
				 enum mmp_session_state stop);
enum mmp_session_state run(struct mmp_session *session);

/* A session that pushes the image; fails the test if it is refused. */
struct mmp_session *start(bool force, uint16_t number);

/* Push the image, which must succeed. */
struct mmp_session_report push_whole(uint16_t number);

/* Set a word of the pool; fill it without a pattern; make it the image again. */
void put_word(size_t index, uint64_t value);
void fill_at_random(void);
void seal_image(uint8_t id);

/* Whether the board has the pool in its RAM. */
bool pool_is_in_ram(void);

/* The setup of each test: a new board, a good line, and an image as QEMU's platform has it. */
int setup(void **state);

#endif
