/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SERIAL_H
#define MMP_SERIAL_H

/*
 * Lines to a board: a terminal device, a unix stream socket, a TCP connection. Named by
 * a text, opened without ever blocking, so that one event loop can hold many.
 *
 *	serial:/dev/ttyUSB0?baud=115200    baud may be left out: 115200
 *	unix:/run/qemu/board.sock
 *	tcp:127.0.0.1:5555  tcp:[::1]:5555 a numeric address or "localhost": a daemon with
 *	                                   one loop does not wait for a name server
 */

#include <stdbool.h>

#include "base/error.h"

enum mmp_line_kind { MMP_LINE_SERIAL, MMP_LINE_UNIX, MMP_LINE_TCP };

struct mmp_line {
	enum mmp_line_kind kind;
	char path[256];    /* of the device or socket; empty for tcp */
	char address[64];  /* numeric, without brackets; empty but for tcp */
	unsigned int baud; /* serial only; one of those that termios knows */
	unsigned short port;
};

/* MMP_INVALID with what is wrong, in the words of the text. */
int mmp_line_parse(const char *text, struct mmp_line *ret_line, struct mmp_error *err);

/*
 * Open it: non-blocking, close-on-exec. *ret_connecting: wait until the descriptor is
 * writable, then ask mmp_line_connected; otherwise it is ready.
 *
 * A terminal is made raw (8N1, no flow control, no hang-up on close) and taken for
 * ourselves, by flock and, where it is no pseudo-terminal, TIOCEXCL; one that somebody
 * holds is MMP_BUSY, with the process where /proc tells it. All else is MMP_LINK.
 */
int mmp_line_open(const struct mmp_line *line, int *ret_fd, bool *ret_connecting,
		  struct mmp_error *err);

/* 0 where the connection stands, -1 with MMP_LINK where it was refused. */
int mmp_line_connected(const struct mmp_line *line, int fd, struct mmp_error *err);

/* Give the terminal back to others, then close. fd may be -1. */
void mmp_line_close(const struct mmp_line *line, int fd);

#endif
