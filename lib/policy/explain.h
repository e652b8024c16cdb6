/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXPLAIN_H
#define MMP_EXPLAIN_H

#include "policy/policy.h"

/* Words from a board, or the id of a finding: what they mean. */

#define MMP_EXPLAIN_RULES_MAX 64 /* rule sets of one explanation */

struct mmp_explained {
	const char *id;
	unsigned score;
	struct mmp_finding_kind kind;
	const struct mmp_stop_info *stop; /* the one that matches best; NULL: no stop */
	size_t rules_count;
	const struct mmp_rules *rules[MMP_EXPLAIN_RULES_MAX]; /* in which it is so */
};

struct mmp_explanation {
	size_t count, capacity;
	struct mmp_explained *items; /* the likeliest first */
};

/*
 * Look up an id, a panic's text, an assertion, a function, "file:line", or a whole line of a
 * log, in one rule set or, with NULL, in all. Memory that runs out leaves some out. Free
 * with mmp_explanation_done().
 */
void mmp_explain(struct mmp_explanation *explanation, const char *words,
		 const struct mmp_rules *rules);
void mmp_explanation_done(struct mmp_explanation *explanation);

#endif
