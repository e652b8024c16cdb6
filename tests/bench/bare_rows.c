/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/bare_rows.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/load.h"
#include "bench/platforms.h"
#include "store/store.h"

enum { PLATFORMS = 16, PAGE = 4096 };

static const char now[] = "2026-01-01T00:00:00.000Z";

/* clang-format off */
static const char *const texts[] = {
	"BEGIN IMMEDIATE",
	"INSERT INTO region (platform, position, since, until, section, type, name, addr, size, origin, va, attr, granularity, time, user) "
	"VALUES (?1, ?2, ?2, 9223372036854775807, 'phys_mem', 'MEM_AREA_IO_SEC', ?3, ?4, 4096, 'platform', 0, 0, 0, ?5, 'root')",
	"UPDATE platform SET revision = ?2, positions = ?2 + 1 WHERE id = ?1",
	"INSERT INTO history (time, uid, gid, pid, user, kind, name, action, about, before, after) "
	"VALUES (?1, 0, 0, 1, 'root', 'platform', ?2, 'region.register', ?3, ?4, ?5)",
	"COMMIT",
};
/* clang-format on */

enum { BEGIN, REGION, PLATFORM, HISTORY, COMMIT, STATEMENTS };

static struct {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	unsigned made; /* registrations so far */
} bare;

static void fail(void)
{
	fprintf(stderr, "bench: %s\n", sqlite3_errmsg(bare.db));
	exit(1);
}

static void run_sql(const char *sql)
{
	if (sqlite3_exec(bare.db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail();
}

static void run(int statement)
{
	if (sqlite3_step(bare.statements[statement]) != SQLITE_DONE)
		fail();
	sqlite3_reset(bare.statements[statement]);
}

static void bind_number(int statement, int place, unsigned number)
{
	sqlite3_bind_int64(bare.statements[statement], place, number);
}

static void bind_text(int statement, int place, const char *text)
{
	sqlite3_bind_text(bare.statements[statement], place, text, -1, SQLITE_STATIC);
}

/* The schema is mmpd's, and so are the settings. */
static void open_database(const char *folder)
{
	struct mmp_store *store;
	struct mmp_error err;
	char path[96], sql[256];

	snprintf(path, sizeof(path), "%s/bare-rows", folder);
	bench_must(mmp_store_open(path, &store, &err), &err);
	mmp_store_close(store);
	if (sqlite3_open(path, &bare.db) != SQLITE_OK)
		fail();
	run_sql("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
		"PRAGMA foreign_keys = ON");
	for (unsigned i = 1; i <= PLATFORMS; i++) {
		snprintf(sql, sizeof(sql),
			 "INSERT INTO platform (id, name, revision, removed, positions, "
			 "live_from) "
			 "VALUES (%u, 'desk-%u', 1, 0, 2, 0);"
			 "INSERT INTO platform_config (id, platform, rules, config) "
			 "VALUES (%u, %u, 'rules', '{}')",
			 i, i, i, i);
		run_sql(sql);
	}
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(bare.db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &bare.statements[i], NULL) != SQLITE_OK)
			fail();
}

static void register_one(void)
{
	unsigned platform = bare.made % PLATFORMS + 1;
	unsigned revision = bare.made / PLATFORMS + 2;
	char name[16], desk[16], about[64], before[16], after[16];

	snprintf(name, sizeof(name), "D%u", bare.made);
	snprintf(desk, sizeof(desk), "desk-%u", platform);
	snprintf(about, sizeof(about), "phys_mem MEM_AREA_IO_SEC \"%s\" 0x%x+0x1000",
		 name, PAGE * bare.made);
	snprintf(before, sizeof(before), "%u", revision - 1);
	snprintf(after, sizeof(after), "%u", revision);
	for (int i = REGION; i <= PLATFORM; i++) {
		bind_number(i, 1, platform);
		bind_number(i, 2, revision);
	}
	bind_text(REGION, 3, name);
	bind_number(REGION, 4, PAGE * bare.made);
	bind_text(REGION, 5, now);
	bind_text(HISTORY, 1, now);
	bind_text(HISTORY, 2, desk);
	bind_text(HISTORY, 3, about);
	bind_text(HISTORY, 4, before);
	bind_text(HISTORY, 5, after);
	for (int i = REGION; i <= HISTORY; i++)
		run(i);
	bare.made++;
}

double bare_rows_rate(const char *folder, unsigned count, unsigned in_one)
{
	double from;

	if (!bare.db)
		open_database(folder);
	from = load_now();
	for (unsigned i = 0; i < count; i++) {
		if (i % in_one == 0)
			run(BEGIN);
		register_one();
		if ((i + 1) % in_one == 0 || i + 1 == count)
			run(COMMIT);
	}
	return count / (load_now() - from);
}
