/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/picture.h"

#include <stdio.h>

#include "base/limits.h"
#include "doc/descriptor.h"
#include "study/rights.h"
#include "json/number.h"

/* --- regions --------------------------------------------------------------------------- */

/* Names of the registrations that a region was made of, in order; at most 8. */
static json_t *names_of(const struct mmp_layout *layout, const struct mmp_region *region)
{
	const struct mmp_platform *platform = layout->platform;
	json_t *names = json_array();

	for (size_t n = 0; n < platform->count && json_array_size(names) < 8; n++) {
		const struct mmp_registration *r = &platform->registrations[n];

		if (platform->rules->sections[r->section].maps && r->size &&
		    r->type == region->type && r->addr - region->pa < region->size &&
		    region->mapping == MMP_MAP_BLOCKS)
			json_array_append_new(names, json_string(r->name));
	}
	return names;
}

static json_t *draw_region(const struct mmp_layout *layout, size_t n)
{
	const struct mmp_region *r = &layout->plan.regions[n];
	unsigned rights = mmp_rights_of_region(layout, n);
	char words[MMP_RIGHTS_TEXT_SIZE];
	bool maps = r->mapping == MMP_MAP_BLOCKS;

	mmp_rights_print(rights, words);
	return json_pack("{s:s?, s:s, s:o, s:o, s:o, s:s, s:s, s:b, s:b, s:b, s:o}",
			 "type", layout->platform->rules->types[r->type].name, "label",
			 mmp_memtype_label(layout->platform->rules, r->type), "va",
			 mmp_json_hex(r->va, 1), "pa",
			 maps ? mmp_json_hex(r->pa, 1) : json_null(), "size",
			 mmp_json_hex(r->size, 1), "rights", words, "security",
			 !rights                        ? "none"
			 : rights & MMP_RIGHT_NONSECURE ? "nonsecure"
							: "secure",
			 "write", !!(rights & MMP_RIGHT_WRITE), "execute",
			 !!(rights & MMP_RIGHT_EXECUTE), "device",
			 !!(rights & MMP_RIGHT_DEVICE), "names", names_of(layout, r));
}

static json_t *write_regions(const struct mmp_layout *layout)
{
	json_t *list = json_array();

	for (size_t n = 0; n < layout->plan.count; n++)
		json_array_append_new(list, draw_region(layout, n));
	return list;
}

static json_t *write_range(uint64_t base, uint64_t size)
{
	return json_pack("{s:o, s:o}", "addr", mmp_json_hex(base, 1), "size",
			 mmp_json_hex(size, 1));
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

static json_t *write_run(struct drawing *d, const struct mmp_table_view *view,
			 uint32_t from, uint32_t count)
{
	const struct mmp_format *format = d->layout->tables.format;
	uint64_t first = mmp_descriptor_at(format, view->bytes, from);
	uint64_t last = mmp_descriptor_at(format, view->bytes, from + count - 1);
	int64_t next = -1;

	if (format->kind(view->level, first) == MMP_ENTRY_TABLE)
		next = mmp_tables_id_at(&d->layout->tables,
					format->address(view->level, first));
	d->runs++;
	return json_pack("[i, i, o, o, I, I]", (int)from, (int)count,
			 mmp_json_hex(first, (int)format->descriptor_digits),
			 mmp_json_hex(last, (int)format->descriptor_digits),
			 pattern_of(d, view->level, first), (json_int_t)next);
}

static json_t *write_runs(struct drawing *d, const struct mmp_table_view *view)
{
	const struct mmp_format *format = d->layout->tables.format;
	json_t *runs = json_array();

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
		json_array_append_new(runs, write_run(d, view, n, count));
		n += count;
	}
	return runs;
}

static json_t *write_table(struct drawing *d, uint32_t id)
{
	const struct mmp_format *format = d->layout->tables.format;
	struct mmp_table_view view = mmp_tables_view(&d->layout->tables, id);
	json_t *table =
		json_pack("{s:i, s:i, s:o, s:o, s:i, s:i, s:b, s:o}", "id", (int)id,
			  "level", view.level, "pa", mmp_json_hex(view.pa, 1), "base_va",
			  mmp_json_hex(view.base_va, 1), "entries", (int)view.entries,
			  "shift", view.level >= 0 ? (int)format->shift(view.level) : 0,
			  "base", (int)view.is_base, "runs", write_runs(d, &view));

	if (view.is_base) {
		json_object_set_new(table, "core", json_integer(view.core));
		json_object_set_new(table, "index", json_integer(view.index));
	}
	return table;
}

/* --- the answer ------------------------------------------------------------------------ */

static json_t *write_registers(const struct mmp_layout *layout)
{
	json_t *registers = json_object();

	for (unsigned i = 0; i < layout->register_count; i++)
		json_object_set_new(registers, layout->registers[i].name,
				    mmp_json_hex(layout->registers[i].value, 1));
	return registers;
}

int mmp_picture_write(const struct mmp_layout *layout, json_t **ret_picture,
		      struct mmp_error *err)
{
	struct drawing d = { layout, json_array(), json_object(), 0 };
	json_t *tables = json_array(), *secure = json_array(), *ddr = json_array();
	uint32_t count = mmp_tables_count(&layout->tables);

	for (uint32_t id = 0; id < count && d.runs <= MMP_PICTURE_RUNS_MAX; id++)
		json_array_append_new(tables, write_table(&d, id));
	for (unsigned i = 0; i < layout->plan.secure_count; i++)
		json_array_append_new(secure, write_range(layout->plan.secure[i].base,
							  layout->plan.secure[i].size));
	for (size_t n = 0; n < layout->ddr.count; n++)
		json_array_append_new(ddr, write_range(layout->ddr.ranges[n].pa,
						       layout->ddr.ranges[n].size));
	json_decref(d.known);
	*ret_picture = json_pack(
		"{s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "platform",
		layout->platform->name, "rules", layout->platform->rules->name, "va_bits",
		(int)layout->plan.shape.va_bits, "registers", write_registers(layout),
		"regions", write_regions(layout), "secure", secure, "ddr", ddr, "tables",
		tables, "patterns", d.patterns);
	if (!*ret_picture)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (d.runs <= MMP_PICTURE_RUNS_MAX)
		return 0;
	json_decref(*ret_picture);
	return mmp_fail(err, MMP_TOO_LARGE,
			"over %u runs of descriptors, too many for a picture",
			MMP_PICTURE_RUNS_MAX);
}
