/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_MAP_H
#define CLIENT_MAP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* Pictures of an answer of layout.map: for a terminal, as SVG, and as an HTML page. */

void map_terminal(FILE *to, const json_t *map);

/*
 * Write a whole SVG document; `standalone`: with the headers that a separate file
 * needs.
 */
void map_svg(FILE *to, const json_t *map, bool standalone);

/*
 * Write an HTML page in one file: `map`, and if they are not NULL the map before it and
 * the answer of layout.diff for the two.
 */
int map_html(FILE *to, const json_t *map, const json_t *before, const json_t *diff,
	     struct mmp_error *err);

extern const char map_page[]; /* map_page.html, compiled into the program */

/* An address of the answer; 0 if it is not an address. */
uint64_t map_number(const json_t *value);

#endif
