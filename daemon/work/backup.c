/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/backup.h"

#include <stdlib.h>

#include "log.h"
#include "memory.h"
#include "service.h"

struct backup {
	struct mmp_call *call;
	struct mmp_backup *copy;
	struct event *turn;
	char *path;
};

static const struct timeval at_once;

static void drop(void *data)
{
	struct backup *backup = data;

	mmp_backup_free(backup->copy);
	event_free(backup->turn);
	free(backup->path);
	free(backup);
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	struct backup *backup = data;
	struct mmp_call *call = backup->call;
	struct mmp_error err = { 0 };
	json_t *result = NULL;
	uint64_t bytes = 0;
	int more = mmp_backup_step(backup->copy, &bytes, &err);

	(void)fd, (void)what;
	if (more > 0) {
		event_add(backup->turn, &at_once);
		return;
	}
	if (more < 0)
		log_error("backup: %s", err.text);
	else
		result = json_pack("{s:s, s:I}", "path", backup->path, "bytes",
				   (json_int_t)bytes);
	drop(backup);
	mmp_call_answer(call, result, &err);
}

int backup_start(struct mmp_call *call, const char *path, struct mmp_error *err)
{
	struct service *service = call->service;
	struct mmp_backup *copy;
	struct backup *backup;

	if (path[0] != '/')
		return mmp_fail(
			err, MMP_INVALID,
			"path: \"%.180s\" is not absolute; mmpd has a folder of its "
			"own to begin from",
			path);
	if (mmp_backup_new(service->store, path, &copy, err))
		return -1;
	backup = xcalloc(1, sizeof(*backup));
	*backup = (struct backup){ .call = call,
				   .copy = copy,
				   .path = xstrdup(path),
				   .turn = evtimer_new(service->base, on_turn, backup) };
	event_add(backup->turn, &at_once);
	return mmp_call_defer(call, drop, backup);
}
