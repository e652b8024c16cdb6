/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NOISY_LINE_H
#define NOISY_LINE_H

/* A bad serial line on a simulated clock: two directions, and what can happen on each. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers that are the same everywhere for the same seed. */
struct dice {
	uint64_t state;
};
struct dice dice_of(uint64_t seed);
uint32_t dice_roll(struct dice *dice, uint32_t sides); /* 0 to sides - 1 */

/* Chances in a hundred thousand: of a byte, or of what was sent at once ("a piece"). */
struct noise {
	uint32_t flip, drop, twice; /* a byte: one bit, all of it, a copy after it */
	uint32_t stall; /* a byte: so that all after it waits, up to stall_ms */
	uint32_t stall_ms;
	uint32_t burst;   /* a piece: up to 40 bytes in it become others */
	uint32_t again;   /* a piece: comes once more */
	uint32_t gap;     /* a piece: is lost */
	uint32_t stray;   /* a piece: random bytes stand before it */
	uint32_t console; /* a piece: a kernel's message is before it */
	bool eats_xon;    /* 0x11 and 0x13 never come through */
	uint32_t byte_us; /* that a byte takes */
	uint32_t latency_us;
};

/* Any line from a good one to a hopeless one. */
struct noise noise_of(struct dice *dice);

/* One direction. Bytes come out in order. */
struct noisy_line {
	struct {
		uint8_t byte;
		uint64_t at_us;
	} bytes[1 << 16];
	size_t head, tail;
	uint64_t busy_until_us;
	uint64_t spoilt; /* how often something happened */
};

void noisy_line_send(struct noisy_line *line, const struct noise *noise,
		     struct dice *dice, uint64_t now_us, const uint8_t *bytes,
		     size_t length);

/* What has come out by now; how many bytes. */
size_t noisy_line_take(struct noisy_line *line, uint64_t now_us, uint8_t *bytes,
		       size_t room);

/* When the next byte comes out; UINT64_MAX where the line is empty. */
uint64_t noisy_line_next_us(const struct noisy_line *line);

/* Unplugged: what is under way is gone. */
void noisy_line_cut(struct noisy_line *line);

#endif
