/* SPDX-License-Identifier: BSD-2-Clause */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

/* clang-format off */
static const struct {
	const char *name;
	int priority; /* for syslog(3) */
} levels[] = {
	[LOG_LEVEL_ERROR]   = { "error",   3 },
	[LOG_LEVEL_WARNING] = { "warning", 4 },
	[LOG_LEVEL_INFO]    = { "info",    6 },
	[LOG_LEVEL_DEBUG]   = { "debug",   7 },
};
/* clang-format on */

static enum log_level most = LOG_LEVEL_INFO;

int log_set_level(const char *name, struct mmp_error *err)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (!strcmp(levels[i].name, name)) {
			most = (enum log_level)i;
			return 0;
		}
	return mmp_fail(err, MMP_INVALID,
			"log level \"%.40s\" is not one of error, warning, info, debug",
			name);
}

/* Text from a client may contain newlines; an event must stay on one line. */
static void flatten(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
}

/* systemd.exec(5): JOURNAL_STREAM is inherited, so check that it names our own stderr. */
static bool goes_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat ours;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       !fstat(STDERR_FILENO, &ours) && ours.st_dev == device &&
	       ours.st_ino == inode;
}

bool log_is_on(enum log_level level)
{
	return level <= most;
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[1024], now[CLOCK_TEXT_SIZE];
	va_list args;

	if (!log_is_on(level))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	flatten(text);
	if (goes_to_journal())
		fprintf(stderr, "<%d>%s\n", levels[level].priority, text);
	else
		fprintf(stderr, "%s mmpd: %s\n", (clock_text(now), now), text);
}
