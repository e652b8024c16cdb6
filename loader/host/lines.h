/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_LINES_H
#define LOADER_LINES_H

/*
 * Where the simulated board listens: a pseudo-terminal behind a symbolic link, or a
 * unix socket. One host may go away and another come while the board runs on.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines {
	const char *link; /* created and removed by us */
	bool is_pty;
	int fd;     /* the pty's master, or the listening socket */
	int peer;   /* connection to the host; -1: none */
	int notify; /* pty: inotify on the slave, reports when somebody opens it */
	char slave[64];
};

/* Open a line. -1, with the reason on stderr. */
int lines_open_pty(struct lines *lines, const char *link);
int lines_open_unix(struct lines *lines, const char *path);

/* Close, and remove the file from the file system. */
void lines_close(struct lines *lines);

/*
 * Wait until there are bytes from a host, or `stop` is readable. Returns the number of
 * bytes, 0 for nothing yet, -1 to stop.
 */
long lines_read(struct lines *lines, int stop, uint8_t *bytes, size_t room);

/* Send to the host, waiting if it is slow; does nothing if it is gone. */
void lines_write(struct lines *lines, const uint8_t *bytes, size_t length);

#endif
