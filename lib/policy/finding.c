/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/search.h"
#include "base/text.h"
#include "plan/planner.h"
#include "plan/range.h"
#include "policy/policy.h"

const char *const mmp_severity_names[MMP_SEVERITY_COUNT] = {
	[MMP_INFO] = "info",
	[MMP_WARNING] = "warning",
	[MMP_ERROR] = "error",
};

const char *const mmp_verdict_names[MMP_VERDICT_COUNT] = {
	[MMP_BOOTS] = "boots",
	[MMP_DOUBTFUL] = "doubtful",
	[MMP_STOPS] = "stops",
};

enum mmp_verdict mmp_verdict_of(const struct mmp_findings *findings,
				const struct mmp_finding **ret_stop)
{
	enum mmp_verdict verdict = MMP_BOOTS;
	const struct mmp_finding *stop = NULL;

	for (size_t i = 0; i < findings->count; i++) {
		if (findings->items[i].stops)
			stop = &findings->items[i];
		if (findings->items[i].severity == MMP_ERROR)
			verdict = MMP_DOUBTFUL;
	}
	if (ret_stop)
		*ret_stop = stop;
	return stop ? MMP_STOPS : verdict;
}

/* The registrations of findings->current by type and address. */
struct mmp_finding_index {
	size_t count;
	uint64_t mask;
	struct printed_entry {
		unsigned type;
		uint64_t addr;
		size_t ordinal;
	} entries[];
};

void mmp_findings_init(struct mmp_findings *findings)
{
	memset(findings, 0, sizeof(*findings));
}

void mmp_findings_done(struct mmp_findings *findings)
{
	free(findings->items);
	free(findings->left_out);
	free(findings->index);
	free(findings->proposals);
	mmp_findings_init(findings);
}

void mmp_findings_begin(struct mmp_findings *findings,
			const struct mmp_platform *platform)
{
	findings->platform = platform;
	findings->count = findings->omitted = findings->proposal_count = 0;
	free(findings->left_out);
	findings->left_out = NULL;
	mmp_findings_read(findings, platform, NULL, "");
}

void mmp_findings_read(struct mmp_findings *findings, const struct mmp_platform *current,
		       const size_t *ordinals, const char *without)
{
	findings->current = current;
	findings->ordinals = ordinals;
	findings->without = without;
	findings->last = &findings->open;
	free(findings->index);
	findings->index = NULL;
}

/* The order of findings: the stop, then errors, warnings, and information. */
static unsigned rank_of(const struct mmp_finding *f)
{
	return f->stops ? 0 : 1 + MMP_ERROR - f->severity;
}

void mmp_findings_sort(struct mmp_findings *findings)
{
	struct mmp_finding *sorted;
	size_t count = 1;

	while (count < findings->count &&
	       rank_of(&findings->items[count - 1]) <= rank_of(&findings->items[count]))
		count++;
	if (count >= findings->count) /* they are in order */
		return;
	count = 0;
	sorted = malloc(findings->count * sizeof(*sorted));
	if (!sorted) /* none is missing, but they are in the order of their checks */
		return;
	for (unsigned rank = 0; rank <= MMP_SEVERITY_COUNT; rank++)
		for (size_t i = 0; i < findings->count; i++)
			if (rank_of(&findings->items[i]) == rank)
				sorted[count++] = findings->items[i];
	free(findings->items);
	findings->items = sorted;
	findings->capacity = count;
}

bool mmp_findings_full(const struct mmp_findings *findings)
{
	return findings->omitted > 100 * MMP_FINDINGS_MAX;
}

/* When the list is full, an error replaces the last finding of lower severity. */
static struct mmp_finding *displace(struct mmp_findings *findings,
				    enum mmp_severity severity)
{
	size_t *errors_from = &findings->errors_from;

	if (severity != MMP_ERROR)
		return NULL;
	while (*errors_from && findings->items[*errors_from - 1].severity == MMP_ERROR)
		--*errors_from;
	if (!*errors_from)
		return NULL;
	findings->omitted++;
	return &findings->items[*errors_from - 1];
}

static struct mmp_finding *room(struct mmp_findings *findings, enum mmp_severity severity)
{
	struct mmp_finding *items = findings->items;
	size_t capacity = findings->capacity ? 2 * findings->capacity : 8;

	if (findings->count >= MMP_FINDINGS_MAX)
		return displace(findings, severity);
	if (findings->count == findings->capacity) {
		items = realloc(findings->items, capacity * sizeof(*items));
		if (!items)
			return NULL;
		findings->items = items;
		findings->capacity = capacity;
	}
	findings->errors_from = ++findings->count;
	return &items[findings->count - 1];
}

