/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_ROFF_H
#define MMP_ROFF_H

#include <stdio.h>

/*
 * Print text so that roff shows it unchanged: no requests, no escapes, no breaking at
 * hyphens.
 */
void mmp_roff_print(FILE *to, const char *text);

#endif
