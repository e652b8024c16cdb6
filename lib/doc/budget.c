/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/budget_private.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

void budget_take_text(struct mmp_writer *w, const char *key, struct mmp_buffer *text)
{
	mmp_member_text(w, key, text->bytes ? text->bytes : "");
	mmp_buffer_done(text);
}

/* --- regions ------------------------------------------------------------------------- */

enum { WORDS_OF = 2 /* tables of a region that are written out in words */ };

static void write_why(struct mmp_writer *w, const struct mmp_budget *b,
		      const struct mmp_region_cost *cost)
{
	struct mmp_buffer text = { 0 };
	uint32_t said = cost->made < WORDS_OF ? cost->made : WORDS_OF;

	for (uint32_t i = 0; i < said; i++) {
		mmp_buffer_text(&text, i ? "; " : "");
		budget_say_table(&text, b, cost->first_table + i);
	}
	if (cost->made > said)
		mmp_buffer_printf(&text, "; and %u more", cost->made - said);
	budget_take_text(w, "why", &text);
}

static void write_origins(struct mmp_writer *w, const struct mmp_budget *b,
			  const struct mmp_region_cost *cost)
{
	mmp_member_begin(w, "registrations", '[');
	for (size_t i = 0; i < cost->registrations; i++) {
		size_t ordinal = b->origins[cost->first_registration + i];

		mmp_writer_begin(w, '{');
		mmp_member_number(w, "ordinal", (int64_t)ordinal);
		mmp_member_text(w, "name",
				b->as_is.platform->registrations[ordinal].name);
		mmp_writer_end(w, '}');
	}
	mmp_writer_end(w, ']');
}

static void write_region(struct mmp_writer *w, const struct mmp_budget *b, size_t n)
{
	const struct mmp_region_cost *cost = &b->regions[n];

	mmp_writer_begin(w, '{');
	mmp_region_members(w, b->layout.platform->rules, &b->layout.plan.regions[n]);
	mmp_member_number(w, "region", (int64_t)n);
	mmp_member_number(w, "made", cost->made);
	mmp_member_count(w, "first_table", cost->made ? cost->first_table : UINT64_MAX);
	mmp_member_number(w, "shared", cost->shared);
	mmp_member_number(w, "descriptors", (int64_t)cost->descriptors);
	write_origins(w, b, cost);
	mmp_member_text(w, "price", mmp_price_names[cost->price]);
	if (cost->price == MMP_PRICE_KNOWN)
		mmp_member_number(w, "saves", cost->saves);
	else
		mmp_member_null(w, "saves");
	write_why(w, b, cost);
	mmp_writer_end(w, '}');
}

static void write_regions(struct mmp_writer *w, const struct mmp_budget *b)
{
	mmp_member_begin(w, "regions", '[');
	for (size_t n = 0; n < b->layout.plan.count; n++)
		write_region(w, b, n);
	mmp_writer_end(w, ']');
}

/* --- the map ------------------------------------------------------------------------- */

static void write_map(struct mmp_writer *w, const struct mmp_budget *b)
{
	const struct mmp_map_room *map = &b->layout.plan.map;
	uint64_t used = b->layout.plan.count, entries = map->entries;
	uint64_t room = map->limited ? entries : map->allocated;

	mmp_member_begin(w, "map", '{');
	mmp_member_number(w, "needed", (int64_t)used);
	mmp_member_count(w, "limit", map->limited ? entries : UINT64_MAX);
	mmp_member_number(w, "spare", used < room ? (int64_t)(room - used) : 0);
	mmp_member_number(w, "short", (int64_t)mmp_budget_entries_short(b));
	mmp_member_number(w, "mmap_regions", (int64_t)entries);
	mmp_member_number(w, "allocated", (int64_t)map->allocated);
	mmp_member_number(w, "registrations", (int64_t)b->registered);
	mmp_member_number(w, "merged", (int64_t)b->merged);
	mmp_member_number(w, "late", (int64_t)map->late);
	mmp_writer_end(w, '}');
}

/* --- at run time --------------------------------------------------------------------- */

static void write_window(struct mmp_writer *w, const struct mmp_budget *b, int64_t region)
{
	const struct mmp_region *r = &b->layout.plan.regions[region];

	mmp_member_begin(w, "window", '{');
	mmp_member_number(w, "region", region);
	mmp_member_hex(w, "va", r->va, 1);
	mmp_member_hex(w, "size", r->size, 1);
	mmp_writer_end(w, '}');
}

static void write_need(struct mmp_writer *w, const char *key, const struct mmp_budget *b,
		       uint64_t tables)
{
	mmp_member_begin(w, key, '{');
	mmp_member_number(w, "tables", (int64_t)tables);
	mmp_member_flag(w, "enough", mmp_budget_has(b, tables));
	mmp_writer_end(w, '}');
}

