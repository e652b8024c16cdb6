/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/slow_disk.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SECOND_NS = 1000000000 };

static struct {
	atomic_ulong calls;
	atomic_long least_ns; /* that a call takes */
} * disk;                     /* shared with the processes that are forked */

void slow_disk_init(void)
{
	disk = mmap(NULL, sizeof(*disk), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (disk == MAP_FAILED) {
		perror("bench: mmap");
		exit(1);
	}
	prctl(PR_SET_TIMERSLACK, 1); /* threads and children inherit it */
}

void slow_disk_set(unsigned syncs)
{
	disk->least_ns = syncs ? SECOND_NS / syncs : 0;
}

unsigned long slow_disk_calls(void)
{
	return disk->calls;
}

static void wait_until(struct timespec until, long least_ns)
{
	until.tv_nsec += least_ns;
	until.tv_sec += until.tv_nsec / SECOND_NS;
	until.tv_nsec %= SECOND_NS;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
		continue;
}

int fdatasync(int fd)
{
	struct timespec from;
	int outcome;

	clock_gettime(CLOCK_MONOTONIC, &from);
	outcome = (int)syscall(SYS_fdatasync, fd);
	if (!disk)
		return outcome;
	disk->calls++;
	if (disk->least_ns)
		wait_until(from, disk->least_ns);
	return outcome;
}
