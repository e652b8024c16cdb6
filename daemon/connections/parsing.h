/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PARSING_H
#define PARSING_H

#include "service.h"

/* Parses a long line in a thread. */
struct parsing;

typedef void parsing_done(void *data, struct mmp_parsed *take_line,
			  const struct mmp_error *why);

/* Begin; `done` is called in the loop, with NULL if the line is not JSON. */
struct parsing *parsing_begin(struct service *service, uid_t uid, const char *text,
			      size_t length, parsing_done *done, void *data);

/*
 * Cancel: `done` is not called any more. What was charged to the user for the line is given
 * back when its memory is.
 */
void parsing_forget(struct parsing *parsing, size_t take_charge);

#endif
