/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PERSON_H
#define PERSON_H

/*
 * Where a mmpd that a person starts has its socket and its database. They are in the
 * person's own folders, so that no rights and no options are needed.
 */

/*
 * $XDG_RUNTIME_DIR/mmpd.sock, where mmpctl looks when the system has no mmpd; or
 * MMP_SOCKET_SYSTEM for root and where there is no such folder. Valid as long as the
 * process runs.
 */
const char *person_socket(void);

/*
 * mmpd/mmpd.db in $XDG_STATE_HOME, else in ~/.local/state; the folder is made. `system`
 * in the cases above, and where the folder cannot be made.
 */
const char *person_database(const char *system);

#endif
