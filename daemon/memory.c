/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum {
	KEPT_BYTES = 8 << 20, /* at the end of each thread's heap */
	OWN_BYTES = 4 << 20,  /* from which a block is returned as soon as it is freed */
};

void memory_keep(void)
{
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	mallopt(M_MMAP_THRESHOLD, OWN_BYTES);
}

static void *check_memory(void *memory)
{
	if (!memory) {
		log_error("out of memory");
		abort();
	}
	return memory;
}

void *xcalloc(size_t count, size_t size)
{
	return check_memory(calloc(count, size));
}

char *xstrdup(const char *text)
{
	return text ? check_memory(strdup(text)) : NULL;
}
