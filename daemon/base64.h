/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>

/* RFC 4648, section 4, padded, on one line. Free it; NULL where memory has run out. */
char *base64_encode(const void *bytes, size_t length);

#endif
