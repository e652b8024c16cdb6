/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/picture.h"

#include <stdio.h>

#include "base/limits.h"
#include "doc/descriptor.h"
#include "doc/layout.h"
#include "study/rights.h"
#include "json/writer.h"

enum { NAMES_MAX = 8 /* of the registrations of a region */ };

/* --- regions --------------------------------------------------------------------------- */

/* Names of the registrations that a region was made of, in order; at most 8. */
static void write_names(struct mmp_writer *w, const struct mmp_layout *layout,
			const struct mmp_region *region)
{
	const struct mmp_platform *platform = layout->platform;
	size_t names = 0;

	mmp_member_begin(w, "names", '[');
	for (size_t n = 0; n < platform->count && names < NAMES_MAX; n++) {
		const struct mmp_registration *r = &platform->registrations[n];

		if (!platform->rules->sections[r->section].maps || !r->size ||
		    r->type != region->type || r->addr - region->pa >= region->size ||
		    region->mapping != MMP_MAP_BLOCKS)
			continue;
		mmp_writer_text(w, r->name);
		names++;
	}
	mmp_writer_end(w, ']');
}

static const char *security_of(unsigned rights)
{
	if (!rights)
		return "none";
	return rights & MMP_RIGHT_NONSECURE ? "nonsecure" : "secure";
}

static void write_region(struct mmp_writer *w, const struct mmp_layout *layout, size_t n)
{
	const struct mmp_rules *rules = layout->platform->rules;
	const struct mmp_region *r = &layout->plan.regions[n];
	unsigned rights = mmp_rights_of_region(layout, n);
	char words[MMP_RIGHTS_TEXT_SIZE];

	mmp_rights_print(rights, words);
	mmp_writer_begin(w, '{');
	mmp_member_text(w, "type", rules->types[r->type].name);
	mmp_member_text(w, "label", mmp_memtype_label(rules, r->type));
	mmp_member_hex(w, "va", r->va, 1);
	if (r->mapping == MMP_MAP_BLOCKS)
		mmp_member_hex(w, "pa", r->pa, 1);
	else
		mmp_member_null(w, "pa");
	mmp_member_hex(w, "size", r->size, 1);
	mmp_member_text(w, "rights", words);
	mmp_member_text(w, "security", security_of(rights));
	mmp_member_flag(w, "write", rights & MMP_RIGHT_WRITE);
	mmp_member_flag(w, "execute", rights & MMP_RIGHT_EXECUTE);
	mmp_member_flag(w, "device", rights & MMP_RIGHT_DEVICE);
	write_names(w, layout, r);
	mmp_writer_end(w, '}');
}

static void write_regions(struct mmp_writer *w, const struct mmp_layout *layout)
{
	mmp_member_begin(w, "regions", '[');
	for (size_t n = 0; n < layout->plan.count; n++)
		write_region(w, layout, n);
	mmp_writer_end(w, ']');
}

static void write_ranges(struct mmp_writer *w, const struct mmp_layout *layout)
{
	mmp_member_begin(w, "secure", '[');
	for (unsigned i = 0; i < layout->plan.secure_count; i++)
		mmp_range_print(w, layout->plan.secure[i].base,
				layout->plan.secure[i].size);
	mmp_writer_end(w, ']');
	mmp_member_begin(w, "ddr", '[');
	for (size_t n = 0; n < layout->ddr.count; n++)
		mmp_range_print(w, layout->ddr.ranges[n].pa, layout->ddr.ranges[n].size);
	mmp_writer_end(w, ']');
}

/* --- tables ---------------------------------------------------------------------------- */

struct drawing {
	const struct mmp_layout *layout;
	json_t *patterns; /* the fields of each kind of entry, once */
	json_t *known;    /* from level and bits of a kind to its number */
	size_t runs;
};

/* The entry without its address: the bits that a run has in common. */
static uint64_t field_bits(const struct drawing *d, int level, uint64_t word)
{
	const struct mmp_format *format = d->layout->tables.format;

	return word & ~format->address(level, word);
}

static json_int_t pattern_of(struct drawing *d, int level, uint64_t word)
{
	char key[40];
	json_t *number;

	snprintf(key, sizeof(key), "%d %llx", level,
		 (unsigned long long)field_bits(d, level, word));
	number = json_object_get(d->known, key);
	if (!number) {
		number = json_integer((json_int_t)json_array_size(d->patterns));
		json_object_set_new(d->known, key, number);
		json_array_append_new(d->patterns,
				      mmp_fields_write(d->layout->platform->rules,
						       d->layout->tables.format, level,
						       word));
	}
	return json_integer_value(number);
}

