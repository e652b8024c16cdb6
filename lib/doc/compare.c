/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/compare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "doc/layout.h"
#include "json/number.h"

/* --- the dump --- */

struct dumps {
	size_t count;
	struct mmp_dump *all;
	uint8_t **bytes; /* of each; owned */
};

static void dumps_done(struct dumps *dumps)
{
	for (size_t i = 0; dumps->bytes && i < dumps->count; i++)
		free(dumps->bytes[i]);
	free(dumps->bytes);
	free(dumps->all);
}

static int read_bytes(struct mmp_dump *dump, uint8_t **bytes, size_t n, const char *text,
		      struct mmp_error *err)
{
	size_t letters = strlen(text);
	long size;

	*bytes = malloc(MMP_BASE64_ROOM(letters) + 1);
	if (!*bytes)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	size = mmp_base64_decode(text, letters, *bytes);
	if (size <= 0)
		return mmp_fail(err, MMP_INVALID, "dump[%zu].bytes: %s", n,
				size ? "is not base64" : "is empty");
	dump->bytes = *bytes;
	dump->size = (size_t)size;
	if (dump->pa + (dump->size - 1) < dump->pa)
		return mmp_fail(err, MMP_INVALID,
				"dump[%zu]: 0x%" PRIx64 " size 0x%zx wraps past 2^64", n,
				dump->pa, dump->size);
	return 0;
}

static int read_dump(struct dumps *dumps, size_t n, const json_t *one,
		     struct mmp_error *err)
{
	static const char *const known[] = { "address", "bytes" };
	struct mmp_dump *dump = &dumps->all[n];
	char what[32];
	const char *text;

	snprintf(what, sizeof(what), "dump[%zu]", n);
	if (!json_is_object(one))
		return mmp_fail(err, MMP_INVALID,
				"%s: must be an object with address and bytes", what);
	if (mmp_json_known_keys(one, what, known, 2, err) ||
	    mmp_json_text(one, "bytes", what, &text, err))
		return -1;
	if (mmp_json_number(json_object_get(one, "address"), "address", &dump->pa, err))
		return mmp_while(err, "%s", what);
	return read_bytes(dump, &dumps->bytes[n], n, text, err);
}

static int by_address(const void *one, const void *other)
{
	const struct mmp_dump *a = one, *b = other;

	return a->pa < b->pa ? -1 : a->pa > b->pa;
}

static int check_overlap(const struct dumps *dumps, struct mmp_error *err)
{
	for (size_t i = 1; i < dumps->count; i++) {
		const struct mmp_dump *a = &dumps->all[i - 1], *b = a + 1;

		if (b->pa - a->pa < a->size)
			return mmp_fail(err, MMP_INVALID,
					"dump: 0x%" PRIx64 " size 0x%zx and 0x%" PRIx64
					" size 0x%zx overlap",
					a->pa, a->size, b->pa, b->size);
	}
	return 0;
}

static int read_dumps(struct dumps *dumps, const json_t *array, struct mmp_error *err)
{
	dumps->count = json_array_size(array);
	dumps->all = calloc(dumps->count + 1, sizeof(*dumps->all));
	dumps->bytes = calloc(dumps->count + 1, sizeof(*dumps->bytes));
	if (!dumps->all || !dumps->bytes)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	for (size_t i = 0; i < dumps->count; i++)
		if (read_dump(dumps, i, json_array_get(array, i), err))
			return -1;
	qsort(dumps->all, dumps->count, sizeof(*dumps->all), by_address);
	return check_overlap(dumps, err);
}

/* --- the differences, in words --- */

struct compare_writing {
	const struct mmp_layout *layout;
	const struct mmp_format *format;
};

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
					  ", which is none of the build's",
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

/* Begin the next change: they are texts one after the other, each with its NUL. */
static void next_text(struct mmp_buffer *texts)
{
	if (texts->length)
		mmp_buffer_add(texts, "", 1);
}

