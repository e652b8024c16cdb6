/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "rules/tfa/attr.h"
#include "rules/tfa/checks.h"

/* Problems of a platform's calls: every one that is refused, not only the first. */

enum { FIXES_MAX = 16 }; /* refusals for which a fix is searched: this runs the calls */

static bool is_static(enum tfa_call call)
{
	return call == TFA_ADD || call == TFA_ADD_ALLOC_VA;
}

static bool is_dynamic(enum tfa_call call)
{
	return call == TFA_ADD_DYNAMIC || call == TFA_ADD_DYNAMIC_ALLOC_VA;
}

/* Prepare to run the calls up to `count`, in a debug or release build. */
static int prepare_run(struct tfa_run *run, const struct mmp_platform *p, size_t count,
		       bool debug)
{
	memset(run, 0, sizeof(*run));
	tfa_context_init(&run->context);
	run->platform = p;
	run->config = *tfa_config(p);
	run->config.debug = debug;
	run->ops = malloc((p->count + 1) * sizeof(*run->ops));
	if (!run->ops)
		return -1;
	tfa_read_ops(run->ops, p);
	run->count = count;
	return 0;
}

/* Run them. -1: they cannot be run. */
static int run_as(struct tfa_run *run, const struct mmp_platform *p, size_t count,
		  bool debug)
{
	if (prepare_run(run, p, count, debug))
		return -1;
	tfa_run_again(run, 0, 0x1000);
	return run->failed ? -1 : 0;
}

/* A release build goes on after a call that is refused. */
static int run_to(struct tfa_run *run, const struct mmp_platform *p, size_t count)
{
	return run_as(run, p, count, false);
}

static void run_done(struct tfa_run *run)
{
	tfa_context_done(&run->context);
	free(run->ops);
}

static struct tfa_region added_region(const struct tfa_run *run, uint32_t n)
{
	const struct tfa_op *op = &run->ops[n];
	const struct tfa_result *r = &run->context.results[n];
	bool chosen =
		op->call == TFA_ADD_ALLOC_VA || op->call == TFA_ADD_DYNAMIC_ALLOC_VA;

	return (struct tfa_region){ .pa = op->pa,
				    .va = chosen ? r->va : op->va,
				    .size = op->size,
				    .granularity = op->granularity,
				    .attr = op->attr |
					    (is_dynamic(op->call) ? TFA_DYNAMIC : 0),
				    .op = n };
}

/* Name the region as a stop does, so that both are known to be about the same. */
static void about(struct mmp_findings *findings, const struct tfa_region *r)
{
	mmp_finding_subject(findings, (int)tfa_type(NULL, r->attr), r->pa, r->size);
	mmp_finding_registration(findings, r->op);
}

static void tell_fix(struct mmp_findings *findings, const struct mmp_platform *p,
		     uint32_t n, const struct tfa_region *region,
		     const struct tfa_result *result)
{
	struct tfa_run before;
	char fix[160] = "";
	uint32_t entries;

	if (!run_to(&before, p, n)) {
		before.config = *tfa_config(p);
		tfa_find_fix(&before, region, result, fix, sizeof(fix));
	}
	if (result->rule == TFA_LIST_FULL && before.ops &&
	    tfa_tables_needed(&before, &entries))
		snprintf(fix, sizeof(fix),
			 "raise MAX_MMAP_REGIONS (max_mmap_regions) to %u", entries);
	run_done(&before);
	if (*fix)
		mmp_finding_fix(findings, "%s", fix);
}

