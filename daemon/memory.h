/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/*
 * Have the allocator keep what a usual request needs, as otherwise each layout is computed
 * in pages that the kernel has to clear first. Call it before the first thread.
 */
void memory_keep(void);

/* Allocation of small things: the daemon ends if memory runs out. */
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *text); /* NULL gives NULL */

#endif
