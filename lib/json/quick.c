/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/quick.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

enum { KEY_SIZE = 64, DIGITS_MAX = 18, CHARACTER_MAX = 4 /* bytes in UTF-8 */ };

struct quick {
	const char *at, *end;
	struct mmp_buffer text; /* the last string, if it had an escape */
};

static json_t *read_value(struct quick *q);

/* The next character that is not white space; 0 at the end. */
static char next_token(struct quick *q)
{
	while (q->at < q->end &&
	       (*q->at == ' ' || *q->at == '\n' || *q->at == '\t' || *q->at == '\r'))
		q->at++;
	return q->at < q->end ? *q->at : '\0';
}

/* Move over the token if it is next. */
static bool takes(struct quick *q, char token)
{
	if (next_token(q) != token || !token)
		return false;
	q->at++;
	return true;
}

/* --- strings ---------------------------------------------------------------------------- */

/* The byte that "\c" stands for; 0: not one byte. */
static char unescaped(char c)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *at = c ? strchr(letters, c) : NULL;

	return at ? bytes[at - letters] : '\0';
}

/* Over the characters that stand for themselves. */
static void skip_plain(struct quick *q)
{
	while (q->at < q->end && (unsigned char)*q->at >= ' ' && *q->at != '"' &&
	       *q->at != '\\') {
		size_t length = 1;

		if ((unsigned char)*q->at >= 0x80)
			length = q->end - q->at < CHARACTER_MAX ? 0
								: mmp_utf8_length(q->at);
		if (!length)
			return;
		q->at += length;
	}
}

/* Go on with a string after its first escape; what is before it is in q->text. */
static bool read_escaped(struct quick *q)
{
	while (q->end - q->at > 1 && *q->at == '\\') {
		char c = unescaped(q->at[1]);
		const char *from = q->at += 2;

		if (!c)
			return false;
		skip_plain(q);
		mmp_buffer_add(&q->text, &c, 1);
		mmp_buffer_add(&q->text, from, (size_t)(q->at - from));
	}
	return !q->text.failed;
}

/* The string that is next: borrowed from the text, or from q->text. */
static bool read_string(struct quick *q, const char **ret_text, size_t *ret_length)
{
	const char *from;

	if (!takes(q, '"'))
		return false;
	from = q->at;
	skip_plain(q);
	*ret_text = from;
	*ret_length = (size_t)(q->at - from);
	if (q->at < q->end && *q->at == '\\') {
		q->text.length = 0;
		mmp_buffer_add(&q->text, from, *ret_length);
		if (!read_escaped(q))
			return false;
		*ret_text = q->text.bytes;
		*ret_length = q->text.length;
	}
	if (q->at == q->end || *q->at != '"')
		return false;
	q->at++;
	return true;
}

static json_t *read_text(struct quick *q)
{
	const char *text;
	size_t length;

	return read_string(q, &text, &length) ? json_stringn_nocheck(text, length) : NULL;
}

/* --- the rest --------------------------------------------------------------------------- */

static bool is_digit(const struct quick *q)
{
	return q->at < q->end && *q->at >= '0' && *q->at <= '9';
}

static json_t *read_integer(struct quick *q)
{
	bool negative = *q->at == '-';
	int64_t number = 0;
	const char *from;

	q->at += negative;
	from = q->at;
	for (; is_digit(q) && q->at - from < DIGITS_MAX; q->at++)
		number = 10 * number + (*q->at - '0');
	if (q->at == from || (*from == '0' && q->at - from > 1) || is_digit(q) ||
	    (q->at < q->end && memchr(".eE", *q->at, 3)))
		return NULL;
	return json_integer(negative ? -number : number);
}

static json_t *read_word(struct quick *q, const char *word, json_t *take_value)
{
	size_t length = strlen(word);

	if ((size_t)(q->end - q->at) < length || memcmp(q->at, word, length) != 0)
		return NULL;
	q->at += length;
	return take_value; /* of the words no reference is counted */
}

static json_t *read_array(struct quick *q)
{
	json_t *array = json_array();
	bool ends = takes(q, ']');

	while (array && !ends) {
		if (json_array_append_new(array, read_value(q)))
			break;
		ends = takes(q, ']');
		if (!ends && !takes(q, ','))
			break;
	}
	if (ends)
		return array;
	json_decref(array);
	return NULL;
}

static bool read_member(struct quick *q, json_t *object)
{
	size_t length, before = json_object_size(object);
	char key[KEY_SIZE];
	const char *text;

	if (!read_string(q, &text, &length) || length >= sizeof(key) || !takes(q, ':'))
		return false;
	memcpy(key, text, length);
	key[length] = '\0';
	return !json_object_set_new_nocheck(object, key, read_value(q)) &&
	       json_object_size(object) > before; /* else the key is there twice */
}

static json_t *read_object(struct quick *q)
{
	json_t *object = json_object();
	bool ends = takes(q, '}');

	while (object && !ends) {
		if (!read_member(q, object))
			break;
		ends = takes(q, '}');
		if (!ends && !takes(q, ','))
			break;
	}
	if (ends)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *read_value(struct quick *q)
{
	switch (next_token(q)) {
	case '{':
		q->at++;
		return read_object(q);
	case '[':
		q->at++;
		return read_array(q);
	case '"':
		return read_text(q);
	case 't':
		return read_word(q, "true", json_true());
	case 'f':
		return read_word(q, "false", json_false());
	case 'n':
		return read_word(q, "null", json_null());
	default:
		return q->at < q->end ? read_integer(q) : NULL;
	}
}

json_t *mmp_json_quick(const char *text, size_t length)
{
	struct quick q = { .at = text, .end = text + length };
	json_t *value = read_value(&q);

	if (value && (next_token(&q) || q.at < q.end)) {
		json_decref(value);
		value = NULL;
	}
	mmp_buffer_done(&q.text);
	return value;
}
