/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_SHAPE_H
#define MMP_JSON_SHAPE_H

#include <jansson.h>

/*
 * The shape of a JSON object as a table with a row for each member. The schemas in the
 * answer of rpc.discover are made from these tables, and the test suite validates every
 * answer against them.
 *
 *	static const struct mmp_shape region[] = {
 *		{ "type", MMP_SHAPE_TEXT, NULL, "memory type" },
 *		{ "pa",   MMP_SHAPE_HEX },
 *		{ "note", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE },
 *		{ 0 },
 *	};
 */
enum mmp_shape_kind {
	MMP_SHAPE_TEXT,    /* a string */
	MMP_SHAPE_HEX,     /* "0x9000000" */
	MMP_SHAPE_NUMBER,  /* an integer */
	MMP_SHAPE_REAL,    /* a number with a fraction */
	MMP_SHAPE_FLAG,    /* true or false */
	MMP_SHAPE_OBJECT,  /* an object with the members `of`; NULL: with any members */
	MMP_SHAPE_LIST,    /* an array of such objects */
	MMP_SHAPE_MAP,     /* an object; each member is such an object, with any key */
	MMP_SHAPE_TEXTS,   /* an array of strings */
	MMP_SHAPE_NUMBERS, /* an array of integers */
	MMP_SHAPE_TUPLES,  /* an array of arrays of integers, "0x..." strings and nulls */
	MMP_SHAPE_EITHER,  /* an object that matches one of the objects in `of` */
	MMP_SHAPE_ANY,     /* any value */
	MMP_SHAPE_MEMBERS, /* the members of `of` are inserted here; key: "" */
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
	const char *about; /* NULL: the key is clear enough */
};

/*
 * Make the JSON Schema (draft 7, as in OpenRPC 1.3) of an object with exactly these
 * members. Returns a new reference.
 */
json_t *mmp_shape_schema(const struct mmp_shape *members);

#endif
