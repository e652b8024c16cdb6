/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

static void *check(void *memory)
{
	if (!memory) {
		log_error("out of memory");
		abort();
	}
	return memory;
}

void *xcalloc(size_t count, size_t size)
{
	return check(calloc(count, size));
}

char *xstrdup(const char *text)
{
	return text ? check(strdup(text)) : NULL;
}
