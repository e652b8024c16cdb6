/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

enum { LISTEN_MAX = 8 };

/* Where clients come from: sockets handed over by systemd, or one of our own. */
struct listening {
	int fds[LISTEN_MAX];
	size_t count;
	char *path; /* of our own socket, to be removed in the end; NULL: handed over */
	dev_t device;
	ino_t inode;
};

/*
 * Take the sockets that systemd hands over (sd_listen_fds(3)); without any, make one at
 * `path`, mode 0660. A socket file on which nobody listens is replaced; one on which
 * somebody does is MMP_BUSY.
 */
int listen_open(struct listening *listening, const char *path, struct mmp_error *err);

/*
 * The connected socket that `number` names, made ready for the loop: the descriptor, or
 * -1 if that is not an open stream socket.
 */
int listen_client(const char *number, struct mmp_error *err);

/* Close; our own socket file is removed unless another has taken its place. */
void listen_close(struct listening *listening);

#endif
