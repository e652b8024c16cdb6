/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/base64.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Encode one to three bytes as four letters. */
static void encode_group(const uint8_t *bytes, size_t length, char *to)
{
	uint32_t group = (uint32_t)bytes[0] << 16;

	if (length > 1)
		group |= (uint32_t)bytes[1] << 8;
	if (length > 2)
		group |= bytes[2];
	to[0] = letters[group >> 18];
	to[1] = letters[group >> 12 & 63];
	to[2] = length > 1 ? letters[group >> 6 & 63] : '=';
	to[3] = length > 2 ? letters[group & 63] : '=';
}

char *mmp_base64_encode(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	char *text = malloc((length + 2) / 3 * 4 + 1), *to = text;

	if (!text)
		return NULL;
	while (length) {
		size_t group = length < 3 ? length : 3;

		encode_group(at, group, to);
		at += group;
		length -= group;
		to += 4;
	}
	*to = '\0';
	return text;
}

/* The 6 bits of a letter, or -1. */
static int letter_bits(char letter)
{
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? (int)(at - letters) : -1;
}

/*
 * Decode four letters. Returns how many bytes they hold, 1 to 3, or -1 if they are not
 * base64.
 */
static int decode_group(const char *text, bool last, uint8_t *to)
{
	unsigned pads = last ? (text[3] == '=') + (text[3] == '=' && text[2] == '=') : 0;
	uint32_t group = 0;

	for (unsigned i = 0; i < 4; i++) {
		int bits = i >= 4 - pads ? 0 : letter_bits(text[i]);

		if (bits < 0)
			return -1;
		group = group << 6 | (uint32_t)bits;
	}
	if (pads && (group & (pads == 1 ? 0xffu : 0xffffu)))
		return -1; /* an encoder leaves these bits 0 */
	for (unsigned i = 0; i < 3 - pads; i++)
		to[i] = (uint8_t)(group >> (16 - 8 * i));
	return 3 - (int)pads;
}

long mmp_base64_decode(const char *text, size_t length, uint8_t *bytes)
{
	long count = 0;

	if (length % 4)
		return -1;
	for (size_t at = 0; at < length; at += 4) {
		int got = decode_group(text + at, at + 4 == length, bytes + count);

		if (got < 0)
			return -1;
		count += got;
	}
	return count;
}
