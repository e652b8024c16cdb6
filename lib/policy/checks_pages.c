/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "policy/checks.h"
#include "policy/overlaps.h"

/*
 * Physical pages to which two mappings give different attributes. One sweep over the map
 * sorted by PA remembers, for each side, the mapping that reaches furthest; a mapping
 * that begins before that end shares memory with the other side. Each such mapping is
 * reported once.
 */

/* A device mapping over code is reported as cached-and-device. */
static bool writes(const struct mmp_rules *rules, const struct mmp_leaf *leaf)
{
	return !leaf->read_only && !mmp_leaf_is_device(rules, leaf);
}

/* Memory that is both is reported as a finding of its own. */
static bool only_executes(const struct mmp_rules *rules, const struct mmp_leaf *leaf)
{
	(void)rules;
	return leaf->read_only && !(leaf->pxn && leaf->uxn);
}

static bool is_secure(const struct mmp_rules *rules, const struct mmp_leaf *leaf)
{
	(void)rules;
	return !leaf->nonsecure;
}

static bool is_nonsecure(const struct mmp_rules *rules, const struct mmp_leaf *leaf)
{
	(void)rules;
	return leaf->nonsecure;
}

struct page_sweep {
	const struct mmp_check *check;
	const struct mmp_check_input *input;
	struct mmp_findings *findings;
	mmp_page_side *sides[2];
	const char *words; /* between the two mappings */
	bool registered;   /* only if the platform registered one of them */
};

/* Whether the finding has a registration that the firmware does not make itself. */
static bool is_of_platform(const struct mmp_findings *findings)
{
	const struct mmp_policy *policy = findings->platform->rules->policy;
	const struct mmp_finding *f = findings->last;

	for (unsigned i = 0; i < f->region_count; i++) {
		const struct mmp_registration *r;

		if (f->regions[i].ordinal < 0)
			continue;
		r = &findings->platform->registrations[f->regions[i].ordinal];
		if (!policy || !policy->is_own || !policy->is_own(findings->platform, r))
			return true;
	}
	return false;
}

/* Whether the previous finding is the same, from an entry that is in the map twice. */
static bool is_said(const struct mmp_findings *findings)
{
	const struct mmp_finding *f = findings->last;

	return f > findings->items && !strcmp(f[-1].id, f->id) &&
	       !strcmp(f[-1].text, f->text);
}

static void add_page_finding(const struct page_sweep *s, const struct mmp_region *a,
			     const struct mmp_region *b)
{
	const struct mmp_rules *rules = s->input->platform->rules;

	mmp_finding_add(s->findings, s->check,
			"%s at 0x%" PRIx64 " size 0x%" PRIx64 " %s %s at 0x%" PRIx64
			" size 0x%" PRIx64,
			mmp_memtype_label(rules, a->type), a->pa, a->size, s->words,
			mmp_memtype_label(rules, b->type), b->pa, b->size);
	mmp_finding_about(s->findings, a->type, a->pa, a->size);
	mmp_finding_about(s->findings, b->type, b->pa, b->size);
	if (s->findings->last == &s->findings->open)
		return;
	if ((s->registered && !is_of_platform(s->findings)) || is_said(s->findings))
		mmp_finding_drop(s->findings);
}

/* The sentence goes from side 0 to side 1. */
static void meet(const struct page_sweep *s, unsigned side, const struct mmp_region *r,
		 const struct mmp_region *other)
{
	if (side)
		add_page_finding(s, other, r);
	else
		add_page_finding(s, r, other);
}

static void sweep_pages(const struct page_sweep *s)
{
	const struct mmp_rules *rules = s->input->platform->rules;
	const struct mmp_plan *plan = &s->input->layout->plan;
	const struct mmp_extent *furthest[2] = { NULL, NULL };
	const struct mmp_extent *all;
	size_t count;

	all = mmp_check_mapped(s->input, &count);
	for (size_t i = 0; i < count && !mmp_findings_full(s->findings); i++) {
		const struct mmp_region *r = &plan->regions[all[i].of];
		struct mmp_leaf leaf;

		if (!mmp_check_leaf(s->input, r, &leaf))
			continue;
		for (unsigned side = 0; side < 2; side++) {
			const struct mmp_extent *other = furthest[!side];

			if (!s->sides[side](rules, &leaf))
				continue;
			if (other && other->last >= all[i].base)
				meet(s, side, r, &plan->regions[other->of]);
			if (!furthest[side] || all[i].last > furthest[side]->last)
				furthest[side] = &all[i];
		}
	}
}

void mmp_check_pages(const struct mmp_check *check, const struct mmp_check_input *input,
		     struct mmp_findings *findings, mmp_page_side *one,
		     mmp_page_side *other, const char *words)
{
	sweep_pages(&(struct page_sweep){
		check, input, findings, { one, other }, words, true });
}

void mmp_check_write_execute_alias(const struct mmp_check *check,
				   const struct mmp_check_input *input,
				   struct mmp_findings *findings)
{
	sweep_pages(&(struct page_sweep){ check,
					  input,
					  findings,
					  { writes, only_executes },
					  "writes what can be executed through",
					  true });
}

void mmp_check_cached_and_device(const struct mmp_check *check,
				 const struct mmp_check_input *input,
				 struct mmp_findings *findings)
{
	sweep_pages(&(struct page_sweep){ check,
					  input,
					  findings,
					  { mmp_leaf_is_device, mmp_leaf_is_cached },
					  "is device memory and overlaps",
					  true });
}

void mmp_check_both_worlds(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	sweep_pages(&(struct page_sweep){
		check, input, findings, { is_secure, is_nonsecure }, "overlaps", false });
}
