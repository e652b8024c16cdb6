/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/writer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_SIZE = 32 };

static void append(struct mmp_writer *w, const char *bytes, size_t length)
{
	mmp_buffer_add(w->buffer, bytes, length);
}

static void begin_value(struct mmp_writer *w)
{
	if (w->follows)
		append(w, ",", 1);
	w->follows = true;
}

void mmp_writer_begin(struct mmp_writer *w, char bracket)
{
	begin_value(w);
	append(w, &bracket, 1);
	w->follows = false;
}

void mmp_writer_end(struct mmp_writer *w, char bracket)
{
	append(w, &bracket, 1);
	w->follows = true;
}

/*
 * The letter after '\\' in the escape of this byte; 'u': its number follows; 0: no escape
 * is needed.
 */
static char escape_of(unsigned char c)
{
	static const char short_ones[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'
	};

	if (c == '"' || c == '\\')
		return (char)c;
	if (c >= ' ')
		return 0;
	return c < sizeof(short_ones) && short_ones[c] ? short_ones[c] : 'u';
}

static void put_escape(struct mmp_writer *w, char letter, unsigned char c)
{
	char text[8];
	int length = letter == 'u' ? snprintf(text, sizeof(text), "\\u%04X", c)
				   : snprintf(text, sizeof(text), "\\%c", letter);

	append(w, text, (size_t)length);
}

static void put_text(struct mmp_writer *w, const char *text)
{
	const char *from = text;

	append(w, "\"", 1);
	for (; *text; text++) {
		char letter = escape_of((unsigned char)*text);

		if (!letter)
			continue;
		append(w, from, (size_t)(text - from));
		put_escape(w, letter, (unsigned char)*text);
		from = text + 1;
	}
	append(w, from, (size_t)(text - from));
	append(w, "\"", 1);
}

void mmp_writer_key(struct mmp_writer *w, const char *key)
{
	begin_value(w);
	put_text(w, key);
	append(w, ":", 1);
	w->follows = false;
}

void mmp_writer_text(struct mmp_writer *w, const char *text)
{
	begin_value(w);
	if (text)
		put_text(w, text);
	else
		append(w, "null", 4);
}

void mmp_writer_number(struct mmp_writer *w, int64_t number)
{
	char text[NUMBER_SIZE];
	int length = snprintf(text, sizeof(text), "%" PRId64, number);

	begin_value(w);
	append(w, text, (size_t)length);
}

void mmp_writer_flag(struct mmp_writer *w, bool flag)
{
	begin_value(w);
	append(w, flag ? "true" : "false", flag ? 4 : 5);
}

void mmp_writer_hex(struct mmp_writer *w, uint64_t number, int digits)
{
	char text[NUMBER_SIZE], *at = text + sizeof(text);
	int written = 0;

	*--at = '"';
	do {
		*--at = "0123456789abcdef"[number & 15];
		number >>= 4;
	} while (++written < digits || number);
	*--at = 'x';
	*--at = '0';
	*--at = '"';
	begin_value(w);
	append(w, at, (size_t)(text + sizeof(text) - at));
}

static int append_piece(const char *bytes, size_t length, void *data)
{
	struct mmp_writer *w = data;

	append(w, bytes, length);
	return w->buffer->failed ? -1 : 0;
}

void mmp_writer_value(struct mmp_writer *w, json_t *value)
{
	begin_value(w);
	json_dump_callback(value, append_piece, w, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void write_column(struct mmp_writer *w, const struct mmp_column *column,
			 const void *at)
{
	mmp_writer_key(w, column->key);
	switch (column->kind) {
	case MMP_COLUMN_TEXT:
		mmp_writer_text(w, *(const char *const *)at);
		break;
	case MMP_COLUMN_HEX:
		mmp_writer_hex(w, *(const uint64_t *)at, column->digits);
		break;
	case MMP_COLUMN_HEX32:
		mmp_writer_hex(w, *(const uint32_t *)at, column->digits);
		break;
	case MMP_COLUMN_NUMBER:
		mmp_writer_number(w, (int64_t) * (const uint64_t *)at);
		break;
	case MMP_COLUMN_FLAG:
		mmp_writer_flag(w, *(const bool *)at);
		break;
	case MMP_COLUMN_KIND_COUNT:
		assert(false); /* no row has this kind */
	}
}

void mmp_writer_columns(struct mmp_writer *w, const struct mmp_column *columns,
			const void *row)
{
	for (const struct mmp_column *f = columns; f->key; f++)
		write_column(w, f, (const char *)row + f->offset);
}

void mmp_writer_row(struct mmp_writer *w, const struct mmp_column *columns,
		    const void *row)
{
	mmp_writer_begin(w, '{');
	mmp_writer_columns(w, columns, row);
	mmp_writer_end(w, '}');
}

static const struct mmp_member *find_member(const struct mmp_member *members,
					    const char *key)
{
	for (const struct mmp_member *m = members; m->key; m++)
		if (!strcmp(m->key, key))
			return m;
	return NULL;
}

void mmp_writer_object(struct mmp_writer *w, json_t *object,
		       const struct mmp_member *members)
{
	const char *key;
	json_t *value;

	mmp_writer_begin(w, '{');
	json_object_foreach(object, key, value) {
		const struct mmp_member *member = find_member(members, key);

		mmp_writer_key(w, key);
		if (member)
			member->write(w, member->data);
		else
			mmp_writer_value(w, value);
	}
	mmp_writer_end(w, '}');
}
