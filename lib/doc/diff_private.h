/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_DIFF_PRIVATE_H
#define MMP_DOC_DIFF_PRIVATE_H

/* Shared by the files of doc/diff. */

#include "doc/diff.h"

/* From the worst to the most harmless; diff.c has the names. */
enum diff_kind {
	DIFF_STOP,
	DIFF_NONSECURE,
	DIFF_EXECUTE,
	DIFF_WRITE,
	DIFF_USER,
	DIFF_MEMORY,
	DIFF_MAPPED,
	DIFF_FINDING,
	DIFF_LOG, /* added by mmpctl, which reads the logs */
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
	json_t *changes[DIFF_KIND_COUNT]; /* one array per kind */
	size_t omitted;                   /* changes over MMP_DIFF_MAX of their kind */
	bool oom;
};

/* Whether the kind has reached its limit; if so, counts one more omitted change. */
bool diff_is_full(struct diff *diff, enum diff_kind kind);

/*
 * Add a change. Returns its object (borrowed), for what it is about; NULL if the change
 * was only counted.
 */
json_t *diff_add(struct diff *diff, enum diff_kind kind, const char *text, ...)
	__attribute__((format(printf, 3, 4)));

/* diff_input.c: rules, configuration, registrations. */
void diff_input(struct diff *diff);
/* diff_map.c: rights by physical address, virtual addresses, tables, registers. */
int diff_map(struct diff *diff, struct mmp_error *err);

#endif
