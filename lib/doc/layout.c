/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "doc/platform.h"
#include "json/number.h"
#include "json/writer.h"

const char *const mmp_detail_names[] = {
	[MMP_DETAIL_FULL] = "full",
	[MMP_DETAIL_MAP] = "map",
	NULL,
};

/*
 * Whether the attribute word is meaningful; for memory that is not mapped yet it is
 * not.
 */
static bool has_attr(const struct mmp_rules *rules, uint32_t attr)
{
	return !rules->valid || attr & rules->valid;
}

/* The attributes as a phrase; a region without any is space for later mappings. */
static const char *region_words(const struct mmp_rules *rules, const struct mmp_region *r,
				char text[MMP_WORDS_SIZE])
{
	if (!r->attr && !rules->type_of)
		return "nothing mapped yet";
	return rules->attr_text(rules, r->attr, text);
}

json_t *mmp_region_write(const struct mmp_rules *rules, const struct mmp_region *r)
{
	char text[MMP_WORDS_SIZE];

	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "type",
		rules->types[r->type].name, "pa", mmp_json_hex(r->pa, 1), "va",
		mmp_json_hex(r->va, 1), "size", mmp_json_hex(r->size, 1), "attr",
		mmp_json_hex(r->attr, 8), "attributes",
		has_attr(rules, r->attr) ? mmp_attr_words_write(rules, r->attr)
					 : json_array(),
		rules->firmware->granule_key,
		mmp_json_hex(r->granule_shift ? UINT64_C(1) << r->granule_shift : 0, 1),
		"text", region_words(rules, r, text));
}

static json_t *write_map(const struct mmp_layout *layout)
{
	json_t *list = json_array();

	for (size_t n = 0; n < layout->plan.count; n++)
		json_array_append_new(list, mmp_region_write(layout->platform->rules,
							     &layout->plan.regions[n]));
	return list;
}

static json_t *write_log(const struct mmp_layout *layout, size_t n)
{
	char text[MMP_LOG_SIZE] = "", *at = text, *line;
	json_t *lines = json_array();

	if (layout->platform->rules->log)
		layout->platform->rules->log(&layout->plan, n, text);
	while ((line = strsep(&at, "\n")))
		if (*line)
			json_array_append_new(lines, json_string(line));
	return lines;
}

static json_t *write_result(const struct mmp_layout *layout, size_t n)
{
	const struct mmp_result *r = &layout->plan.results[n];
	json_t *out = json_pack("{s:s}", "rc", r->code), *log = write_log(layout, n);

	if (r->has_va)
		json_object_set_new(out, "va", mmp_json_hex(r->va, 1));
	if (r->has_attr) {
		json_object_set_new(out, "attr", mmp_json_hex(r->attr, 8));
		json_object_set_new(
			out, "attributes",
			mmp_attr_words_write(layout->platform->rules, r->attr));
		json_object_set_new(out, "level", json_integer(r->level));
	}
	if (json_array_size(log))
		json_object_set(out, "log", log);
	json_decref(log);
	return out;
}

/* What the registration calls returned, as far as they ran. */
static json_t *write_results(const struct mmp_layout *layout)
{
	json_t *list = json_array();

	for (size_t n = 0; n < layout->plan.result_count; n++)
		json_array_append_new(list, write_result(layout, n));
	return list;
}

static void write_entries(const struct mmp_tables *tables,
			  const struct mmp_table_view *view, json_t *descriptors,
			  json_t *next)
{
	const struct mmp_format *format = tables->format;

	for (uint32_t n = 0; n < view->entries; n++) {
		uint64_t word = mmp_descriptor_at(format, view->bytes, n);
		int64_t id = -1;

		if (!word)
			continue;
		if (format->kind(view->level, word) == MMP_ENTRY_TABLE)
			id = mmp_tables_id_at(tables, format->address(view->level, word));
		if (id >= 0)
			json_array_append_new(
				next,
				json_pack("[i, I, o]", (int)n, (json_int_t)id,
					  mmp_json_hex(word & ~format->address(
								      view->level, word),
						       1)));
		else
			json_array_append_new(
				descriptors,
				json_pack("[i, o]", (int)n,
					  mmp_json_hex(word,
						       (int)format->descriptor_digits)));
	}
}

