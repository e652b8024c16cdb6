/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BUFFER_H
#define MMP_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Growing bytes with one owner. Appending never fails half way: where memory runs
 * out, the buffer turns `failed` and takes nothing more, so ten appends need one
 * check. `bytes` always has a NUL behind `length`, once anything was appended.
 */
struct mmp_buffer {
	char *bytes; /* NULL while empty */
	size_t length, capacity;
	bool failed;
};

#define MMP_BUFFER_EMPTY ((struct mmp_buffer){ 0 })

void mmp_buffer_done(struct mmp_buffer *buffer); /* frees; empty afterwards */

/* Append. Return 0, or -1 if the buffer has failed now or before. */
int mmp_buffer_add(struct mmp_buffer *buffer, const void *bytes, size_t length);
int mmp_buffer_text(struct mmp_buffer *buffer, const char *text);
int mmp_buffer_printf(struct mmp_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Take `length` bytes away from the front. `length` <= buffer->length. */
void mmp_buffer_drop(struct mmp_buffer *buffer, size_t length);

#endif
