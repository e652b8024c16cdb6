/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PORT_H
#define MMP_PORT_H

/*
 * An open line: bytes of the board, raw or through telnet (RFC 2217). Nothing here
 * waits: the owner of the port watches `fd` and the clock.
 *
 *	mmp_port_open(&port, &line, &err)      then watch fd: writable, and readable
 *	while (!port.is_ready)                 as long as mmp_port_greet says "not yet"
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
	struct mmp_telnet telnet; /* if the line is rfc2217 */
};

/* A closed port, which mmp_port_close accepts. */
#define MMP_PORT_CLOSED ((struct mmp_port){ .fd = -1 })

/* Open the line like mmp_line_open. A terminal is ready immediately. */
int mmp_port_open(struct mmp_port *port, const struct mmp_line *line,
		  struct mmp_error *err);

/*
 * To be called when the descriptor is writable or readable: completes the connection,
 * and has a terminal server set its port. -1: refused, with MMP_LINK and the line's
 * name.
 */
int mmp_port_greet(struct mmp_port *port, struct mmp_error *err);

/* The port is still not ready after its time-out: sets the error to the reason. */
void mmp_port_late(struct mmp_port *port, struct mmp_error *err);

/*
 * Like read(2), for bytes of the board. -1 with EAGAIN also if what arrived had no
 * bytes of the board; 0 if the other end has hung up.
 */
ssize_t mmp_port_read(struct mmp_port *port, uint8_t *bytes, size_t room);

/*
 * Write like write(2); returns how many bytes were taken, some of which may be buffered
 * in the port. Flush: 1 while bytes are buffered, 0 if none are, -1 with errno.
 */
ssize_t mmp_port_write(struct mmp_port *port, const uint8_t *bytes, size_t length);
int mmp_port_flush(struct mmp_port *port);

/* Close the line like mmp_line_close. */
void mmp_port_close(struct mmp_port *port);

#endif