static void set_fix(struct mmp_finding *f, const char *fix)
{
	mmp_text_print(f->fix, sizeof(f->fix), "%s", fix);
}

void mmp_finding_add(struct mmp_findings *findings, const struct mmp_check *check,
		     const char *text, ...)
{
	bool wanted = mmp_findings_want(findings, check);
	struct mmp_finding *f = wanted ? room(findings, check->severity) : NULL;
	va_list args;
	int begin = 0;

	findings->leaves_out = check->leaves_out;
	findings->last = f ? f : &findings->open;
	if (!f && wanted)
		findings->omitted++;
	f = findings->last;
	f->id = check->id;
	f->severity = check->severity;
	f->stops = false;
	f->step = check->step;
	f->stop = check->stop;
	f->fix[0] = '\0';
	f->because_of = NULL;
	f->fix_is_general = true;
	f->is_assumed = *findings->without && (!strncmp(findings->without, "with ", 5) ||
					       strstr(findings->without, ", with "));
	f->leads_to = check->stop ? NULL : check->leads_to; /* stops are folded last */
	f->first_proposal = f->proposal_count = 0;
	f->proven = -1;
	f->region_count = f->region_more = f->subject_count = 0;
	if (f == &findings->open)
		return;
	if (*findings->without || check->stop)
		begin = snprintf(f->text, sizeof(f->text), "%s%s%s%s", findings->without,
				 *findings->without ? ": " : "",
				 check->stop ? check->about : "",
				 check->stop ? ": " : "");
	va_start(args, text);
	mmp_text_vprint(f->text + begin, sizeof(f->text) - (size_t)begin, text, args);
	va_end(args);
	if (check->fix)
		set_fix(f, check->fix);
}

void mmp_finding_drop(struct mmp_findings *findings)
{
	if (findings->last != &findings->open &&
	    findings->last == &findings->items[findings->count - 1])
		findings->count--;
	findings->last = &findings->open;
}

void mmp_finding_fix(struct mmp_findings *findings, const char *fix, ...)
{
	struct mmp_finding *f = findings->last;
	va_list args;

	f->fix_is_general = false;
	va_start(args, fix);
	mmp_text_vprint(f->fix, sizeof(f->fix), fix, args);
	va_end(args);
}

static void add_region(struct mmp_finding *f, int64_t ordinal, int type, uint64_t base,
		       uint64_t size)
{
	for (unsigned i = 0; i < f->region_count; i++)
		if (ordinal >= 0 && f->regions[i].ordinal == ordinal)
			return;
	if (f->region_count == MMP_FINDING_REGIONS) {
		f->region_more++;
		return;
	}
	f->regions[f->region_count++] =
		(struct mmp_finding_region){ ordinal, type, base, size, NULL };
}

void mmp_finding_registration(struct mmp_findings *findings, size_t ordinal)
{
	const struct mmp_registration *r = &findings->current->registrations[ordinal];
	const struct mmp_section *section =
		&findings->current->rules->sections[r->section];

	if (findings->ordinals)
		ordinal = findings->ordinals[ordinal];
	add_region(findings->last, (int64_t)ordinal,
		   section->parts && !section->maps ? -1 : (int)r->type, r->addr,
		   r->size);
	if (!findings->leaves_out || findings->last->subject_count > 1)
		return;
	if (!findings->left_out)
		findings->left_out = calloc(findings->platform->count + 1, 1);
	if (findings->left_out)
		findings->left_out[ordinal] = 1;
}

