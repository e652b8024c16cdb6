/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/compare_private.h"

#include <inttypes.h>
#include <string.h>

static struct mmp_walk reading(const struct compare_writing *w,
			       const struct mmp_difference *d, uint64_t word)
{
	return mmp_walk_entry(w->format, d->level, d->pointer, word);
}

static uint32_t attr_of(const struct compare_writing *w, const struct mmp_walk *walk)
{
	const struct mmp_rules *rules = w->layout->platform->rules;

	return rules->attr_of(rules, &w->layout->platform->config, &walk->leaf);
}

/* Describe an entry in a few words. */
static void say_entry(struct mmp_buffer *text, const struct compare_writing *w,
		      const struct mmp_difference *d, uint64_t word)
{
	uint64_t at = w->format->address(d->level, word);
	struct mmp_walk walk = reading(w, d, word);
	const struct mmp_rules *rules = w->layout->platform->rules;
	char words[MMP_WORDS_SIZE];
	int64_t id;

	switch (w->format->kind(d->level, word)) {
	case MMP_ENTRY_TABLE:
		id = mmp_tables_id_at(&w->layout->tables, at);
		if (id >= 0)
			mmp_buffer_printf(text, "leads to table %d", (int)id);
		else
			mmp_buffer_printf(text,
					  "leads to a table at 0x%" PRIx64
					  ", which the build does not have",
					  at);
		break;
	case MMP_ENTRY_LEAF:
		mmp_buffer_printf(text, "maps 0x%" PRIx64 ": %s", at,
				  rules->attr_text(rules, attr_of(w, &walk), words));
		break;
	case MMP_ENTRY_INVALID:
		mmp_buffer_text(text, word ? "maps nothing, though it is not 0"
					   : "maps nothing");
		break;
	}
}

/* Begin the next change. */
static void next_text(struct mmp_buffer *texts)
{
	if (texts->length)
		mmp_buffer_add(texts, "", 1);
}

const char *compare_change_after(const struct mmp_buffer *changes, const char *change)
{
	const char *next = change ? change + strlen(change) + 1 : changes->bytes;

	return changes->length && next < changes->bytes + changes->length ? next : NULL;
}

static void list_change(struct mmp_buffer *texts, bool changed, bool now, const char *no,
			const char *yes)
{
	if (!changed)
		return;
	next_text(texts);
	mmp_buffer_printf(texts, "was %s, is %s", now ? no : yes, now ? yes : no);
}

static const char *kind_name(const struct compare_writing *w, unsigned memory)
{
	const struct mmp_rules *rules = w->layout->platform->rules;

	return memory < rules->memory_count ? rules->memory[memory].name
					    : "of a reserved type";
}

static void say_leaf(const struct compare_writing *w, struct mmp_buffer *list,
		     const struct mmp_difference *d)
{
	struct mmp_walk a = reading(w, d, d->expected), b = reading(w, d, d->found);

	list_change(list, a.leaf.read_only != b.leaf.read_only, !b.leaf.read_only,
		    "read-only", "writable");
	list_change(list, a.leaf.pxn != b.leaf.pxn, !b.leaf.pxn, "not executable",
		    "executable");
	list_change(list, a.leaf.uxn != b.leaf.uxn, !b.leaf.uxn,
		    "not executable in user mode", "executable in user mode");
	list_change(list, a.leaf.user != b.leaf.user, b.leaf.user, "closed to user mode",
		    "open to user mode");
	list_change(list, a.leaf.nonsecure != b.leaf.nonsecure, b.leaf.nonsecure,
		    "secure", "non-secure");
	list_change(list, a.leaf.accessed != b.leaf.accessed, b.leaf.accessed,
		    "without its access flag", "with its access flag");
	list_change(list, a.leaf.not_global != b.leaf.not_global, !b.leaf.not_global,
		    "of one address space", "global");
	list_change(list, a.leaf.guarded != b.leaf.guarded, b.leaf.guarded, "not guarded",
		    "guarded");
	list_change(list, a.leaf.memory != b.leaf.memory, true,
		    kind_name(w, a.leaf.memory), kind_name(w, b.leaf.memory));
	if (a.pa.at != b.pa.at) {
		next_text(list);
		mmp_buffer_printf(list, "was at 0x%" PRIx64 ", is at 0x%" PRIx64, a.pa.at,
				  b.pa.at);
	}
}

/* A difference in a pointer's security applies to everything below it. */
static void say_pointer(const struct compare_writing *w, struct mmp_buffer *list,
			const struct mmp_difference *d)
{
	bool was = reading(w, d, d->expected).leaf.nonsecure;
	bool is = reading(w, d, d->found).leaf.nonsecure;

	list_change(list, was != is, is, "secure in everything below", "non-secure");
}

