/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_FINDINGS_H
#define CLIENT_FINDINGS_H

#include <jansson.h>
#include <stdio.h>

/*
 * Print the findings of an answer as paragraphs, each with its fix; nothing if there
 * are none.
 */
void findings_print(FILE *to, const json_t *answer);

#endif
