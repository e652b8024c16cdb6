/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/writer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json/number.h"
#include "json/text.h"

enum { NUMBER_SIZE = 32 };

static void append(struct mmp_writer *w, const char *bytes, size_t length)
{
	mmp_buffer_add(w->buffer, bytes, length);
}

/* --- a value ---------------------------------------------------------------------------- */

/* Put a value where the builder is: it is the whole one, a member or an element. */
static void build(struct mmp_writer *w, json_t *take_value)
{
	json_t *parent = w->depth ? w->open[w->depth - 1] : NULL;

	if (!w->depth)
		w->whole = take_value;
	else if (json_is_object(parent))
		w->failed |= json_object_set_new_nocheck(parent, w->key, take_value) != 0;
	else
		w->failed |= json_array_append_new(parent, take_value) != 0;
	w->failed |= !take_value;
}

static void build_open(struct mmp_writer *w, char bracket)
{
	json_t *value = bracket == '{' ? json_object() : json_array();

	assert(w->depth < MMP_WRITER_DEPTH);
	build(w, value);
	w->open[w->depth++] = value;
}

json_t *mmp_writer_done(struct mmp_writer *w)
{
	json_t *whole = w->whole;

	assert(!w->depth);
	if (!w->failed)
		return whole;
	json_decref(whole);
	return NULL;
}

/* --- text ------------------------------------------------------------------------------- */

static void begin_value(struct mmp_writer *w)
{
	if (w->follows)
		append(w, ",", 1);
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

static void put_number(struct mmp_writer *w, int64_t number)
{
	char text[NUMBER_SIZE], *at = text + sizeof(text);
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		*--at = '-';
	append(w, at, (size_t)(text + sizeof(text) - at));
}

static void put_hex(struct mmp_writer *w, uint64_t number, int digits)
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
	append(w, at, (size_t)(text + sizeof(text) - at));
}

static int append_piece(const char *bytes, size_t length, void *data)
{
	struct mmp_writer *w = data;

	append(w, bytes, length);
	return w->buffer->failed ? -1 : 0;
}

static void put_json(struct mmp_writer *w, const json_t *value)
{
	if (json_dump_callback(value, append_piece, w, JSON_COMPACT | JSON_ENCODE_ANY))
		w->buffer->failed = true;
}

/* --- either ----------------------------------------------------------------------------- */

void mmp_writer_begin(struct mmp_writer *w, char bracket)
{
	if (!w->buffer) {
		build_open(w, bracket);
		return;
	}
	begin_value(w);
	append(w, &bracket, 1);
	w->follows = false;
}

void mmp_writer_end(struct mmp_writer *w, char bracket)
{
	if (!w->buffer) {
		w->depth--;
		return;
	}
	append(w, &bracket, 1);
	w->follows = true;
}

void mmp_writer_key(struct mmp_writer *w, const char *key)
{
	w->key = key;
	if (!w->buffer)
		return;
	begin_value(w);
	put_text(w, key);
	append(w, ":", 1);
	w->follows = false;
}

void mmp_writer_null(struct mmp_writer *w)
{
	if (!w->buffer) {
		build(w, json_null());
		return;
	}
	begin_value(w);
	append(w, "null", 4);
}

void mmp_writer_text(struct mmp_writer *w, const char *text)
{
	if (!text) {
		mmp_writer_null(w);
	} else if (!w->buffer) {
		build(w, mmp_json_words(text));
	} else {
		begin_value(w);
		put_text(w, text);
	}
}

void mmp_writer_number(struct mmp_writer *w, int64_t number)
{
	if (!w->buffer) {
		build(w, json_integer(number));
		return;
	}
	begin_value(w);
	put_number(w, number);
}

void mmp_writer_flag(struct mmp_writer *w, bool flag)
{
	if (!w->buffer) {
		build(w, json_boolean(flag));
		return;
	}
	begin_value(w);
	append(w, flag ? "true" : "false", flag ? 4 : 5);
}

void mmp_writer_hex(struct mmp_writer *w, uint64_t number, int digits)
{
	if (!w->buffer) {
		build(w, mmp_json_hex(number, digits));
		return;
	}
	begin_value(w);
	put_hex(w, number, digits);
}

void mmp_writer_take(struct mmp_writer *w, json_t *take_value)
{
	if (!w->buffer) {
		build(w, take_value);
		return;
	}
	begin_value(w);
	put_json(w, take_value);
	json_decref(take_value);
}

