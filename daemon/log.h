/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

#include "base/error.h"

/*
 * One line per event, on stderr. Under systemd's journal each begins with "<N>", which
 * the journal uses as the priority (sd-daemon(3)); elsewhere lines are plain.
 */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Set the level: "error", "warning", "info", "debug". MMP_INVALID lists them. */
int log_set_level(const char *name, struct mmp_error *err);

/* Whether lines of that level are written. */
bool log_is_on(enum log_level level);

/* Write one event, if its level is on. */
void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
