/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DIALECT_H
#define MMP_DIALECT_H

/*
 * Statements and migrations are written once, in the common subset of SQLite and
 * PostgreSQL; the few words that differ are rows of a table in dialect.c.
 */

/* The statement for SQLite, to be freed by the caller. NULL: out of memory. */
char *dialect_sqlite(const char *sql);

/*
 * The statement for PostgreSQL: '?' becomes $1, $2 ..., with the type that its letter
 * in `types` gives (see sql_start). `types` is NULL for a migration. Freed by the
 * caller; NULL: out of memory.
 */
char *dialect_postgres(const char *sql, const char *types);

#endif
