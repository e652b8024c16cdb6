/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int digit_of(char c, unsigned base)
{
	int value;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		value = c - 'A' + 10;
	else
		return -1;
	return value < (int)base ? value : -1;
}

static unsigned suffix_shift(char c)
{
	switch (c) {
	case 'k':
	case 'K':
		return 10;
	case 'm':
	case 'M':
		return 20;
	case 'g':
	case 'G':
		return 30;
	case 't':
	case 'T':
		return 40;
	default:
		return 0;
	}
}

bool mmp_number_lacks_prefix(const char *text)
{
	return strlen(text) >= 3 && strlen(text) <= 16 &&
	       strspn(text, "0123456789abcdefABCDEF") == strlen(text);
}

static int not_a_number(const char *text, struct mmp_error *err)
{
	if (mmp_number_lacks_prefix(text))
		return mmp_fail(err, MMP_INVALID,
				"\"%.64s\" is not a number; did you mean 0x%.64s?", text,
				text);
	return mmp_fail(
		err, MMP_INVALID,
		"\"%.64s\" is not a number such as \"0x9000000\", \"4096\" or \"2M\"",
		text);
}

int mmp_number_parse(const char *text, uint64_t *ret_value, struct mmp_error *err)
{
	const char *at = text;
	unsigned base = 10, shift;
	uint64_t value = 0;
	int digit;

	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		base = 16;
		at += 2;
	}
	if (digit_of(*at, base) < 0)
		return not_a_number(text, err);
	for (; (digit = digit_of(*at, base)) >= 0 ||
	       (*at == '_' && digit_of(at[1], base) >= 0);
	     at++) {
		if (*at == '_')
			continue;
		if (value > (UINT64_MAX - (unsigned)digit) / base)
			return mmp_fail(err, MMP_INVALID, "\"%.64s\" is over 2^64-1",
					text);
		value = value * base + (unsigned)digit;
	}
	shift = suffix_shift(*at);
	if (shift) {
		/* "2mb" are bytes as "2MB" are, but "2Mb" could be bits. */
		char byte = islower((unsigned char)*at++) ? 'b' : 'B';

		/* "2MB" and "2MiB" are the same: memory comes in powers of two. */
		if (at[0] == 'i' && at[1] == byte)
			at++;
		if (at[0] == byte)
			at++;
	}
	if (*at)
		return not_a_number(text, err);
	if (value > UINT64_MAX >> shift)
		return mmp_fail(err, MMP_INVALID, "\"%.64s\" is over 2^64-1", text);
	*ret_value = value << shift;
	return 0;
}

const char *mmp_size_print(uint64_t bytes, char text[MMP_SIZE_TEXT_SIZE])
{
	static const char suffix[] = { 'K', 'M', 'G', 'T' };
	int unit = -1;
	uint64_t value = bytes;

	while (value && value % 1024 == 0 && unit < 3) {
		value /= 1024;
		unit++;
	}
	if (unit < 0 || value > 99999)
		snprintf(text, MMP_SIZE_TEXT_SIZE, "0x%" PRIx64, bytes);
	else
		snprintf(text, MMP_SIZE_TEXT_SIZE, "%" PRIu64 "%c", value, suffix[unit]);
	return text;
}

enum { NAME_MAX_LENGTH = 63 };

/* The Levenshtein distance, computed row by row. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LENGTH + 1], width = strlen(b);

	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < width; j++) {
			size_t same = diagonal + (tolower((unsigned char)a[i]) !=
						  tolower((unsigned char)b[j]));
			size_t best = row[j] < row[j + 1] ? row[j] + 1 : row[j + 1] + 1;

			diagonal = row[j + 1];
			row[j + 1] = same < best ? same : best;
		}
	}
	return row[width];
}

const char *mmp_nearest(const char *wrong, const char *const *names, size_t count)
{
	const char *best = NULL;
	size_t length = strlen(wrong), limit = length / 3 + 2;

	if (length > NAME_MAX_LENGTH)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t d;

		if (!names[i] || strlen(names[i]) > NAME_MAX_LENGTH)
			continue;
		d = distance(wrong, names[i]);
		if (d < limit) {
			limit = d;
			best = names[i];
		}
	}
	return best;
}

/* Whether `second` may follow `first` in UTF-8 (RFC 3629, section 4). */
static bool second_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return second >= 0x80 && second <= 0xbf;
	}
}

size_t mmp_utf8_length(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length = *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

	if (*at < 0x80)
		return *at ? 1 : 0;
	if (*at < 0xc2 || *at > 0xf4 || !second_fits(*at, at[1]))
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

void mmp_text_mend(char *text)
{
	char *to;

	while (*text && (unsigned char)*text < 0x80) /* most texts are all ASCII */
		text++;
	to = text;
	while (*text) {
		size_t length = mmp_utf8_length(text);

		memmove(to, text, length);
		to += length;
		text += length ? length : 1;
	}
	*to = '\0';
}

void mmp_text_vprint(char *to, size_t size, const char *format, va_list args)
{
	vsnprintf(to, size, format, args);
	mmp_text_mend(to);
}

void mmp_text_print(char *to, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	mmp_text_vprint(to, size, format, args);
	va_end(args);
}

/* Whether it means itself to a shell; bytes beyond ASCII do. */
static bool is_plain_to_shell(unsigned char c)
{
	return c >= 0x80 || isalnum(c) || (c && strchr("_-./:,+@%=", c));
}

char *mmp_shell_word(const char *text)
{
	size_t length = strlen(text), plain = 0;
	char *word = malloc(4 * length + 3), *to = word;

	while (is_plain_to_shell((unsigned char)text[plain]))
		plain++;
	if (!word)
		return NULL;
	if (length && plain == length) {
		memcpy(word, text, length + 1);
		return word;
	}
	*to++ = '\'';
	for (; *text; text++)
		if (*text == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *text;
	strcpy(to, "'");
	return word;
}
