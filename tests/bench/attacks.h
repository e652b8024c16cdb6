/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_ATTACKS_H
#define BENCH_ATTACKS_H

/*
 * What one user can do to another: while each of some attacks runs, from another user where
 * we are root, how long does a cheap call wait, and how long does a layout of 501 regions
 * take? Prints p50, p99 and the worst, beside those of an idle daemon, and the longest that
 * one turn of the daemon's loop and one step of its database's thread took of a processor.
 * Then the share of the work that each of three users gets who ask for more than there is.
 * `restart` starts the daemon again.
 */
void attacks_measure(const char *socket, const char *database, void (*restart)(void));

/* Put jobs with large reports into a database that no daemon has open yet. */
void attacks_prepare(const char *database);

#endif
