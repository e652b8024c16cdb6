/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_LOG_H
#define MMP_IMPORT_LOG_H

#include "base/error.h"
#include "model/importer.h"

/*
 * The lines of a log as a terminal program kept it: LF, CR LF or CR at the end, colours
 * (ECMA-48 sequences) and other control characters taken out, lines over
 * MMP_LOG_LINE_MAX cut. Any bytes are a log: the firmware's importer says whose lines
 * are in it. MMP_TOO_LARGE over MMP_LOG_LINES_MAX lines. mmp_log_done() frees it.
 */
int mmp_log_read(struct mmp_log *ret_log, const char *bytes, size_t size,
		 struct mmp_error *err);
void mmp_log_done(struct mmp_log *log);

#endif
