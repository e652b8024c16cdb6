/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SOCKET_H
#define MMP_SOCKET_H

/* Where mmpd listens and mmpctl looks for it if nobody says otherwise. */
#define MMP_SOCKET_SYSTEM "/run/mmpd/mmpd.sock"
#define MMP_SOCKET_PERSON "mmpd.sock" /* in $XDG_RUNTIME_DIR: a person's own mmpd */

#endif
