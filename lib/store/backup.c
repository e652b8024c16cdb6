/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/stop.h"
#include "store/sql.h"
#include "store/sqlite.h"

enum {
	STEP_PAGES = 256, /* 1 MiB: a few milliseconds */
	RESTARTS_MAX = 4, /* when other programs write; then the rest is one step */
	BUSY_MAX = 16,    /* steps that may find the database locked by another program */
	CHECK_STEPS = 100000, /* of SQLite's machine between two looks at the stop flag */
};

struct mmp_backup {
	struct mmp_store *store;
	char *path, *part; /* the final name; the name while it grows */
	sqlite3 *copy;
	sqlite3_backup *work;
	bool made; /* `part` was created by us and is ours to remove */
	int left;  /* pages left; more than before: the copy started again */
	unsigned restarts, busy;
};

static int fail_path(const char *path, int error, struct mmp_error *err)
{
	if (error == EEXIST)
		return mmp_fail(err, MMP_CONFLICT,
				"%.180s: already exists; give the backup another name",
				path);
	return mmp_fail(err, MMP_SYSTEM, "%.180s: %s", path, strerror(error));
}

static int name_part(struct mmp_backup *backup, const char *path, struct mmp_error *err)
{
	backup->path = strdup(path);
	if (!backup->path || asprintf(&backup->part, "%s.part", path) < 0) {
		backup->part = NULL;
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	}
	return 0;
}

/* Create the file exclusively, so that two backups to one path cannot mix. */
static int make_part(struct mmp_backup *backup, struct mmp_error *err)
{
	struct stat there;
	int fd;

	if (!lstat(backup->path, &there))
		return fail_path(backup->path, EEXIST, err);
	fd = open(backup->part, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0640);
	if (fd < 0)
		return fail_path(backup->part, errno, err);
	backup->made = true;
	close(fd);
	return 0;
}

static int start_backup(struct mmp_backup *backup, struct mmp_error *err)
{
	if (sqlite3_open_v2(backup->part, &backup->copy, SQLITE_OPEN_READWRITE, NULL) ==
	    SQLITE_OK)
		backup->work = sqlite3_backup_init(
			backup->copy, "main", sqlite_database(backup->store), "main");
	if (backup->work)
		return 0;
	return mmp_fail(err, MMP_SYSTEM, "%.180s: %s", backup->part,
			sqlite3_errmsg(backup->copy));
}

int mmp_backup_new(struct mmp_store *store, const char *path,
		   struct mmp_backup **ret_backup, struct mmp_error *err)
{
	struct mmp_backup *backup = calloc(1, sizeof(*backup));

	if (!backup)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (!sqlite_database(store)) {
		free(backup);
		return mmp_fail(err, MMP_INVALID,
				"%s: the database is on a server; copy it with pg_dump",
				store->path);
	}
	backup->store = store;
	if (name_part(backup, path, err) || make_part(backup, err) ||
	    start_backup(backup, err)) {
		mmp_backup_free(backup);
		return -1;
	}
	*ret_backup = backup;
	return 0;
}

static int sync_path(const char *path, int flags, struct mmp_error *err)
{
	int fd = open(path, flags | O_CLOEXEC);
	int failed = fd < 0 || fsync(fd) ? fail_path(path, errno, err) : 0;

	if (fd >= 0)
		close(fd);
	return failed;
}

static int sync_folder(const char *path, struct mmp_error *err)
{
	char *copy = strdup(path);
	int failed = copy ? sync_path(dirname(copy), O_RDONLY | O_DIRECTORY, err)
			  : mmp_fail(err, MMP_SYSTEM, "out of memory");

	free(copy);
	return failed;
}

/*
 * The copy inherits the source's journal mode; change it so that a single file is left.
 */
static int close_copy(struct mmp_backup *backup, struct mmp_error *err)
{
	int failed = 0;

	if (sqlite3_backup_finish(backup->work) != SQLITE_OK ||
	    sqlite3_exec(backup->copy, "PRAGMA journal_mode = DELETE", NULL, NULL,
			 NULL) != SQLITE_OK)
		failed = mmp_fail(err, MMP_SYSTEM, "%.180s: %s", backup->part,
				  sqlite3_errmsg(backup->copy));
	sqlite3_close(backup->copy);
	backup->work = NULL;
	backup->copy = NULL;
	return failed;
}

