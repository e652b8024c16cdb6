/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/roff.h"

void mmp_roff_print(FILE *to, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", to);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", to);
		else if (*text == '-')
			fputs("\\-", to);
		else
			putc(*text, to);
	}
}
