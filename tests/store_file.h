/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <sqlite3.h>
#include <stdint.h>

#include "store/store.h"

/*
 * For the tests of a database that is an SQLite file: a folder for each test, and SQL that
 * another program might run in the file.
 */
extern char folder[64], path[128]; /* the folder, and the database in it */

int make_folder(void **state);
int remove_folder(void **state);

/* The database for SQL of our own; the caller closes it. */
sqlite3 *raw(void);
void run(sqlite3 *db, const char *sql);
int number(sqlite3 *db, const char *sql); /* that a query has as its only value */

/* Open, run and close. */
void run_sql(const char *sql);

/* Register a region of platform "virt". Like mmp_store_region_add. */
int add_region(struct mmp_store *store, const char *name, uint64_t if_revision,
	       struct mmp_error *err);

/* The regions of its newest revision. */
int count_regions(struct mmp_store *store);
int count_region(void *data, const struct mmp_region_row *row, struct mmp_error *err);

/* Open the database as the daemon does, and close it. */
int open_store(struct mmp_error *err);

#endif
