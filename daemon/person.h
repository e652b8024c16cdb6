/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PERSON_H
#define PERSON_H

/*
 * The socket and database paths of an mmpd started by an ordinary user. They are in the
 * user's own folders, so that no rights and no options are needed.
 */

/*
 * $XDG_RUNTIME_DIR/mmpd.sock, where mmpctl looks if the system has no mmpd. It is
 * MMP_SOCKET_SYSTEM for root and if there is no such folder. Valid until the process
 * ends.
 */
const char *person_socket(void);

/*
 * mmpd/mmpd.db in $XDG_STATE_HOME, or else in ~/.local/state; the folder is created.
 * `system` in the cases above, and if the folder cannot be created.
 */
const char *person_database(const char *system);

#endif
