/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "store/dialect.h"
#include "store/migrations.h"
#include "stored_platforms.h"

/* Two platforms as version 1 kept them, one of the tree that was called optee-4.10. */
static const char version_1[] =
	"CREATE TABLE mmp_schema (version INTEGER NOT NULL);"
	"INSERT INTO mmp_schema VALUES (1);"
	"INSERT INTO platform VALUES (1, 'virt', 2, 0, 2), (2, 'old', 1, 0, 0);"
	"INSERT INTO platform_config VALUES (1, 1, 'optee-4.10', '{}'), "
	"(2, 2, 'optee-3.4', '{}');"
	"INSERT INTO platform_revision VALUES "
	"(1, 1, 1, 0, '2026-01-01T00:00:00.000Z', 'eva'), "
	"(1, 2, 1, 1, '2026-01-01T00:00:01.000Z', 'eva'), "
	"(2, 1, 2, 0, '2026-01-01T00:00:00.000Z', 'eva');"
	"INSERT INTO region VALUES "
	"(1, 0, 1, 2, 'phys_mem_map', 'MEM_AREA_IO_SEC', 'gone', 0, 4096, 'platform'), "
	"(1, 1, 2, 9223372036854775807, 'phys_mem_map', 'MEM_AREA_IO_SEC', 'UART', "
	"150994944, 4096, 'platform');";

static void ask(PGconn *server, const char *sql)
{
	PGresult *result = PQexec(server, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(server));
	PQclear(result);
}

static int see_rules(void *data, const struct mmp_platform_row *row,
		     struct mmp_error *error)
{
	(void)error;
	snprintf(data, 32, "%s", row->rules);
	return 0;
}

static int count_renaming(void *data, const struct mmp_history_row *row,
			  struct mmp_error *error)
{
	(void)error;
	if (!strcmp(row->action, "rules.rename")) {
		assert_string_equal(row->before, "2");
		assert_string_equal(row->by.time, "2026-01-01T00:00:01.000Z");
		assert_non_null(strstr(row->about, "\"optee-4.10-257\""));
		++*(int *)data;
	}
	return 0;
}

/* Its two revisions are as they were, and a third follows. */
static void goes_on_after_its_upgrade(void)
{
	assert_int_equal(registers(2, NULL), 1);
	has_regions("virt", 3,
		    "phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 "
		    "platform;" THIRD);
	has_regions_in_parts("virt", 3, 1,
			     "phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 "
			     "platform;" THIRD);
	is_at("virt", 2, "virt@2 optee-4.10-257 {} 1 eva 2026-01-01T00:00:01.000Z;");
	is_at("virt", 3, "virt@3 optee-4.10-257 {} 2 ion 2026-01-02T00:00:00.000Z;");
}

/* On SQLite: test_store_migrations.c. */
static void platforms_of_a_server_keep_their_rules_under_another_name(void **state)
{
	static const char *const names[] = { "virt", "old" };
	static const char *const rules[] = { "optee-4.10-257", "optee-3.4" };
	char *schema = dialect_postgres(mmp_migrations[0], NULL), seen[32];
	PGconn *server;

	(void)state;
	if (test_server()) {
		server = PQconnectdb(test_database(""));
		ask(server, schema);
		ask(server, version_1);
		PQfinish(server);
		assert_int_equal(mmp_store_open(test_server(), &store, &err), 0);
		for (int n = 0; n < 2; n++) {
			int renamed = 0;

			if (mmp_store_platform_get(store, names[n], 0, see_rules, seen,
						   &err))
				fail_msg("%s", err.text);
			assert_string_equal(seen, rules[n]);
			assert_int_equal(mmp_store_history(store, "platform", names[n],
							   &all, count_renaming, &renamed,
							   &err),
					 0);
			assert_int_equal(renamed, !n);
		}
		goes_on_after_its_upgrade();
		mmp_store_close(store);
	}
	free(schema);
}

/* A server of an older version, without rows. */
static PGconn *server_of(int version)
{
	PGconn *server = PQconnectdb(test_database(""));
	char stamp[64];

	snprintf(stamp, sizeof(stamp), "INSERT INTO mmp_schema VALUES (%d)", version);
	ask(server, "CREATE TABLE mmp_schema (version INTEGER NOT NULL)");
	ask(server, stamp);
	for (int i = 0; i < version; i++) {
		char *schema = dialect_postgres(mmp_migrations[i], NULL);

		ask(server, schema);
		free(schema);
	}
	return server;
}

