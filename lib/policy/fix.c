/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/stop.h"
#include "base/text.h"
#include "policy/policy.h"

/*
 * Fixes that are known to work. The proposal of a check is applied to a copy of the
 * platform, which is computed and checked; it is offered only if the copy is better.
 */

/* --- proposing ------------------------------------------------------------------------- */

static struct mmp_proposal *new_proposal(struct mmp_findings *findings)
{
	size_t capacity =
		findings->proposal_capacity ? 2 * findings->proposal_capacity : 8;
	struct mmp_proposal *more;

	if (findings->proposal_count == MMP_PROPOSALS_MAX)
		return NULL;
	if (findings->proposal_count == findings->proposal_capacity) {
		more = realloc(findings->proposals, capacity * sizeof(*more));
		if (!more)
			return NULL;
		findings->proposals = more;
		findings->proposal_capacity = capacity;
	}
	return &findings->proposals[findings->proposal_count++];
}

/*
 * Findings of a copy without some registrations propose nothing, as the edits would not
 * fit the document.
 */
static bool may_propose(const struct mmp_findings *findings)
{
	return !findings->trial_of && !*findings->without &&
	       findings->last != &findings->open;
}

void mmp_finding_propose(struct mmp_findings *findings, const char *text, ...)
{
	struct mmp_finding *f = findings->last;
	struct mmp_proposal *p = may_propose(findings) ? new_proposal(findings) : NULL;
	va_list args;

	if (!p)
		return;
	if (!f->proposal_count)
		f->first_proposal = findings->proposal_count - 1;
	f->proposal_count++;
	p->edit_count = 0;
	va_start(args, text);
	mmp_text_vprint(p->text, sizeof(p->text), text, args);
	va_end(args);
}

static void add_edit(struct mmp_findings *findings, const struct mmp_edit *edit)
{
	struct mmp_finding *f = findings->last;
	struct mmp_proposal *p;

	/* There may have been no room for the proposal. */
	if (!may_propose(findings) || !f->proposal_count ||
	    f->first_proposal + f->proposal_count != findings->proposal_count)
		return;
	p = &findings->proposals[findings->proposal_count - 1];
	if (p->edit_count < MMP_EDITS_MAX)
		p->edits[p->edit_count++] = *edit;
}

void mmp_propose_key(struct mmp_findings *findings, const char *key, uint64_t value)
{
	const struct mmp_config_key *row =
		mmp_config_key_find(findings->current->rules, key);

	if (row)
		add_edit(findings, &(struct mmp_edit){ MMP_EDIT_KEY, row, 0, value });
}

void mmp_propose_edit(struct mmp_findings *findings, enum mmp_edit_kind kind,
		      size_t ordinal, uint64_t value)
{
	add_edit(findings, &(struct mmp_edit){ kind, NULL, ordinal, value });
}

void mmp_propose_for(struct mmp_findings *findings, const char *id, const char *text,
		     const char *key, uint64_t value)
{
	struct mmp_finding *last = findings->last;
	const char *without = findings->without;

	findings->without = "";
	for (size_t i = 0; i < findings->count; i++) {
		struct mmp_finding *f = &findings->items[i];

		/* The proposals of one finding must be contiguous, so start again. */
		if (strcmp(f->id, id) != 0 || !f->stops)
			continue;
		findings->last = f;
		if (f->first_proposal + f->proposal_count != findings->proposal_count)
			f->proposal_count = 0;
		mmp_finding_propose(findings, "%s", text);
		mmp_propose_key(findings, key, value);
	}
	findings->last = last;
	findings->without = without;
}

/* --- applying -------------------------------------------------------------------------- */

/* Setting "reserved_shm.start" also makes "reserved_shm" given. */
static void set_given(struct mmp_platform *platform, const struct mmp_config_key *key)
{
	bool *given = mmp_config_given(&platform->config, key);
	const char *dot = strrchr(key->name, '.');
	char parent[64];

	if (given)
		*given = true;
	if (!dot || (size_t)(dot - key->name) >= sizeof(parent))
		return;
	snprintf(parent, sizeof(parent), "%.*s", (int)(dot - key->name), key->name);
	key = mmp_config_key_find(platform->rules, parent);
	given = key ? mmp_config_given(&platform->config, key) : NULL;
	if (given)
		*given = true;
}

