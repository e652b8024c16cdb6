/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_ATTACKS_H
#define BENCH_ATTACKS_H

/*
 * What one user can do to another: while each of some attacks runs, from another user where
 * we are root, how long does a cheap call wait, and how long does a layout of 501 regions
 * take? Prints p50, p99 and the worst, beside those of an idle daemon.
 */
void attacks_measure(const char *socket, const char *database);

/* Put jobs with large reports into a database that no daemon has open yet. */
void attacks_prepare(const char *database);

#endif
