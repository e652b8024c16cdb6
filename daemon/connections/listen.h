/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

enum { LISTEN_MAX = 8 };

/* The listening sockets: passed to us by systemd, or one of our own. */
struct listening {
	int fds[LISTEN_MAX];
	size_t count;
	char *path; /* of our own socket, to be removed at the end; NULL: passed to us */
	dev_t device;
	ino_t inode;
};

/*
 * Take the sockets from systemd (sd_listen_fds(3)); if there are none, create one at
 * `path`, mode 0660. A socket file on which nobody listens is replaced; if somebody
 * does, that is MMP_BUSY.
 */
int listen_open(struct listening *listening, const char *path, struct mmp_error *err);

/* Create a socket of our own at `path` as above, and listen on it. */
int listen_at(struct listening *listening, const char *path, struct mmp_error *err);

/*
 * Prepare a connected socket, given as a number, for the loop. Returns the descriptor,
 * or -1 if it is not an open stream socket.
 */
int listen_client(const char *number, struct mmp_error *err);

/* Close; our own socket file is removed unless another has replaced it. */
void listen_close(struct listening *listening);

#endif
