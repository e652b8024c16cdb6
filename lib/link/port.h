/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PORT_H
#define MMP_PORT_H

/*
 * An open line: bytes of the board, as they are or through telnet (RFC 2217). Nothing
 * here waits: whoever owns the port watches `fd` and the clock.
 *
 *	mmp_port_open(&port, &line, &err)      then watch fd: writable, and readable
 *	while (!port.ready)                    as long as mmp_port_greet says "not yet"
 *		mmp_port_greet(&port, &err)
 *	mmp_port_read, mmp_port_write, mmp_port_flush
 */

#include <sys/types.h>

#include "link/serial.h"
#include "link/telnet.h"

struct mmp_port {
	struct mmp_line line;
	int fd; /* -1: closed */
	bool is_connected;
	bool is_ready;            /* bytes can be exchanged with the board */
	struct mmp_telnet telnet; /* where the line is rfc2217 */
};

/* A port that is not open, for mmp_port_close. */
#define MMP_PORT_CLOSED ((struct mmp_port){ .fd = -1 })

/* Open as mmp_line_open does. A terminal is ready at once. */
int mmp_port_open(struct mmp_port *port, const struct mmp_line *line,
		  struct mmp_error *err);

/*
 * The descriptor is writable, or readable: connect, and have a terminal server set its
 * port. -1: refused, with MMP_LINK and the line's name.
 */
int mmp_port_greet(struct mmp_port *port, struct mmp_error *err);

/* It had its time and is not ready: says why not. */
void mmp_port_late(struct mmp_port *port, struct mmp_error *err);

/*
 * As read(2): bytes of the board. -1 with EAGAIN also where what came was none of them;
 * 0 if the other end has hung up.
 */
ssize_t mmp_port_read(struct mmp_port *port, uint8_t *bytes, size_t room);

/*
 * As write(2), and how many bytes were taken; some of them may wait in the port. Flush:
 * 1 while some do, 0 if none does, -1 with errno.
 */
ssize_t mmp_port_write(struct mmp_port *port, const uint8_t *bytes, size_t length);
int mmp_port_flush(struct mmp_port *port);

/* As mmp_line_close. */
void mmp_port_close(struct mmp_port *port);

#endif
