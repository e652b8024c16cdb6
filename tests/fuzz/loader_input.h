/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_INPUT_H
#define LOADER_INPUT_H

/* For fuzz_loader.c: an input's bytes as requests of a host to a small board. */

#include "loader/core.h"

enum { PAGE = 4096, RAM = 8 * PAGE, OWN = 2 * PAGE, STAGING = 4 * PAGE };

#define BASE   UINT64_C(0x10000)
#define WINDOW (BASE + OWN)

struct input {
	const uint8_t *data;
	size_t size, at;
	unsigned int points; /* products of points, which take a millisecond, so far */
};

enum { INPUT_POINTS_MAX = 2 }; /* more of them are not asked for */

/* The next byte; 0 after the last one. */
uint8_t input_next(struct input *input);

/*
 * The body of the next request, of the right shape or changed a little; returns its
 * length. What a host learns from hello's answer is read from `loader`.
 */
size_t input_request(struct input *input, const struct loader *loader, uint16_t sequence,
		     uint8_t body[LOADER_BODY_MAX], bool *ret_twice);

/* The point of the key that signs. */
const uint8_t *input_point(void);

/* A hello in a session of its own: always of the right shape. */
size_t input_hello(uint16_t session, uint8_t body[LOADER_BODY_MAX]);

#endif
