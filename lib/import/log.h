/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_LOG_H
#define MMP_IMPORT_LOG_H

#include "base/error.h"
#include "model/importer.h"

/*
 * Read the lines of a log as a terminal program saved it. Lines end with LF, CR LF or
 * CR; colours (ECMA-48 sequences) and other control characters are removed, and lines
 * over MMP_LOG_LINE_MAX are cut. Any bytes are a valid log: the firmware's importer
 * decides whose lines it has. MMP_TOO_LARGE over MMP_LOG_LINES_MAX lines. Free with
 * mmp_log_done().
 */
int mmp_log_read(struct mmp_log *ret_log, const char *bytes, size_t size,
		 struct mmp_error *err);
void mmp_log_done(struct mmp_log *log);

#endif
