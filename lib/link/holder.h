/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_HOLDER_H
#define MMP_HOLDER_H

/* Which other process has a terminal. For terminal.c. Each returns a pid; 0: none seen. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The process of the lock file that uucp, minicom and picocom leave, if it still runs.
 */
long holder_of_lock_file(const char *device);

/* The process that has a flock on this file. */
long holder_of_flock(int fd);

/*
 * A process that has the terminal open without any lock. The kernel shows the open files
 * of another user's processes to root only; such a process counts if this is its
 * controlling terminal. *ret_namer: one of those whose command line names the device, as
 * that of a terminal program does, but also that of a program which only looks at it; 0:
 * none. *ret_is_hidden: there are processes of which nothing, or no more than that, can
 * be seen.
 */
long holder_by_open(int fd, bool *ret_is_hidden, long *ret_namer);

/* Whether this is the device number of a pseudo-terminal. */
bool holder_is_pty(dev_t device);

/* " (picocom, process 123)", or "" for 0. */
const char *holder_describe(long pid, char *text, size_t size);

#endif
