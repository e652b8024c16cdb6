/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXPLAIN_H
#define MMP_EXPLAIN_H

#include "policy/policy.h"

/* Explain words from a board, or the id of a finding. */

#define MMP_EXPLAIN_RULES_MAX 64 /* rule sets of one explanation */

struct mmp_explained {
	const char *id;
	unsigned score;
	struct mmp_finding_kind kind;
	const struct mmp_stop_info *stop; /* the best match; NULL: not a stop */
	size_t rules_count;
	const struct mmp_rules *rules[MMP_EXPLAIN_RULES_MAX]; /* to which it applies */
};

struct mmp_explanation {
	size_t count, capacity;
	struct mmp_explained *items; /* best match first */
};

/*
 * Look up an id, the message of a panic, an assertion, a function, "file:line", or a
 * whole line of a log, in one rule set or, with NULL, in all. If memory runs out, some
 * results are missing. Free with mmp_explanation_done().
 */
void mmp_explain(struct mmp_explanation *explanation, const char *words,
		 const struct mmp_rules *rules);
void mmp_explanation_done(struct mmp_explanation *explanation);

#endif