static void write_shm(struct mmp_writer *w, const struct mmp_budget *b)
{
	const struct mmp_platform *platform = b->layout.platform;
	const struct mmp_known_keys *known = &platform->rules->known;
	const struct mmp_table_shape *shape = &b->layout.plan.shape;
	const struct mmp_shm_cost *shm = &b->shm;

	if (shm->region < 0) {
		mmp_member_null(w, "shm");
		return;
	}
	mmp_member_begin(w, "shm", '{');
	mmp_member_flag(w, "enabled", mmp_platform_value(platform, known->dynamic_shm));
	mmp_member_hex(w, "bytes", shm->bytes, 1);
	write_window(w, b, shm->region);
	mmp_member_flag(w, "fits", shm->fits);
	mmp_member_text(w, "from",
			shape->limited ? budget_limited_by(known, shape)
				       : "memory of the core");
	write_need(w, "at_once", b, shm->at_once);
	write_need(w, "scattered", b, shm->scattered);
	write_need(w, "whole_window", b, shm->window);
	mmp_writer_end(w, '}');
}

static void write_late(struct mmp_writer *w, const struct mmp_budget *b)
{
	const struct mmp_late_room *late = &b->late;

	if (late->region < 0) {
		mmp_member_null(w, "late_mappings");
		return;
	}
	mmp_member_begin(w, "late_mappings", '{');
	write_window(w, b, late->region);
	mmp_member_hex(w, "granule", late->granule, 1);
	mmp_member_hex(w, "largest", late->largest, 1);
	mmp_member_number(w, "granules", (int64_t)late->count);
	mmp_member_number(w, "entries", (int64_t)b->layout.plan.map.late);
	mmp_writer_end(w, '}');
}

/* --- trusted applications ------------------------------------------------------------ */

/* Null where the firmware has no such applications, or what is left is not known. */
static void write_applications(struct mmp_writer *w, const struct mmp_budget *b)
{
	const struct mmp_rules *rules = b->layout.platform->rules;
	struct mmp_range ranges[MMP_APPLICATION_RANGES_MAX];
	int count = rules->application_memory
			    ? rules->application_memory(&b->layout.plan, ranges)
			    : -1;
	uint64_t bytes = 0;

	if (count < 0) {
		mmp_member_null(w, "applications");
		return;
	}
	for (int i = 0; i < count; i++)
		bytes += ranges[i].size;
	mmp_member_begin(w, "applications", '{');
	mmp_member_hex(w, "bytes", bytes, 1);
	mmp_member_begin(w, "ranges", '[');
	for (int i = 0; i < count; i++)
		mmp_range_print(w, ranges[i].base, ranges[i].size);
	mmp_writer_end(w, ']');
	mmp_writer_end(w, '}');
}

/* --- all of it ----------------------------------------------------------------------- */

static bool is_enough(const struct mmp_budget *b, bool shm_counts)
{
	bool shm = b->shm.region >= 0 && b->shm.fits && mmp_budget_has(b, b->shm.at_once);

	return !mmp_budget_short(b) && !mmp_budget_entries_short(b) &&
	       !mmp_budget_bytes_short(b) && (shm || !shm_counts);
}

/*
 * The number of tables that would be enough for boot and for any extra that was asked
 * for.
 */
static void write_would_do(struct mmp_writer *w, const struct mmp_budget *b)
{
	uint64_t boot = b->layout.tables.used;

	if (!b->layout.plan.shape.limited) {
		mmp_member_null(w, "max_xlat_tables");
		return;
	}
	mmp_member_begin(w, "max_xlat_tables", '{');
	mmp_member_number(w, "boot", (int64_t)boot);
	mmp_member_number(w, "with_shm", (int64_t)(boot + b->shm.at_once));
	mmp_member_number(w, "with_whole_window", (int64_t)(boot + b->shm.window));
	mmp_writer_end(w, '}');
}

/* What was not computed because it would exceed MMP_BUDGET_WORK. */
static void write_left_out(struct mmp_writer *w, const struct mmp_budget *b)
{
	if (!b->prices_left_out && !b->changes_left_out) {
		mmp_member_null(w, "left_out");
		return;
	}
	mmp_member_begin(w, "left_out", '{');
	mmp_member_number(w, "regions", (int64_t)b->prices_left_out);
	mmp_member_number(w, "suggestions", (int64_t)b->changes_left_out);
	mmp_writer_end(w, '}');
}

static void write_aslr(struct mmp_writer *w, const struct mmp_platform *platform)
{
	const struct mmp_known_keys *known = &platform->rules->known;

	if (!mmp_platform_value(platform, known->random_base)) {
		mmp_member_null(w, "aslr");
		return;
	}
	mmp_member_begin(w, "aslr", '{');
	mmp_member_hex(w, "seed", mmp_platform_value(platform, known->seed), 1);
	mmp_member_text(
		w, "advice",
		"other seeds need different numbers; layout.sweep finds the highest");
	mmp_writer_end(w, '}');
}

void mmp_budget_members(struct mmp_writer *w, const struct mmp_budget *budget,
			bool shm_counts, enum mmp_detail detail)
{
	const struct mmp_stop *stop = mmp_layout_stop(&budget->as_is);

	mmp_member_flag(w, "enough", is_enough(budget, shm_counts));
	if (stop)
		mmp_stop_write(w, "firmware", stop, budget->as_is.platform);
	budget_write_counts(w, budget);
	write_would_do(w, budget);
	write_map(w, budget);
	write_shm(w, budget);
	write_late(w, budget);
	write_applications(w, budget);
	write_aslr(w, budget->as_is.platform);
	write_regions(w, budget);
	if (detail == MMP_DETAIL_FULL)
		budget_write_made(w, budget);
	budget_write_suggestions(w, budget);
	write_left_out(w, budget);
}
