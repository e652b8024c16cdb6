/* SPDX-License-Identifier: BSD-2-Clause */
#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account.h"
#include "base/container.h"
#include "clock.h"
#include "connections/names.h"
#include "line/talk.h"
#include "log.h"
#include "memory.h"
#include "methods/methods.h"
#include "metrics.h"
#include "model/platform.h"
#include "settings.h"
#include "trim.h"
#include "work/answers.h"
#include "work/elsewhere.h"
#include "work/jobs.h"
#include "work/kept.h"
#include "work/mailbox.h"
#include "work/retention.h"
#include "work/store_thread.h"
#include "work/sweep.h"
#include "work/workers.h"

/*
 * The path of the database's lock file; the same through any symbolic link to the
 * database.
 */
static char *lock_path(const char *database)
{
	char *real = realpath(database, NULL), *path;
	int length = asprintf(&path, "%s.lock", real ? real : database);

	free(real);
	return length < 0 ? NULL : path;
}

static bool is_file(const char *database)
{
	return strcmp(database, MMP_STORE_MEMORY) != 0 && !mmp_store_is_address(database);
}

/*
 * A separate file next to the database: SQLite's own locks are taken and dropped, and
 * would be lost if we closed another descriptor of the database file. The file is never
 * removed; only the lock on it matters.
 */
static int take_lock(struct service *service, const char *database, struct mmp_error *err)
{
	struct stat there;
	char *path;
	int failed = 0;

	if (!is_file(database))
		return 0;
	if (strstr(database, "://"))
		return mmp_fail(err, MMP_INVALID,
				"database %.120s: must be a path, or postgresql://...",
				database);
	if (!stat(database, &there) && !S_ISREG(there.st_mode))
		return mmp_fail(
			err, MMP_SYSTEM,
			"database %.180s: it is not a file; --database PATH names "
			"another",
			database);
	path = lock_path(database);
	if (!path)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	service->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (service->lock < 0)
		failed = mmp_fail(err, MMP_SYSTEM,
				  "database: its lock file %.140s: %s; --database PATH "
				  "names another",
				  path, strerror(errno));
	else if (flock(service->lock, LOCK_EX | LOCK_NB))
		failed = mmp_fail(err, errno == EWOULDBLOCK ? MMP_BUSY : MMP_SYSTEM,
				  "database %.180s: %s", database,
				  errno == EWOULDBLOCK ? "another mmpd has it open"
						       : strerror(errno));
	free(path);
	return failed;
}

/*
 * Do not start at 1: a board may still be in the first session of an mmpd that was
 * killed, and would take ours for the same one.
 */
static int number_sessions(struct service *service, struct mmp_error *err)
{
	if (getrandom(&service->sessions, sizeof(service->sessions), 0) !=
	    sizeof(service->sessions))
		return mmp_fail(err, MMP_SYSTEM, "cannot get a random number: %s",
				strerror(errno));
	return 0;
}

static int end_old_jobs(struct service *service, struct mmp_error *err)
{
	char now[CLOCK_TEXT_SIZE];
	uint64_t count;

	clock_text(now);
	if (mmp_store_jobs_interrupted(service->store, now, &count, err))
		return -1;
	if (count)
		log_warning("jobs that were interrupted when mmpd last ended: %" PRIu64,
			    count);
	return 0;
}

/* The default without --line. */
static const char *const any_local_line[] = {
	"serial:*",
	"unix:*",
	"tcp:127.*",
	"tcp:localhost:*",
	"tcp:\\[::1\\]:*",
	"rfc2217://127.*",
	"rfc2217://localhost:*",
	"rfc2217://\\[::1\\]:*",
};

/* Next to the database; none for a database in memory, or on a server. */
static char *keys_folder(const char *database)
{
	static const char name[] = "keys";
	const char *slash = strrchr(database, '/');
	size_t length = slash ? (size_t)(slash - database) + 1 : 0;
	char *folder;

	if (!is_file(database))
		return NULL;
	folder = xcalloc(length + sizeof(name), 1);
	memcpy(folder, database, length);
	memcpy(folder + length, name, sizeof(name));
	return folder;
}

int service_settings(struct service *service, struct mmp_error *err)
{
	struct settings *read = xcalloc(1, sizeof(*read)), *old;

	if (settings_read(read, service->settings_path, err)) {
		free(read);
		return -1;
	}
	pthread_mutex_lock(&service->settings_lock);
	old = service->settings;
	service->settings = read;
	service->settings_number++;
	pthread_mutex_unlock(&service->settings_lock);
	account_limit(service->account, read->policy.memory, read->policy.user_memory);
	free(old);
	return 0;
}

const char *service_settings_path(const struct service *service)
{
	return service->settings_path ? service->settings_path : SETTINGS_PATH;
}

struct policy service_policy(struct service *service)
{
	struct policy policy;

	pthread_mutex_lock(&service->settings_lock);
	policy = service->settings->policy;
	pthread_mutex_unlock(&service->settings_lock);
	return policy;
}

