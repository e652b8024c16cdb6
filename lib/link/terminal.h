/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_TERMINAL_H
#define MMP_TERMINAL_H

/* A terminal device as a line to a board: whose it is, and how it is set. For serial.c. */

#include "link/serial.h"

/* Whether a terminal can be set to that speed. */
bool terminal_knows(unsigned int baud);

/* Open it raw and for ourselves alone; MMP_BUSY says who has it, where that is known. */
int terminal_open(struct mmp_line *line, int *ret_fd, struct mmp_error *err);

/* As it was before, and for others to open; the descriptor stays. */
void terminal_release(const struct mmp_line *line, int fd);

#endif
