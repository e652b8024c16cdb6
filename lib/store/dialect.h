/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DIALECT_H
#define MMP_DIALECT_H

/*
 * Statements and migrations are written once, in what SQLite and PostgreSQL have in
 * common; the few words that they do not share are rows of a table in dialect.c.
 */

/* The statement as SQLite takes it; free it. NULL: there is no memory. */
char *dialect_sqlite(const char *sql);

/*
 * As PostgreSQL takes it: '?' becomes $1, $2 ..., with the type that its letter in
 * `types` says (see sql_start). `types` is NULL for a migration.
 */
char *dialect_postgres(const char *sql, const char *types);

#endif
