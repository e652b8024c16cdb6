/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SETTINGS_H
#define MMP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The variables that a build was made with, as make wrote them: NAME=value, one a line.
 * Made by lib/import/settings.h, read by rule sets' importers.
 */
struct mmp_setting {
	const char *name, *value;
	unsigned line; /* from 1 */
};

#define MMP_SETTING_COMMENTS_MAX 8

struct mmp_settings {
	size_t count;
	struct mmp_setting *all; /* by name; of one that is set twice the last alone */
	char *text;              /* owns the names and values */
	size_t comment_count;
	const char *comments[MMP_SETTING_COMMENTS_MAX]; /* the first '#' lines, with it */
};

/* The setting of that name, or NULL. Binary search. */
const struct mmp_setting *mmp_setting_find(const struct mmp_settings *settings,
					   const char *name);

/* "y", "yes", "1" and "true" are on. */
bool mmp_setting_is_on(const struct mmp_setting *setting);

#endif
