/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_MEMORY_H
#define CLIENT_MEMORY_H

#include <stddef.h>

/* Allocate memory, or end the program: a client has nothing to save when it runs out. */
void *memory_zeroed(size_t count, size_t size);
void *memory_grow(void *take_old, size_t size);
char *memory_copy(const char *text, size_t length); /* adds a NUL */
char *memory_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
