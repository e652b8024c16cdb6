/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_SHAPE_H
#define MMP_JSON_SHAPE_H

#include <jansson.h>

/*
 * What an object of JSON looks like, as a table: a row for each member. The schemas
 * that rpc.discover answers are made from these tables, and the test suite validates
 * every answer against them.
 *
 *	static const struct mmp_shape region[] = {
 *		{ "type", MMP_SHAPE_TEXT, NULL, "memory type" },
 *		{ "pa",   MMP_SHAPE_HEX },
 *		{ "note", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE },
 *		{ 0 },
 *	};
 */
enum mmp_shape_kind {
	MMP_SHAPE_TEXT,   /* a string */
	MMP_SHAPE_HEX,    /* "0x9000000" */
	MMP_SHAPE_NUMBER, /* an integer */
	MMP_SHAPE_REAL,   /* a number with a fraction */
	MMP_SHAPE_FLAG,   /* true or false */
	MMP_SHAPE_OBJECT, /* an object with the members `of`; NULL: with any members */
	MMP_SHAPE_LIST,   /* an array of such objects */
	MMP_SHAPE_MAP,   /* an object; each member, whatever its key, is such an object */
	MMP_SHAPE_TEXTS, /* an array of strings */
	MMP_SHAPE_NUMBERS, /* an array of integers */
	MMP_SHAPE_TUPLES,  /* an array of arrays of integers, "0x..." strings and nulls */
	MMP_SHAPE_EITHER,  /* an object like one of the rows `of`, which are objects */
	MMP_SHAPE_ANY,     /* any value */
	MMP_SHAPE_MEMBERS, /* no member of its own: those of `of` come here; key: "" */
	MMP_SHAPE_KIND_COUNT
};

/* Or-ed to the kind. */
#define MMP_SHAPE_MAYBE 0x100 /* the member may be absent */
#define MMP_SHAPE_NULL  0x200 /* the member may be null */

struct mmp_shape {
	const char *key;
	unsigned kind; /* enum mmp_shape_kind and the flags */
	const struct mmp_shape
		*of;       /* ends with a row of zeroes; NULL for a plain value */
	const char *about; /* NULL: the key says it */
};

/*
 * The JSON Schema (draft 7, as OpenRPC 1.3 has it) of an object with these members and
 * no others. A new reference.
 */
json_t *mmp_shape_schema(const struct mmp_shape *members);

#endif
