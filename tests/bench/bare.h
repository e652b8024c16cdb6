/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

/*
 * What a request costs at the least: a loop of libevent that reads lines, parses each with
 * jansson, builds the answer as objects and prints it. No roles, no limits, no threads.
 */

/* Before bare_serve: learn from a daemon what it answers to this request line. */
void bare_answer_as(const char *daemon_socket, const char *request);

/* Serve; writes a byte to `ready` when it listens. Does not return. */
void bare_serve(const char *socket, int ready);

#endif