static void tell_refusal(const struct mmp_check *check, struct mmp_findings *findings,
			 const struct mmp_platform *p, const struct tfa_run *run,
			 uint32_t n, bool with_fix)
{
	const struct tfa_result *result = &run->context.results[n];
	struct tfa_region r = added_region(run, n), other;
	const char *code = tfa_code_name(result->rule);
	char label[TFA_LABEL_SIZE], its_label[TFA_LABEL_SIZE];

	if (result->other == TFA_NO_REGION) {
		mmp_finding_add(findings, check,
				"%s (PA 0x%" PRIx64 ", VA 0x%" PRIx64 ", size 0x%" PRIx64
				") gets %s: %s",
				tfa_label(p, n, label), r.pa, r.va, r.size, code,
				tfa_rules[result->rule].rule);
		about(findings, &r);
	} else {
		other = added_region(run, result->other);
		mmp_finding_add(findings, check,
				"%s (PA 0x%" PRIx64 ", VA 0x%" PRIx64 ", size 0x%" PRIx64
				") gets %s next to %s (PA 0x%" PRIx64 ", VA 0x%" PRIx64
				", size 0x%" PRIx64 "): %s",
				tfa_label(p, n, label), r.pa, r.va, r.size, code,
				tfa_label(p, other.op, its_label), other.pa, other.va,
				other.size, tfa_rules[result->rule].rule);
		about(findings, &r);
		about(findings, &other);
	}
	if (with_fix)
		tell_fix(findings, p, n, &r, result);
}

/* Report every call of that kind that is refused. */
static void tell_refusals(const struct mmp_check *check, struct mmp_findings *findings,
			  const struct tfa_run *run, bool (*is_kind)(enum tfa_call))
{
	unsigned told = 0;

	for (uint32_t n = 0; n < run->context.result_count; n++) {
		enum tfa_rule rule = run->context.results[n].rule;

		if (is_kind(run->ops[n].call) && rule != TFA_ACCEPTED &&
		    rule != TFA_NO_TABLE)
			tell_refusal(check, findings, run->platform, run, n,
				     told++ < FIXES_MAX);
	}
}

/*
 * With assertions the first refusal stops; here the calls continue, to find the others.
 */
static void check_refused(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	struct tfa_run run;

	if (!tfa_config(p)->debug || input->has >= MMP_READS_PLAN)
		return;
	if (!run_to(&run, p, p->count))
		tell_refusals(check, findings, &run, is_static);
	run_done(&run);
}

static void dropped(const struct mmp_check *check, const struct mmp_check_input *input,
		    struct mmp_findings *findings)
{
	if (!tfa_config(input->platform)->debug)
		tell_refusals(check, findings, tfa_run_of(&input->layout->plan),
			      is_static);
}

static void refused_at_run_time(const struct mmp_check *check,
				const struct mmp_check_input *input,
				struct mmp_findings *findings)
{
	tell_refusals(check, findings, tfa_run_of(&input->layout->plan), is_dynamic);
}

/* --- tables ----------------------------------------------------------------------------- */

static void tell_short(const struct mmp_check *check, struct mmp_findings *findings,
		       struct tfa_run *run)
{
	const struct mmp_platform *p = run->platform;
	const struct tfa_region r = run->context.stop_region;
	char saving[160], label[TFA_LABEL_SIZE], many[40] = "";
	uint32_t entries, needed = tfa_tables_needed(run, &entries);

	if (needed)
		snprintf(many, sizeof(many), "%u tables are needed, ", needed);
	mmp_finding_add(findings, check,
			"%s (PA 0x%" PRIx64 ", VA 0x%" PRIx64 ", size 0x%" PRIx64
			") finds none: %sthere are %" PRIu64,
			tfa_label(p, r.op, label), r.pa, r.va, r.size, many,
			tfa_config(p)->max_xlat_tables);
	about(findings, &r);
	if (!needed) {
		mmp_finding_fix(findings, "add fewer regions, or line them up so that "
					  "they need fewer tables");
		return;
	}
	tfa_find_saving(p, saving, sizeof(saving));
	mmp_finding_fix(findings, "raise MAX_XLAT_TABLES (max_xlat_tables) to %u%s%s",
			needed, *saving ? ", or " : "", saving);
}

/*
 * Report the stop for lack of tables, with its own text and the number that would be
 * enough.
 */
static void tables_short(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct tfa_config *c = tfa_config(p);
	const struct mmp_stop *stop =
		input->layout ? mmp_layout_stop(input->layout) : NULL;
	struct tfa_run run;

	/* it does not stop, or another row reports it */
	if (input->has == MMP_READS_LAYOUT || (stop && stop->info != check->stop))
		return;
	if (!run_as(&run, p, p->count, c->debug) && run.context.stop < TFA_STOP_COUNT &&
	    &tfa_stops[run.context.stop] == check->stop)
		tell_short(check, findings, &run);
	run_done(&run);
}

