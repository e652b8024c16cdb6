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
static json_t *means(const struct compare_writing *w, const struct mmp_difference *d,
		     uint64_t word)
{
	uint64_t at = w->format->address(d->level, word);
	struct mmp_walk walk = reading(w, d, word);
	const struct mmp_rules *rules = w->layout->platform->rules;
	char text[MMP_WORDS_SIZE];
	int64_t id;

	switch (w->format->kind(d->level, word)) {
	case MMP_ENTRY_TABLE:
		id = mmp_tables_id_at(&w->layout->tables, at);
		if (id >= 0)
			return json_sprintf("leads to table %d", (int)id);
		return json_sprintf("leads to a table at 0x%" PRIx64
				    ", which is none of the build's",
				    at);
	case MMP_ENTRY_LEAF:
		return json_sprintf("maps 0x%" PRIx64 ": %s", at,
				    rules->attr_text(rules, attr_of(w, &walk), text));
	case MMP_ENTRY_INVALID:
		break;
	}
	return json_string(word ? "maps nothing, though it is not 0" : "maps nothing");
}

static void list_change(json_t *list, bool changed, bool now, const char *no,
			const char *yes)
{
	if (changed)
		json_array_append_new(list, json_sprintf("was %s, is %s", now ? no : yes,
							 now ? yes : no));
}

static const char *kind_name(const struct compare_writing *w, unsigned memory)
{
	const struct mmp_rules *rules = w->layout->platform->rules;

	return memory < rules->memory_count ? rules->memory[memory].name
					    : "of a reserved type";
}

static void say_leaf(const struct compare_writing *w, json_t *list,
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
	if (a.leaf.memory != b.leaf.memory)
		json_array_append_new(list, json_sprintf("was %s, is %s",
							 kind_name(w, a.leaf.memory),
							 kind_name(w, b.leaf.memory)));
	if (a.pa.at != b.pa.at)
		json_array_append_new(list, json_sprintf("was at 0x%" PRIx64
							 ", is at 0x%" PRIx64,
							 a.pa.at, b.pa.at));
}

/* A difference in a pointer's security applies to everything below it. */
static void say_pointer(const struct compare_writing *w, json_t *list,
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
static void say_rest(const struct compare_writing *w, json_t *list,
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
		if (was != is && !is_told(w, d, f))
			json_array_append_new(list, json_sprintf("%s was 0x%" PRIx64
								 ", is 0x%" PRIx64,
								 f->name, was, is));
	}
}

static json_t *side(const struct mmp_field *field, uint64_t word)
{
	uint64_t value = mmp_field_get(field, word);

	return json_pack("{s:o, s:s}", "value", mmp_json_hex(value, 1), "meaning",
			 field->values ? field->values[value] : field->about);
}

/* The fields that differ, if both entries are of one kind and so have the same fields. */
static json_t *differing_fields(const struct compare_writing *w,
				const struct mmp_difference *d)
{
	size_t count, other;
	const struct mmp_field *fields = w->format->fields(d->level, d->expected, &count);
	json_t *list = json_array();

	if (fields != w->format->fields(d->level, d->found, &other))
		return list;
	for (size_t i = 0; i < count; i++) {
		const struct mmp_field *f = &fields[i];

		if (!f->width ||
		    mmp_field_get(f, d->expected) == mmp_field_get(f, d->found))
			continue;
		json_array_append_new(list,
				      json_pack("{s:s, s:i, s:i, s:o, s:o}", "name",
						f->name, "lsb", f->lsb, "width", f->width,
						"expected", side(f, d->expected), "found",
						side(f, d->found)));
	}
	return list;
}

static json_t *changes_of(const struct compare_writing *w, const struct mmp_difference *d,
			  const json_t *was, const json_t *is)
{
	enum mmp_entry a = w->format->kind(d->level, d->expected);
	enum mmp_entry b = w->format->kind(d->level, d->found);
	json_t *list = json_array();

	if (a == MMP_ENTRY_LEAF && b == MMP_ENTRY_LEAF)
		say_leaf(w, list, d);
	else if (a != b || w->format->address(d->level, d->expected) !=
				   w->format->address(d->level, d->found))
		json_array_append_new(list, json_sprintf("%s in place of: %s",
							 json_string_value(is),
							 json_string_value(was)));
	if (a == MMP_ENTRY_TABLE && b == MMP_ENTRY_TABLE)
		say_pointer(w, list, d);
	say_rest(w, list, d);
	return list;
}

