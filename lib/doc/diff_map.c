/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "doc/diff_private.h"
#include "study/rights.h"
#include "json/number.h"

/*
 * --- access to memory, by physical address
 * ---------------------------------------------
 */

#define MEMORY_RIGHTS (MMP_RIGHT_DEVICE | MMP_RIGHT_CACHED | MMP_RIGHT_UNCACHED)
#define USER_RIGHTS   (MMP_RIGHT_USER_READ | MMP_RIGHT_USER_WRITE | MMP_RIGHT_USER_EXECUTE)

/* The worst kind that the change belongs to. */
static enum diff_kind kind_of(const struct mmp_rights_range *range)
{
	unsigned gained = range->after & ~range->before;

	if (!range->before)
		return DIFF_MAPPED;
	if (!range->after)
		return DIFF_UNMAPPED;
	if (gained & MMP_RIGHT_NONSECURE)
		return DIFF_NONSECURE;
	if (gained & MMP_RIGHT_EXECUTE)
		return DIFF_EXECUTE;
	if (gained & MMP_RIGHT_WRITE)
		return DIFF_WRITE;
	if (gained & USER_RIGHTS)
		return DIFF_USER;
	return gained & MEMORY_RIGHTS ? DIFF_MEMORY : DIFF_NARROWED;
}

/* The smallest registration that contains the address; NULL: none does. */
static const struct mmp_registration *registration_at(const struct mmp_platform *platform,
						      uint64_t pa)
{
	const struct mmp_registration *best = NULL;

	for (size_t n = 0; n < platform->count; n++) {
		const struct mmp_registration *r = &platform->registrations[n];

		if (pa - r->addr < r->size && (!best || r->size < best->size))
			best = r;
	}
	return best;
}

/* Print what maps it: "IO_SEC "UART0"". */
static void print_owner(const struct mmp_diff_side *side, int type, uint64_t pa,
			char *text, size_t size)
{
	const struct mmp_registration *r = registration_at(side->platform, pa);
	const char *label = mmp_memtype_label(side->platform->rules, type);

	mmp_text_print(text, size, "%s%s%.100s%s", label, r && *r->name ? " \"" : "",
		       r ? r->name : "", r && *r->name ? "\"" : "");
}

static void tell_range(struct diff *diff, const struct mmp_rights_range *range)
{
	char before[MMP_RIGHTS_TEXT_SIZE], after[MMP_RIGHTS_TEXT_SIZE], owner[192];
	char size[MMP_SIZE_TEXT_SIZE];
	bool there = range->type >= 0;
	json_t *change;

	if (diff_is_full(diff, kind_of(range)))
		return;
	print_owner(there ? diff->after : diff->before,
		    there ? range->type : range->other_type, range->pa, owner,
		    sizeof(owner));
	mmp_rights_print(range->before, before);
	mmp_rights_print(range->after, after);
	change = diff_add(diff, kind_of(range),
			  "0x%" PRIx64 " to 0x%" PRIx64 " (%s, %s): %s, was %s",
			  range->pa, range->pa + range->size - 1, owner,
			  mmp_size_print(range->size, size), after, before);
	if (!change)
		return;
	json_object_set_new(change, "pa", mmp_json_hex(range->pa, 1));
	json_object_set_new(change, "size", mmp_json_hex(range->size, 1));
	json_object_set_new(change, "before", json_string(before));
	json_object_set_new(change, "after", json_string(after));
}

static int diff_rights(struct diff *diff, struct mmp_error *err)
{
	struct mmp_rights_change change;

	if (mmp_rights_compare(&change, diff->before->layout, diff->after->layout, err))
		return -1;
	for (size_t i = 0; i < change.count; i++)
		tell_range(diff, &change.ranges[i]);
	mmp_rights_change_done(&change);
	return 0;
}

/* --- virtual addresses ----------------------------------------------------------------- */

/* The two regions, one of each map, that map the same thing. */
struct region_pair {
	size_t before, after;
	uint64_t by; /* how far the virtual address moved up, modulo 2^64 */
};

struct keyed {
	const char *label;
	uint64_t pa, va, size;
	size_t n;
};

