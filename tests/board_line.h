/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOARD_LINE_H
#define BOARD_LINE_H

/* A session with a real board, run to its end: for test programs that do nothing else. */

#include "link/session.h"

/* Say why on stderr, and end with status 1. What goes wrong below ends so. */
_Noreturn void board_die(const char *what, const char *why);

int board_connect(const char *line);
void board_hang_up(int fd);

/* To its end, whichever: the result is for mmp_session_free. */
struct mmp_session *board_session(int fd, const struct mmp_push *push);

#endif
