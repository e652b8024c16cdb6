/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SERVICE_H
#define SERVICE_H

#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "base/limits.h"
#include "doc/stored.h"
#include "line/quality.h"
#include "model/platform.h"
#include "rpc/dispatch.h"
#include "settings.h"
#include "store/store.h"

struct jobs;
struct lease;

/* The daemon as the methods see it. */
struct service {
	struct event_base *base;
	struct mmp_store *store;
	const char *database; /* its path or address; borrowed */
	/* The name of this mmpd among those that share the database; "": it is the only one. */
	char host[MMP_HOST_MAX + 1];
	struct elsewhere *elsewhere; /* the others; NULL: the database is not shared */
	struct jobs *jobs;
	struct retention *retention;
	struct workers *workers;
	struct answers *answers;
	struct kept_platforms *kept;       /* belongs to the store thread */
	struct mailbox *mailbox;           /* where threads leave finished tasks */
	struct store_thread *store_thread; /* owns `store`, which no other thread calls */
	struct names *names;
	struct account *account;
	struct trim *trim;
	struct metrics *metrics;
	size_t clients;              /* connections */
	uint64_t calls;              /* request lines since the start */
	struct settings *settings;   /* protected by settings_lock outside of the loop */
	atomic_uint settings_number; /* counts how often they were read */
	pthread_mutex_t settings_lock;
	const char *settings_path;       /* borrowed; NULL: the default path */
	bool is_reloading, reload_again; /* as signals ask for it; belongs to the loop */
	LIST_HEAD(, sweep) sweeps;       /* those running; for sweep.c */
	LIST_HEAD(, talk) talks;         /* sessions that calls wait for; for talk.c */
	struct lease *leases;            /* boards in use; for lease.c */
	const char *const *lines;        /* patterns of permitted lines; borrowed */
	size_t line_count;
	char *keys; /* folder of the keys that sign builds; NULL: none */
	struct quality_table lines_quality; /* belongs to the loop */
	uint16_t sessions;                  /* number of the last session with a board */
	struct mmp_shared *discovered; /* the answer of rpc.discover; NULL: not yet */
	struct mmp_method *methods;    /* all methods, in the order of methods.c */
	uint64_t started_ms;           /* by the monotonic clock */
	int lock;                      /* on the database's lock file */
};

/* Read the settings; -1 with *err, and the old ones are kept. */
int service_settings(struct service *service, struct mmp_error *err);

/* The file that they are read from, whether or not it exists. */
const char *service_settings_path(const struct service *service);

/* A copy of the settings for shares and retention. From any thread. */
struct policy service_policy(struct service *service);

/*
 * Read the settings in a worker, for SIGHUP; the result is logged. While that is under way,
 * any number of calls have them read once more.
 */
void service_reload(struct service *service);

/*
 * Open the database for this process alone: MMP_BUSY if another mmpd has it. `host`
 * names this mmpd if several share a database; NULL: the machine's name. Jobs that an
 * earlier run of the daemon left running are marked as interrupted.
 */
struct service *service_new(struct event_base *base, const char *database,
			    const char *host, struct mmp_error *err);
void service_free(struct service *service);

/* Use another folder for the keys that sign builds. */
void service_keys_in(struct service *service, const char *folder);

/* --- platform_rows.c: conversion of platforms between documents and the store --- */

enum { PLATFORM_ABOUT_SIZE = 1024 }; /* bytes of a text in history */

/* What a platform would change as the successor of the newest revision. */
struct platform_change {
	bool changed;                    /* false: it is the same */
	char about[PLATFORM_ABOUT_SIZE]; /* the line in history, if it changed */
};

/*
 * Compare in any thread. `newest` NULL: there is none. `message` goes into the history
 * along with what changed; it may be NULL.
 */
void service_platform_compare(const struct mmp_platform *newest,
			      const struct mmp_platform *platform, const char *message,
			      struct platform_change *ret_change);

/* Store a platform as the newest revision of its name. */
int service_platform_put(struct service *service, const struct mmp_platform *platform,
			 const char *about, uint64_t if_revision,
			 const struct mmp_signature *by, uint64_t *ret_revision,
			 struct mmp_error *err);

/* What is known of a revision apart from its document. */
struct platform_head {
	const struct mmp_rules *rules;
	uint64_t revision, registrations;
	struct mmp_region_cursor first; /* its registrations in the store */
	char time[32];
	char user[64];
};

/* Load the head of a revision; 0 is the newest, and *ret_head says which that is. */
int service_platform_head(struct service *service, const char *name, uint64_t revision,
			  struct platform_head *ret_head, struct mmp_error *err);

/*
 * Load a whole platform; only for one of at most MMP_STORE_AT_ONCE registrations, as
 * others wait in the meantime (see work/inputs.h). MMP_TOO_LARGE: its texts are over
 * MMP_STORE_BYTES_AT_ONCE. `begin`: the newest revision without its registrations.
 */
int service_platform_load(struct service *service, const char *name, uint64_t revision,
			  struct mmp_platform **ret_platform,
			  struct platform_head *ret_head, struct mmp_error *err);
int service_platform_begin(struct service *service, const char *name,
			   struct mmp_platform **ret_platform,
			   struct platform_head *ret_head, struct mmp_error *err);

/* Copy the head and the configuration out of a row; *ret_stored is the caller's. */
int service_take_head(const struct mmp_platform_row *row, struct platform_head *ret_head,
		      struct mmp_stored *ret_stored, struct mmp_error *err);

/* The row for one registration; its texts are borrowed from both arguments. */
struct mmp_region_row service_region_row(const struct mmp_rules *rules,
					 const struct mmp_registration *one);

/* The registration for a row; its texts are borrowed from the row. */
int service_registration(const struct mmp_rules *rules, const struct mmp_region_row *row,
			 struct mmp_registration *ret_one, struct mmp_error *err);

#endif
