/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_MAP_H
#define CLIENT_MAP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* Pictures of an answer of layout.map: for a terminal, as SVG, and as an HTML page. */

/* What a drawing is for. */
enum map_use {
	MAP_FILE,   /* a file of its own */
	MAP_PAGE,   /* part of a page, whose regions the keyboard reaches */
	MAP_BEHIND, /* part of a page, for the eye only */
};

/* A whole SVG element, or document. Regions with a "change" (map_mark) are marked. */
void map_svg(FILE *to, const json_t *map, enum map_use use);

/*
 * Copies of two maps, both new references, whose regions have two members more: "change",
 * which is "new", "gone", "moved", "changed" or "", and "note", the same for people; and
 * where a region moved in one space, "stays" names the other, and "other" says whether its
 * size or rights changed. The regions of `map` end with those that are gone.
 */
void map_mark(const json_t *map, const json_t *before, json_t **ret_map,
	      json_t **ret_before);

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
