/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_STRING_H
#define LOADER_STRING_H

/*
 * The part of <string.h> that the bare-metal loader and BearSSL use; implemented in
 * memory.c.
 */

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);
int memcmp(const void *a, const void *b, size_t length);
size_t strlen(const char *text);

#endif
