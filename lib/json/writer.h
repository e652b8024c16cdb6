/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_WRITER_H
#define MMP_JSON_WRITER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/*
 * Write JSON directly into a buffer, for long answers: no jansson values are made, and
 * the bytes are the same as jansson would print. Small values are still built with
 * jansson; mmp_writer_object combines the two.
 *
 *	static const struct mmp_column columns[] = {
 *		{ "type", MMP_COLUMN_TEXT, offsetof(struct row, type), 0 },
 *		{ "pa",   MMP_COLUMN_HEX,  offsetof(struct row, pa),   1 },
 *		{ 0 },
 *	};
 *	mmp_writer_row(&writer, columns, &row);
 *
 * If memory runs out, the buffer is marked `failed`.
 */
struct mmp_writer {
	struct mmp_buffer *buffer;
	bool follows; /* a value was written before, so a ',' is needed */
};

#define MMP_WRITER(to) ((struct mmp_writer){ .buffer = (to) })

/* Open an object or array with '{' or '['; close it with '}' or ']'. */
void mmp_writer_begin(struct mmp_writer *writer, char bracket);
void mmp_writer_end(struct mmp_writer *writer, char bracket);

/* Write the key of a member in the open object; a value must follow. */
void mmp_writer_key(struct mmp_writer *writer, const char *key);
void mmp_writer_text(struct mmp_writer *writer, const char *text); /* UTF-8; NULL: null */
void mmp_writer_number(struct mmp_writer *writer, int64_t number);
void mmp_writer_flag(struct mmp_writer *writer, bool flag);

/* Write "0x" and at least `digits` lower-case hex digits, as mmp_json_hex. */
void mmp_writer_hex(struct mmp_writer *writer, uint64_t number, int digits);

/* Write a whole jansson value. */
void mmp_writer_value(struct mmp_writer *writer, json_t *value);

enum mmp_column_kind {
	MMP_COLUMN_TEXT,   /* const char * */
	MMP_COLUMN_HEX,    /* uint64_t */
	MMP_COLUMN_HEX32,  /* uint32_t */
	MMP_COLUMN_NUMBER, /* uint64_t */
	MMP_COLUMN_FLAG,   /* bool */
	MMP_COLUMN_KIND_COUNT
};

/* A member of an object: its key, and where a struct has its value. */
struct mmp_column {
	const char *key;
	enum mmp_column_kind kind;
	size_t offset;
	int digits; /* for the two hex kinds */
};

/* Write an object with these members; the last row has no key. */
void mmp_writer_row(struct mmp_writer *writer, const struct mmp_column *columns,
		    const void *row);

/* Write only the members, into the open object. */
void mmp_writer_columns(struct mmp_writer *writer, const struct mmp_column *columns,
			const void *row);

/* A member that a function writes, in place of a null. */
struct mmp_member {
	const char *key;
	void (*write)(struct mmp_writer *writer, const void *data);
	const void *data;
};

/* Write `object` like jansson, except for these members; the last row has no key. */
void mmp_writer_object(struct mmp_writer *writer, json_t *object,
		       const struct mmp_member *members);

#endif