static json_t *write_table_around(const struct mmp_tables *tables, uint32_t id,
				  json_t *take_descriptors, json_t *take_next)
{
	struct mmp_table_view view = mmp_tables_view(tables, id);
	bool lost = view.lost || view.level < 0;
	json_t *table = json_pack("{s:i, s:s}", "id", (int)id, "kind",
				  view.is_base ? "base" : "xlat");

	if (view.is_base) {
		json_object_set_new(table, "core", json_integer(view.core));
		json_object_set_new(table, "table_index", json_integer(view.index));
	} else {
		json_object_set_new(table, "xlat_index", json_integer(view.xlat_index));
	}
	json_object_set_new(table, "level",
			    lost ? json_null() : json_integer(view.level));
	json_object_set_new(table, "base_va",
			    lost ? json_null() : mmp_json_hex(view.base_va, 1));
	if (tables->has_regions && !view.is_base)
		json_object_set_new(table, "regions", json_integer(view.regions));
	json_object_set_new(table, "entries", json_integer(view.entries));
	json_object_set_new(table, "descriptors", take_descriptors);
	json_object_set_new(table, "next_tables", take_next);
	return table;
}

static json_t *write_table(const struct mmp_tables *tables, uint32_t id)
{
	struct mmp_table_view view = mmp_tables_view(tables, id);
	json_t *descriptors = json_array(), *next = json_array();

	write_entries(tables, &view, descriptors, next);
	return write_table_around(tables, id, descriptors, next);
}

static json_t *write_all_tables(const struct mmp_tables *tables)
{
	json_t *list = json_array();

	for (uint32_t id = 0; id < mmp_tables_count(tables); id++)
		json_array_append_new(list, write_table(tables, id));
	return list;
}

static json_t *write_register(const struct mmp_register *r)
{
	switch (r->form) {
	case MMP_REGISTER_64:
		return mmp_json_hex(r->value, 16);
	case MMP_REGISTER_32:
		return mmp_json_hex(r->value, 8);
	case MMP_REGISTER_HEX:
		return mmp_json_hex(r->value, 1);
	case MMP_REGISTER_NUMBER:
		return json_integer((json_int_t)r->value);
	case MMP_REGISTER_FLAG:
		return json_boolean(r->value);
	}
	return NULL;
}

json_t *mmp_registers_write(const struct mmp_register *registers, unsigned count)
{
	json_t *out = json_object();

	for (unsigned i = 0; i < count; i++)
		json_object_set_new(out, registers[i].name,
				    write_register(&registers[i]));
	return out;
}

json_t *mmp_stop_write(const struct mmp_stop *stop, const struct mmp_platform *platform)
{
	const struct mmp_stop_info *info = stop->info;
	const struct mmp_rules *rules = platform->rules;
	enum mmp_stop_detail tells =
		rules->stop_detail ? rules->stop_detail(rules, &platform->config)
				   : MMP_STOP_TELLS_ALL;
	bool all = tells == MMP_STOP_TELLS_ALL;
	json_t *trace = json_array();
	json_t *out;

	if (*stop->trace)
		json_array_append_new(trace, json_string(stop->trace));
	out = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:o}", "stage",
			stop->stage ? stop->stage : info->stage, "kind",
			mmp_stop_kind_names[info->kind], "message",
			tells == MMP_STOP_TELLS_NOTHING ? "" : mmp_stop_message(stop),
			"file", all ? info->file : "?", "line", all ? (int)info->line : 0,
			"func", all ? info->func : "?", "trace", trace);
	if (stop->has_call)
		json_object_set_new(out, "call",
				    stop->call < 0
					    ? json_null()
					    : json_integer((json_int_t)stop->call));
	if (*stop->undefined_before)
		json_object_set_new(out, "undefined_before",
				    json_string(stop->undefined_before));
	return out;
}

json_t *mmp_layout_stop_write(const struct mmp_layout *layout)
{
	const struct mmp_stop *stop = mmp_layout_stop(layout);
	json_t *out = json_pack("{s:o, s:I}", "firmware",
				mmp_stop_write(stop, layout->platform),
				"xlat_tables_used", (json_int_t)stop->tables_used);

	if (layout->plan.results) {
		json_object_set_new(out, "results", write_results(layout));
		json_object_set_new(out, "memory_map", write_map(layout));
	}
	return out;
}

static json_t *write_ddr(const struct mmp_ddr *ddr)
{
	json_t *list = json_array();

	for (size_t n = 0; n < ddr->count; n++)
		json_array_append_new(
			list, json_pack("{s:o, s:o}", "addr",
					mmp_json_hex(ddr->ranges[n].pa, 1), "size",
					mmp_json_hex(ddr->ranges[n].size, 1)));
	return list;
}

