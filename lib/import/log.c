/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/log.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

void mmp_log_done(struct mmp_log *log)
{
	free(log->lines);
	free(log->text);
	memset(log, 0, sizeof(*log));
}

/* The byte after an escape sequence that begins at `at`: ESC [ ... letter, or ESC x. */
static const char *skip_escape(const char *at, const char *end)
{
	if (++at == end || *at != '[')
		return at < end ? at + 1 : end;
	for (at++; at < end && (*at < '@' || *at > '~'); at++)
		if (*at == '\n')
			return at;
	return at < end ? at + 1 : end;
}

static int add_line(struct mmp_log *log, const char *text, unsigned number,
		    struct mmp_error *err)
{
	if (log->count == MMP_LOG_LINES_MAX)
		return mmp_fail(err, MMP_TOO_LARGE, "the log has more than %u lines",
				MMP_LOG_LINES_MAX);
	if (log->count % 1024 == 0) {
		void *grown =
			realloc(log->lines, (log->count + 1024) * sizeof(*log->lines));

		if (!grown)
			return mmp_fail(err, MMP_SYSTEM, "out of memory");
		log->lines = grown;
	}
	log->lines[log->count++] = (struct mmp_log_line){ text, number };
	return 0;
}

/* Clean one line from *at into `to`; returns the byte after the last one written. */
static char *clean_line(const char **at, const char *end, char *to)
{
	char *from = to;

	while (*at < end && **at != '\n') {
		char c = **at;

		if (c == '\033') {
			*at = skip_escape(*at, end);
			continue;
		}
		(*at)++;
		if (c == '\r') {
			if (*at < end && **at != '\n' && **at != '\r')
				break; /* a line of its own */
			continue;
		}
		if (c == '\t')
			c = ' ';
		if ((unsigned char)c >= ' ' && c != '\177' &&
		    to - from < MMP_LOG_LINE_MAX)
			*to++ = c;
	}
	if (*at < end && **at == '\n')
		(*at)++;
	*to = '\0';
	return to + 1;
}

int mmp_log_read(struct mmp_log *ret_log, const char *bytes, size_t size,
		 struct mmp_error *err)
{
	const char *at = bytes, *end = bytes + size;
	struct mmp_log log = { 0 };
	unsigned number = 0;
	char *to;

	/*
	 * A cleaned line is never longer than before, except for the NUL of the last
	 * line.
	 */
	log.text = malloc(2 * size + 2);
	if (!log.text)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	to = log.text;
	while (at < end) {
		char *line = to;

		to = clean_line(&at, end, to);
		if (add_line(&log, line, ++number, err)) {
			mmp_log_done(&log);
			return -1;
		}
	}
	*ret_log = log;
	return 0;
}
