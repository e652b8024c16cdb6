/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SETTINGS_H
#define MMP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The variables of a build, as make wrote them: NAME=value, one per line.
 * lib/import/settings.h makes them, and the importers of rule sets read them.
 */
struct mmp_setting {
	const char *name, *value;
	unsigned line; /* from 1 */
};

#define MMP_SETTING_COMMENTS_MAX 8

struct mmp_settings {
	size_t count;
	struct mmp_setting *all; /* by name; of repeated names only the last is kept */
	char *text;              /* owns the names and values */
	size_t comment_count;
	const char *comments[MMP_SETTING_COMMENTS_MAX]; /* the first '#' lines, with it */
};

/* The setting of a name, or NULL. Binary search. */
const struct mmp_setting *mmp_setting_find(const struct mmp_settings *settings,
					   const char *name);

#endif
