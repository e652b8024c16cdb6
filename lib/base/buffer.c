/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mmp_buffer_done(struct mmp_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = MMP_BUFFER_EMPTY;
}

/* Make room for `more` bytes and a NUL. */
static int grow_buffer(struct mmp_buffer *buffer, size_t more)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 128;
	char *bytes;

	if (buffer->failed || more >= SIZE_MAX / 2 - buffer->length)
		return -1;
	while (capacity < buffer->length + more + 1)
		capacity *= 2;
	if (capacity == buffer->capacity)
		return 0;
	bytes = realloc(buffer->bytes, capacity);
	if (!bytes) {
		buffer->failed = true;
		return -1;
	}
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return 0;
}

int mmp_buffer_add(struct mmp_buffer *buffer, const void *bytes, size_t length)
{
	if (grow_buffer(buffer, length))
		return -1;
	if (length)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	buffer->bytes[buffer->length] = '\0';
	return 0;
}

char *mmp_buffer_room(struct mmp_buffer *buffer, size_t most)
{
	if (buffer->capacity - buffer->length <= most && grow_buffer(buffer, most))
		return NULL;
	return buffer->failed ? NULL : buffer->bytes + buffer->length;
}

void mmp_buffer_wrote(struct mmp_buffer *buffer, const char *end)
{
	buffer->length = (size_t)(end - buffer->bytes);
	buffer->bytes[buffer->length] = '\0';
}

int mmp_buffer_text(struct mmp_buffer *buffer, const char *text)
{
	return mmp_buffer_add(buffer, text, strlen(text));
}

int mmp_buffer_printf(struct mmp_buffer *buffer, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || grow_buffer(buffer, (size_t)length))
		return -1;
	va_start(args, format);
	vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, args);
	va_end(args);
	buffer->length += (size_t)length;
	return 0;
}

void mmp_buffer_drop(struct mmp_buffer *buffer, size_t length)
{
	assert(length <= buffer->length);
	if (!length)
		return;
	memmove(buffer->bytes, buffer->bytes + length, buffer->length - length + 1);
	buffer->length -= length;
}
