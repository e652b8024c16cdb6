/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_DIFF_PRIVATE_H
#define MMP_DOC_DIFF_PRIVATE_H

/* What the files of doc/diff share. */

#include "doc/diff.h"

/* By how bad they are; diff.c has their names. */
enum diff_kind {
	DIFF_STOP,
	DIFF_NONSECURE,
	DIFF_EXECUTE,
	DIFF_WRITE,
	DIFF_USER,
	DIFF_MEMORY,
	DIFF_MAPPED,
	DIFF_FINDING,
	DIFF_LOG, /* mmpctl's own: it reads the logs */
	DIFF_TABLES,
	DIFF_UNMAPPED,
	DIFF_NARROWED,
	DIFF_MOVED,
	DIFF_REGISTER,
	DIFF_RULES,
	DIFF_CONFIG,
	DIFF_REGISTRATION,
	DIFF_FIXED,
	DIFF_KIND_COUNT
};

struct diff {
	const struct mmp_diff_side *before, *after;
	json_t *changes[DIFF_KIND_COUNT]; /* arrays */
	size_t omitted;                   /* over MMP_DIFF_MAX of their kind */
	bool oom;
};

/* Whether there are so many changes of the kind that one more is only counted: counts it. */
bool diff_is_full(struct diff *diff, enum diff_kind kind);

/*
 * Add a change; what it is about goes into the object that is returned (borrowed), NULL
 * if it was only counted.
 */
json_t *diff_add(struct diff *diff, enum diff_kind kind, const char *text, ...)
	__attribute__((format(printf, 3, 4)));

/* diff_input.c: rules, configuration, registrations. */
void diff_input(struct diff *diff);
/* diff_map.c: rights by physical address, virtual addresses, tables, registers. */
int diff_map(struct diff *diff, struct mmp_error *err);

#endif
