/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Many clients of one server, from one thread: each keeps `depth` requests under way until
 * it has had `each` answers, or until `seconds` are over (0: they have no end). What a server costs is its own CPU time, so that other work on
 * the machine counts little.
 */
struct load {
	const char *socket;
	unsigned clients, depth, each;
	/* A request line of that client, with its '\n'; borrowed until the next call. */
	const char *(*request)(void *data, unsigned client, unsigned number);
	void *data;
	double seconds;
};

struct load_result {
	double seconds;     /* from the first request to the last answer */
	double cpu_seconds; /* of the server; 0 if pid is 0 */
	size_t answers, errors, bytes;
};

/* `pid` is the server's. Ends the program where a connection fails. */
struct load_result load_run(const struct load *load, pid_t pid);

/* One request line after the other from a file descriptor that is connected. */
int load_connect(const char *socket);

double load_now(void);      /* seconds */
double load_cpu(pid_t pid); /* of a process, all its threads */

#endif