static const char *text_after(const struct mmp_buffer *texts, const char *text)
{
	const char *next = text ? text + strlen(text) + 1 : texts->bytes;

	return texts->length && next < texts->bytes + texts->length ? next : NULL;
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

static void write_value(struct mmp_writer *out, const char *key,
			const struct mmp_field *field, uint64_t word)
{
	uint64_t value = mmp_field_get(field, word);

	mmp_member_begin(out, key, '{');
	mmp_member_hex(out, "value", value, 1);
	mmp_member_text(out, "meaning",
			field->values ? field->values[value] : field->about);
	mmp_writer_end(out, '}');
}

/* The fields that differ, if both entries are of one kind and so have the same fields. */
static void write_fields(struct mmp_writer *out, const struct compare_writing *w,
			 const struct mmp_difference *d)
{
	size_t count, other;
	const struct mmp_field *fields = w->format->fields(d->level, d->expected, &count);

	mmp_member_begin(out, "fields", '[');
	if (fields != w->format->fields(d->level, d->found, &other))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct mmp_field *f = &fields[i];

		if (!f->width ||
		    mmp_field_get(f, d->expected) == mmp_field_get(f, d->found))
			continue;
		mmp_writer_begin(out, '{');
		mmp_member_text(out, "name", f->name);
		mmp_member_number(out, "lsb", f->lsb);
		mmp_member_number(out, "width", f->width);
		write_value(out, "expected", f, d->expected);
		write_value(out, "found", f, d->found);
		mmp_writer_end(out, '}');
	}
	mmp_writer_end(out, ']');
}

/* The texts of a difference. */
struct difference_words {
	struct mmp_buffer was, is;
	struct mmp_buffer changes; /* of next_text */
};

