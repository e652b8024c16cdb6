/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INPUTS_H
#define INPUTS_H

#include "service.h"
#include "work/errand.h"

/*
 * The platforms that a call needs. A handler, or another step, asks for them with the
 * functions below and returns what they return unless that is 0: on MMP_LATER it is run
 * again in a worker once the database's thread has read the rows. So before that it must
 * not do anything that must not be done twice.
 *
 * The database's thread only copies rows, MMP_ROWS_AT_ONCE at a time; others get their
 * turn in between, and a revision never changes. Documents are read, and rows made into a
 * platform, in the worker.
 */
struct inputs;

/*
 * A platform as methods take it: the name of a stored platform with that revision, or
 * NAME@REVISION, or a document, which has no revision (*ret_revision is 0).
 */
int input_platform(struct mmp_call *call, const json_t *given, uint64_t revision,
		   struct mmp_platform **ret_platform, uint64_t *ret_revision,
		   struct mmp_error *err);

/* The same, or the platform of a stored build: the build's id or its first 8 digits. */
int input_platform_or_build(struct mmp_call *call, const json_t *given, uint64_t revision,
			    struct mmp_platform **ret_platform, uint64_t *ret_revision,
			    struct mmp_error *err);

/* Only a stored platform of exactly that name; revision 0 is the newest. */
int input_revision(struct mmp_call *call, const char *name, uint64_t revision,
		   struct mmp_platform **ret_platform, struct platform_head *ret_head,
		   struct mmp_error *err);

/*
 * The other firmwares of its board that a platform names (doc/contexts.h): at most
 * MMP_CONTEXTS_MAX platforms, which the caller frees. MMP_NOT_FOUND: one is not stored.
 */
int input_contexts(struct mmp_call *call, const struct mmp_platform *platform,
		   struct mmp_platform *others[], size_t *ret_count,
		   struct mmp_error *err);

/* Changes of the store before anything was read (store_thread_changes). */
uint64_t input_changes(struct mmp_call *call);

/* The document that could not be read; NULL: none. For errand.c. */
const json_t *inputs_refused(const struct inputs *inputs);

/*
 * The number of registrations of a document, which was not checked yet, and whether it
 * is so long that it is read after short ones.
 */
size_t input_registrations(const json_t *document);
bool input_is_long(const json_t *document);

/* Forget what was read: it is not needed again, or has become outdated. */
void inputs_drop(struct mmp_call *call);
void inputs_free(struct inputs *inputs);

/* Its user is charged for it no longer: the call has failed, and it is freed soon. */
void inputs_give_back(struct inputs *inputs);

#endif
