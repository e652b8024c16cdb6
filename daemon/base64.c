/* SPDX-License-Identifier: BSD-2-Clause */
#include "base64.h"

#include <stdint.h>
#include <stdlib.h>

static const char letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Up to three bytes become four letters. */
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

char *base64_encode(const void *bytes, size_t length)
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