static int compare_keyed(const void *one, const void *other)
{
	const struct keyed *a = one, *b = other;
	int order = strcmp(a->label, b->label);

	if (order)
		return order;
	if (a->pa != b->pa)
		return a->pa < b->pa ? -1 : 1;
	return a->va < b->va ? -1 : a->va > b->va;
}

static struct keyed *keys_of(const struct mmp_diff_side *side)
{
	const struct mmp_plan *plan = &side->layout->plan;
	struct keyed *keys = calloc(plan->count + 1, sizeof(*keys));

	for (size_t n = 0; keys && n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		keys[n] =
			(struct keyed){ mmp_memtype_label(side->platform->rules, r->type),
					r->pa, r->va, r->size, n };
	}
	if (keys && plan->count)
		qsort(keys, plan->count, sizeof(*keys), compare_keyed);
	return keys;
}

static int compare_pairs(const void *one, const void *other)
{
	const struct region_pair *a = one, *b = other;

	if (a->by != b->by)
		return a->by < b->by ? -1 : 1;
	return a->after < b->after ? -1 : a->after > b->after;
}

/* Pair regions of the same type and physical address; both lists are sorted by these. */
static size_t pair_up(const struct keyed *before, size_t before_count,
		      const struct keyed *after, size_t after_count,
		      struct region_pair *pairs)
{
	size_t i = 0, k = 0, count = 0;

	while (i < before_count && k < after_count) {
		int order = strcmp(before[i].label, after[k].label);

		if (!order && before[i].pa != after[k].pa)
			order = before[i].pa < after[k].pa ? -1 : 1;
		if (!order && before[i].va != after[k].va)
			pairs[count++] =
				(struct region_pair){ before[i].n, after[k].n,
						      after[k].va - before[i].va };
		i += order <= 0;
		k += order >= 0;
	}
	return count;
}

/* One line for all regions that moved by the same distance. */
static void tell_shift(struct diff *diff, const struct region_pair *pairs, size_t count)
{
	const struct mmp_plan *now = &diff->after->layout->plan;
	const struct mmp_plan *old = &diff->before->layout->plan;
	const struct mmp_region *first = &now->regions[pairs[0].after];
	const struct mmp_region *last = &now->regions[pairs[count - 1].after];
	const struct mmp_rules *rules = diff->after->platform->rules;
	bool down = pairs[0].by >> 63;
	uint64_t by = down ? -pairs[0].by : pairs[0].by;
	char distance[MMP_SIZE_TEXT_SIZE];
	json_t *change;

	mmp_size_print(by, distance);
	if (count == 1)
		change = diff_add(diff, DIFF_MOVED,
				  "%s (PA 0x%" PRIx64 ") is at VA 0x%" PRIx64
				  ", was at 0x%" PRIx64,
				  mmp_memtype_label(rules, first->type), first->pa,
				  first->va, old->regions[pairs[0].before].va);
	else
		change = diff_add(diff, DIFF_MOVED,
				  "%zu regions are %s %s in virtual space, from %s to "
				  "%s",
				  count, distance, down ? "lower" : "higher",
				  mmp_memtype_label(rules, first->type),
				  mmp_memtype_label(rules, last->type));
	if (change) {
		json_object_set_new(change, "regions", json_integer((json_int_t)count));
		json_object_set_new(change, "by", mmp_json_hex(by, 1));
		json_object_set_new(change, "down", json_boolean(down));
	}
}

static void diff_addresses(struct diff *diff)
{
	size_t before_count = diff->before->layout->plan.count;
	size_t after_count = diff->after->layout->plan.count, count, from = 0;
	struct keyed *before = keys_of(diff->before), *after = keys_of(diff->after);
	struct region_pair *pairs = calloc(after_count + 1, sizeof(*pairs));

	if (before && after && pairs) {
		count = pair_up(before, before_count, after, after_count, pairs);
		if (count)
			qsort(pairs, count, sizeof(*pairs), compare_pairs);
		for (size_t i = 1; i <= count; i++)
			if (i == count || pairs[i].by != pairs[from].by) {
				tell_shift(diff, pairs + from, i - from);
				from = i;
			}
	} else {
		diff->oom = true;
	}
	free(before);
	free(after);
	free(pairs);
}