void mmp_writer_members(struct mmp_writer *w, json_t *take_object)
{
	const char *key;
	json_t *value;

	json_object_foreach(take_object, key, value) {
		mmp_writer_key(w, key);
		mmp_writer_take(w, json_incref(value));
	}
	json_decref(take_object);
}

/* --- members ---------------------------------------------------------------------------- */

void mmp_member_begin(struct mmp_writer *w, const char *key, char bracket)
{
	mmp_writer_key(w, key);
	mmp_writer_begin(w, bracket);
}

void mmp_member_text(struct mmp_writer *w, const char *key, const char *text)
{
	mmp_writer_key(w, key);
	mmp_writer_text(w, text);
}

void mmp_member_number(struct mmp_writer *w, const char *key, int64_t number)
{
	mmp_writer_key(w, key);
	mmp_writer_number(w, number);
}

void mmp_member_flag(struct mmp_writer *w, const char *key, bool flag)
{
	mmp_writer_key(w, key);
	mmp_writer_flag(w, flag);
}

void mmp_member_null(struct mmp_writer *w, const char *key)
{
	mmp_writer_key(w, key);
	mmp_writer_null(w);
}

void mmp_member_hex(struct mmp_writer *w, const char *key, uint64_t number, int digits)
{
	mmp_writer_key(w, key);
	mmp_writer_hex(w, number, digits);
}

void mmp_member_take(struct mmp_writer *w, const char *key, json_t *take_value)
{
	mmp_writer_key(w, key);
	mmp_writer_take(w, take_value);
}

/* --- rows ------------------------------------------------------------------------------- */

static uint64_t unsigned_at(const void *at, unsigned size)
{
	switch (size) {
	case sizeof(uint8_t):
		return *(const uint8_t *)at;
	case sizeof(uint16_t):
		return *(const uint16_t *)at;
	case sizeof(uint32_t):
		return *(const uint32_t *)at;
	default:
		return *(const uint64_t *)at;
	}
}

static int64_t int_at(const void *at, unsigned size)
{
	return size == sizeof(int32_t) ? *(const int32_t *)at : *(const int64_t *)at;
}

static void write_column(struct mmp_writer *w, const struct mmp_column *c,
			 const void *row)
{
	const void *at = (const char *)row + c->offset;

	switch (c->kind) {
	case MMP_COLUMN_WRITE:
	case MMP_COLUMN_MEMBERS:
		c->write(w, row);
		break;
	case MMP_COLUMN_TEXT:
	case MMP_COLUMN_GIVEN:
		mmp_writer_text(w, *(const char *const *)at);
		break;
	case MMP_COLUMN_HEX:
		mmp_writer_hex(w, unsigned_at(at, c->size), c->digits);
		break;
	case MMP_COLUMN_UNSIGNED:
		mmp_writer_number(w, (int64_t)unsigned_at(at, c->size));
		break;
	case MMP_COLUMN_INT:
		mmp_writer_number(w, int_at(at, c->size));
		break;
	case MMP_COLUMN_FLAG:
		mmp_writer_flag(w, *(const bool *)at);
		break;
	case MMP_COLUMN_VALUE:
		mmp_writer_take(w, *(json_t *const *)at);
		break;
	case MMP_COLUMN_KIND_COUNT:
		assert(false); /* no row has this kind */
	}
}

static bool is_left_out(const struct mmp_column *c, const void *row)
{
	return c->kind == MMP_COLUMN_GIVEN &&
	       !*(const char *const *)((const char *)row + c->offset);
}

void mmp_writer_columns(struct mmp_writer *w, const struct mmp_column *columns,
			const void *row)
{
	for (const struct mmp_column *c = columns; c->key; c++) {
		if (is_left_out(c, row))
			continue;
		if (c->kind != MMP_COLUMN_MEMBERS)
			mmp_writer_key(w, c->key);
		write_column(w, c, row);
	}
}

void mmp_writer_row(struct mmp_writer *w, const struct mmp_column *columns,
		    const void *row)
{
	mmp_writer_begin(w, '{');
	mmp_writer_columns(w, columns, row);
	mmp_writer_end(w, '}');
}

json_t *mmp_row_json(const struct mmp_column *columns, const void *row)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_writer_row(&builder, columns, row);
	return mmp_writer_done(&builder);
}
