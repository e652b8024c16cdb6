/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/policy.h"

#include <assert.h>
#include <string.h>

#include "plan/planner.h"
#include "policy/checks.h"

/*
 * The check as it is for this rule set: that of a stop has the stop's id and texts, in
 * `own`. NULL if the rule set does not have the stop.
 */
static const struct mmp_check *
resolve(const struct mmp_check *row, const struct mmp_rules *rules, struct mmp_check *own)
{
	const struct mmp_stop_info *stop = row->is_own_stop ? &rules->stops[row->own_stop]
					   : row->is_table_stop
						   ? &rules->table_stops[row->table_stop]
						   : row->stop;

	if (!stop)
		return row;
	if (!stop->id)
		return NULL;
	*own = *row;
	own->stop = stop;
	own->id = stop->id;
	own->about = stop->about;
	own->fix = stop->fix;
	own->severity = MMP_ERROR;
	return own;
}

static struct mmp_finding *said_before(const struct mmp_findings *findings, size_t from,
				       const struct mmp_finding *f)
{
	for (size_t k = 0; k < from; k++)
		if (!strcmp(findings->items[k].id, f->id) &&
		    mmp_same_subjects(findings->items[k].subjects,
				      findings->items[k].subject_count, f->subjects,
				      f->subject_count))
			return &findings->items[k];
	return NULL;
}

/* Drop what a check found that the stop already reported. */
static void drop_repeated(struct mmp_findings *findings, size_t from, bool has_more)
{
	size_t kept = from;

	for (size_t i = from; i < findings->count; i++) {
		struct mmp_finding *f = &findings->items[i];
		struct mmp_finding *before = said_before(findings, from, f);

		if (before && has_more) {
			f->stops = before->stops;
			f->step = before->step;
			*before = *f;
		} else if (!before && kept++ != i) {
			findings->items[kept - 1] = *f;
		}
	}
	findings->count = kept;
}

static void run_table(struct mmp_findings *findings, const struct mmp_check *checks,
		      const struct mmp_check_input *input, uint64_t *done)
{
	bool all = !findings->errors_only && !findings->trial_of;

	for (unsigned i = 0; checks[i].run; i++) {
		size_t from = findings->count;
		const struct mmp_check *check;
		struct mmp_check own;

		assert(i < 64);
		if (*done >> i & 1 || checks[i].reads > input->has)
			continue;
		check = resolve(&checks[i], input->platform->rules, &own);
		if (!check)
			continue;
		*done |= UINT64_C(1) << i;
		if (!all && !mmp_findings_want(findings, check))
			continue;
		check->run(check, input, findings);
		if (check->stop && findings->count > from)
			drop_repeated(findings, from, check->has_more);
	}
}

/* A rule set without its own checks still has the common ones. */
static const struct mmp_check *const *tables_of(const struct mmp_rules *rules)
{
	static const struct mmp_check *const common[] = { mmp_checks, NULL };

	return rules->policy ? rules->policy->tables : common;
}

/*
 * If regions may be inside others, the common checks read what is mapped in the end; the
 * firmware's own checks read its own map.
 */
static int see_mapped(struct mmp_layout *mapped, struct mmp_pieces *pieces,
		      const struct mmp_layout *layout)
{
	if (mmp_pieces_make(pieces, &layout->plan))
		return -1;
	*mapped = *layout;
	mapped->plan.regions = (struct mmp_region *)(uintptr_t)pieces->pieces;
	mapped->plan.count = pieces->count;
	return 0;
}

void mmp_policy_checks(struct mmp_findings *findings, const struct mmp_layout *layout,
		       enum mmp_check_reads has, uint64_t *done)
{
	const struct mmp_rules *rules = findings->current->rules;
	struct mmp_check_input input = {
		.platform = findings->current,
		.layout = layout,
		.plan = layout ? &layout->plan : NULL,
		.has = has,
		.pa_mask = mmp_widths_of(rules, &findings->current->config).pa,
	};
	const struct mmp_check *const *tables = tables_of(rules);
	struct mmp_check_views views[2];
	struct mmp_pieces pieces = { 0 };
	struct mmp_layout mapped;
	bool cut = rules->pieces && has >= MMP_READS_PLAN;

	if (cut && see_mapped(&mapped, &pieces, layout))
		return;
	mmp_check_views_init(&views[0]);
	mmp_check_views_init(&views[1]);
	for (unsigned n = 0; tables[n]; n++) {
		bool sees_mapped = cut && tables[n] == mmp_checks;

		assert(n < MMP_CHECK_TABLES_MAX);
		input.layout = sees_mapped ? &mapped : layout;
		input.views = &views[sees_mapped];
		run_table(findings, tables[n], &input, &done[n]);
	}
	mmp_check_views_done(&views[0]);
	mmp_check_views_done(&views[1]);
	mmp_pieces_done(&pieces);
}

/* Whether copies are made without the registrations of this stop; its check knows. */
static bool leaves_out(const struct mmp_rules *rules, const struct mmp_stop_info *stop)
{
	const struct mmp_check *const *tables = tables_of(rules);

	for (unsigned n = 0; tables[n]; n++)
		for (const struct mmp_check *c = tables[n]; c->run; c++)
			if (c->stop == stop)
				return c->leaves_out;
	return false;
}

/* Mark the first of the stops after map and tables, if those were made. */
static void mark_later_stop(struct mmp_findings *findings)
{
	struct mmp_finding *first = NULL;

	for (size_t i = 0; i < findings->count; i++) {
		struct mmp_finding *f = &findings->items[i];

		if (f->step && (!first || f->step < first->step))
			first = f;
	}
	if (first)
		first->stops = true;
}

