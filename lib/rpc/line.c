/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/line.h"

#include <string.h>

void mmp_line_reader_init(struct mmp_line_reader *line, size_t max)
{
	*line = (struct mmp_line_reader){ .max = max };
}

void mmp_line_reader_done(struct mmp_line_reader *line)
{
	mmp_buffer_done(&line->buffer);
	line->start = line->scanned = 0;
}

/* Taking a line out moves `start`; the bytes are removed when new ones arrive. */
static void compact(struct mmp_line_reader *line)
{
	mmp_buffer_drop(&line->buffer, line->start);
	line->scanned -= line->start;
	line->start = 0;
}

int mmp_line_reader_feed(struct mmp_line_reader *line, const void *bytes, size_t length)
{
	compact(line);
	return mmp_buffer_add(&line->buffer, bytes, length);
}

size_t mmp_line_length(const struct mmp_line_reader *line)
{
	return line->buffer.length - line->start;
}

size_t mmp_line_reader_bytes(const struct mmp_line_reader *line)
{
	return mmp_line_length(line) ? line->buffer.length : 0;
}

void mmp_line_reader_shrink(struct mmp_line_reader *line, size_t keep)
{
	if (!mmp_line_length(line) && line->buffer.capacity > keep)
		mmp_line_reader_done(line);
}

static bool is_blank(char c)
{
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Skip blank lines, and blanks before a line, which have no meaning in JSON. */
static void skip_blanks(struct mmp_line_reader *line)
{
	const struct mmp_buffer *buffer = &line->buffer;

	while (line->start < buffer->length && is_blank(buffer->bytes[line->start]))
		line->start++;
	if (line->scanned < line->start)
		line->scanned = line->start;
}

/* Where the next line ends, or NULL. */
static char *find_end(struct mmp_line_reader *line)
{
	struct mmp_buffer *buffer = &line->buffer;
	size_t unseen;
	char *end;

	skip_blanks(line);
	unseen = buffer->length - line->scanned;
	end = unseen ? memchr(buffer->bytes + line->scanned, '\n', unseen) : NULL;
	line->scanned = end ? (size_t)(end - buffer->bytes) : buffer->length;
	return end;
}

static enum mmp_line_event take_line(struct mmp_line_reader *line, size_t end,
				     const char **ret_text, size_t *ret_length)
{
	char *text = line->buffer.bytes + line->start;
	size_t length = end - line->start;

	if (length && text[length - 1] == '\r')
		length--;
	if (length > line->max)
		return MMP_LINE_LONG;
	text[length] = '\0';
	line->start = end < line->buffer.length ? end + 1 : end;
	line->scanned = line->start;
	*ret_text = text;
	*ret_length = length;
	return MMP_LINE_WHOLE;
}

enum mmp_line_event mmp_line_reader_next(struct mmp_line_reader *line,
					 const char **ret_text, size_t *ret_length)
{
	char *end = find_end(line);

	if (end)
		return take_line(line, (size_t)(end - line->buffer.bytes), ret_text,
				 ret_length);
	/* One byte over the limit may still be the '\r'. */
	return line->buffer.length - line->start > line->max + 1 ? MMP_LINE_LONG
								 : MMP_LINE_MORE;
}

enum mmp_line_event mmp_line_reader_last(struct mmp_line_reader *line,
					 const char **ret_text, size_t *ret_length)
{
	enum mmp_line_event event = mmp_line_reader_next(line, ret_text, ret_length);

	if (event != MMP_LINE_MORE || line->start == line->buffer.length)
		return event;
	return take_line(line, line->buffer.length, ret_text, ret_length);
}

bool mmp_line_reader_ready(struct mmp_line_reader *line)
{
	return find_end(line) || line->buffer.length - line->start > line->max + 1;
}

bool mmp_line_reader_ended(struct mmp_line_reader *line)
{
	return find_end(line) != NULL;
}