struct reloading {
	struct task task;
	struct service *service;
};

static void reload(struct task *task)
{
	struct reloading *r = container_of(task, struct reloading, task);
	struct mmp_error err;

	if (service_settings(r->service, &err))
		log_error("settings: %s; the previous settings stay in effect", err.text);
	else
		log_info("settings: reloaded");
}

static void drop_reload(struct task *task)
{
	free(container_of(task, struct reloading, task));
}

static void end_reload(struct task *task)
{
	struct service *service = container_of(task, struct reloading, task)->service;
	bool again = service->reload_again;

	retention_begin(service->retention);
	drop_reload(task);
	service->is_reloading = service->reload_again = false;
	if (again)
		service_reload(service);
}

/*
 * One that is under way may have read the file before it was changed, so one more follows;
 * signals that come faster than the file is read ask for no more than that.
 */
void service_reload(struct service *service)
{
	struct reloading *r;

	service->reload_again = service->is_reloading;
	if (service->is_reloading)
		return;
	service->is_reloading = true;
	r = xcalloc(1, sizeof(*r));
	r->task = (struct task){ .work = reload,
				 .done = end_reload,
				 .drop = drop_reload,
				 .uid = TASK_SYSTEM };
	r->service = service;
	workers_submit(service->workers, &r->task);
}

/* --- several mmpd that share a database --- */

static int take_name(struct service *service, const char *host, struct mmp_error *err)
{
	if (!mmp_store_is_shared(service->store))
		return 0;
	if (!host && gethostname(service->host, sizeof(service->host) - 1))
		return mmp_fail(
			err, MMP_SYSTEM,
			"cannot get the name of this machine: %s; --host NAME gives one",
			strerror(errno));
	if (host && mmp_name_check("host", host, err))
		return -1;
	if (host)
		snprintf(service->host, sizeof(service->host), "%s", host);
	return mmp_store_host(service->store, host ? host : service->host, err);
}

/*
 * Log that the database is new: with a wrong path it would look as if all data were
 * lost.
 */
static void announce_new(const struct service *service, bool was_there)
{
	if (!was_there && !mmp_store_is_shared(service->store) &&
	    strcmp(service->database, MMP_STORE_MEMORY) != 0)
		log_warning("database %s: did not exist; a new, empty one was created",
			    service->database);
}

struct service *service_new(struct event_base *base, const char *database,
			    const char *host, struct mmp_error *err)
{
	struct service *service = xcalloc(1, sizeof(*service));
	bool was_there = !access(database, F_OK);

	memory_keep();
	service->base = base;
	service->database = database;
	service->keys = keys_folder(database);
	service->lines = any_local_line;
	service->line_count = sizeof(any_local_line) / sizeof(any_local_line[0]);
	service->lock = -1;
	service->started_ms = clock_ms();
	service->methods = methods_all();
	service->answers = answers_new();
	service->kept = kept_new();
	service->account = account_new();
	service->metrics = metrics_new(service->methods);
	pthread_mutex_init(&service->settings_lock, NULL);
	service->settings = xcalloc(1, sizeof(*service->settings));
	settings_none(service->settings);
	if (take_lock(service, database, err) ||
	    mmp_store_open(database, &service->store, err) ||
	    take_name(service, host, err) || end_old_jobs(service, err) ||
	    number_sessions(service, err) ||
	    !(service->mailbox = mailbox_new(base, err)) ||
	    !(service->names = names_new(service->mailbox, err)) ||
	    !(service->store_thread =
		      store_thread_new(service->store, service->mailbox, err)) ||
	    !(service->workers = workers_new(service->mailbox, err))) {
		service_free(service);
		return NULL;
	}
	announce_new(service, was_there);
	service->jobs = jobs_new(service);
	service->elsewhere = elsewhere_new(service);
	service->retention = retention_new(service);
	service->trim = trim_new(service);
	return service;
}

void service_keys_in(struct service *service, const char *folder)
{
	free(service->keys);
	service->keys = xstrdup(folder);
}

void service_free(struct service *service)
{
	if (!service)
		return;
	workers_end(service->workers);
	store_thread_end(service->store_thread);
	trim_end(service->trim);
	names_free(service->names);
	mailbox_free(service->mailbox);
	talks_free(service);
	sweeps_free(service);
	retention_free(service->retention);
	jobs_free(service->jobs);
	elsewhere_free(service->elsewhere);
	store_thread_free(service->store_thread);
	workers_free(service->workers);
	kept_free(service->kept);
	answers_free(service->answers);
	trim_free(service->trim);
	account_free(service->account);
	metrics_free(service->metrics);
	free(service->settings);
	pthread_mutex_destroy(&service->settings_lock);
	mmp_store_close(service->store);
	if (service->lock >= 0)
		close(service->lock);
	quality_done(&service->lines_quality);
	free(service->keys);
	mmp_shared_unref(service->discovered);
	free(service->methods);
	free(service);
}