/* Whether `next` continues a run after `word`: the same bits and the next address. */
static bool follows(const struct drawing *d, int level, uint64_t word, uint64_t next)
{
	const struct mmp_format *format = d->layout->tables.format;

	return next && format->kind(level, word) == MMP_ENTRY_LEAF &&
	       field_bits(d, level, word) == field_bits(d, level, next) &&
	       format->address(level, next) ==
		       format->address(level, word) +
			       (UINT64_C(1) << format->shift(level));
}

static void write_run(struct mmp_writer *w, struct drawing *d,
		      const struct mmp_table_view *view, uint32_t from, uint32_t count)
{
	const struct mmp_format *format = d->layout->tables.format;
	uint64_t first = mmp_descriptor_at(format, view->bytes, from);
	uint64_t last = mmp_descriptor_at(format, view->bytes, from + count - 1);
	int64_t next = -1;

	if (format->kind(view->level, first) == MMP_ENTRY_TABLE)
		next = mmp_tables_id_at(&d->layout->tables,
					format->address(view->level, first));
	d->runs++;
	mmp_writer_begin(w, '[');
	mmp_writer_number(w, from);
	mmp_writer_number(w, count);
	mmp_writer_hex(w, first, (int)format->descriptor_digits);
	mmp_writer_hex(w, last, (int)format->descriptor_digits);
	mmp_writer_number(w, pattern_of(d, view->level, first));
	mmp_writer_number(w, next);
	mmp_writer_end(w, ']');
}

static void write_runs(struct mmp_writer *w, struct drawing *d,
		       const struct mmp_table_view *view)
{
	const struct mmp_format *format = d->layout->tables.format;

	mmp_member_begin(w, "runs", '[');
	for (uint32_t n = 0; view->level >= 0 && n < view->entries;) {
		uint64_t word = mmp_descriptor_at(format, view->bytes, n);
		uint32_t count = 1;

		if (!word) {
			n++;
			continue;
		}
		while (n + count < view->entries &&
		       follows(d, view->level,
			       mmp_descriptor_at(format, view->bytes, n + count - 1),
			       mmp_descriptor_at(format, view->bytes, n + count)))
			count++;
		write_run(w, d, view, n, count);
		n += count;
	}
	mmp_writer_end(w, ']');
}

static void write_table(struct mmp_writer *w, struct drawing *d, uint32_t id)
{
	const struct mmp_format *format = d->layout->tables.format;
	struct mmp_table_view view = mmp_tables_view(&d->layout->tables, id);

	mmp_writer_begin(w, '{');
	mmp_member_number(w, "id", id);
	mmp_member_number(w, "level", view.level);
	mmp_member_hex(w, "pa", view.pa, 1);
	mmp_member_hex(w, "base_va", view.base_va, 1);
	mmp_member_number(w, "entries", view.entries);
	mmp_member_number(w, "shift", view.level >= 0 ? format->shift(view.level) : 0);
	mmp_member_flag(w, "base", view.is_base);
	write_runs(w, d, &view);
	if (view.is_base) {
		mmp_member_number(w, "core", view.core);
		mmp_member_number(w, "index", view.index);
	}
	mmp_writer_end(w, '}');
}

/* --- the answer ------------------------------------------------------------------------ */

static void write_registers(struct mmp_writer *w, const struct mmp_layout *layout)
{
	mmp_member_begin(w, "registers", '{');
	for (unsigned i = 0; i < layout->register_count; i++)
		mmp_member_hex(w, layout->registers[i].name, layout->registers[i].value,
			       1);
	mmp_writer_end(w, '}');
}

static void write_tables(struct mmp_writer *w, struct drawing *d)
{
	uint32_t count = mmp_tables_count(&d->layout->tables);

	mmp_member_begin(w, "tables", '[');
	for (uint32_t id = 0; id < count && d->runs <= MMP_PICTURE_RUNS_MAX; id++)
		write_table(w, d, id);
	mmp_writer_end(w, ']');
}

int mmp_picture_members(struct mmp_writer *w, const struct mmp_layout *layout,
			struct mmp_error *err)
{
	struct drawing d = { layout, json_array(), json_object(), 0 };

	mmp_member_text(w, "platform", layout->platform->name);
	mmp_member_text(w, "rules", layout->platform->rules->name);
	mmp_member_number(w, "va_bits", layout->plan.shape.va_bits);
	write_registers(w, layout);
	write_regions(w, layout);
	write_ranges(w, layout);
	write_tables(w, &d);
	mmp_member_take(w, "patterns", d.patterns);
	json_decref(d.known);
	if (d.runs <= MMP_PICTURE_RUNS_MAX)
		return 0;
	return mmp_fail(err, MMP_TOO_LARGE,
			"over %u runs of descriptors, too many for a picture",
			MMP_PICTURE_RUNS_MAX);
}