static json_t *write_table_notes(const struct mmp_tables *tables)
{
	json_t *list = json_array();

	for (uint32_t id = 0; id < tables->base_count; id++)
		json_array_append_new(list, json_pack("[i, i, i]",
						      (int)(id / tables->shape.per_core),
						      (int)(id % tables->shape.per_core),
						      (int)tables->notes[id]));
	return list;
}

static json_t *write_attempts(const struct mmp_plan *plan)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < plan->attempt_count; i++)
		json_array_append_new(
			list, json_pack("{s:o, s:s}", "base",
					mmp_json_hex(plan->attempts[i].base, 1), "result",
					mmp_attempt_names[plan->attempts[i].result]));
	return list;
}

static void write_counts(json_t *out, const struct mmp_layout *layout)
{
	const struct mmp_tables *t = &layout->tables;

	json_object_set_new(out, "base_level", json_integer(t->shape.base_level));
	json_object_set_new(out, "xlat_tables_used", json_integer(t->in_use));
	json_object_set_new(out, "max_xlat_tables",
			    t->shape.limited ? json_integer(t->shape.max_tables)
					     : json_null());
	if (t->has_user_va)
		json_object_set_new(out, "user_va_idx", json_integer(t->user_va_idx));
	if (t->note_bytes)
		json_object_set_new(out, "user_l1_table_idx", write_table_notes(t));
	if (!t->shape.limited)
		json_object_set_new(out, "boot_mem_used",
				    json_pack("{s:I, s:I}", "perm",
					      (json_int_t)t->boot_memory_used, "tmp",
					      (json_int_t)t->shape.boot_memory_tmp));
}

int mmp_layout_write_check(const struct mmp_layout *layout, enum mmp_detail detail,
			   struct mmp_error *err)
{
	const struct mmp_tables *tables = &layout->tables;
	uint64_t count = 0;

	for (uint32_t id = 0; detail == MMP_DETAIL_FULL && id < mmp_tables_count(tables);
	     id++) {
		struct mmp_table_view view = mmp_tables_view(tables, id);

		for (uint32_t n = 0; n < view.entries; n++)
			count += mmp_descriptor_at(tables->format, view.bytes, n) != 0;
	}
	if (count > MMP_DESCRIPTORS_MAX)
		return mmp_fail(err, MMP_TOO_LARGE,
				"the tables have %" PRIu64
				" descriptors; up to %u are shown: ask with detail map",
				count, MMP_DESCRIPTORS_MAX);
	return 0;
}

/*
 * The long parts are passed in: the results of write_map and write_tables, or a null
 * each.
 */
static json_t *write_around(const struct mmp_layout *layout, json_t *take_map,
			    json_t *take_tables)
{
	json_t *out = json_object();

	if (layout->plan.results)
		json_object_set_new(out, "results", write_results(layout));
	json_object_set_new(out, "memory_map", take_map);
	if (take_tables)
		json_object_set_new(out, "tables", take_tables);
	if (layout->register_count)
		json_object_set_new(
			out, "registers",
			mmp_registers_write(layout->registers, layout->register_count));
	write_counts(out, layout);
	if (layout->plan.registers.has_offsets)
		json_object_set_new(out, "map_offset",
				    mmp_json_hex(layout->plan.registers.map_offset, 1));
	if (layout->plan.registers.has_max_pa)
		json_object_set_new(out, "max_pa", mmp_json_hex(layout->plan.max_pa, 1));
	for (unsigned i = 0; i < layout->fact_count; i++)
		json_object_set_new(out, layout->facts[i].name,
				    write_register(&layout->facts[i]));
	if (layout->plan.attempt_count)
		json_object_set_new(out, "aslr_attempts", write_attempts(&layout->plan));
	if (layout->ddr.stop.info)
		json_object_set_new(out, "nsec_ddr_error",
				    mmp_stop_write(&layout->ddr.stop, layout->platform));
	else if (layout->platform->rules->discover)
		json_object_set_new(out, "nsec_ddr", write_ddr(&layout->ddr));
	return out;
}

json_t *mmp_layout_write(const struct mmp_layout *layout, enum mmp_detail detail)
{
	return write_around(layout, write_map(layout),
			    detail == MMP_DETAIL_FULL ? write_all_tables(&layout->tables)
						      : NULL);
}

json_t *mmp_layout_write_short(const struct mmp_layout *layout, enum mmp_detail detail)
{
	return write_around(layout, json_null(),
			    detail == MMP_DETAIL_FULL ? json_null() : NULL);
}

/* --- the long parts, straight into a buffer --- */