static void edit(struct mmp_platform *platform, const struct mmp_edit *edit,
		 bool owns_texts)
{
	struct mmp_registration *r = edit->ordinal < platform->count
					     ? &platform->registrations[edit->ordinal]
					     : NULL;
	struct mmp_error err;

	if (edit->kind == MMP_EDIT_KEY) {
		mmp_config_set(&platform->config, edit->key, edit->value);
		set_given(platform, edit->key);
	} else if (r && edit->kind == MMP_EDIT_ADDR) {
		r->addr = edit->value;
	} else if (r && edit->kind == MMP_EDIT_SIZE) {
		r->size = edit->value;
	} else if (r && edit->kind == MMP_EDIT_TYPE) {
		r->type = (unsigned)edit->value;
	} else if (r && owns_texts) {
		mmp_platform_remove(platform, edit->ordinal, &err);
	} else if (r) {
		platform->count--;
		memmove(r, r + 1, (platform->count - edit->ordinal) * sizeof(*r));
	}
}

/* --- trying ------------------------------------------------------------------------- */

/* A trial needs errors, findings of the fixed kind, and findings that can come of it. */
static bool trial_wants(const struct mmp_findings *findings,
			const struct mmp_check *check)
{
	const struct mmp_finding *f = findings->trial_of;
	const struct mmp_findings *before = findings->trial_before;

	if (!strcmp(check->id, f->id) || (f->leads_to && check->severity >= f->severity))
		return true;
	for (size_t i = 0; i < before->count; i++)
		if (before->items[i].because_of &&
		    !strcmp(before->items[i].id, check->id) &&
		    !strcmp(before->items[i].because_of, f->id))
			return true;
	return false;
}

bool mmp_findings_want(const struct mmp_findings *findings, const struct mmp_check *check)
{
	if (check->severity == MMP_ERROR)
		return true;
	if (findings->errors_only)
		return check->leads_to;
	return !findings->trial_of || trial_wants(findings, check);
}

static bool has_id(const struct mmp_findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!findings->items[i].is_assumed && !strcmp(findings->items[i].id, id))
			return true;
	return false;
}

static size_t count_findings(const struct mmp_findings *findings, const char *id)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += !strcmp(findings->items[i].id, id);
	return count;
}

static bool has_text(const struct mmp_findings *findings, const struct mmp_finding *f)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!strcmp(findings->items[i].id, f->id) &&
		    !strcmp(findings->items[i].text, f->text))
			return true;
	return false;
}

/* Whether the finding is gone, and no new error appeared. */
static bool holds(const struct mmp_findings *before, const struct mmp_finding *f,
		  const struct mmp_findings *after)
{
	if (after->omitted || has_text(after, f) ||
	    count_findings(after, f->id) >= count_findings(before, f->id))
		return false;
	for (size_t i = 0; i < before->count; i++) /* and its consequences are gone too */
		if (before->items[i].because_of &&
		    !strcmp(before->items[i].because_of, f->id) &&
		    has_text(after, &before->items[i]))
			return false;
	for (size_t i = 0; i < after->count; i++)
		if (after->items[i].severity == MMP_ERROR &&
		    !has_id(before, after->items[i].id))
			return false;
	return true;
}

/* Other findings that the fix of a mistake removes were consequences of it. */
static void fold_into(struct mmp_findings *findings, const struct mmp_finding *cause,
		      const struct mmp_findings *after)
{
	if (!cause->leads_to)
		return;
	for (size_t i = 0; i < findings->count; i++) {
		struct mmp_finding *f = &findings->items[i];

		if (f != cause && !f->leads_to && !f->because_of &&
		    f->severity >= cause->severity && !has_id(after, f->id))
			f->because_of = cause->id;
	}
}

static bool is_allowed(const struct mmp_platform *platform)
{
	struct mmp_error err;

	return !platform->rules->check ||
	       !platform->rules->check(platform->rules, &platform->config, &err);
}

/* Make a copy for one trial, which shares its texts with the platform. */
static int borrow(struct mmp_platform *copy, const struct mmp_platform *platform,
		  const struct mmp_proposal *proposal)
{
	size_t bytes = platform->count * sizeof(*platform->registrations);

	*copy = *platform;
	copy->registrations = malloc(bytes + 1);
	if (!copy->registrations)
		return -1;
	if (bytes)
		memcpy(copy->registrations, platform->registrations, bytes);
	for (unsigned i = 0; i < proposal->edit_count; i++)
		edit(copy, &proposal->edits[i], false);
	return 0;
}

/* Whether the copy stops where the platform does not. Then its checks need not run. */
static bool stops_anew(const struct mmp_findings *before, const struct mmp_layout *layout)
{
	const struct mmp_stop *stop = mmp_layout_stop(layout);

	return stop && !has_id(before, stop->info->id);
}

/* Compute and check the copy. Returns whether the proposal works. */
static bool is_better(const struct mmp_findings *findings, const struct mmp_finding *f,
		      const struct mmp_platform *copy, struct mmp_findings *after,
		      struct mmp_layout *layout)
{
	struct mmp_error err;

