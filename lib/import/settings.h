/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_SETTINGS_H
#define MMP_IMPORT_SETTINGS_H

#include "base/error.h"
#include "model/settings.h"

/*
 * A file of NAME=value lines, as `make` writes a build's configuration: '#' begins a
 * comment line, blanks around '=' do not count, a quoted value loses its quotes. Any
 * other line is MMP_INVALID, naming it. mmp_settings_done() frees what was made.
 */
int mmp_settings_read(struct mmp_settings *ret_settings, const char *bytes, size_t size,
		      struct mmp_error *err);
void mmp_settings_done(struct mmp_settings *settings);

#endif