static void print_attr_words(struct mmp_writer *w, const struct mmp_rules *rules,
			     uint32_t attr)
{
	char text[MMP_WORDS_SIZE] = "", *at = text, *word;

	if (rules->attr_words && has_attr(rules, attr))
		rules->attr_words(rules, attr, text);
	mmp_writer_begin(w, '[');
	while ((word = strsep(&at, " ")))
		if (*word)
			mmp_writer_text(w, word);
	mmp_writer_end(w, ']');
}

static void print_map(struct mmp_writer *w, const void *data)
{
	const struct mmp_layout *layout = data;
	const struct mmp_rules *rules = layout->platform->rules;
	const struct mmp_column columns[] = {
		{ "pa", MMP_COLUMN_HEX, offsetof(struct mmp_region, pa), 1 },
		{ "va", MMP_COLUMN_HEX, offsetof(struct mmp_region, va), 1 },
		{ "size", MMP_COLUMN_HEX, offsetof(struct mmp_region, size), 1 },
		{ "attr", MMP_COLUMN_HEX32, offsetof(struct mmp_region, attr), 8 },
		{ 0 },
	};

	mmp_writer_begin(w, '[');
	for (size_t n = 0; n < layout->plan.count; n++) {
		const struct mmp_region *r = &layout->plan.regions[n];
		char text[MMP_WORDS_SIZE];

		mmp_writer_begin(w, '{');
		mmp_writer_key(w, "type");
		mmp_writer_text(w, rules->types[r->type].name);
		mmp_writer_columns(w, columns, r);
		mmp_writer_key(w, "attributes");
		print_attr_words(w, rules, r->attr);
		mmp_writer_key(w, rules->firmware->granule_key);
		mmp_writer_hex(w, r->granule_shift ? UINT64_C(1) << r->granule_shift : 0,
			       1);
		mmp_writer_key(w, "text");
		mmp_writer_text(w, region_words(rules, r, text));
		mmp_writer_end(w, '}');
	}
	mmp_writer_end(w, ']');
}

static int64_t next_table_of(const struct mmp_tables *tables,
			     const struct mmp_table_view *view, uint64_t word)
{
	const struct mmp_format *format = tables->format;

	if (format->kind(view->level, word) != MMP_ENTRY_TABLE)
		return -1;
	return mmp_tables_id_at(tables, format->address(view->level, word));
}

/* Print either the entries that point to one of our tables, or all others. */
static void print_entries(struct mmp_writer *w, const struct mmp_tables *tables,
			  const struct mmp_table_view *view, bool nexts)
{
	const struct mmp_format *format = tables->format;

	mmp_writer_begin(w, '[');
	for (uint32_t n = 0; n < view->entries; n++) {
		uint64_t word = mmp_descriptor_at(format, view->bytes, n);
		int64_t id = word ? next_table_of(tables, view, word) : -1;

		if (!word || (id >= 0) != nexts)
			continue;
		mmp_writer_begin(w, '[');
		mmp_writer_number(w, n);
		if (nexts)
			mmp_writer_number(w, id);
		mmp_writer_hex(w,
			       nexts ? word & ~format->address(view->level, word) : word,
			       nexts ? 1 : (int)format->descriptor_digits);
		mmp_writer_end(w, ']');
	}
	mmp_writer_end(w, ']');
}

struct table_part {
	const struct mmp_tables *tables;
	struct mmp_table_view view;
};

static void print_descriptors(struct mmp_writer *w, const void *data)
{
	const struct table_part *part = data;

	print_entries(w, part->tables, &part->view, false);
}

static void print_nexts(struct mmp_writer *w, const void *data)
{
	const struct table_part *part = data;

	print_entries(w, part->tables, &part->view, true);
}

static void print_tables(struct mmp_writer *w, const void *data)
{
	const struct mmp_layout *layout = data;
	const struct mmp_tables *tables = &layout->tables;

	mmp_writer_begin(w, '[');
	for (uint32_t id = 0; id < mmp_tables_count(tables); id++) {
		const struct table_part part = { tables, mmp_tables_view(tables, id) };
		const struct mmp_member members[] = {
			{ "descriptors", print_descriptors, &part },
			{ "next_tables", print_nexts, &part },
			{ 0 },
		};
		json_t *around = write_table_around(tables, id, json_null(), json_null());

		mmp_writer_object(w, around, members);
		json_decref(around);
	}
	mmp_writer_end(w, ']');
}

void mmp_layout_print(struct mmp_writer *w, const struct mmp_layout *layout,
		      json_t *answer)
{
	const struct mmp_member members[] = {
		{ "memory_map", print_map, layout },
		{ "tables", print_tables, layout },
		{ 0 },
	};

	mmp_writer_object(w, answer, members);
}