/* A call names the registration of each range; otherwise it is looked up. */
static void tell_subjects(struct mmp_findings *findings, const struct mmp_stop *stop)
{
	for (unsigned i = 0; i < stop->subject_count; i++) {
		const struct mmp_subject *s = &stop->subjects[i];

		if (!stop->has_call) {
			mmp_finding_about(findings, s->type, s->base, s->size);
			continue;
		}
		mmp_finding_subject(findings, s->type, s->base, s->size);
		mmp_finding_registration(findings, (size_t)stop->ordinals[i]);
	}
	if (stop->has_call && !stop->subject_count && stop->call >= 0)
		mmp_finding_registration(findings, (size_t)stop->call);
}

void mmp_policy_stop(struct mmp_findings *findings, const struct mmp_stop *stop,
		     bool stops)
{
	struct mmp_check check = {
		.id = stop->info->id,
		.severity = MMP_ERROR,
		.about = stop->info->about,
		.fix = stop->info->fix,
		.stop = stop->info,
		.leaves_out = leaves_out(findings->current->rules, stop->info),
	};
	size_t from = findings->count;

	/* Print the reason first, unless the detail contains it. */
	if (strstr(stop->detail, check.about))
		check.stop = NULL;
	mmp_finding_add(findings, &check, "%s", stop->detail);
	findings->last->stop = stop->info;
	findings->last->stops = stops;
	tell_subjects(findings, stop);
	if (findings->current->rules->policy && findings->current->rules->policy->propose)
		findings->current->rules->policy->propose(findings, stop);
	drop_repeated(findings, from, false);
}

static enum mmp_check_reads reach_of(const struct mmp_layout *layout)
{
	if (!layout)
		return MMP_READS_PLATFORM;
	if (layout->plan.stop.info)
		return layout->plan.collected ? MMP_READS_MAP : MMP_READS_PLATFORM;
	return layout->tables.stop.info ? MMP_READS_PLAN : MMP_READS_LAYOUT;
}

void mmp_policy_check(struct mmp_findings *findings, const struct mmp_platform *platform,
		      const struct mmp_layout *layout)
{
	const struct mmp_stop *stop = layout ? mmp_layout_stop(layout) : NULL;
	uint64_t done[MMP_CHECK_TABLES_MAX] = { 0 };

	mmp_findings_begin(findings, platform);
	if (stop) {
		mmp_policy_stop(findings, stop, true);
	} else if (layout && layout->ddr.stop.info) {
		mmp_policy_stop(findings, &layout->ddr.stop, false);
		findings->last->step = MMP_STEP_DDR;
	}
	mmp_policy_checks(findings, layout, reach_of(layout), done);
	if (stop)
		mmp_policy_rest(findings, layout, done);
	else
		mark_later_stop(findings);
	mmp_findings_read(findings, platform, NULL, "");
	mmp_findings_sort(findings);
	mmp_findings_name_keys(findings);
	mmp_policy_fold(findings);
}

/*
 * What a stop leads to is folded last: a mistake in the document that explains the stop
 * explains that too, and is the better cause.
 */
static void fold_stops(struct mmp_findings *findings, const struct mmp_rules *rules)
{
	const struct mmp_check *const *tables = tables_of(rules);
	struct mmp_check own;

	for (unsigned n = 0; tables[n]; n++)
		for (const struct mmp_check *c = tables[n]; c->run; c++)
			if (c->leads_to && resolve(c, rules, &own) == &own)
				mmp_policy_fold_stop(findings, own.id, c->leads_to);
}

void mmp_policy_run(struct mmp_findings *findings, const struct mmp_platform *platform,
		    const struct mmp_layout *layout)
{
	mmp_policy_check(findings, platform, layout);
	mmp_policy_prove(findings);
	fold_stops(findings, platform->rules);
}

static size_t add_kind(struct mmp_finding_kind *kinds, size_t count,
		       const struct mmp_finding_kind *kind)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(kinds[i].id, kind->id))
			return count;
	assert(count < MMP_FINDING_KINDS_MAX);
	kinds[count] = *kind;
	return count + 1;
}

static size_t add_stops(struct mmp_finding_kind *kinds, size_t count,
			const struct mmp_stop_info *stops, size_t stop_count)
{
	for (size_t i = 0; i < stop_count; i++) {
		const struct mmp_stop_info *s = &stops[i];

		if (s->id)
			count = add_kind(kinds, count,
					 &(struct mmp_finding_kind){ s->id, s->about,
								     s->fix, MMP_ERROR,
								     true, s, NULL });
	}
	return count;
}

static size_t add_checks(struct mmp_finding_kind *kinds, size_t count,
			 const struct mmp_check *checks)
{
	for (const struct mmp_check *c = checks; c->run; c++) {
		if (c->stop)
			count = add_stops(kinds, count, c->stop, 1);
		if (c->id)
			count = add_kind(kinds, count,
					 &(struct mmp_finding_kind){
						 c->id, c->about, c->fix, c->severity,
						 false, NULL, c->leads_to });
	}
	return count;
}

size_t mmp_policy_kinds(const struct mmp_rules *rules,
			struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX])
{
	const struct mmp_check *const *tables = tables_of(rules);
	size_t count = 0;

	count = add_stops(kinds, count, rules->stops, rules->stop_count);
	count = add_stops(kinds, count, rules->table_stops, MMP_TABLE_STOP_COUNT);
	for (unsigned n = 0; tables[n]; n++)
		count = add_checks(kinds, count, tables[n]);
	return count;
}
