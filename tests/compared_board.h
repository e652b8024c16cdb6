/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPARED_BOARD_H
#define COMPARED_BOARD_H

#include <jansson.h>

#include "doc/build.h"

/* A build, and a copy of its bytes that plays the memory of a board. */
struct board {
	struct mmp_build *build;
	uint8_t *bytes;
};

/* The build of a recording; `placement` NULL: not where the firmware places its tables. */
struct board board_of(const char *vector, const char *placement);
void done(struct board *board);

/* A range of a dump: `size` bytes of the memory. */
json_t *range(const struct board *board, size_t from, size_t size);

/* The answer of a comparison with a dump, or with one of the whole memory. */
json_t *compare(const struct board *board, json_t *take_dump);
json_t *compare_all(const struct board *board);

/* In an answer: a number, the nth difference, and whether a list has a text. */
json_int_t number(const json_t *answer, const char *key);
const json_t *difference(const json_t *answer, size_t n);
bool has(const json_t *list, const char *text);

/* Where the descriptor that maps `va` is in the board's memory. */
uint64_t *entry_of(const struct board *board, uint64_t va);

/* The region of the map with this label. */
const struct mmp_region *region_of(const struct board *board, const char *label);

#endif
