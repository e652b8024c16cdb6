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

static const struct mmp_column place_columns[] = {
	{ "pa", MMP_COLUMN_HEX, MMP_AT(struct mmp_region, pa) },
	{ "va", MMP_COLUMN_HEX, MMP_AT(struct mmp_region, va) },
	{ "size", MMP_COLUMN_HEX, MMP_AT(struct mmp_region, size) },
	{ "attr", MMP_COLUMN_HEX, MMP_AT(struct mmp_region, attr), .digits = 8 },
	{ 0 },
};

static void write_granule(struct mmp_writer *w, const struct mmp_rules *rules,
			  const struct mmp_region *r)
{
	mmp_member_hex(w, rules->firmware->granule_key,
		       r->granule_shift ? UINT64_C(1) << r->granule_shift : 0, 1);
}

void mmp_region_place_members(struct mmp_writer *w, const struct mmp_rules *rules,
			      const struct mmp_region *r)
{
	mmp_member_text(w, "type", rules->types[r->type].name);
	mmp_writer_columns(w, place_columns, r);
	write_granule(w, rules, r);
}

void mmp_region_members(struct mmp_writer *w, const struct mmp_rules *rules,
			const struct mmp_region *r)
{
	char text[MMP_WORDS_SIZE];

	mmp_member_text(w, "type", rules->types[r->type].name);
	mmp_writer_columns(w, place_columns, r);
	mmp_writer_key(w, "attributes");
	if (has_attr(rules, r->attr)) {
		mmp_attr_words_print(w, rules, r->attr);
	} else {
		mmp_writer_begin(w, '[');
		mmp_writer_end(w, ']');
	}
	write_granule(w, rules, r);
	mmp_member_text(w, "text", region_words(rules, r, text));
}

json_t *mmp_region_write(const struct mmp_rules *rules, const struct mmp_region *r)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_writer_begin(&builder, '{');
	mmp_region_members(&builder, rules, r);
	mmp_writer_end(&builder, '}');
	return mmp_writer_done(&builder);
}

static void write_map(struct mmp_writer *w, const struct mmp_layout *layout)
{
	mmp_member_begin(w, "memory_map", '[');
	for (size_t n = 0; n < layout->plan.count; n++) {
		mmp_writer_begin(w, '{');
		mmp_region_members(w, layout->platform->rules, &layout->plan.regions[n]);
		mmp_writer_end(w, '}');
	}
	mmp_writer_end(w, ']');
}

/* The lines that the firmware prints for a call; no member if there are none. */
static void write_log(struct mmp_writer *w, const struct mmp_layout *layout, size_t n)
{
	char text[MMP_LOG_SIZE] = "", *at = text, *line;
	bool some = false;

	if (layout->platform->rules->log)
		layout->platform->rules->log(&layout->plan, n, text);
	while ((line = strsep(&at, "\n"))) {
		if (*line && !some)
			mmp_member_begin(w, "log", '[');
		some |= *line != '\0';
		if (*line)
			mmp_writer_text(w, line);
	}
	if (some)
		mmp_writer_end(w, ']');
}

