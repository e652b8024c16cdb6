/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_VIEW_H
#define CLIENT_VIEW_H

#include <jansson.h>
#include <stdio.h>

/*
 * How people see an answer: sections, each a table of the items of an array or the
 * facts of an object, as rows: title, path in the answer, and how a value is
 * written. A view is data; the one printer of it is printer.c.
 */

/* How a value is written in a cell. Whatever has another type is written as it is. */
enum cell {
	CELL_TEXT,    /* texts, numbers, yes and no */
	CELL_ADDRESS, /* hex, padded to the width of its column */
	CELL_SIZE,    /* "2M" */
	CELL_LAST,    /* of {va|pa|addr, size}: the last address; path names the first */
	CELL_TIME,    /* seconds since 1970, as local time */
	CELL_SECONDS, /* "2 h 5 min" */
	CELL_SHORT,   /* a digest's first 12 digits */
	CELL_LENGTH,  /* how many an array or object holds */
	CELL_LIST,    /* the texts of an array, with commas */
	CELL_NOTE,    /* the same, below the row; such columns are the last */
	CELL_DEFAULT, /* of a config key: as a document has it, or "required" */
	CELL_KIND_COUNT
};

struct column {
	const char *title; /* of the column, or of the fact */
	const char *path;  /* in the item, with dots: "config.tee_ram.start" */
	enum cell cell;
};

enum section_kind {
	SECTION_END,
	SECTION_TABLE,  /* one line for each item of the array at path */
	SECTION_FACTS,  /* one line for each column of the object at path */
	SECTION_CONFIG, /* the keys of the platform document at path that say something */
};

struct section {
	enum section_kind kind;
	const char *title; /* NULL: none */
	const char *path;  /* "" is the answer itself; an absent one is left out */
	const struct column *columns; /* end with a row without a title */
	const char *empty; /* said in place of an empty table; NULL: nothing is */
};

struct view {
	const struct section *sections; /* end with SECTION_END */
};

void view_print(FILE *to, const struct view *view, const json_t *value);

#endif