	if (!is_allowed(copy) ||
	    (mmp_layout_make(layout, copy, NULL, &err) && err.code != MMP_FIRMWARE_STOP))
		return false;
	if (stops_anew(findings, layout))
		return false;
	after->trial_of = f;
	after->trial_before = findings;
	mmp_policy_check(after, copy, layout);
	return holds(findings, f, after);
}

/* Try one proposal of a finding; *work grows by the work this takes. */
static bool try_one(struct mmp_findings *findings, struct mmp_finding *f, size_t number,
		    uint64_t *work)
{
	const struct mmp_proposal *proposal = &findings->proposals[number];
	struct mmp_platform copy;
	struct mmp_findings after;
	struct mmp_layout layout;
	bool good;

	if (borrow(&copy, findings->platform, proposal))
		return false;
	mmp_findings_init(&after);
	mmp_layout_init(&layout);
	good = is_better(findings, f, &copy, &after, &layout);
	*work += 2 * (copy.count + layout.plan.count) + layout.tables.used + 1;
	if (good) {
		f->proven = (int64_t)number;
		snprintf(f->fix, sizeof(f->fix), "%s", proposal->text);
		fold_into(findings, f, &after);
	}
	mmp_layout_done(&layout);
	mmp_findings_done(&after);
	free(copy.registrations);
	return good;
}

void mmp_policy_prove(struct mmp_findings *findings)
{
	uint64_t least = 4 * findings->platform->count; /* the least work of one trial */
	uint64_t work = 0;

	for (size_t i = 0; i < findings->count; i++) {
		struct mmp_finding *f = &findings->items[i];

		for (size_t k = 0; k < f->proposal_count && !mmp_stop_looks() &&
				   work + least < MMP_FIX_WORK;
		     k++)
			if (try_one(findings, f, f->first_proposal + k, &work))
				break;
	}
}

/* --- folding --------------------------------------------------------------------------- */

static bool leads_to(const struct mmp_finding *cause, const char *id)
{
	size_t length = strlen(id);
	const char *at = cause->leads_to;

	while (at && (at = strstr(at, id))) {
		if ((at == cause->leads_to || at[-1] == ' ') &&
		    (!at[length] || at[length] == ' '))
			return true;
		at += length;
	}
	return false;
}

static bool regions_overlap(const struct mmp_finding_region *a,
			    const struct mmp_finding_region *b)
{
	if (a->ordinal >= 0 && a->ordinal == b->ordinal)
		return true;
	if (a->base == b->base)
		return true;
	return a->size && b->size && a->base - b->base < b->size;
}

/*
 * Whether both findings are about the same range; a finding without ranges is about the
 * whole platform.
 */
static bool is_about_same(const struct mmp_finding *a, const struct mmp_finding *b)
{
	if (!a->region_count || !b->region_count)
		return true;
	for (unsigned i = 0; i < a->region_count; i++)
		for (unsigned k = 0; k < b->region_count; k++)
			if (regions_overlap(&a->regions[i], &b->regions[k]) ||
			    regions_overlap(&b->regions[k], &a->regions[i]))
				return true;
	return false;
}

/* Findings of a copy that gets past a stop are consequences of that stop. */
static void fold_assumed(struct mmp_findings *findings)
{
	const struct mmp_finding *stop;

	mmp_verdict_of(findings, &stop);
	for (size_t i = 0; stop && i < findings->count; i++)
		if (findings->items[i].is_assumed)
			findings->items[i].because_of = stop->id;
}

void mmp_policy_fold(struct mmp_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct mmp_finding *cause = &findings->items[i];

		for (size_t k = 0; cause->leads_to && k < findings->count; k++) {
			struct mmp_finding *f = &findings->items[k];

			if (f != cause && !f->because_of &&
			    !(cause->because_of && !strcmp(cause->because_of, f->id)) &&
			    leads_to(cause, f->id) && is_about_same(cause, f))
				f->because_of = cause->id;
		}
	}
	fold_assumed(findings);
}

void mmp_policy_fold_stop(struct mmp_findings *findings, const char *id, const char *ids)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct mmp_finding cause = { .leads_to = ids };
		const struct mmp_finding *stop = &findings->items[i];

		if (strcmp(stop->id, id) != 0 || stop->because_of)
			continue;
		for (size_t k = 0; k < findings->count; k++) {
			struct mmp_finding *f = &findings->items[k];

			if (!f->because_of && leads_to(&cause, f->id) &&
			    is_about_same(stop, f))
				f->because_of = stop->id;
		}
	}
}
