/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_SIDE_H
#define CLIENT_SIDE_H

#include "call.h"

/*
 * One side of a comparison. The client needs its contents, because foreign files are
 * read here and never by the daemon.
 */

/*
 * The document that a word names: a file, a stored platform, NAME@REVISION, or a build.
 * A new reference, or NULL with *ret_failed.
 */
json_t *side_document(struct session *session, const char *word,
		      struct outcome *ret_failed);

/* Whether the parameter is a boot log, as WORD_SIDE makes it. */
bool side_is_log(const json_t *side);

/*
 * What the board of that log booted: the platform of `document`, changed where the log
 * differs. *ret_changes: lines of the log's map that even this platform does not
 * compute, as changes of a diff. -1 with *err.
 */
int side_of_log(const json_t *log, const json_t *document, json_t **ret_document,
		json_t **ret_changes, struct mmp_error *err);

#endif
