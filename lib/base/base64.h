/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BASE64_H
#define MMP_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* RFC 4648, section 4, padded, on one line. Free it; NULL if memory has run out. */
char *mmp_base64_encode(const void *bytes, size_t length);

/*
 * The way back, into `bytes`, which has room for 3 of every 4 letters. Returns how many
 * bytes there are, or -1 if the text is not what mmp_base64_encode() writes.
 */
#define MMP_BASE64_ROOM(letters) ((letters) / 4 * 3)
long mmp_base64_decode(const char *text, size_t letters, uint8_t *bytes);

#endif