/* --- spaces that map nothing yet ------------------------------------------------------- */

static const struct mmp_region *
space_like(const struct mmp_plan *plan, const struct mmp_rules *rules, const char *label)
{
	for (size_t n = 0; n < plan->count; n++)
		if (plan->regions[n].mapping != MMP_MAP_BLOCKS &&
		    !strcmp(mmp_memtype_label(rules, plan->regions[n].type), label))
			return &plan->regions[n];
	return NULL;
}

/* Space for mappings at run time has no physical address, so compare its size. */
static void tell_spaces(struct diff *diff, const struct mmp_diff_side *has,
			const struct mmp_diff_side *other, bool is_after)
{
	for (size_t n = 0; n < has->layout->plan.count; n++) {
		const struct mmp_region *r = &has->layout->plan.regions[n], *there;
		const char *label = mmp_memtype_label(has->platform->rules, r->type);
		char now[MMP_SIZE_TEXT_SIZE], was[MMP_SIZE_TEXT_SIZE];

		if (r->mapping == MMP_MAP_BLOCKS)
			continue;
		there = space_like(&other->layout->plan, other->platform->rules, label);
		mmp_size_print(r->size, now);
		if (!there)
			diff_add(diff, is_after ? DIFF_MAPPED : DIFF_UNMAPPED,
				 "%s: %s of virtual space %s", label, now,
				 is_after ? "that was not reserved"
					  : "is no longer reserved");
		else if (is_after && there->size != r->size)
			diff_add(diff,
				 r->size > there->size ? DIFF_MAPPED : DIFF_NARROWED,
				 "%s: %s of virtual space, was %s", label, now,
				 mmp_size_print(there->size, was));
	}
}

/* --- tables and registers -------------------------------------------------------------- */

static void diff_count(struct diff *diff, const char *what, uint64_t before,
		       uint64_t after)
{
	if (before != after)
		diff_add(diff, DIFF_TABLES, "%s: %" PRIu64 ", was %" PRIu64, what, after,
			 before);
}

static void diff_tables(struct diff *diff)
{
	const struct mmp_layout *before = diff->before->layout;
	const struct mmp_layout *after = diff->after->layout;

	diff_count(diff, "translation tables used", before->tables.used,
		   after->tables.used);
	diff_count(diff, "limit of translation tables",
		   before->plan.shape.limited ? before->plan.shape.max_tables : 0,
		   after->plan.shape.limited ? after->plan.shape.max_tables : 0);
	diff_count(diff, "base tables", before->tables.base_count,
		   after->tables.base_count);
	diff_count(diff, "level of the base table", before->plan.shape.base_level,
		   after->plan.shape.base_level);
	diff_count(diff, "map entries", before->plan.count, after->plan.count);
	diff_count(diff, "map entries left for mappings at run time",
		   before->plan.map.late, after->plan.map.late);
}

static void tell_register(struct diff *diff, const struct mmp_register *now,
			  const struct mmp_layout *before)
{
	for (unsigned i = 0; i < before->register_count; i++) {
		const struct mmp_register *was = &before->registers[i];

		if (strcmp(was->name, now->name) != 0)
			continue;
		if (was->value != now->value)
			diff_add(diff, DIFF_REGISTER, "%s: 0x%" PRIx64 ", was 0x%" PRIx64,
				 now->name, now->value, was->value);
		return;
	}
	diff_add(diff, DIFF_REGISTER, "%s: 0x%" PRIx64 ", was not there", now->name,
		 now->value);
}

int diff_map(struct diff *diff, struct mmp_error *err)
{
	if (diff->before->stopped || diff->after->stopped)
		return 0;
	if (diff_rights(diff, err))
		return -1;
	diff_addresses(diff);
	tell_spaces(diff, diff->after, diff->before, true);
	tell_spaces(diff, diff->before, diff->after, false);
	diff_tables(diff);
	for (unsigned i = 0; i < diff->after->layout->register_count; i++)
		tell_register(diff, &diff->after->layout->registers[i],
			      diff->before->layout);
	return 0;
}
