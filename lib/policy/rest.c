/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/page.h"
#include "base/text.h"
#include "policy/policy.h"

/*
 * What the stages after a stop would report. The platform is computed again without the
 * registrations that caused the stop, past conditions that the firmware only tests, and
 * without the limit that was reached, until nothing stops or there is no way past.
 */

enum { ROUNDS_MAX = 16 };

struct rounds {
	struct mmp_findings *findings;
	struct mmp_rest rest;
	struct mmp_layout layout;
	size_t *ordinals;
	char words[128];   /* describes all ways taken */
	char without[192]; /* and the registrations left out */
	uint64_t *done;
};

/* --- ways for every rule set -------------------------------------------------------- */

static void any_tables(struct mmp_rest *rest, const struct mmp_layout *stopped)
{
	(void)stopped;
	rest->any_tables = true;
	snprintf(rest->words, sizeof(rest->words), "with enough tables");
}

static void any_boot_memory(struct mmp_rest *rest, const struct mmp_layout *stopped)
{
	const struct mmp_config_key *key;

	rest->any_boot_memory = true;
	key = mmp_config_key_find(rest->platform.rules,
				  rest->platform.rules->known.boot_memory);
	if (key)
		*mmp_config_given(&rest->platform.config, key) = false;
	snprintf(rest->words, sizeof(rest->words), "with enough boot memory");
}

static void no_assertion(struct mmp_rest *rest, const struct mmp_layout *stopped)
{
	rest->no_asserts = true;
	snprintf(rest->words, sizeof(rest->words), "past %s",
		 stopped->tables.stop.info->id);
}

static void (*const table_ways[MMP_TABLE_STOP_COUNT])(struct mmp_rest *,
						      const struct mmp_layout *) = {
	[MMP_STOP_NO_TABLE] = any_tables,         [MMP_STOP_NO_L1_TABLE] = any_tables,
	[MMP_STOP_BOOT_MEMORY] = any_boot_memory, [MMP_STOP_NO_USER_VA] = no_assertion,
	[MMP_STOP_MAX_VA] = no_assertion,         [MMP_STOP_PA_WIDTH] = no_assertion,
};

typedef void take_way(struct mmp_rest *, const struct mmp_layout *);

static take_way *way_past(const struct mmp_rules *rules, const struct mmp_stop_info *stop)
{
	const struct mmp_policy *policy = rules->policy;

	for (const struct mmp_way *w = policy ? policy->ways : NULL; w && w->take; w++)
		if (&rules->stops[w->own_stop] == stop)
			return w->take;
	for (unsigned i = 0; i < MMP_TABLE_STOP_COUNT; i++)
		if (stop == &rules->table_stops[i])
			return table_ways[i];
	return NULL;
}

/* --- rounds -------------------------------------------------------------------------- */

/*
 * Copy all registrations that are not to blame. Returns whether there are fewer than
 * before.
 */
static bool leave_out(struct rounds *r)
{
	const struct mmp_platform *p = r->findings->platform;
	struct mmp_platform *copy = &r->rest.platform;
	size_t count = 0, before = copy->count, out = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (r->findings->left_out && r->findings->left_out[i]) {
			out = i;
			continue;
		}
		r->ordinals[count] = i;
		copy->registrations[count++] = p->registrations[i];
	}
	copy->count = count;
	if (count == p->count)
		snprintf(r->without, sizeof(r->without), "%s", r->words);
	else if (count + 1 == p->count)
		mmp_text_print(r->without, sizeof(r->without), "without \"%.48s\"%s%s",
			       p->registrations[out].name, *r->words ? ", " : "",
			       r->words);
	else
		snprintf(r->without, sizeof(r->without), "without %zu registrations%s%s",
			 p->count - count, *r->words ? ", " : "", r->words);
	return count < before;
}

static bool start_rounds(struct rounds *r, struct mmp_findings *findings)
{
	const struct mmp_platform *p = findings->platform;

	memset(r, 0, sizeof(*r));
	r->findings = findings;
	r->rest.platform = *p;
	r->rest.platform.registrations =
		malloc((p->count + 1) * sizeof(*p->registrations));
	r->ordinals = malloc((p->count + 1) * sizeof(*r->ordinals));
	mmp_layout_init(&r->layout);
	r->layout.plan.past_tests = true;
	if (!r->rest.platform.registrations || !r->ordinals)
		return false;
	leave_out(r);
	return true;
}

static void finish_rounds(struct rounds *r)
{
	mmp_layout_done(&r->layout);
	free(r->rest.platform.registrations);
	free(r->ordinals);
}

static void add_words(struct rounds *r, const char *words)
{
	size_t length = strlen(r->words);

	snprintf(r->words + length, sizeof(r->words) - length, "%s%s", length ? ", " : "",
		 words);
}

/*
 * Give the findings of that stop the fix that the way past it suggests. A value is tried
 * later.
 */
static void tell_fix(struct rounds *r, const struct mmp_stop_info *stop, const char *fix,
		     const char *key, uint64_t value)
{
	if (!stop->id)
		return; /* the rule set does not have this stop */
	for (size_t i = 0; i < r->findings->count; i++) {
		struct mmp_finding *f = &r->findings->items[i];

		if (!strcmp(f->id, stop->id) && *fix)
			snprintf(f->fix, sizeof(f->fix), "%s", fix);
		f->fix_is_general = f->fix_is_general && !*fix;
	}
	if (key)
		mmp_propose_for(r->findings, stop->id, fix, key, value);
}

