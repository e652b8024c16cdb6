/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_TERMINAL_H
#define MMP_TERMINAL_H

/* Terminal devices as lines to a board: exclusive access and settings. For serial.c. */

#include "link/serial.h"

/* Whether a terminal can be set to that speed. */
bool terminal_knows(unsigned int baud);

/* Open it raw and exclusively; MMP_BUSY names the process that has it, if known. */
int terminal_open(struct mmp_line *line, int *ret_fd, struct mmp_error *err);

/* Restore its settings and let others open it; does not close the descriptor. */
void terminal_release(const struct mmp_line *line, int fd);

#endif
