/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Allocation of small things: the daemon ends if memory runs out. */
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *text); /* NULL gives NULL */

#endif
