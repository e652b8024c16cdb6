/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/digest.h"

#include <bearssl.h>
#include <stdio.h>
#include <string.h>

struct mmp_digest mmp_digest_of(const void *bytes, size_t length)
{
	br_sha256_context context;
	struct mmp_digest digest;

	br_sha256_init(&context);
	br_sha256_update(&context, bytes, length);
	br_sha256_out(&context, digest.bytes);
	return digest;
}

void mmp_digest_print(const struct mmp_digest *digest, char text[MMP_DIGEST_TEXT_SIZE])
{
	for (size_t i = 0; i < sizeof(digest->bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", digest->bytes[i]);
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mmp_digest_parse(const char *text, struct mmp_digest *ret_digest,
		     struct mmp_error *err)
{
	struct mmp_digest digest;

	if (strlen(text) != MMP_DIGEST_TEXT_SIZE - 1)
		return mmp_fail(err, MMP_INVALID,
				"\"%.80s\" is not a digest, which has 64 hex digits",
				text);
	for (size_t i = 0; i < sizeof(digest.bytes); i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return mmp_fail(err, MMP_INVALID,
					"\"%s\" is not a digest, which has 64 hex digits",
					text);
		digest.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret_digest = digest;
	return 0;
}
