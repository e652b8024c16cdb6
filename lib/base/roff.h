/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_ROFF_H
#define MMP_ROFF_H

#include <stdio.h>

/* Write text so that roff shows it as it is: no request, no escape, no hyphen to break at. */
void mmp_roff_print(FILE *to, const char *text);

#endif
