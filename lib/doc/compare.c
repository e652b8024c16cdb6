/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/compare_private.h"

#include <inttypes.h>

#include "base/limits.h"
#include "doc/layout.h"

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

static void write_changes(struct mmp_writer *out, const struct mmp_buffer *changes)
{
	const char *text = NULL;

	mmp_member_begin(out, "changes", '[');
	while ((text = compare_change_after(changes, text)))
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
		if (!compare_is_of_region(plan, r, &p->registrations[i]))
			continue;
		mmp_writer_begin(out, '{');
		mmp_member_number(out, "ordinal", (int64_t)i);
		mmp_member_text(out, "name", p->registrations[i].name);
		mmp_writer_end(out, '}');
	}
	mmp_writer_end(out, ']');
	mmp_writer_end(out, '}');
}

static void write_message(struct mmp_writer *out, const struct compare_writing *w,
			  const struct mmp_difference *d,
			  const struct mmp_buffer *changes)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	compare_say_message(&text, w, d, changes);
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
	struct compare_words words = { 0 };

	compare_say(&words, w, d);
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
	compare_words_done(&words);
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
			 const struct compare_dumps *dumps, struct mmp_error *err)
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
	struct compare_dumps dumps = { 0 };
	int failed = compare_dumps_read(&dumps, dump, err) ||
		     compare_dumps(out, build, &dumps, err);

	compare_dumps_done(&dumps);
	return failed ? -1 : 0;
}
