/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_WRITER_H
#define MMP_JSON_WRITER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/*
 * Write JSON, described once and used in two ways: as text in a buffer, for answers, or
 * as a jansson value, for callers that look into it. The text is byte for byte what
 * jansson prints of the value.
 *
 *	static const struct mmp_column columns[] = {
 *		{ "type", MMP_COLUMN_TEXT, MMP_AT(struct row, type) },
 *		{ "pa",   MMP_COLUMN_HEX,  MMP_AT(struct row, pa) },
 *		{ "path", .write = write_path },
 *		{ 0 },
 *	};
 *
 *	struct mmp_writer to_text = MMP_WRITER(&buffer);
 *	mmp_writer_row(&to_text, columns, &row);
 *
 *	json_t *value = mmp_row_json(columns, &row);
 */

enum { MMP_WRITER_DEPTH = 16 /* open objects and arrays of a value; asserted */ };

struct mmp_writer {
	struct mmp_buffer *buffer; /* NULL: a value is built */
	bool follows; /* text: a value was written before, so a ',' is needed */

	/* Of a value: what is open, the innermost last. */
	json_t *open[MMP_WRITER_DEPTH];
	unsigned depth;
	const char *key; /* of the next member; borrowed */
	json_t *whole;
	bool failed; /* memory ran out */
};

/* Write text; if memory runs out, the buffer is marked `failed`. */
#define MMP_WRITER(to) ((struct mmp_writer){ .buffer = (to) })

/* Build a value, which mmp_writer_done returns: a new reference; NULL: out of memory. */
#define MMP_BUILDER ((struct mmp_writer){ .buffer = NULL })
json_t *mmp_writer_done(struct mmp_writer *builder);

/* Open an object or array with '{' or '['; close it with '}' or ']'. */
void mmp_writer_begin(struct mmp_writer *writer, char bracket);
void mmp_writer_end(struct mmp_writer *writer, char bracket);

/* Write the key of a member in the open object; a value must follow. */
void mmp_writer_key(struct mmp_writer *writer, const char *key);
void mmp_writer_text(struct mmp_writer *writer, const char *text); /* UTF-8; NULL: null */
void mmp_writer_number(struct mmp_writer *writer, int64_t number);
void mmp_writer_flag(struct mmp_writer *writer, bool flag);
void mmp_writer_null(struct mmp_writer *writer);

/* Write "0x" and at least `digits` lower-case hex digits, as mmp_json_hex. */
void mmp_writer_hex(struct mmp_writer *writer, uint64_t number, int digits);

/* Write a whole jansson value, which is taken over. NULL, as jansson returns it, is a failure. */
void mmp_writer_take(struct mmp_writer *writer, json_t *take_value);

/*
 * Write a value, or members of the open object with nothing around them, that are JSON
 * text already; the caller has made or checked it. No members, of length 0, are nothing.
 */
void mmp_writer_json(struct mmp_writer *writer, const char *text, size_t length);
void mmp_writer_members_json(struct mmp_writer *writer, const char *text, size_t length);

/* Write the members of a jansson object into the open one. Takes the object. */
void mmp_writer_members(struct mmp_writer *writer, json_t *take_object);

/* A member: its key, and then as above. */
void mmp_member_begin(struct mmp_writer *writer, const char *key, char bracket);
void mmp_member_text(struct mmp_writer *writer, const char *key, const char *text);
void mmp_member_number(struct mmp_writer *writer, const char *key, int64_t number);
/* A count or a limit. UINT64_MAX means "no limit" and is written as null. */
void mmp_member_count(struct mmp_writer *writer, const char *key, uint64_t count);
void mmp_member_flag(struct mmp_writer *writer, const char *key, bool flag);
void mmp_member_null(struct mmp_writer *writer, const char *key);
void mmp_member_hex(struct mmp_writer *writer, const char *key, uint64_t number,
		    int digits);
void mmp_member_take(struct mmp_writer *writer, const char *key, json_t *take_value);

/* --- rows ------------------------------------------------------------------------------ */

enum mmp_column_kind {
	MMP_COLUMN_WRITE,   /* the column's function writes the value */
	MMP_COLUMN_MEMBERS, /* the column's function writes whole members; the key is "" */
	MMP_COLUMN_TEXT,    /* const char *; NULL: null */
	MMP_COLUMN_FILLED,  /* const char *; NULL or "": null */
	MMP_COLUMN_GIVEN,   /* const char *; NULL: no member */
	MMP_COLUMN_HEX,     /* an unsigned type; with at least `digits` digits, or 1 */
	MMP_COLUMN_UNSIGNED, /* an unsigned type of 1 to 8 bytes */
	MMP_COLUMN_INT,      /* int, or int64_t */
	MMP_COLUMN_FLAG,     /* bool */
	MMP_COLUMN_KIND_COUNT
};

/* A member of an object: its key, and where a struct has its value. */
struct mmp_column {
	const char *key;
	enum mmp_column_kind kind;
	unsigned offset, size; /* MMP_AT; not used with a function */
	int digits;
	void (*write)(struct mmp_writer *writer, const void *row);
};

/* The offset and size of a member. */
#define MMP_AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

/* Write an object with these members; the last row has no key. */
void mmp_writer_row(struct mmp_writer *writer, const struct mmp_column *columns,
		    const void *row);

/* Write only the members, into the open object. */
void mmp_writer_columns(struct mmp_writer *writer, const struct mmp_column *columns,
			const void *row);

/* Build the object: a new reference; NULL: out of memory. */
json_t *mmp_row_json(const struct mmp_column *columns, const void *row);

#endif
