/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SERIAL_H
#define MMP_SERIAL_H

/*
 * Lines to a board: a terminal device, a unix stream socket, a TCP connection, a port
 * of a terminal server. Named by a string; opening never blocks, so that one event loop
 * can serve many.
 *
 *	serial:/dev/ttyUSB0?baud=115200    the default speed is 115200 baud
 *	unix:/run/qemu/board.sock
 *	tcp:127.0.0.1:5555  tcp:[::1]:5555 a numeric address or "localhost": a daemon with
 *	                                   one loop does not wait for a name server
 *	rfc2217://127.0.0.1:4001?baud=115200
 *	                                   a terminal server that sets the speed (see
 *	                                   telnet.h); addresses as for tcp
 */

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "base/error.h"

enum mmp_line_kind { MMP_LINE_SERIAL, MMP_LINE_UNIX, MMP_LINE_TCP, MMP_LINE_RFC2217 };

struct mmp_line {
	enum mmp_line_kind kind;
	char path[256];    /* of the device or socket */
	char address[64];  /* for tcp and rfc2217: numeric, without brackets */
	unsigned int baud; /* for serial and rfc2217; a speed that termios knows */
	unsigned short port;
	struct termios before; /* the terminal's settings, to restore if `opened` */
	bool opened;
	bool is_hidden; /* of other users' processes it cannot be seen what they have open */
	char named_by
		[64]; /* one whose command line names the device: " (tio, process 5)" */
};

/* Parse a line. MMP_INVALID says what is wrong in the string. */
int mmp_line_parse(const char *text, struct mmp_line *ret_line, struct mmp_error *err);

/*
 * Whether the line may be used; the service must not be a port scanner for its users.
 * `patterns` are shell patterns of whole lines, such as "unix:?*" or
 * "tcp:10.1.2.3:5555"; a line whose path contains ".." matches none. MMP_DENIED lists
 * the patterns.
 */
int mmp_line_allowed(const char *text, const char *const *patterns, size_t count,
		     struct mmp_error *err);

/*
 * The key of what the line leads to, equal for two names of the same thing: "dev 4:64"
 * for a terminal, "file 8:1:1234" for a socket, "tcp 127.0.0.1:5555" however the address
 * is written; the path itself if nothing exists there yet.
 */
#define MMP_LINE_KEY_SIZE 300
const char *mmp_line_key(const struct mmp_line *line, char key[MMP_LINE_KEY_SIZE]);

/* The name for people: "/run/board.sock" or "127.0.0.1 port 5555". */
#define MMP_LINE_NAME_SIZE 260
const char *mmp_line_name(const struct mmp_line *line, char name[MMP_LINE_NAME_SIZE]);

/*
 * Open the line: non-blocking, close-on-exec. If *ret_connecting is set, wait until the
 * descriptor is writable and call mmp_line_connected; otherwise it is ready.
 *
 * A terminal is made raw (8N1, no flow control, no hang-up on close) and locked for us,
 * by flock and, if it is not a pseudo-terminal, TIOCEXCL. If another process has it
 * locked or open, that is MMP_BUSY, naming the process if it can be seen. Any other
 * failure is MMP_LINK.
 */
int mmp_line_open(struct mmp_line *line, int *ret_fd, bool *ret_connecting,
		  struct mmp_error *err);

/* 0 if it is connected, -1 with MMP_LINK if it was refused. */
int mmp_line_connected(const struct mmp_line *line, int fd, struct mmp_error *err);

/*
 * Close. Unsent output of a terminal is dropped first, as its driver would wait for it;
 * its settings are restored, and others may open it again. fd may be -1.
 */
void mmp_line_close(struct mmp_line *line, int fd);

#endif
