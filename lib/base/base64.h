/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BASE64_H
#define MMP_BASE64_H

#include <stddef.h>
#include <stdint.h>

/*
 * Encode as base64 (RFC 4648, section 4), padded, on one line. The caller frees the
 * result; NULL if memory runs out.
 */
char *mmp_base64_encode(const void *bytes, size_t length);

/*
 * Decode into `bytes`, which must have room for MMP_BASE64_ROOM(letters of text) bytes.
 * Returns the number of bytes, or -1 if mmp_base64_encode() would not write this text.
 */
#define MMP_BASE64_ROOM(letters) ((letters) / 4 * 3)
long mmp_base64_decode(const char *text, size_t letters, uint8_t *bytes);

#endif
