/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_LINE_H
#define MMP_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/*
 * Splits the bytes of a stream into lines, with a limit. Bytes are fed as they arrive;
 * whole lines are taken out one by one. The caller owns the file descriptor.
 *
 * A line ends with '\n'; a '\r' before it is dropped; blank lines are skipped, so that
 * a person at a terminal may press return.
 */
struct mmp_line_reader {
	struct mmp_buffer buffer;
	size_t start;   /* of the first line not yet taken out, in the buffer */
	size_t scanned; /* no '\n' between `start` and here */
	size_t max;     /* bytes of a line, without its end */
};

enum mmp_line_event {
	MMP_LINE_MORE,  /* no whole line yet: feed more */
	MMP_LINE_WHOLE, /* one line taken out */
	MMP_LINE_LONG,  /* the line is over the limit; nothing after it can be read */
};

/*
 * An empty reader for lines of at most `max` bytes; mmp_line_reader_done frees its
 * buffer.
 */
void mmp_line_reader_init(struct mmp_line_reader *line, size_t max);
void mmp_line_reader_done(struct mmp_line_reader *line);

/* Add bytes. Return 0, or -1 if memory ran out. */
int mmp_line_reader_feed(struct mmp_line_reader *line, const void *bytes, size_t length);

/*
 * Take the next line out. With MMP_LINE_WHOLE, *ret_text has ret_length bytes and a
 * NUL, valid until the next call of feed, shrink or done.
 */
enum mmp_line_event mmp_line_reader_next(struct mmp_line_reader *line,
					 const char **ret_text, size_t *ret_length);

/*
 * The stream has ended: the bytes after the last '\n' are a line too. Used like next;
 * call it until it returns MMP_LINE_MORE.
 */
enum mmp_line_event mmp_line_reader_last(struct mmp_line_reader *line,
					 const char **ret_text, size_t *ret_length);

/* Whether there is a whole line, or one over the limit, so that reading more can wait. */
bool mmp_line_reader_ready(struct mmp_line_reader *line);

/* Bytes that were fed and not taken out yet. */
size_t mmp_line_length(const struct mmp_line_reader *line);

/* Bytes of memory in use: as long as one line is not taken out, also those before it. */
size_t mmp_line_reader_bytes(const struct mmp_line_reader *line);

/* Free the memory if all lines were taken out and it is over `keep` bytes. */
void mmp_line_reader_shrink(struct mmp_line_reader *line, size_t keep);

/* Whether the end of the next line is there, even if the line is over the limit. */
bool mmp_line_reader_ended(struct mmp_line_reader *line);

#endif