static json_t *alarms_of(unsigned alarms)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < MMP_ALARM_COUNT; i++)
		if (alarms >> i & 1)
			json_array_append_new(list, json_string(mmp_alarms[i].id));
	return list;
}

/* Ordinals and names of the registrations of a region. */
static json_t *registrations_of(const struct mmp_plan *plan, const struct mmp_region *r)
{
	const struct mmp_platform *p = plan->platform;
	json_t *list = json_array();

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *one = &p->registrations[i];

		if (p->rules->sections[one->section].maps && one->type == r->type &&
		    one->size && (one->addr & plan->shape.pa_mask) - r->pa < r->size)
			json_array_append_new(list, json_pack("{s:I, s:s}", "ordinal",
							      (json_int_t)i, "name",
							      one->name));
	}
	return list;
}

/* The first region that the entry covers. */
static json_t *write_changed(const struct compare_writing *w,
			     const struct mmp_difference *d)
{
	const struct mmp_plan *plan = &w->layout->plan;
	json_t *region;

	if (d->region < 0)
		return json_null();
	region = mmp_region_write(plan->platform->rules, &plan->regions[d->region]);
	json_object_set_new(region, "registrations",
			    registrations_of(plan, &plan->regions[d->region]));
	return region;
}

/* The region's type, its registration, and how many more regions there are. */
static void say_region(struct mmp_buffer *text, const struct compare_writing *w,
		       const struct mmp_difference *d, const json_t *region)
{
	const struct mmp_plan *plan = &w->layout->plan;
	const json_t *names = json_object_get(region, "registrations");
	const json_t *name = json_object_get(json_array_get(names, 0), "name");
	size_t more = 0;

	if (d->region < 0) {
		mmp_buffer_text(text, "a hole");
		return;
	}
	mmp_buffer_text(text, mmp_memtype_label(plan->platform->rules,
						plan->regions[d->region].type));
	if (name)
		mmp_buffer_printf(text, " \"%s\"", json_string_value(name));
	for (size_t n = (size_t)d->region + 1;
	     n < plan->count && plan->regions[n].va - d->va < d->size; n++)
		more++;
	if (more)
		mmp_buffer_printf(text, " and %zu region%s more", more,
				  more > 1 ? "s" : "");
}

static json_t *message_of(const struct compare_writing *w, const struct mmp_difference *d,
			  const json_t *region, const json_t *changes)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	json_t *message, *change;
	size_t i;

	mmp_buffer_printf(&text, "0x%" PRIx64 "..0x%" PRIx64 " (", d->va,
			  d->va + (d->size - 1));
	say_region(&text, w, d, region);
	mmp_buffer_printf(&text, ", table %u entry %u", d->table, d->index);
	if (d->count > 1)
		mmp_buffer_printf(&text, " and %" PRIu64 " more", d->count - 1);
	mmp_buffer_text(&text, ") ");
	json_array_foreach(changes, i, change)
		mmp_buffer_printf(&text, "%s%s", i ? "; " : "",
				  json_string_value(change));
	if (d->later)
		mmp_buffer_printf(&text, " [%s]", d->later);
	for (i = 0; i < MMP_ALARM_COUNT; i++)
		if (d->alarms >> i & 1)
			mmp_buffer_printf(&text, " [%s]", mmp_alarms[i].id);
	message = text.failed ? NULL : json_string(text.bytes);
	mmp_buffer_done(&text);
	return message;
}

static json_t *write_side(const struct compare_writing *w, uint64_t word,
			  json_t *take_means)
{
	return json_pack("{s:o, s:o}", "descriptor",
			 mmp_json_hex(word, (int)w->format->descriptor_digits), "means",
			 take_means);
}

