/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_VIEW_H
#define CLIENT_VIEW_H

#include <jansson.h>
#include <stdio.h>

/*
 * How an answer is shown to people: sections, each a table of the items of an array or
 * the facts of an object, as rows of title, path in the answer, and format of the
 * value. A view is data; printer.c prints all of them.
 */

/* The format of a value in a cell. A value of another type is written unchanged. */
enum cell {
	CELL_TEXT,    /* texts, numbers, yes and no */
	CELL_ADDRESS, /* hex, padded to the width of its column */
	CELL_SIZE,    /* "2M", exact */
	CELL_BYTES,   /* "4.1 MiB", rounded */
	CELL_LAST,    /* for {va|pa|addr, size}: the last address; path names the first */
	CELL_TIME,    /* seconds since 1970, as local time */
	CELL_SECONDS, /* "2 h 5 min" */
	CELL_SHORT,   /* the first 12 digits of a digest */
	CELL_LENGTH,  /* the number of items of an array or object */
	CELL_LIST,    /* the texts of an array, separated by commas */
	CELL_NOTE,    /* the same, below the row; such columns come last */
	CELL_DEFAULT, /* for a config key: as in a document, or "required" */
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
	SECTION_CONFIG, /* the keys of the platform document at path that are set */
	SECTION_LINES,  /* the text at path, line by line; no columns */
};

struct section {
	enum section_kind kind;
	const char *title; /* NULL: none */
	const char *path;  /* "" is the answer itself; left out if it is missing */
	const struct column *columns; /* end with a row without a title */
	const char *empty; /* printed instead of an empty table; NULL: nothing */
};

struct view {
	const struct section *sections; /* end with SECTION_END */
};

/* Print an answer as its view says; without a view (NULL), as indented JSON. */
void view_print(FILE *to, const struct view *view, const json_t *value);

#endif