/* Never overwrite a file that was created while we copied. */
static int take_name(struct mmp_backup *backup, uint64_t *ret_bytes,
		     struct mmp_error *err)
{
	struct stat made;

	if (renameat2(AT_FDCWD, backup->part, AT_FDCWD, backup->path, RENAME_NOREPLACE))
		return fail_path(backup->path, errno, err);
	backup->made = false;
	if (sync_folder(backup->path, err))
		return -1;
	if (stat(backup->path, &made))
		return fail_path(backup->path, errno, err);
	*ret_bytes = (uint64_t)made.st_size;
	return 0;
}

/* SQLite starts again at the first page when another program writes. */
static void count_restart(struct mmp_backup *backup)
{
	int left = sqlite3_backup_remaining(backup->work);

	if (backup->left && left >= backup->left)
		backup->restarts++;
	backup->left = left;
}

int mmp_backup_step(struct mmp_backup *backup, uint64_t *ret_bytes, struct mmp_error *err)
{
	int pages = backup->restarts < RESTARTS_MAX ? STEP_PAGES : -1;
	int outcome = sqlite3_backup_step(backup->work, pages);

	if (outcome == SQLITE_OK) {
		count_restart(backup);
		return 1;
	}
	if (outcome == SQLITE_BUSY || outcome == SQLITE_LOCKED) {
		/* A transaction of our own ends soon, so it does not count as busy. */
		if (backup->store->open || ++backup->busy < BUSY_MAX)
			return 1;
		return mmp_fail(err, MMP_BUSY,
				"%.180s: another program keeps the database locked; try "
				"again later",
				backup->path);
	}
	if (outcome != SQLITE_DONE)
		return mmp_fail(err, MMP_SYSTEM, "%.180s: %s", backup->part,
				sqlite3_errstr(outcome));
	if (close_copy(backup, err) || sync_path(backup->part, O_RDONLY, err))
		return -1;
	return take_name(backup, ret_bytes, err);
}

void mmp_backup_free(struct mmp_backup *backup)
{
	if (!backup)
		return;
	if (backup->work)
		sqlite3_backup_finish(backup->work);
	sqlite3_close(backup->copy);
	if (backup->made)
		unlink(backup->part);
	free(backup->path);
	free(backup->part);
	free(backup);
}

static int stop_check(void *data)
{
	(void)data;
	return mmp_stopped();
}

/* The first word of the check's answer is "ok", or it is what is wrong. */
static int read_check(sqlite3 *copy, const char *path, struct mmp_error *err)
{
	sqlite3_stmt *check = NULL;
	int failed = 0;

	if (sqlite3_prepare_v2(copy, "PRAGMA quick_check(1)", -1, &check, NULL) !=
		    SQLITE_OK ||
	    sqlite3_step(check) != SQLITE_ROW)
		failed = mmp_fail(err, MMP_SYSTEM, "%.180s: %s", path,
				  sqlite3_errmsg(copy));
	else if (strcmp((const char *)sqlite3_column_text(check, 0), "ok") != 0)
		failed = mmp_fail(
			err, MMP_SYSTEM,
			"%.160s: the database is damaged, and so is this copy; mmpd(8) "
			"says how to restore an older one",
			path);
	sqlite3_finalize(check);
	return failed;
}

int mmp_backup_check(const char *path, struct mmp_error *err)
{
	sqlite3 *copy = NULL;
	int failed;

	if (sqlite3_open_v2(path, &copy, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		failed = mmp_fail(err, MMP_SYSTEM, "%.180s: %s", path,
				  sqlite3_errmsg(copy));
	} else {
		sqlite3_progress_handler(copy, CHECK_STEPS, stop_check, NULL);
		failed = read_check(copy, path, err);
	}
	sqlite3_close(copy);
	return failed;
}
