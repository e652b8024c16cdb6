/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"

static void *must(void *memory)
{
	if (memory)
		return memory;
	fputs("mmpctl: out of memory\n", stderr);
	exit(MMP_EXIT_FAILED);
}

void *memory_zeroed(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size));
}

void *memory_grow(void *take_old, size_t size)
{
	return must(realloc(take_old, size));
}

char *memory_copy(const char *text, size_t length)
{
	return must(strndup(text, length));
}

char *memory_print(const char *format, ...)
{
	va_list args;
	char *text = NULL;
	int failed;

	va_start(args, format);
	failed = vasprintf(&text, format, args) < 0;
	va_end(args);
	return must(failed ? NULL : text);
}
