/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_GATE_H
#define MMP_DOC_GATE_H

/*
 * The gate decides whether a platform may be merged, from the findings of its layout,
 * those of the platform that it replaces, and what people have accepted. It reads the
 * answer of layout.compute and a budget, and does not know any rule set.
 */

#include <jansson.h>

#include "policy/policy.h"
#include "study/budget.h"

struct mmp_gate_order {
	const char *today;         /* "2026-11-29": earlier waivers have expired */
	enum mmp_severity fail_on; /* findings of this severity or worse fail */
	const json_t *waivers;     /* an array as in waiver.h; NULL: none */
	const json_t *min_spare; /* {tables, map, boot_memory}, each optional; or NULL */
	const json_t *no_new;    /* ids and severities that may not be new; or NULL */
};

/* The facts to decide on: answers, or the data of the error if the firmware stops. */
struct mmp_gate_facts {
	const json_t *answer; /* has "findings" */
	const json_t *base;   /* the same for the platform to compare with; NULL: none */
	const struct mmp_budget *budget; /* if min_spare is given; else NULL */
};

/*
 * Decide. *ret_gate is a new reference: passed, reasons (one text each), findings (each
 * with `waived` and, if there is a base, `new`), gone (findings of the base alone),
 * waivers (each with its state: used, unmatched, expired or refused), checks (each
 * check of the rule set with the number of its findings and of those that fail), spare.
 * -1: MMP_INVALID for an order that cannot be read, MMP_SYSTEM if memory runs out; then
 * *ret_gate is left alone.
 */
int mmp_gate_write(const struct mmp_gate_order *order, const struct mmp_rules *rules,
		   const struct mmp_gate_facts *facts, json_t **ret_gate,
		   struct mmp_error *err);

#endif