static void say_changes(struct difference_words *words, const struct compare_writing *w,
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

static void words_done(struct difference_words *words)
{
	mmp_buffer_done(&words->was);
	mmp_buffer_done(&words->is);
	mmp_buffer_done(&words->changes);
}

static void write_changes(struct mmp_writer *out, const struct mmp_buffer *changes)
{
	const char *text = NULL;

	mmp_member_begin(out, "changes", '[');
	while ((text = text_after(changes, text)))
		mmp_writer_text(out, text);
	mmp_writer_end(out, ']');
}

static void write_alarm_ids(struct mmp_writer *out, unsigned alarms)
{
	mmp_member_begin(out, "alarms", '[');
	for (unsigned i = 0; i < MMP_ALARM_COUNT; i++)
		if (alarms >> i & 1)
			mmp_writer_text(out, mmp_alarms[i].id);
	mmp_writer_end(out, ']');
}

static bool is_of_region(const struct mmp_plan *plan, const struct mmp_region *r,
			 const struct mmp_registration *one)
{
	return plan->platform->rules->sections[one->section].maps &&
	       one->type == r->type && one->size &&
	       (one->addr & plan->shape.pa_mask) - r->pa < r->size;
}

/* The first region that the entry covers, with the registrations that it is made of. */
static void write_region(struct mmp_writer *out, const struct compare_writing *w,
			 const struct mmp_difference *d)
{
	const struct mmp_plan *plan = &w->layout->plan;
	const struct mmp_platform *p = plan->platform;
	const struct mmp_region *r;

	if (d->region < 0) {
		mmp_member_null(out, "region");
		return;
	}
	r = &plan->regions[d->region];
	mmp_member_begin(out, "region", '{');
	mmp_region_members(out, p->rules, r);
	mmp_member_begin(out, "registrations", '[');
	for (size_t i = 0; i < p->count; i++) {
		if (!is_of_region(plan, r, &p->registrations[i]))
			continue;
		mmp_writer_begin(out, '{');
		mmp_member_number(out, "ordinal", (int64_t)i);
		mmp_member_text(out, "name", p->registrations[i].name);
		mmp_writer_end(out, '}');
	}
	mmp_writer_end(out, ']');
	mmp_writer_end(out, '}');
}

static const char *first_name(const struct mmp_plan *plan, const struct mmp_region *r)
{
	for (size_t i = 0; i < plan->platform->count; i++)
		if (is_of_region(plan, r, &plan->platform->registrations[i]))
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

static void write_message(struct mmp_writer *out, const struct compare_writing *w,
			  const struct mmp_difference *d,
			  const struct mmp_buffer *changes)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	const char *change = NULL;

	mmp_buffer_printf(&text, "0x%" PRIx64 "..0x%" PRIx64 " (", d->va,
			  d->va + (d->size - 1));
	say_region(&text, w, d);
	mmp_buffer_printf(&text, ", table %u entry %u", d->table, d->index);
	if (d->count > 1)
		mmp_buffer_printf(&text, " and %" PRIu64 " more", d->count - 1);
	mmp_buffer_text(&text, ") ");
	while ((change = text_after(changes, change)))
		mmp_buffer_printf(&text, "%s%s", change == changes->bytes ? "" : "; ",
				  change);
	if (d->later)
		mmp_buffer_printf(&text, " [%s]", d->later);
	for (size_t i = 0; i < MMP_ALARM_COUNT; i++)
		if (d->alarms >> i & 1)
			mmp_buffer_printf(&text, " [%s]", mmp_alarms[i].id);
	mmp_member_text(out, "message", text.bytes);
	mmp_buffer_done(&text);
}

static void write_side(struct mmp_writer *out, const char *key,
		       const struct compare_writing *w, uint64_t word, const char *means)
{
	mmp_member_begin(out, key, '{');
	mmp_member_hex(out, "descriptor", word, (int)w->format->descriptor_digits);
	mmp_member_text(out, "means", means);
	mmp_writer_end(out, '}');
}

static void write_place(struct mmp_writer *out, const struct compare_writing *w,
			const struct mmp_difference *d)
{
	static const struct mmp_column columns[] = {
		{ "index", MMP_COLUMN_UNSIGNED, MMP_AT(struct mmp_difference, index) },
		{ "last_table", MMP_COLUMN_UNSIGNED,
		  MMP_AT(struct mmp_difference, last_table) },
		{ "last_index", MMP_COLUMN_UNSIGNED,
		  MMP_AT(struct mmp_difference, last_index) },
		{ "count", MMP_COLUMN_UNSIGNED, MMP_AT(struct mmp_difference, count) },
		{ "va", MMP_COLUMN_HEX, MMP_AT(struct mmp_difference, va) },
		{ "size", MMP_COLUMN_HEX, MMP_AT(struct mmp_difference, size) },
		{ 0 },
	};
	struct mmp_table_view view = mmp_tables_view(&w->layout->tables, d->table);

	mmp_member_begin(out, "table", '{');
	mmp_member_number(out, "id", d->table);
	mmp_member_text(out, "kind", view.is_base ? "base" : "xlat");
	mmp_member_number(out, "level", d->level);
	mmp_member_hex(out, "base_va", view.base_va, 1);
	mmp_writer_end(out, '}');
	mmp_writer_columns(out, columns, d);
}

static void write_difference(struct mmp_writer *out, const struct compare_writing *w,
			     const struct mmp_difference *d)
{
	struct difference_words words = { 0 };

	say_changes(&words, w, d);
	mmp_writer_begin(out, '{');
	write_place(out, w, d);
	write_region(out, w, d);
	write_side(out, "expected", w, d->expected, words.was.bytes);
	write_side(out, "found", w, d->found, words.is.bytes);
	write_fields(out, w, d);
	write_changes(out, &words.changes);
	write_alarm_ids(out, d->later ? 0 : d->alarms);
	write_message(out, w, d, &words.changes);
	mmp_member_text(out, "later", d->later);
	mmp_writer_end(out, '}');
	words_done(&words);
}

static void write_uncovered(struct mmp_writer *out, const struct compare_writing *w,
			    const struct mmp_uncovered *u)
{
	struct mmp_table_view view = mmp_tables_view(&w->layout->tables, u->table);
	uint64_t width = w->format->descriptor_bytes;

	mmp_writer_begin(out, '{');
	mmp_member_number(out, "table", u->table);
	mmp_member_number(out, "level", view.level);
	mmp_member_number(out, "first", u->first);
	mmp_member_number(out, "last", u->last);
	mmp_member_hex(out, "base_va", view.base_va, 1);
	mmp_member_hex(out, "pa", view.pa + u->first * width, 1);
	mmp_member_hex(out, "size", (u->last - u->first + 1) * width, 1);
	mmp_writer_end(out, '}');
}

static void write_alarms(struct mmp_writer *out, const struct mmp_comparison *c)
{
	mmp_member_begin(out, "alarms", '[');
	for (unsigned i = 0; i < MMP_ALARM_COUNT; i++) {
		if (!c->alarms[i])
			continue;
		mmp_writer_begin(out, '{');
		mmp_member_text(out, "id", mmp_alarms[i].id);
		mmp_member_number(out, "count", (int64_t)c->alarms[i]);
		mmp_member_text(out, "about", mmp_alarms[i].about);
		mmp_writer_end(out, '}');
	}
	mmp_writer_end(out, ']');
}

/*
 * A dump whose bytes are all 0x00 or all 0xff was not read from the memory of the
 * tables.
 */
static const char *blank_of(const struct mmp_comparison *c)
{
	if (!c->compared || (!c->all_zero && !c->all_ones))
		return NULL;
	return c->all_zero
		       ? "every byte of the dump is 0x00: memory that was never written, "
			 "or that the probe may not read"
		       : "every byte of the dump is 0xff: erased flash, or a bus that "
			 "does not answer";
}

static void write_comparison(struct mmp_writer *out, const struct compare_writing *w,
			     const struct mmp_comparison *c)
{
	size_t kept = c->uncovered_count < MMP_DIFFERENCES_MAX ? c->uncovered_count
							       : MMP_DIFFERENCES_MAX;
	const char *blank = blank_of(c);

	mmp_member_flag(out, "same",
			c->differing == c->later && !(c->differing && blank));
	mmp_member_number(out, "compared", (int64_t)c->compared);
	mmp_member_number(out, "differing", (int64_t)c->differing);
	mmp_member_number(out, "later", (int64_t)c->later);
	mmp_member_number(out, "not_covered", (int64_t)c->not_covered);
	mmp_member_text(out, "blank", blank);
	write_alarms(out, c);
	mmp_member_begin(out, "differences", '[');
	for (size_t i = 0; i < c->count; i++)
		write_difference(out, w, &c->differences[i]);
	mmp_writer_end(out, ']');
	mmp_member_number(out, "omitted", (int64_t)c->omitted);
	mmp_member_begin(out, "uncovered", '[');
	for (size_t i = 0; i < kept; i++)
		write_uncovered(out, w, &c->uncovered[i]);
	mmp_writer_end(out, ']');
}

static int nothing_covered(const struct mmp_build *build, struct mmp_error *err)
{
	const struct mmp_run *base = &build->runs.run[MMP_RUN_BASE];
	const struct mmp_run *xlat = &build->runs.run[MMP_RUN_XLAT];

	return mmp_fail(
		err, MMP_INVALID,
		"dump: holds nothing of the build's tables, which are at 0x%" PRIx64
		" size 0x%" PRIx64 " and 0x%" PRIx64 " size 0x%" PRIx64,
		base->pa, base->size, xlat->pa, xlat->size);
}

static int compare_dumps(struct mmp_writer *out, const struct mmp_build *build,
			 const struct dumps *dumps, struct mmp_error *err)
{
	const struct compare_writing w = { &build->layout, build->layout.tables.format };
	struct mmp_comparison comparison;
	int failed = 0;

	if (mmp_compare(&comparison, &build->layout, dumps->all, dumps->count, err))
		return -1;
	if (comparison.compared)
		write_comparison(out, &w, &comparison);
	else
		failed = nothing_covered(build, err);
	mmp_comparison_done(&comparison);
	return failed;
}

int mmp_compare_members(struct mmp_writer *out, const struct mmp_build *build,
			const json_t *dump, struct mmp_error *err)
{
	struct dumps dumps = { 0 };
	int failed =
		read_dumps(&dumps, dump, err) || compare_dumps(out, build, &dumps, err);

	dumps_done(&dumps);
	return failed ? -1 : 0;
}
