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

/* The daemon as the methods see it. */
struct service {
	struct event_base *base;
	struct mmp_store *store;
	const char *database; /* its path or address; borrowed */
	char host[MMP_HOST_MAX +
		  1]; /* this mmpd among those that share it; "": the only one */
	struct elsewhere *elsewhere; /* those; NULL: there are none */
	struct jobs *jobs;
	struct retention *retention;
	struct workers *workers;
	struct answers *answers;
	struct kept_platforms *kept;       /* belongs to the store thread */
	struct mailbox *mailbox;           /* where threads leave finished tasks */
	struct store_thread *store_thread; /* owns `store`, which no other thread calls */
	struct names *names;
	struct account *account;
	struct metrics *metrics;
	size_t clients;            /* connections */
	uint64_t calls;            /* lines that were begun since the start */
	struct settings *settings; /* protected by settings_lock outside of the loop */
	pthread_mutex_t settings_lock;
	const char *settings_path; /* borrowed; NULL: the default path */
	LIST_HEAD(, sweep) sweeps; /* those running; for sweep.c */
	struct lease *leases;      /* boards in use; for lease.c */
	const char *const *lines;  /* patterns of permitted lines; borrowed */
	size_t line_count;
	char *keys; /* folder of the keys that sign builds; NULL: none */
	struct quality_table lines_quality; /* belongs to the loop */
	uint16_t sessions;                  /* number of the last session with a board */
	struct mmp_method *methods;         /* all methods, in the order of methods.c */
	uint64_t started_ms;                /* by the monotonic clock */
	int lock;                           /* on the database's lock file */
};

/*
 * Open the database for this process alone: MMP_BUSY if another mmpd has it. `host`
 * names this mmpd if several share a database; NULL: the machine's name. Jobs that an
 * earlier run of the daemon left running are marked as interrupted.
 */
/* Read the settings; -1 with *err, and the old ones are kept. */
int service_settings(struct service *service, struct mmp_error *err);

/* A copy of the settings for shares and retention. From any thread. */
struct policy service_policy(struct service *service);

/* Read the settings in a worker, for SIGHUP; the result is logged. */
void service_reload(struct service *service);

struct service *service_new(struct event_base *base, const char *database,
			    const char *host, struct mmp_error *err);
void service_free(struct service *service);

/* Use another folder for the keys that sign builds. */
void service_keys_in(struct service *service, const char *folder);

/* --- platform_rows.c: conversion of platforms between documents and the store --- */

/*
 * Store a platform as its newest revision. `message` goes into history along with what
 * changed; it may be NULL. If nothing changed, no revision is made: *ret_changed is
 * false and *ret_revision the newest one.
 */
int service_platform_put(struct service *service, const struct mmp_platform *platform,
			 uint64_t if_revision, const char *message,
			 const struct mmp_signature *by, uint64_t *ret_revision,
			 bool *ret_changed, struct mmp_error *err);

/* What is known of a revision apart from its document. */
struct platform_head {
	const struct mmp_rules *rules;
	uint64_t revision;
	char time[32];
	char user[64];
};

/* Load the head of a revision; 0 is the newest, and *ret_head says which that is. */
int service_platform_head(struct service *service, const char *name, uint64_t revision,
			  struct platform_head *ret_head, struct mmp_error *err);
int service_platform_load(struct service *service, const char *name, uint64_t revision,
			  struct mmp_platform **ret_platform,
			  struct platform_head *ret_head, struct mmp_error *err);

/*
 * A platform as methods take it: the name of a stored platform, with that revision, or
 * a document, which has none (*ret_revision is 0).
 */
int service_platform_given(struct service *service, const json_t *given,
			   uint64_t revision, struct mmp_platform **ret_platform,
			   uint64_t *ret_revision, struct mmp_error *err);

/*
 * The other firmwares of its board that a platform names (doc/contexts.h): at most
 * MMP_CONTEXTS_MAX platforms, which the caller frees. MMP_NOT_FOUND: one is not stored.
 */
int service_platform_contexts(struct service *service,
			      const struct mmp_platform *platform,
			      struct mmp_platform *others[], size_t *ret_count,
			      struct mmp_error *err);

/* The same, or the platform of a stored build: the build's id or its first 8 digits. */
int service_platform_or_build(struct service *service, const json_t *given,
			      uint64_t revision, struct mmp_platform **ret_platform,
			      uint64_t *ret_revision, struct mmp_error *err);

/* The row for one registration; its texts are borrowed from both arguments. */
struct mmp_region_row service_region_row(const struct mmp_rules *rules,
					 const struct mmp_registration *one);

/* The registration for a row; its texts are borrowed from the row. */
int service_registration(const struct mmp_rules *rules, const struct mmp_region_row *row,
			 struct mmp_registration *ret_one, struct mmp_error *err);

#endif
