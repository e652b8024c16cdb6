/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_SLOW_DISK_H
#define BENCH_SLOW_DISK_H

/*
 * fdatasync of this program: it counts the calls, and can take longer than the disk needs,
 * as on a slower one. SQLite is a shared library and so calls the function of the program;
 * the daemon of the bench is forked from it without exec, so both share the count and the
 * time.
 */

/* Before the first fork. */
void slow_disk_init(void);

/* From now on each call takes at least 1/syncs of a second; 0: as long as the disk needs. */
void slow_disk_set(unsigned syncs);

/* Calls so far, of all processes. */
unsigned long slow_disk_calls(void);

#endif