static json_t *write_difference(const struct compare_writing *w,
				const struct mmp_difference *d)
{
	struct mmp_table_view view = mmp_tables_view(&w->layout->tables, d->table);
	json_t *was = means(w, d, d->expected), *is = means(w, d, d->found);
	json_t *fields = differing_fields(w, d);
	json_t *changes = changes_of(w, d, was, is);
	json_t *region = write_changed(w, d);
	json_t *message = message_of(w, d, region, changes);

	return json_pack(
		"{s:{s:i, s:s, s:i, s:o}, s:i, s:i, s:i, s:I, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o, s:o, s:o, s:s?}",
		"table", "id", (int)d->table, "kind", view.is_base ? "base" : "xlat",
		"level", d->level, "base_va", mmp_json_hex(view.base_va, 1), "index",
		(int)d->index, "last_table", (int)d->last_table, "last_index",
		(int)d->last_index, "count", (json_int_t)d->count, "va",
		mmp_json_hex(d->va, 1), "size", mmp_json_hex(d->size, 1), "region",
		region, "expected", write_side(w, d->expected, was), "found",
		write_side(w, d->found, is), "fields", fields, "changes", changes,
		"alarms", alarms_of(d->later ? 0 : d->alarms), "message", message,
		"later", d->later);
}

static json_t *write_uncovered(const struct compare_writing *w,
			       const struct mmp_uncovered *u)
{
	struct mmp_table_view view = mmp_tables_view(&w->layout->tables, u->table);
	uint64_t width = w->format->descriptor_bytes;

	return json_pack("{s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "table", (int)u->table,
			 "level", view.level, "first", (int)u->first, "last",
			 (int)u->last, "base_va", mmp_json_hex(view.base_va, 1), "pa",
			 mmp_json_hex(view.pa + u->first * width, 1), "size",
			 mmp_json_hex((u->last - u->first + 1) * width, 1));
}

static json_t *write_alarms(const struct mmp_comparison *c)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < MMP_ALARM_COUNT; i++)
		if (c->alarms[i])
			json_array_append_new(
				list, json_pack("{s:s, s:I, s:s}", "id", mmp_alarms[i].id,
						"count", (json_int_t)c->alarms[i],
						"about", mmp_alarms[i].about));
	return list;
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

static json_t *write_comparison(const struct compare_writing *w,
				const struct mmp_comparison *c)
{
	json_t *differences = json_array(), *uncovered = json_array();
	size_t kept = c->uncovered_count < MMP_DIFFERENCES_MAX ? c->uncovered_count
							       : MMP_DIFFERENCES_MAX;

	for (size_t i = 0; i < c->count; i++)
		json_array_append_new(differences,
				      write_difference(w, &c->differences[i]));
	for (size_t i = 0; i < kept; i++)
		json_array_append_new(uncovered, write_uncovered(w, &c->uncovered[i]));
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:s?, s:o, s:o, s:I, s:o}", "same",
			 c->differing == c->later && !(c->differing && blank_of(c)),
			 "compared", (json_int_t)c->compared, "differing",
			 (json_int_t)c->differing, "later", (json_int_t)c->later,
			 "not_covered", (json_int_t)c->not_covered, "blank", blank_of(c),
			 "alarms", write_alarms(c), "differences", differences, "omitted",
			 (json_int_t)c->omitted, "uncovered", uncovered);
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

static int compare_dumps(const struct mmp_build *build, const struct dumps *dumps,
			 json_t **ret_answer, struct mmp_error *err)
{
	const struct compare_writing w = { &build->layout, build->layout.tables.format };
	struct mmp_comparison comparison;
	int failed = 0;

	if (mmp_compare(&comparison, &build->layout, dumps->all, dumps->count, err))
		return -1;
	if (comparison.compared)
		*ret_answer = write_comparison(&w, &comparison);
	else
		failed = nothing_covered(build, err);
	mmp_comparison_done(&comparison);
	return failed;
}

int mmp_compare_write(const struct mmp_build *build, const json_t *dump,
		      json_t **ret_answer, struct mmp_error *err)
{
	struct dumps dumps = { 0 };
	int failed = read_dumps(&dumps, dump, err) ||
		     compare_dumps(build, &dumps, ret_answer, err);

	dumps_done(&dumps);
	return failed ? -1 : 0;
}