/* A server of version 7 with a host, whose mmpd is connected and holds its name. */
static PGconn *older_mmpd(void)
{
	PGconn *server = server_of(7);

	ask(server, "INSERT INTO host VALUES ('attic', 0);"
		    "INSERT INTO platform VALUES (1, 'virt', 1, 0, 0)");
	PQclear(PQexec(server, "SELECT pg_advisory_lock(8747501, hashtext('attic'))"));
	return server;
}

static void a_server_is_not_upgraded_while_an_older_mmpd_uses_it(void **state)
{
	PGconn *older;

	(void)state;
	if (!test_server())
		return;
	older = older_mmpd();
	assert_int_equal(mmp_store_open(test_server(), &store, &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	assert_non_null(strstr(err.text, "schema version 7 and is used by 1 older mmpd "
					 "(host attic): end all older ones"));
	PQfinish(older);
	assert_int_equal(mmp_store_open(test_server(), &store, &err), 0);
	mmp_store_close(store);
}

/* It had lost the server, and with it its name, when the schema was changed. */
static void an_older_mmpd_that_comes_back_after_an_upgrade_cannot_write(void **state)
{
	PGconn *older;
	PGresult *result;

	(void)state;
	if (!test_server())
		return;
	older = older_mmpd();
	PQclear(PQexec(older, "SELECT pg_advisory_unlock_all()"));
	assert_int_equal(mmp_store_open(test_server(), &store, &err), 0);
	result = PQexec(older, "INSERT INTO platform_revision (platform, revision, "
			       "config, regions, time, \"user\") VALUES "
			       "(1, 2, NULL, 0, '', '')");
	assert_int_equal(PQresultStatus(result), PGRES_FATAL_ERROR);
	assert_non_null(strstr(PQresultErrorMessage(result), "\"regions\""));
	PQclear(result);
	PQfinish(older);
	mmp_store_close(store);
}

/* As above, with this program as the older one. */
static void after_an_upgrade_a_host_that_comes_back_says_that_it_is_too_old(void **state)
{
	PGconn *newer;

	(void)state;
	if (!test_server())
		return;
	assert_int_equal(mmp_store_open(test_database(""), &store, &err), 0);
	assert_int_equal(mmp_store_host(store, "attic", &err), 0);
	assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 1);
	newer = PQconnectdb(test_server());
	PQclear(PQexec(newer, "SELECT pg_terminate_backend(pid, 5000) FROM "
			      "pg_stat_activity WHERE application_name = 'mmpd'"));
	ask(newer, "UPDATE mmp_schema SET version = 99");
	PQfinish(newer);
	assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 0); /* the loss shows */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 0);
		assert_int_equal(err.code, MMP_CONFLICT);
		assert_non_null(strstr(err.text, "schema version 99, and this program"));
	}
	mmp_store_close(store);
}

static int see_config(void *data, const struct mmp_platform_row *row,
		      struct mmp_error *error)
{
	(void)error;
	snprintf(data, 64, "%s%s", row->config, row->encoded ? " encoded" : "");
	return 0;
}

/*
 * On SQLite: test_store_migrations.c. Rows that a program of version 8 writes afterwards are
 * right, too.
 */
static void configurations_of_version_8_on_a_server_are_kept_as_text(void **state)
{
	static const char config[] =
		"INSERT INTO platform_config (platform, rules, config) "
		"VALUES (1, 'optee-4.10', '{\"nb_core\":4}')";
	PGconn *older;
	char seen[64];

	(void)state;
	if (!test_server())
		return;
	older = server_of(8);
	ask(older, "INSERT INTO platform VALUES (1, 'virt', 2, 0, 0, 0)");
	ask(older, config);
	ask(older, "INSERT INTO platform_revision VALUES (1, 1, 1, 0, '', 'eva', 0)");
	assert_int_equal(mmp_store_open(test_server(), &store, &err), 0);
	ask(older, config);
	ask(older, "INSERT INTO platform_revision VALUES (1, 2, 2, 0, '', 'eva', 0)");
	PQfinish(older);
	for (uint64_t revision = 1; revision <= 2; revision++) {
		if (mmp_store_platform_get(store, "virt", revision, see_config, seen,
					   &err))
			fail_msg("%s", err.text);
		assert_string_equal(seen, "{\"nb_core\":4}");
	}
	mmp_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			platforms_of_a_server_keep_their_rules_under_another_name),
		cmocka_unit_test(a_server_is_not_upgraded_while_an_older_mmpd_uses_it),
		cmocka_unit_test(
			an_older_mmpd_that_comes_back_after_an_upgrade_cannot_write),
		cmocka_unit_test(
			after_an_upgrade_a_host_that_comes_back_says_that_it_is_too_old),
		cmocka_unit_test(
			configurations_of_version_8_on_a_server_are_kept_as_text),
	};

	return cmocka_run_group_tests_name("store_upgrades", tests, NULL, NULL);
}