/* Take a way; false if it changes nothing that an earlier one has not changed. */
static bool take_once(struct mmp_rest *rest, take_way *take,
		      const struct mmp_layout *stopped)
{
	const bool before[] = { rest->no_asserts, rest->any_tables,
				rest->any_boot_memory };
	const struct mmp_config config = rest->platform.config;

	take(rest, stopped);
	return *rest->words &&
	       (rest->no_asserts != before[0] || rest->any_tables != before[1] ||
		rest->any_boot_memory != before[2] ||
		!mmp_config_equal(rest->platform.rules->keys, &rest->platform.config,
				  &config));
}

/* Make the next copy, which gets past `stop`; false if there is no way. */
static bool pass(struct rounds *r, const struct mmp_layout *stopped,
		 const struct mmp_stop_info *stop, bool first)
{
	take_way *take = way_past(r->rest.platform.rules, stop);
	bool taken, fewer;

	r->rest.words[0] = r->rest.fix[0] = '\0';
	r->rest.key = NULL;
	taken = take && take_once(&r->rest, take, stopped);
	if (taken)
		add_words(r, r->rest.words);
	tell_fix(r, stop, r->rest.fix, r->rest.key, r->rest.value);
	fewer = leave_out(r) ||
		(first && r->rest.platform.count < r->findings->platform->count);
	if (first && !taken && !fewer) {
		char words[64];

		/* It may have been stopped by a test, and copies get past those. */
		snprintf(words, sizeof(words), "past %s", stop->id);
		add_words(r, words);
		leave_out(r);
		return true;
	}
	return taken || fewer;
}

/* Compute the copy, as far as it gets; -1 if memory runs out. */
static int compute_round(struct rounds *r, enum mmp_check_reads *ret_has)
{
	struct mmp_layout *l = &r->layout;
	struct mmp_error err;

	l->platform = &r->rest.platform;
	mmp_stop_clear(&l->tables.stop);
	if (mmp_plan_make(&l->plan, l->platform, &err)) {
		*ret_has = l->plan.collected ? MMP_READS_MAP : MMP_READS_PLATFORM;
		return l->plan.stop.info ? 0 : -1;
	}
	mmp_stop_clear(&l->plan.stop);
	if (r->rest.no_asserts)
		l->plan.shape.asserts = l->plan.registers.ps_stops = false;
	if (r->rest.any_tables)
		l->plan.shape.max_tables = MMP_TABLES_MAX;
	if (r->rest.any_boot_memory)
		l->plan.shape.boot_memory = UINT64_MAX;
	*ret_has = MMP_READS_PLAN;
	if (mmp_tables_make(&l->tables, &l->plan, NULL, &err))
		return l->tables.stop.info ? 0 : -1;
	*ret_has = MMP_READS_LAYOUT;
	return mmp_ddr_discover(&l->ddr, &l->plan, &err);
}

/* Suggest values, which are known once a copy was computed completely. */
static void tell_numbers(struct rounds *r)
{
	const struct mmp_stop_info *stops = r->rest.platform.rules->table_stops;
	const struct mmp_known_keys *known = &r->rest.platform.rules->known;
	const struct mmp_tables *t = &r->layout.tables;
	uint64_t bytes = mmp_boot_memory_needed(&t->shape, t);
	char fix[160];

	if (r->rest.any_tables && known->tables_max) {
		snprintf(fix, sizeof(fix),
			 "%u tables are needed: set %s to %u, or line regions "
			 "up so that they need fewer",
			 t->used, known->tables_max, t->used);
		tell_fix(r, &stops[MMP_STOP_NO_TABLE], fix, known->tables_max, t->used);
		tell_fix(r, &stops[MMP_STOP_NO_L1_TABLE], fix, known->tables_max,
			 t->used);
	}
	if (r->rest.any_boot_memory && known->boot_memory) {
		bytes = mmp_page_up(bytes);
		snprintf(fix, sizeof(fix),
			 "0x%" PRIx64
			 " bytes are needed: give the core more memory after its "
			 "image, %s 0x%" PRIx64,
			 bytes, known->boot_memory, bytes);
		tell_fix(r, &stops[MMP_STOP_BOOT_MEMORY], fix, known->boot_memory, bytes);
	}
}

static bool same_stop(const struct mmp_stop *a, const struct mmp_stop *b)
{
	return a->info == b->info && mmp_same_subjects(a->subjects, a->subject_count,
						       b->subjects, b->subject_count);
}

/*
 * Compute and check one copy. Returns false if it has no stop, or is the last possible
 * copy.
 */
static bool round_of(struct rounds *r, struct mmp_stop *stop)
{
	const struct mmp_stop *next;
	enum mmp_check_reads has;

	if (compute_round(r, &has))
		return false;
	mmp_findings_read(r->findings, &r->rest.platform, r->ordinals, r->without);
	next = mmp_layout_stop(&r->layout);
	if (next && same_stop(next, stop))
		return false;
	if (next)
		mmp_policy_stop(r->findings, next, false);
	else if (r->layout.ddr.stop.info)
		mmp_policy_stop(r->findings, &r->layout.ddr.stop, false);
	mmp_policy_checks(r->findings, &r->layout, has, r->done);
	if (has == MMP_READS_LAYOUT)
		tell_numbers(r);
	if (!next)
		return false;
	*stop = *next;
	return true;
}

void mmp_policy_rest(struct mmp_findings *findings, const struct mmp_layout *layout,
		     uint64_t *done)
{
	struct mmp_stop stop = *mmp_layout_stop(layout);
	struct rounds r;

	if (start_rounds(&r, findings)) {
		r.done = done;
		for (unsigned n = 0; n < ROUNDS_MAX; n++) {
			if (!pass(&r, n ? &r.layout : layout, stop.info, n == 0))
				break;
			if (!round_of(&r, &stop))
				break;
		}
	}
	finish_rounds(&r);
}
