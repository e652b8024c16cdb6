/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_HELP_H
#define CLIENT_HELP_H

#include <stdio.h>

#include "command.h"

/* Print help for everything, a noun, or a command; MMP_BAD_REQUEST for anything else. */
int help_print(FILE *to, int count, char **words, struct mmp_error *err);

/* "mmpctl region list PLATFORM [--revision N]"; the caller frees it. */
char *help_usage(const struct command *command);

#endif