static uint32_t tables_needed(const struct mmp_platform *p)
{
	uint32_t entries, needed = 0;
	struct tfa_run run;

	if (!prepare_run(&run, p, p->count, false))
		needed = tfa_tables_needed(&run, &entries);
	run_done(&run);
	return needed;
}

static void no_table(const struct mmp_check *check, const struct mmp_check_input *input,
		     struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct tfa_run *run = tfa_run_of(&input->layout->plan);
	char label[TFA_LABEL_SIZE];
	uint32_t needed = 0;
	bool known = false;

	for (uint32_t n = 0; n < run->context.result_count; n++) {
		struct tfa_region r = added_region(run, n);

		if (run->context.results[n].rule != TFA_NO_TABLE)
			continue;
		if (!known)
			needed = tables_needed(p);
		known = true;
		mmp_finding_add(findings, check,
				"%s (PA 0x%" PRIx64 ", VA 0x%" PRIx64 ", size 0x%" PRIx64
				") gets -ENOMEM: the tables are used up",
				tfa_label(p, n, label), r.pa, r.va, r.size);
		about(findings, &r);
		if (needed)
			mmp_finding_fix(findings,
					"raise MAX_XLAT_TABLES (max_xlat_tables) to %u",
					needed);
	}
}

static bool maps_nothing(const uint64_t *words)
{
	for (unsigned n = 0; n < TFA_ENTRIES; n++)
		if (words[n])
			return false;
	return true;
}

static void leaked(const struct mmp_check *check, const struct mmp_check_input *input,
		   struct mmp_findings *findings)
{
	const struct mmp_tables *t = &input->layout->tables;
	unsigned lost = 0, empty = 0;

	for (uint32_t n = 0; t->has_regions && n < t->used; n++) {
		const uint8_t *at = t->xlat_bytes + (size_t)n * t->xlat_size;

		if (t->xlat[n].regions <= 0)
			continue;
		lost += t->xlat[n].level < 0;
		empty += t->xlat[n].level >= 0 &&
			 maps_nothing((const uint64_t *)(const void *)at);
	}
	if (lost || empty)
		mmp_finding_add(findings, check,
				"tables that map nothing: %u, and that can no longer be "
				"reached: %u; regions that found no table left them "
				"behind, and they count as used from then on",
				empty, lost);
}

/* --- changes ---------------------------------------------------------------------------- */

static void unchanged(const struct mmp_check *check, const struct mmp_check_input *input,
		      struct mmp_findings *findings)
{
	const struct tfa_run *run = tfa_run_of(&input->layout->plan);

	for (uint32_t n = 0; n < run->context.result_count; n++) {
		const struct tfa_result *r = &run->context.results[n];
		const struct tfa_op *op = &run->ops[n];

		if (op->call < TFA_REMOVE_DYNAMIC || r->rule == TFA_ACCEPTED)
			continue;
		mmp_finding_add(findings, check,
				"%s of VA 0x%" PRIx64 " size 0x%" PRIx64
				" gets %s at 0x%" PRIx64 ": %s",
				tfa_sections[op->call].name, op->va, op->size,
				tfa_code_name(r->rule), r->va ? r->va : op->va,
				tfa_rules[r->rule].rule);
		mmp_finding_registration(findings, n);
	}
}

/*
 * A region inside another with the same attributes changes nothing, but may cost tables.
 */
static void repeated(const struct mmp_check *check, const struct mmp_check_input *input,
		     struct mmp_findings *findings)
{
	const struct tfa_list *list = &tfa_run_of(&input->layout->plan)->context.list;
	char label[TFA_LABEL_SIZE], its_label[TFA_LABEL_SIZE];

