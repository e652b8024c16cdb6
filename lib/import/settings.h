/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_SETTINGS_H
#define MMP_IMPORT_SETTINGS_H

#include "base/error.h"
#include "model/settings.h"

/*
 * Read a file of NAME=value lines, as `make` writes a build's configuration. '#' begins
 * a comment line, blanks around '=' are ignored, quotes around a value are removed. Any
 * other line is MMP_INVALID, naming it. Free the result with mmp_settings_done().
 */
int mmp_settings_read(struct mmp_settings *ret_settings, const char *bytes, size_t size,
		      struct mmp_error *err);
void mmp_settings_done(struct mmp_settings *settings);

#endif