/* Whether the words above already report that this field differs. */
static bool is_told(const struct compare_writing *w, const struct mmp_difference *d,
		    const struct mmp_field *f)
{
	uint64_t word = mmp_field_set(f, d->expected, mmp_field_get(f, d->found));
	struct mmp_walk a = reading(w, d, d->expected), b = reading(w, d, word);

	return a.end != b.end || a.leaf.pxn != b.leaf.pxn || a.leaf.uxn != b.leaf.uxn ||
	       a.leaf.user != b.leaf.user || attr_of(w, &a) != attr_of(w, &b) ||
	       w->format->address(d->level, d->expected) !=
		       w->format->address(d->level, word);
}

/*
 * Report the fields that the words above do not cover: shareability, hints, reserved
 * bits.
 */
static void say_rest(const struct compare_writing *w, struct mmp_buffer *list,
		     const struct mmp_difference *d)
{
	size_t count, other;
	const struct mmp_field *f = w->format->fields(d->level, d->expected, &count);

	if (f != w->format->fields(d->level, d->found, &other))
		return;
	for (const struct mmp_field *end = f + count; f < end; f++) {
		uint64_t was, is;

		if (!f->width) /* this level does not have the field */
			continue;
		was = mmp_field_get(f, d->expected);
		is = mmp_field_get(f, d->found);
		if (was == is || is_told(w, d, f))
			continue;
		next_text(list);
		mmp_buffer_printf(list, "%s was 0x%" PRIx64 ", is 0x%" PRIx64, f->name,
				  was, is);
	}
}

void compare_say(struct compare_words *words, const struct compare_writing *w,
		 const struct mmp_difference *d)
{
	enum mmp_entry a = w->format->kind(d->level, d->expected);
	enum mmp_entry b = w->format->kind(d->level, d->found);

	say_entry(&words->was, w, d, d->expected);
	say_entry(&words->is, w, d, d->found);
	if (a == MMP_ENTRY_LEAF && b == MMP_ENTRY_LEAF)
		say_leaf(w, &words->changes, d);
	else if (a != b || w->format->address(d->level, d->expected) !=
				   w->format->address(d->level, d->found))
		mmp_buffer_printf(&words->changes, "%s in place of: %s", words->is.bytes,
				  words->was.bytes);
	if (a == MMP_ENTRY_TABLE && b == MMP_ENTRY_TABLE)
		say_pointer(w, &words->changes, d);
	say_rest(w, &words->changes, d);
}

void compare_words_done(struct compare_words *words)
{
	mmp_buffer_done(&words->was);
	mmp_buffer_done(&words->is);
	mmp_buffer_done(&words->changes);
}

bool compare_is_of_region(const struct mmp_plan *plan, const struct mmp_region *r,
			  const struct mmp_registration *one)
{
	return plan->platform->rules->sections[one->section].maps &&
	       one->type == r->type && one->size &&
	       (one->addr & plan->shape.pa_mask) - r->pa < r->size;
}

static const char *first_name(const struct mmp_plan *plan, const struct mmp_region *r)
{
	for (size_t i = 0; i < plan->platform->count; i++)
		if (compare_is_of_region(plan, r, &plan->platform->registrations[i]))
			return plan->platform->registrations[i].name;
	return NULL;
}

/* The region's type, its registration, and how many more regions there are. */
static void say_region(struct mmp_buffer *text, const struct compare_writing *w,
		       const struct mmp_difference *d)
{
	const struct mmp_plan *plan = &w->layout->plan;
	const char *name;
	size_t more = 0;

	if (d->region < 0) {
		mmp_buffer_text(text, "a hole");
		return;
	}
	mmp_buffer_text(text, mmp_memtype_label(plan->platform->rules,
						plan->regions[d->region].type));
	name = first_name(plan, &plan->regions[d->region]);
	if (name)
		mmp_buffer_printf(text, " \"%s\"", name);
	for (size_t n = (size_t)d->region + 1;
	     n < plan->count && plan->regions[n].va - d->va < d->size; n++)
		more++;
	if (more)
		mmp_buffer_printf(text, " and %zu region%s more", more,
				  more > 1 ? "s" : "");
}

void compare_say_message(struct mmp_buffer *text, const struct compare_writing *w,
			 const struct mmp_difference *d, const struct mmp_buffer *changes)
{
	const char *change = NULL;

	mmp_buffer_printf(text, "0x%" PRIx64 "..0x%" PRIx64 " (", d->va,
			  d->va + (d->size - 1));
	say_region(text, w, d);
	mmp_buffer_printf(text, ", table %u entry %u", d->table, d->index);
	if (d->count > 1)
		mmp_buffer_printf(text, " and %" PRIu64 " more", d->count - 1);
	mmp_buffer_text(text, ") ");
	while ((change = compare_change_after(changes, change)))
		mmp_buffer_printf(text, "%s%s", change == changes->bytes ? "" : "; ",
				  change);
	if (d->later)
		mmp_buffer_printf(text, " [%s]", d->later);
	for (size_t i = 0; i < MMP_ALARM_COUNT; i++)
		if (d->alarms >> i & 1)
			mmp_buffer_printf(text, " [%s]", mmp_alarms[i].id);
}