	for (uint32_t n = 0; n < list->count; n++) {
		uint32_t id = list->order[n], around = list->around[id];
		const struct tfa_region *r = &list->regions[id], *other;

		if (around == TFA_NO_REGION || list->regions[around].attr != r->attr)
			continue;
		other = &list->regions[around];
		mmp_finding_add(findings, check,
				"%s (PA 0x%" PRIx64 " size 0x%" PRIx64
				") is inside %s (PA 0x%" PRIx64 " size 0x%" PRIx64
				") and has the same attributes",
				tfa_label(input->platform, r->op, label), r->pa, r->size,
				tfa_label(input->platform, other->op, its_label),
				other->pa, other->size);
		mmp_finding_registration(findings, r->op);
		mmp_finding_registration(findings, other->op);
	}
}

static void never_initialized(const struct mmp_check *check,
			      const struct mmp_check_input *input,
			      struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (size_t n = 0; n < p->count; n++)
		if (p->registrations[n].section == TFA_INIT)
			return;
	mmp_finding_add(findings, check,
			"init is not among the calls: no tables are made");
}

/* --- ways past stops ------------------------------------------------------------------- */

static void more_tables(struct mmp_rest *rest, const struct mmp_layout *stopped)
{
	(void)stopped;
	rest->any_tables = true;
	snprintf(rest->words, sizeof(rest->words), "with enough tables");
}

static const struct mmp_way ways[] = {
	{ TFA_STOP_NO_TABLE, more_tables },
	{ TFA_STOP_NOT_MAPPED, more_tables },
	{ TFA_STOP_PAST_ARRAY, more_tables },
	{ 0, NULL },
};

/* clang-format off */
#define STOP(which) .is_own_stop = true, .own_stop = TFA_STOP_##which

static const struct mmp_check checks[] = {
	{ STOP(REFUSED),    .reads = MMP_READS_PLATFORM, .run = check_refused, .leaves_out = true, .has_more = true },
	{ STOP(NO_TABLE),   .reads = MMP_READS_PLATFORM, .run = tables_short, .has_more = true },
	{ STOP(NOT_MAPPED), .reads = MMP_READS_PLATFORM, .run = tables_short, .has_more = true },
	{ STOP(PAST_ARRAY), .reads = MMP_READS_PLATFORM, .run = tables_short, .has_more = true },

	MMP_CHECK("tfa-region-dropped", MMP_ERROR, "a release build leaves out a static region that it refuses, and only logs an error",
	  NULL, MMP_READS_PLAN, dropped),
	MMP_CHECK("tfa-dynamic-refused", MMP_WARNING, "a dynamic region is refused",
	  NULL, MMP_READS_PLAN, refused_at_run_time),
	MMP_CHECK("tfa-dynamic-no-table", MMP_WARNING, "a dynamic region finds no translation table",
	  "raise MAX_XLAT_TABLES", MMP_READS_PLAN, no_table),
	MMP_CHECK("tfa-table-leaked", MMP_WARNING, "translation tables stay in use that map nothing",
	  "raise MAX_XLAT_TABLES so that every dynamic region finds its tables", MMP_READS_LAYOUT, leaked),
	MMP_CHECK("tfa-call-refused", MMP_WARNING, "a call that removes a region, or changes or reads attributes, is refused",
	  NULL, MMP_READS_PLAN, unchanged),
	MMP_CHECK("tfa-repeated", MMP_INFO, "another region with the same attributes contains it: it changes nothing and may cost tables",
	  "leave it out", MMP_READS_PLAN, repeated),
	MMP_CHECK("tfa-no-init", MMP_WARNING, "init_xlat_tables() is never called",
	  "add the op init after the static regions", MMP_READS_PLATFORM, never_initialized),
	{ .run = NULL },
};
/* clang-format on */

static const struct mmp_check *const tables[] = { checks, mmp_checks, NULL };

/* What the firmware logs before it continues, or asserts. */
static const struct mmp_word words[] = {
	{ "mmap_add_region_check() failed", "tfa-region-refused" },
	{ NULL, NULL },
};

const struct mmp_policy tfa_policy = {
	.tables = tables,
	.ways = ways,
	.words = words,
};
