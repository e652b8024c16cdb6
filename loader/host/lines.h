/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_LINES_H
#define LOADER_LINES_H

/*
 * Where the simulated board listens: a pseudo-terminal behind a symbolic link, or a unix
 * socket. A host may go away and another come; the board goes on.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines {
	const char *link; /* made and removed by us */
	bool is_pty;
	int fd;     /* the pty's master, or the listening socket */
	int peer;   /* to the host; -1 while there is none */
	int notify; /* pty: inotify on the slave, tells when somebody opens it */
	char slave[64];
};

/* Open one. -1 with the reason on stderr. */
int lines_open_pty(struct lines *lines, const char *link);
int lines_open_unix(struct lines *lines, const char *path);

/* Forget the file in the file system as well. */
void lines_close(struct lines *lines);

/*
 * Wait until there are bytes from a host, or `stop` is readable: how many bytes, 0 for
 * nothing yet, -1 to stop.
 */
long lines_read(struct lines *lines, int stop, uint8_t *bytes, size_t room);

/* Send to the host, waiting for it where it is slow; in vain where it is gone. */
void lines_write(struct lines *lines, const uint8_t *bytes, size_t length);

#endif
