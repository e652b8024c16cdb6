/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/writer.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "json/number.h"
#include "json/text.h"

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

enum {
	NUMBER_MOST = 24, /* bytes of a number with its quotes and its ',' */
	ESCAPE_MOST = 6,  /* bytes of a character: \u001F */
	PIECE = 512       /* of a text are escaped at a time */
};

/* Room for a value of at most `most` bytes, with the ',' before it. NULL: it failed. */
static char *begin_value(struct mmp_writer *w, size_t most)
{
	char *to = mmp_buffer_room(w->buffer, most + 1);

	if (to && w->follows)
		*to++ = ',';
	w->follows = true;
	return to;
}

static void put_bytes(struct mmp_writer *w, const char *bytes, size_t length)
{
	char *to = begin_value(w, length);

	if (!to)
		return;
	memcpy(to, bytes, length);
	mmp_buffer_wrote(w->buffer, to + length);
}

/* Whether the byte is a character that is written as it is. */
static bool is_plain(unsigned char c)
{
	static const bool plain[256] = { [' ' ... '!'] = true,
					 ['#' ... '['] = true,
					 [']' ... 0x7f] = true };

	return plain[c];
}

/*
 * The same of eight bytes at once. A subtraction sets the highest bit of the lowest byte
 * that is less than what is taken away; what it borrows from the others does not matter.
 */
static bool are_plain(uint64_t bytes)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t control = bytes - ' ' * each, quote = (bytes ^ '"' * each) - each,
		 backslash = (bytes ^ '\\' * each) - each;

	return !((bytes | control | quote | backslash) & 0x80 * each);
}

/* Write the plain characters before `stop`, and move *text behind them. */
static char *put_plain(char *to, const char **text, const char *stop)
{
	const char *at = *text;
	uint64_t eight;
	uint32_t four;

	while (stop - at >= 8) {
		memcpy(&eight, at, 8);
		if (!are_plain(eight))
			break;
		memcpy(to, &eight, 8);
		to += 8;
		at += 8;
	}
	if (stop - at >= 4) {
		memcpy(&four, at, 4);
		if (are_plain(four | UINT64_C(0x2020202000000000))) {
			memcpy(to, &four, 4);
			to += 4;
			at += 4;
		}
	}
	while (at < stop && is_plain((unsigned char)*at))
		*to++ = *at++;
	*text = at;
	return to;
}

/* Write the escape of a byte, as jansson does. */
static char *escape(char *to, unsigned char c)
{
	static const char short_ones[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'
	};

	*to++ = '\\';
	if (c >= ' ') {
		*to++ = (char)c;
	} else if (c < sizeof(short_ones) && short_ones[c]) {
		*to++ = short_ones[c];
	} else {
		memcpy(to, "u00", 3);
		to[3] = "0123456789ABCDEF"[c >> 4];
		to[4] = "0123456789ABCDEF"[c & 15];
		to += 5;
	}
	return to;
}

/*
 * Write a character that is not plain, of `length` bytes. A byte that belongs to no
 * character of UTF-8 has the length 0 and becomes "?", as mmp_json_words makes it.
 */
static char *put_special(char *to, const char *text, size_t length)
{
	if (length == 1)
		return escape(to, (unsigned char)*text);
	if (!length)
		*to++ = '?';
	memcpy(to, text, length);
	return to + length;
}

/*
 * Write a text in quotes, and a ':' if it is the key of a member. Its last character may
 * reach beyond the piece, but takes less space than the escape of a byte.
 */
static void put_text(struct mmp_writer *w, const char *text, bool is_key)
{
	const char *end = text + strlen(text);
	size_t piece = end - text < PIECE ? (size_t)(end - text) : PIECE;
	char *to = begin_value(w, piece * ESCAPE_MOST + 3);

	if (to)
		*to++ = '"';
	while (to) {
		for (const char *stop = text + piece; text < stop;) {
			size_t length;

			to = put_plain(to, &text, stop);
			if (text == stop)
				break;
			length = mmp_utf8_length(text);
			to = put_special(to, text, length);
			text += length ? length : 1;
		}
		if (text == end)
			*to++ = '"';
		if (text == end && is_key)
			*to++ = ':';
		mmp_buffer_wrote(w->buffer, to);
		if (text == end)
			break;
		piece = end - text < PIECE ? (size_t)(end - text) : PIECE;
		to = mmp_buffer_room(w->buffer, piece * ESCAPE_MOST + 2);
	}
}

static void put_number(struct mmp_writer *w, int64_t number)
{
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char text[NUMBER_MOST], *at = text + sizeof(text);

	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		*--at = '-';
	put_bytes(w, at, (size_t)(text + sizeof(text) - at));
}

