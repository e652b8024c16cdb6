/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BUFFER_H
#define MMP_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A growing array of bytes with one owner. If memory runs out, the buffer is marked
 * `failed` and ignores further appends, so ten appends need one check. Once anything was
 * appended, bytes[length] is a NUL.
 */
struct mmp_buffer {
	char *bytes; /* NULL while empty */
	size_t length, capacity;
	bool failed;
};

#define MMP_BUFFER_EMPTY ((struct mmp_buffer){ 0 })

void mmp_buffer_done(struct mmp_buffer *buffer); /* frees; empty afterwards */

/* Append. Returns 0, or -1 if this append or an earlier one failed. */
int mmp_buffer_add(struct mmp_buffer *buffer, const void *bytes, size_t length);
int mmp_buffer_text(struct mmp_buffer *buffer, const char *text);
int mmp_buffer_printf(struct mmp_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Room for up to `most` bytes behind the last one, which the caller writes;
 * mmp_buffer_wrote adds those before `end`. NULL if this append or an earlier one failed.
 */
char *mmp_buffer_room(struct mmp_buffer *buffer, size_t most);
void mmp_buffer_wrote(struct mmp_buffer *buffer, const char *end);

/* Remove `length` bytes from the front; `length` must not exceed buffer->length. */
void mmp_buffer_drop(struct mmp_buffer *buffer, size_t length);

#endif
