/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_GENERATE_H
#define CLIENT_GENERATE_H

#include <stdio.h>

#include "base/error.h"

/*
 * Generate a file that is installed with the program, from the program's own tables:
 * "mmpctl.1", "mmp-config.5", "bash" or "zsh" (completion). MMP_BAD_REQUEST for others.
 */
int generate(FILE *to, const char *what, struct mmp_error *err);

/* generate_man.c, generate_completion.c */
void generate_mmpctl_1(FILE *to);
void generate_config_5(FILE *to);
void generate_bash(FILE *to);
void generate_zsh(FILE *to);

#endif