static int by_type_and_addr(const void *one, const void *other)
{
	const struct printed_entry *a = one, *b = other;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

static const struct mmp_finding_index *index_of(struct mmp_findings *findings)
{
	const struct mmp_platform *p = findings->current;
	struct mmp_finding_index *index = findings->index;

	if (index)
		return index;
	index = malloc(sizeof(*index) + p->count * sizeof(index->entries[0]));
	if (!index)
		return NULL;
	index->count = p->count;
	index->mask = mmp_widths_of(p->rules, &p->config).pa;
	for (size_t i = 0; i < p->count; i++)
		index->entries[i] =
			(struct printed_entry){ p->registrations[i].type,
						p->registrations[i].addr & index->mask,
						i };
	qsort(index->entries, index->count, sizeof(index->entries[0]), by_type_and_addr);
	return findings->index = index;
}

/* The first entry of the type that begins at or after `addr`. */
static size_t lower_bound(const struct mmp_finding_index *index, unsigned type,
			  uint64_t addr)
{
	const struct printed_entry wanted = { type, addr, 0 };
	return MMP_LOWER_BOUND(n, 0, index->count,
			       by_type_and_addr(&index->entries[n], &wanted) < 0);
}

static bool add_exact(struct mmp_findings *findings,
		      const struct mmp_finding_index *index,
		      const struct mmp_subject *subject)
{
	size_t n = lower_bound(index, (unsigned)subject->type, subject->base);
	bool found = false;

	for (; n < index->count && index->entries[n].type == (unsigned)subject->type &&
	       index->entries[n].addr == subject->base;
	     n++) {
		size_t ordinal = index->entries[n].ordinal;

		if (findings->current->registrations[ordinal].size != subject->size)
			continue;
		mmp_finding_registration(findings, ordinal);
		found = true;
	}
	return found;
}

/*
 * Add the registrations of a merged entry: it begins where one of them does, and all of
 * them begin inside it.
 */
static bool add_inside(struct mmp_findings *findings,
		       const struct mmp_finding_index *index,
		       const struct mmp_subject *subject)
{
	size_t n = lower_bound(index, (unsigned)subject->type, subject->base);
	bool found = false;

	for (; n < index->count && index->entries[n].type == (unsigned)subject->type;
	     n++) {
		uint64_t offset = index->entries[n].addr - subject->base;

		if (offset && offset >= subject->size)
			break;
		mmp_finding_registration(findings, index->entries[n].ordinal);
		found = true;
	}
	return found;
}

/* Add the registration around a range, for ranges that something was cut off. */
static bool add_around(struct mmp_findings *findings,
		       const struct mmp_finding_index *index,
		       const struct mmp_subject *subject)
{
	const struct mmp_platform *p = findings->current;
	bool found = false;

	for (size_t n = lower_bound(index, (unsigned)subject->type, 0);
	     n < index->count && index->entries[n].type == (unsigned)subject->type; n++) {
		const struct mmp_registration *r =
			&p->registrations[index->entries[n].ordinal];

		if (!mmp_range_intersects(r->addr, r->size, subject->base, subject->size,
					  index->mask))
			continue;
		mmp_finding_registration(findings, index->entries[n].ordinal);
		found = true;
	}
	return found;
}

void mmp_finding_subject(struct mmp_findings *findings, int type, uint64_t base,
			 uint64_t size)
{
	struct mmp_finding *f = findings->last;

	if (f->subject_count < MMP_STOP_SUBJECTS)
		f->subjects[f->subject_count++] =
			(struct mmp_subject){ type, base, size };
}

void mmp_finding_of_key(struct mmp_findings *findings, const char *key, uint64_t base,
			uint64_t size)
{
	struct mmp_finding *f = findings->last;

	add_region(f, -1, -1, base, size);
	if (!f->region_more)
		f->regions[f->region_count - 1].key = key;
}

/* A range without a registration comes from a key of the configuration. */
static void name_key(struct mmp_findings *findings, int type, uint64_t base,
		     uint64_t size)
{
	const struct mmp_policy *policy = findings->current->rules->policy;
	struct mmp_finding *f = findings->last;
	const char *key = NULL;

	if (f == &findings->open || f->region_more || !f->region_count)
		return;
	if (policy && policy->key_of && type >= 0)
		key = policy->key_of(findings->current, (unsigned)type, base, size);
	if (!key)
		return;
	f->regions[f->region_count - 1].key = key;
}

void mmp_findings_name_keys(struct mmp_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		struct mmp_finding *f = &findings->items[i];
		const char *key = f->region_count ? f->regions[0].key : NULL;

		for (unsigned n = 0; n < f->region_count; n++)
			if (f->regions[n].ordinal >= 0)
				key = NULL;
		if (key && f->fix_is_general)
			snprintf(
				f->fix, sizeof(f->fix),
				"change config.%s: the firmware makes this range from it",
				key);
	}
}

void mmp_finding_about(struct mmp_findings *findings, int type, uint64_t base,
		       uint64_t size)
{
	const struct mmp_finding_index *index = NULL;
	const struct mmp_subject subject = { type, base, size };
	bool kept = findings->last != &findings->open;

	mmp_finding_subject(findings, type, base, size);
	/*
	 * A finding over the limit is only counted, so skip looking up its registrations.
	 */
	if (type >= 0 && (kept || findings->leaves_out))
		index = index_of(findings);
	if (index && (add_exact(findings, index, &subject) ||
		      add_inside(findings, index, &subject) ||
		      add_around(findings, index, &subject)))
		return;
	add_region(findings->last, -1, type, base, size);
	name_key(findings, type, base, size);
}
