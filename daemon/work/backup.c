/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/backup.h"

#include <stdlib.h>

#include "log.h"
#include "memory.h"
#include "service.h"
#include "work/errand.h"
#include "work/store_thread.h"

struct backup {
	struct service *service;
	struct mmp_backup *copy;
	char *path;
};

/* It belongs to the store thread, as the database that it copies does. */
static int free_copy(struct mmp_store *store, void *data, struct mmp_error *err)
{
	(void)store, (void)err;
	mmp_backup_free(data);
	return 0;
}

static void free_backup(void *data)
{
	struct backup *backup = data;
	struct store_write end = { free_copy, NULL, backup->copy };

	if (backup->copy)
		store_thread_write(backup->service->store_thread, &end);
	free(backup->path);
	free(backup);
}

static int copy_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct backup *backup = data;
	uint64_t bytes = 0;
	int more = mmp_backup_step(backup->copy, &bytes, err);

	if (more > 0)
		return call_then(call, IN_STORE, copy_step);
	if (more < 0) {
		log_error("backup: %s", err->text);
		return -1;
	}
	*ret_result =
		json_pack("{s:s, s:I}", "path", backup->path, "bytes", (json_int_t)bytes);
	return 0;
}

int backup_start(struct mmp_call *call, const char *path, struct mmp_error *err)
{
	struct service *service = call->service;
	struct backup *backup;

	if (path[0] != '/')
		return mmp_fail(
			err, MMP_INVALID,
			"path: \"%.180s\" is not absolute, and mmpd has a working folder "
			"of its own",
			path);
	backup = xcalloc(1, sizeof(*backup));
	*backup = (struct backup){ .service = service, .path = xstrdup(path) };
	call_keep(call, backup, free_backup);
	if (mmp_backup_new(service->store, path, &backup->copy, err))
		return -1;
	return call_then(call, IN_STORE, copy_step);
}
