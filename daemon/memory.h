/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Small things of the daemon: where memory has run out for these, it ends. */
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *text); /* NULL gives NULL */

#endif
