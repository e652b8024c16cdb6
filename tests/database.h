/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_DATABASE_H
#define TEST_DATABASE_H

#include <libpq-fe.h>
#include <stdlib.h>

/*
 * The tests of the store run on SQLite, and once more on the server that
 * MMP_TEST_POSTGRES is the address of (test_postgres.sh).
 */
static inline const char *test_server(void)
{
	return getenv("MMP_TEST_POSTGRES");
}

/* The address of the server, with an empty database; or `path`. */
static inline const char *test_database(const char *path)
{
	const char *address = test_server();
	PGconn *connection;
	PGresult *result;

	if (!address)
		return path;
	connection = PQconnectdb(address);
	result = PQexec(connection, "SET client_min_messages = error;"
				    "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		abort();
	PQclear(result);
	PQfinish(connection);
	return address;
}

#endif