static void put_hex(struct mmp_writer *w, uint64_t number, int digits)
{
	int needed = number ? (63 - __builtin_clzll(number)) / 4 + 1 : 1;
	char *to = begin_value(w, NUMBER_MOST);

	if (!to)
		return;
	if (needed < digits)
		needed = digits;
	memcpy(to, "\"0x", 3);
	to += 3;
	for (int n = needed; n-- > 0;)
		*to++ = "0123456789abcdef"[number >> 4 * n & 15];
	*to++ = '"';
	mmp_buffer_wrote(w->buffer, to);
}

static void put_json(struct mmp_writer *w, json_t *value)
{
	struct mmp_error ignored;

	put_bytes(w, "", 0);
	if (mmp_json_print(value, MMP_JSON_ANY_SIZE, w->buffer, &ignored))
		w->buffer->failed = true;
}

/* --- either ----------------------------------------------------------------------------- */

void mmp_writer_begin(struct mmp_writer *w, char bracket)
{
	if (!w->buffer) {
		build_open(w, bracket);
		return;
	}
	put_bytes(w, &bracket, 1);
	w->follows = false;
}

void mmp_writer_end(struct mmp_writer *w, char bracket)
{
	if (!w->buffer) {
		w->depth--;
		return;
	}
	w->follows = false;
	put_bytes(w, &bracket, 1);
}

void mmp_writer_key(struct mmp_writer *w, const char *key)
{
	w->key = key;
	if (!w->buffer)
		return;
	put_text(w, key, true);
	w->follows = false;
}

void mmp_writer_null(struct mmp_writer *w)
{
	if (!w->buffer) {
		build(w, json_null());
		return;
	}
	put_bytes(w, "null", 4);
}

void mmp_writer_text(struct mmp_writer *w, const char *text)
{
	if (!text) {
		mmp_writer_null(w);
	} else if (!w->buffer) {
		build(w, mmp_json_words(text));
	} else {
		put_text(w, text, false);
	}
}

void mmp_writer_number(struct mmp_writer *w, int64_t number)
{
	if (!w->buffer) {
		build(w, json_integer(number));
		return;
	}
	put_number(w, number);
}

void mmp_writer_flag(struct mmp_writer *w, bool flag)
{
	if (!w->buffer) {
		build(w, json_boolean(flag));
		return;
	}
	put_bytes(w, flag ? "true" : "false", flag ? 4 : 5);
}

void mmp_writer_hex(struct mmp_writer *w, uint64_t number, int digits)
{
	if (!w->buffer) {
		build(w, mmp_json_hex(number, digits));
		return;
	}
	put_hex(w, number, digits);
}

void mmp_writer_take(struct mmp_writer *w, json_t *take_value)
{
	if (!w->buffer) {
		build(w, take_value);
		return;
	}
	put_json(w, take_value);
	json_decref(take_value);
}

void mmp_writer_json(struct mmp_writer *w, const char *text, size_t length)
{
	struct mmp_error err;

	if (!w->buffer)
		build(w, mmp_json_parse(text, length, SIZE_MAX, &err));
	else
		put_bytes(w, text, length);
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

void mmp_writer_members_json(struct mmp_writer *w, const char *text, size_t length)
{
	struct mmp_buffer whole = MMP_BUFFER_EMPTY;
	struct mmp_error err;
	json_t *object;

	if (!length)
		return;
	if (w->buffer) {
		put_bytes(w, text, length);
		return;
	}
	mmp_buffer_printf(&whole, "{%.*s}", (int)length, text);
	object = whole.failed ? NULL
			      : mmp_json_parse(whole.bytes, whole.length, SIZE_MAX, &err);
	w->failed |= !object;
	mmp_writer_members(w, object);
	mmp_buffer_done(&whole);
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

void mmp_member_count(struct mmp_writer *w, const char *key, uint64_t count)
{
	if (count == UINT64_MAX)
		mmp_member_null(w, key);
	else
		mmp_member_number(w, key, (int64_t)count);
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
	const char *text;

	switch (c->kind) {
	case MMP_COLUMN_WRITE:
	case MMP_COLUMN_MEMBERS:
		c->write(w, row);
		break;
	case MMP_COLUMN_TEXT:
	case MMP_COLUMN_GIVEN:
		mmp_writer_text(w, *(const char *const *)at);
		break;
	case MMP_COLUMN_FILLED:
		text = *(const char *const *)at;
		mmp_writer_text(w, text && *text ? text : NULL);
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
