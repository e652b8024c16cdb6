/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

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
