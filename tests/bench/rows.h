/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <sys/types.h>

/*
 * The rate of region.register as multiples of the rate of fdatasync, on this disk and on
 * slower ones, beside what SQLite alone and a server that stores nothing reach.
 */
struct rows_bench {
	const char *folder; /* on the disk that is measured */
	const char *daemon; /* its socket */
	pid_t pid;
	const char *bare; /* the socket of the server that stores nothing */
};

/* Put the platforms into the daemon. */
void rows_prepare(const char *daemon);

/* A request as they are measured; until the next call. */
const char *rows_request(void);

void rows_measure(const struct rows_bench *bench);

#endif
