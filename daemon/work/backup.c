/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/backup.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/stop.h"
#include "log.h"
#include "memory.h"
#include "model/platform.h"
#include "service.h"
#include "work/errand.h"
#include "work/store_thread.h"

struct backup {
	struct service *service;
	struct mmp_backup *copy;
	char *path;
	uint64_t bytes;
};

/* The copy belongs to the store thread, like the database. */
static int free_copy(struct mmp_store *store, void *data, struct mmp_error *err)
{
	(void)store, (void)err;
	mmp_backup_free(data);
	return 0;
}

static void free_backup(void *data)
{
	struct backup *backup = data;
	struct store_write end = { .work = free_copy, .data = backup->copy };

	if (backup->copy)
		store_thread_write(backup->service->store_thread, &end);
	free(backup->path);
	free(backup);
}

/* Reads the whole copy, so it must not hold up the database. */
static int check_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err)
{
	const struct backup *backup = data;

	(void)call;
	if (mmp_backup_check(backup->path, err)) {
		if (!mmp_stopped())
			log_error("backup: %s", err->text);
		return -1;
	}
	*ret_result = json_pack("{s:s, s:I}", "path", backup->path, "bytes",
				(json_int_t)backup->bytes);
	return 0;
}

static int copy_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct backup *backup = data;
	int more = mmp_backup_step(backup->copy, &backup->bytes, err);

	(void)ret_result;
	if (more > 0)
		return call_then(call, IN_STORE, copy_step);
	if (more < 0) {
		log_error("backup: %s", err->text);
		return -1;
	}
	return call_then(call, IN_WORKER, check_step);
}

/* Path in "backups" next to the database, a folder created if needed. NULL with *err. */
static char *backup_path(const struct service *service, const char *name,
			 struct mmp_error *err)
{
	char *copy = xstrdup(service->database), *path;
	int length;

	length = asprintf(&path, "%s/backups", dirname(copy));
	free(copy);
	if (length >= 0 && mkdir(path, 0750) && errno != EEXIST) {
		mmp_fail(err, MMP_SYSTEM, "%.180s: %s", path, strerror(errno));
		free(path);
		return NULL;
	}
	copy = length < 0 ? NULL : path;
	if (!copy || asprintf(&path, "%s/%s", copy, name) < 0) {
		mmp_fail(err, MMP_SYSTEM, "out of memory");
		path = NULL;
	}
	free(copy);
	return path;
}

int backup_start(struct mmp_call *call, const char *name, struct mmp_error *err)
{
	struct service *service = call->service;
	struct backup *backup;
	char *path;

	if (mmp_store_is_shared(service->store))
		return mmp_fail(
			err, MMP_INVALID,
			"service.backup copies SQLite's file; the database %.120s is "
			"backed up with pg_dump",
			mmp_store_path(service->store));
	if (mmp_name_check("name", name, err))
		return -1;
	if (name[0] == '.' || strchr(name, '/'))
		return mmp_fail(
			err, MMP_INVALID,
			"name: \"%.120s\" must be a plain file name: backups are in "
			"one folder",
			name);
	path = backup_path(service, name, err);
	if (!path)
		return -1;
	backup = xcalloc(1, sizeof(*backup));
	*backup = (struct backup){ .service = service, .path = path };
	call_keep(call, backup, free_backup);
	if (mmp_backup_new(service->store, path, &backup->copy, err))
		return -1;
	return call_then(call, IN_STORE, copy_step);
}
