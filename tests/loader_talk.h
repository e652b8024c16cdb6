/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_TALK_H
#define LOADER_TALK_H

/* For tests of the loader's core: requests to a board in memory, and its answers. */

#include "fake_board.h"

enum { SESSION = 0x5e55, PAGE = 4096 };

/* The first byte of a run of words as they are; see wire/runs_private.h. */
enum { LITERAL = (char)0xe0 };

extern struct fake_board board;

/* The body of the board's last answer; length 0 if it did not answer. */
struct loader_answer {
	uint8_t body[LOADER_BODY_MAX + 4];
	size_t length;
};
extern struct loader_answer answer;

/* The setup of each test: a new board. */
int setup(void **state);

/* Send one request; the status of its answer, or -1 for silence. */
int ask(uint16_t session, uint16_t sequence, uint8_t opcode, const uint8_t *payload,
	size_t length);
int ask_plain(uint16_t sequence, uint8_t opcode);
int ask_hello(uint16_t session, uint32_t magic, uint16_t version);
int greet(uint16_t session);
int ask_begin(uint16_t sequence, const struct wire_begin *begin);
int ask_write(uint16_t sequence, uint32_t offset, const char *runs, size_t length);

/* One zero page but for its first word, 0x1122. */
extern const uint8_t first_word[8];
int write_first_word(uint16_t sequence);

/* A begin that the board takes, for that page. */
struct wire_begin good(void);

/* Push that page. */
void push_all(void);

#endif
