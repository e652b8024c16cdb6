/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_HELP_H
#define CLIENT_HELP_H

#include <stdio.h>

#include "command.h"

/* Help: of everything, of a noun, or of a command; MMP_BAD_REQUEST for what is none. */
int help_print(FILE *to, int count, char **words, struct mmp_error *err);

/* "mmpctl region list PLATFORM [--revision N]"; to be freed. */
char *help_usage(const struct command *command);

#endif
