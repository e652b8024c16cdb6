/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_REPORT_H
#define CLIENT_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "base/error.h"

/*
 * The results of `mmpctl check` in formats that CI systems read. A format is one file
 * and one row in report.c; `value` is the answer of the command: passed, and platforms,
 * each with its source and either an error or the answer of layout.check.
 */

/* Write the reports, an array of texts such as "sarif=FILE". -1 names the file. */
int reports_write(const json_t *reports, const json_t *value, struct mmp_error *err);

/* Check that every text names a format and a file, before anything is run. */
int reports_check(const json_t *reports, struct mmp_error *err);

/* The formats. Return 0, or -1 if memory ran out; the caller checks ferror(). */
int report_sarif(FILE *to, const json_t *value);    /* SARIF 2.1.0, OASIS */
int report_junit(FILE *to, const json_t *value);    /* JUnit, as Jenkins' junit-10.xsd */
int report_markdown(FILE *to, const json_t *value); /* for a comment or a summary */

#endif
