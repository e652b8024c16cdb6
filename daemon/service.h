/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SERVICE_H
#define SERVICE_H

#include <event2/event.h>
#include <pthread.h>
#include <sys/queue.h>

#include "base/limits.h"
#include "line/quality.h"
#include "model/platform.h"
#include "rpc/dispatch.h"
#include "settings.h"
#include "store/store.h"

struct jobs;
struct lease;

/* What a method sees of the daemon. */
struct service {
	struct event_base *base;
	struct mmp_store *store;
	const char *database; /* its path or address; borrowed */
	char host[MMP_HOST_MAX +
		  1]; /* this mmpd among those that share it; "": there are none */
	struct elsewhere *elsewhere; /* those; NULL: there are none */
	struct jobs *jobs;
	struct retention *retention;
	struct workers *workers;
	struct answers *answers;
	struct kept_platforms *kept;       /* the store thread's */
	struct mailbox *mailbox;           /* where threads leave what is done */
	struct store_thread *store_thread; /* owns `store`, which nobody else calls */
	struct names *names;
	struct account *account;
	struct metrics *metrics;
	size_t clients;            /* connections */
	uint64_t calls;            /* lines that were begun, since the start */
	struct settings *settings; /* under settings_lock outside of the loop */
	pthread_mutex_t settings_lock;
	const char *settings_path; /* borrowed; NULL: where it usually is */
	LIST_HEAD(, sweep) sweeps; /* under way; sweep.c's */
	struct lease *leases;      /* boards in use; lease.c's */
	const char *const *lines;  /* patterns of lines that may be used; borrowed */
	size_t line_count;
	char *keys; /* folder of the keys that sign builds; NULL: none */
	struct quality_table lines_quality; /* the loop's */
	uint16_t sessions;                  /* the number of the last one with a board */
	struct mmp_method *methods;         /* all of them, in the order of methods.c */
	uint64_t started_ms;                /* of the monotonic clock */
	int lock;                           /* on the database's lock file */
};

/*
 * `host` names this mmpd where several share a database; NULL: after the machine.
 * Open the database, for this process alone: MMP_BUSY where another mmpd has it. Jobs
 * that another run of the daemon has left are marked as interrupted.
 */
/* Read the settings; -1 with *err, and the old ones stay. */
int service_settings(struct service *service, struct mmp_error *err);

/* A copy of what the settings say of shares and retention. From any thread. */
struct policy service_policy(struct service *service);

/* The same in a worker, for SIGHUP: the log says how it went. */
void service_reload(struct service *service);

struct service *service_new(struct event_base *base, const char *database,
			    const char *host, struct mmp_error *err);
void service_free(struct service *service);

/* Keep the keys that sign builds in another folder. */
void service_keys_in(struct service *service, const char *folder);

/* --- platform_rows.c: platforms between their document's form and the store's --- */

/*
 * Keep a platform as its newest revision. `message` goes into history with what changed;
 * it may be NULL. Where nothing changed no revision is made: *ret_changed is false and
 * *ret_revision the newest one.
 */
int service_platform_put(struct service *service, const struct mmp_platform *platform,
			 uint64_t if_revision, const char *message,
			 const struct mmp_signature *by, uint64_t *ret_revision,
			 bool *ret_changed, struct mmp_error *err);

/* What is known of a revision beside its document. */
struct platform_head {
	const struct mmp_rules *rules;
	uint64_t revision;
	char time[32];
	char user[64];
};

/* Revision 0 is the newest; *ret_head says which that is. */
int service_platform_head(struct service *service, const char *name, uint64_t revision,
			  struct platform_head *ret_head, struct mmp_error *err);
int service_platform_load(struct service *service, const char *name, uint64_t revision,
			  struct mmp_platform **ret_platform,
			  struct platform_head *ret_head, struct mmp_error *err);

/*
 * A platform as methods take it: the name of one that is kept, of that revision, or a
 * document, which has none: *ret_revision is 0 then.
 */
int service_platform_given(struct service *service, const json_t *given,
			   uint64_t revision, struct mmp_platform **ret_platform,
			   uint64_t *ret_revision, struct mmp_error *err);

/*
 * The other firmwares of its board that a platform names (doc/contexts.h): at most
 * MMP_CONTEXTS_MAX platforms, which the caller frees. MMP_NOT_FOUND: one is not kept.
 */
int service_platform_contexts(struct service *service,
			      const struct mmp_platform *platform,
			      struct mmp_platform *others[], size_t *ret_count,
			      struct mmp_error *err);

/* The same, or what a kept build was made of: the build's id or its first 8 digits. */
int service_platform_or_build(struct service *service, const json_t *given,
			      uint64_t revision, struct mmp_platform **ret_platform,
			      uint64_t *ret_revision, struct mmp_error *err);

/* The row of one registration; its texts are borrowed from both. */
struct mmp_region_row service_region_row(const struct mmp_rules *rules,
					 const struct mmp_registration *one);

/* A row as a registration; its texts are borrowed from the row. */
int service_registration(const struct mmp_rules *rules, const struct mmp_region_row *row,
			 struct mmp_registration *ret_one, struct mmp_error *err);

#endif
