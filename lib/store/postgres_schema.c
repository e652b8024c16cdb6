/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/postgres_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "store/dialect.h"
#include "store/migrations.h"

static int ask_number(struct pg_store *s, const char *sql, int none, int *ret_number,
		      struct mmp_error *err)
{
	PGresult *result = pg_answer(s, PQsendQuery(s->connection, sql));
	int failed = 0;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		failed = pg_fail(s, result, err);
	else
		*ret_number = PQntuples(result) && !PQgetisnull(result, 0, 0)
				      ? atoi(PQgetvalue(result, 0, 0))
				      : none;
	PQclear(result);
	return failed;
}

static int migrate_step(struct pg_store *s, int version, struct mmp_error *err)
{
	char stamp[80], *own = dialect_postgres(mmp_migrations[version - 1], NULL);
	int failed;

	if (!own)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	snprintf(stamp, sizeof(stamp), "UPDATE mmp_schema SET version = %d", version);
	failed = pg_exec(s, own, err) || pg_exec(s, stamp, err);
	free(own);
	return failed ? mmp_while(err, "schema version %d", version) : 0;
}

static int ask_version(struct pg_store *s, int *ret_version, struct mmp_error *err)
{
	if (ask_number(s, "SELECT version FROM mmp_schema", 0, ret_version, err))
		return -1;
	if (*ret_version <= mmp_migrations_count)
		return 0;
	return mmp_fail(err, MMP_CONFLICT,
			"%.80s: the database has schema version %d, and this program "
			"knows %d: a newer mmpd is needed",
			s->store.path, *ret_version, mmp_migrations_count);
}

/* Who holds the name of a host of this database; hosts.c takes it. */
#define NAME_HOLDERS                                                                     \
	" WHERE l.locktype = 'advisory' AND l.granted AND l.classid = " POSTGRES_NAMES   \
	" AND l.objsubid = 2 AND l.pid <> pg_backend_pid() AND l.database = (SELECT "    \
	"oid FROM pg_database WHERE datname = current_database())"

enum { VERSION_WITH_HOSTS = 5 }; /* of the schema: hosts have a table from then on */

/*
 * 1 with *err if another mmpd is there. It is older, as the schema is, and what it reads
 * and writes would be wrong. 0: none; -1 with *err.
 */
static int find_older(struct pg_store *s, int version, struct mmp_error *err)
{
	static const char nameless[] = "SELECT count(*), '' FROM pg_locks l" NAME_HOLDERS;
	static const char named[] =
		"SELECT count(*), coalesce(' (host ' || string_agg(h.name, ', ' ORDER BY "
		"h.name) || ')', '') FROM pg_locks l LEFT JOIN host h ON "
		"CAST(l.objid AS BIGINT) = CAST(hashtext(h.name) AS BIGINT) & "
		"4294967295" NAME_HOLDERS;
	PGresult *result = pg_answer(
		s, PQsendQuery(s->connection,
			       version < VERSION_WITH_HOSTS ? nameless : named));
	int found = -1;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		pg_fail(s, result, err);
	else if ((found = strcmp(PQgetvalue(result, 0, 0), "0") != 0))
		mmp_fail(err, MMP_BUSY,
			 "%.80s: the database has schema version %d and is used by %s "
			 "older mmpd%.150s: end all older ones before a newer one makes "
			 "it version %d",
			 s->store.path, version, PQgetvalue(result, 0, 0),
			 PQgetvalue(result, 0, 1), mmp_migrations_count);
	PQclear(result);
	return found;
}

/*
 * All steps in one transaction; other hosts wait for it. 1 with *err: not while an older
 * mmpd is there.
 */
static int migrate_locked(struct pg_store *s, struct mmp_error *err)
{
	int now = 0, older;

	if (pg_exec(s, PG_WRITER_LOCK, err) ||
	    pg_exec(s, "CREATE TABLE IF NOT EXISTS mmp_schema (version INTEGER NOT NULL)",
		    err) ||
	    pg_exec(s,
		    "INSERT INTO mmp_schema SELECT 0 WHERE NOT EXISTS "
		    "(SELECT 1 FROM mmp_schema)",
		    err) ||
	    ask_version(s, &now, err))
		return -1;
	older = now && now < mmp_migrations_count ? find_older(s, now, err) : 0;
	if (older)
		return older;
	while (now < mmp_migrations_count)
		if (migrate_step(s, ++now, err))
			return -1;
	return 0;
}

/* Like migrate_locked. */
static int try_to_migrate(struct pg_store *s, struct mmp_error *err)
{
	struct mmp_error ignored;
	int outcome;

	if (pg_exec(s, "BEGIN", err))
		return -1;
	outcome = migrate_locked(s, err);
	if (!outcome)
		return pg_exec(s, "COMMIT", err);
	pg_exec(s, "ROLLBACK", &ignored);
	return outcome;
}

enum { MIGRATE_TRIES = 10 };

/* The server may take a moment to notice that the older mmpd has ended. */
int pg_migrate(struct pg_store *s, struct mmp_error *err)
{
	struct mmp_error ignored;
	int outcome = try_to_migrate(s, err);

	for (int i = 1; outcome > 0 && i < MIGRATE_TRIES; i++) {
		pg_exec(s, "SELECT pg_sleep(0.1)", &ignored);
		outcome = try_to_migrate(s, err);
	}
	return outcome ? -1 : 0;
}

/* Wait for a migration that is under way: it has not seen this host's name. */
int postgres_check_schema(struct mmp_store *store, struct mmp_error *err)
{
	struct pg_store *s = pg_of(store);
	struct mmp_error ignored;
	int version, failed;

	if (pg_exec(s, "BEGIN", err))
		return -1;
	failed = pg_exec(s, PG_WRITER_LOCK, err) || ask_version(s, &version, err);
	pg_exec(s, "ROLLBACK", &ignored);
	return failed ? -1 : 0;
}
