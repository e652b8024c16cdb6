/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_BARE_ROWS_H
#define BENCH_BARE_ROWS_H

/*
 * The rate of registrations that SQLite itself allows: the rows that one registration
 * writes, as bare prepared statements, `in_one` registrations in each transaction, into
 * 16 platforms of a database with mmpd's schema. A second run goes on in the same
 * database.
 */
double bare_rows_rate(const char *folder, unsigned count, unsigned in_one);

#endif
