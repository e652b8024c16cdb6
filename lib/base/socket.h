/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SOCKET_H
#define MMP_SOCKET_H

/* Where mmpd listens, and where mmpctl connects, by default. */
#define MMP_SOCKET_SYSTEM "/run/mmpd/mmpd.sock"
#define MMP_SOCKET_PERSON "mmpd.sock" /* in $XDG_RUNTIME_DIR: a user's own mmpd */

#endif
