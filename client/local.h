/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_LOCAL_H
#define CLIENT_LOCAL_H

#include "call.h"

/*
 * mmpctl --local: a private mmpd for one command, with its database in memory. It runs
 * the same code and gives the same answers as an mmpd that listens.
 */

/*
 * Start it and connect the session. The program is `mmpd` in the folder of this
 * program, in the sbin folder next to that, or in PATH. MMP_BAD_REQUEST if the command
 * would change a database that is deleted right after; MMP_SYSTEM if mmpd is not found.
 */
int local_start(struct session *session, const struct command *command,
		struct mmp_error *err);

/* End it, after session_done has closed the connection. */
void local_end(struct session *session);

#endif
