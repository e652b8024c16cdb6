/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DIGEST_H
#define MMP_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* SHA-256 (FIPS 180-4), by BearSSL. */
struct mmp_digest {
	uint8_t bytes[32];
};

#define MMP_DIGEST_TEXT_SIZE 65 /* 64 lower-case hex digits and a NUL */

/* The SHA-256 of bytes[0 .. length). */
struct mmp_digest mmp_digest_of(const void *bytes, size_t length);

/* Write the digest as 64 lower-case hex digits and a NUL. */
void mmp_digest_print(const struct mmp_digest *digest, char text[MMP_DIGEST_TEXT_SIZE]);

/* Parse exactly 64 hex digits of either case; anything else is MMP_INVALID. */
int mmp_digest_parse(const char *text, struct mmp_digest *ret_digest,
		     struct mmp_error *err);

#endif
