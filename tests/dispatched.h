/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DISPATCHED_H
#define DISPATCHED_H

#include "rpc/dispatch.h"

/*
 * For the tests of the dispatcher: methods that add, do nothing, answer too much, and
 * answer later.
 */
extern const struct mmp_param add_params[9];
extern const struct mmp_method methods[5];

extern int calls;                    /* of region.add */
extern struct mmp_call *deferred[2]; /* the last, and the one before it */
extern int forgotten;                /* deferred calls whose client has gone */

/* Count in the int `owner` how often an exchange may go on. */
void on_resume(void *owner);

/* What a line is answered with; free it. */
char *ask(const char *line, size_t length);

/* The text with " for '; free it. */
char *quoted(const char *from);

/* The error code of an answer; 0: it is none. */
int code_of(const char *answer);

#endif