/* What the registration calls returned, as far as they ran. */
static void write_results(struct mmp_writer *w, const struct mmp_layout *layout)
{
	if (!layout->plan.results)
		return;
	mmp_member_begin(w, "results", '[');
	for (size_t n = 0; n < layout->plan.result_count; n++) {
		const struct mmp_result *r = &layout->plan.results[n];

		mmp_writer_begin(w, '{');
		mmp_member_text(w, "rc", r->code);
		if (r->has_va)
			mmp_member_hex(w, "va", r->va, 1);
		if (r->has_attr) {
			mmp_member_hex(w, "attr", r->attr, 8);
			mmp_writer_key(w, "attributes");
			mmp_attr_words_print(w, layout->platform->rules, r->attr);
			mmp_member_number(w, "level", r->level);
		}
		write_log(w, layout, n);
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

/* Write either the entries that point to one of our tables, or all others. */
static void write_entries(struct mmp_writer *w, const struct mmp_tables *tables,
			  const struct mmp_table_view *view, bool nexts)
{
	const struct mmp_format *format = tables->format;

	mmp_member_begin(w, nexts ? "next_tables" : "descriptors", '[');
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

static void write_table(struct mmp_writer *w, const struct mmp_tables *tables,
			uint32_t id)
{
	struct mmp_table_view view = mmp_tables_view(tables, id);
	bool lost = view.lost || view.level < 0;

	mmp_writer_begin(w, '{');
	mmp_member_number(w, "id", id);
	mmp_member_text(w, "kind", view.is_base ? "base" : "xlat");
	if (view.is_base) {
		mmp_member_number(w, "core", view.core);
		mmp_member_number(w, "table_index", view.index);
	} else {
		mmp_member_number(w, "xlat_index", view.xlat_index);
	}
	if (lost) {
		mmp_member_null(w, "level");
		mmp_member_null(w, "base_va");
	} else {
		mmp_member_number(w, "level", view.level);
		mmp_member_hex(w, "base_va", view.base_va, 1);
	}
	if (tables->has_regions && !view.is_base)
		mmp_member_number(w, "regions", view.regions);
	mmp_member_number(w, "entries", view.entries);
	write_entries(w, tables, &view, false);
	write_entries(w, tables, &view, true);
	mmp_writer_end(w, '}');
}

static void write_all_tables(struct mmp_writer *w, const struct mmp_tables *tables)
{
	mmp_member_begin(w, "tables", '[');
	for (uint32_t id = 0; id < mmp_tables_count(tables); id++)
		write_table(w, tables, id);
	mmp_writer_end(w, ']');
}

static void write_register(struct mmp_writer *w, const struct mmp_register *r)
{
	switch (r->form) {
	case MMP_REGISTER_64:
		mmp_member_hex(w, r->name, r->value, 16);
		break;
	case MMP_REGISTER_32:
		mmp_member_hex(w, r->name, r->value, 8);
		break;
	case MMP_REGISTER_HEX:
		mmp_member_hex(w, r->name, r->value, 1);
		break;
	case MMP_REGISTER_NUMBER:
		mmp_member_number(w, r->name, (int64_t)r->value);
		break;
	case MMP_REGISTER_FLAG:
		mmp_member_flag(w, r->name, r->value);
		break;
	}
}

void mmp_registers_members(struct mmp_writer *w, const struct mmp_register *registers,
			   unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		write_register(w, &registers[i]);
}

void mmp_stop_members(struct mmp_writer *w, const struct mmp_stop *stop,
		      const struct mmp_platform *platform)
{
	const struct mmp_stop_info *info = stop->info;
	const struct mmp_rules *rules = platform->rules;
	enum mmp_stop_detail tells =
		rules->stop_detail ? rules->stop_detail(rules, &platform->config)
				   : MMP_STOP_TELLS_ALL;
	bool all = tells == MMP_STOP_TELLS_ALL;

	mmp_member_text(w, "stage", stop->stage ? stop->stage : info->stage);
	mmp_member_text(w, "kind", mmp_stop_kind_names[info->kind]);
	mmp_member_text(w, "message",
			tells == MMP_STOP_TELLS_NOTHING ? "" : mmp_stop_message(stop));
	mmp_member_text(w, "file", all ? info->file : "?");
	mmp_member_number(w, "line", all ? (int)info->line : 0);
	mmp_member_text(w, "func", all ? info->func : "?");
	mmp_member_begin(w, "trace", '[');
	if (*stop->trace)
		mmp_writer_text(w, stop->trace);
	mmp_writer_end(w, ']');
	if (stop->has_call && stop->call < 0)
		mmp_member_null(w, "call");
	else if (stop->has_call)
		mmp_member_number(w, "call", stop->call);
	if (*stop->undefined_before)
		mmp_member_text(w, "undefined_before", stop->undefined_before);
}

void mmp_stop_write(struct mmp_writer *w, const char *key, const struct mmp_stop *stop,
		    const struct mmp_platform *platform)
{
	mmp_member_begin(w, key, '{');
	mmp_stop_members(w, stop, platform);
	mmp_writer_end(w, '}');
}

void mmp_layout_stop_members(struct mmp_writer *w, const struct mmp_layout *layout)
{
	const struct mmp_stop *stop = mmp_layout_stop(layout);

	mmp_stop_write(w, "firmware", stop, layout->platform);
	mmp_member_number(w, "xlat_tables_used", (int64_t)stop->tables_used);
	write_results(w, layout);
	if (layout->plan.results)
		write_map(w, layout);
}

json_t *mmp_layout_stop_write(const struct mmp_layout *layout)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_writer_begin(&builder, '{');
	mmp_layout_stop_members(&builder, layout);
	mmp_writer_end(&builder, '}');
	return mmp_writer_done(&builder);
}

void mmp_range_print(struct mmp_writer *w, uint64_t base, uint64_t size)
{
	mmp_writer_begin(w, '{');
	mmp_member_hex(w, "addr", base, 1);
	mmp_member_hex(w, "size", size, 1);
	mmp_writer_end(w, '}');
}

static void write_ddr(struct mmp_writer *w, const struct mmp_layout *layout)
{
	const struct mmp_ddr *ddr = &layout->ddr;

	if (ddr->stop.info) {
		mmp_stop_write(w, "nsec_ddr_error", &ddr->stop, layout->platform);
	} else if (layout->platform->rules->discover) {
		mmp_member_begin(w, "nsec_ddr", '[');
		for (size_t n = 0; n < ddr->count; n++)
			mmp_range_print(w, ddr->ranges[n].pa, ddr->ranges[n].size);
		mmp_writer_end(w, ']');
	}
}

static void write_table_notes(struct mmp_writer *w, const struct mmp_tables *tables)
{
	if (!tables->note_bytes)
		return;
	mmp_member_begin(w, "user_l1_table_idx", '[');
	for (uint32_t id = 0; id < tables->base_count; id++) {
		mmp_writer_begin(w, '[');
		mmp_writer_number(w, id / tables->shape.per_core);
		mmp_writer_number(w, id % tables->shape.per_core);
		mmp_writer_number(w, (int)tables->notes[id]);
		mmp_writer_end(w, ']');
	}
	mmp_writer_end(w, ']');
}

static void write_attempts(struct mmp_writer *w, const struct mmp_plan *plan)
{
	if (!plan->attempt_count)
		return;
	mmp_member_begin(w, "aslr_attempts", '[');
	for (unsigned i = 0; i < plan->attempt_count; i++) {
		mmp_writer_begin(w, '{');
		mmp_member_hex(w, "base", plan->attempts[i].base, 1);
		mmp_member_text(w, "result", mmp_attempt_names[plan->attempts[i].result]);
		mmp_writer_end(w, '}');
	}
	mmp_writer_end(w, ']');
}

static void write_counts(struct mmp_writer *w, const struct mmp_tables *t)
{
	mmp_member_number(w, "base_level", t->shape.base_level);
	mmp_member_number(w, "xlat_tables_used", t->in_use);
	if (t->shape.limited)
		mmp_member_number(w, "max_xlat_tables", t->shape.max_tables);
	else
		mmp_member_null(w, "max_xlat_tables");
	if (t->has_user_va)
		mmp_member_number(w, "user_va_idx", t->user_va_idx);
	write_table_notes(w, t);
	if (!t->shape.limited) {
		mmp_member_begin(w, "boot_mem_used", '{');
		mmp_member_number(w, "perm", (int64_t)t->boot_memory_used);
		mmp_member_number(w, "tmp", (int64_t)t->shape.boot_memory_tmp);
		mmp_writer_end(w, '}');
	}
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

void mmp_layout_members(struct mmp_writer *w, const struct mmp_layout *layout,
			enum mmp_detail detail)
{
	const struct mmp_plan *plan = &layout->plan;

	write_results(w, layout);
	write_map(w, layout);
	if (detail == MMP_DETAIL_FULL)
		write_all_tables(w, &layout->tables);
	if (layout->register_count) {
		mmp_member_begin(w, "registers", '{');
		mmp_registers_members(w, layout->registers, layout->register_count);
		mmp_writer_end(w, '}');
	}
	write_counts(w, &layout->tables);
	if (plan->registers.has_offsets)
		mmp_member_hex(w, "map_offset", plan->registers.map_offset, 1);
	if (plan->registers.has_max_pa)
		mmp_member_hex(w, "max_pa", plan->max_pa, 1);
	mmp_registers_members(w, layout->facts, layout->fact_count);
	write_attempts(w, plan);
	write_ddr(w, layout);
}

json_t *mmp_layout_write(const struct mmp_layout *layout, enum mmp_detail detail)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_writer_begin(&builder, '{');
	mmp_layout_members(&builder, layout, detail);
	mmp_writer_end(&builder, '}');
	return mmp_writer_done(&builder);
}
