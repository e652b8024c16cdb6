/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/budget.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

static const char *label_of(const struct mmp_budget *b, size_t region)
{
	return mmp_memtype_label(b->layout.platform->rules,
				 b->layout.plan.regions[region].type);
}

/* Write the buffer's text and empty the buffer. */
static void take_text(struct mmp_writer *w, const char *key, struct mmp_buffer *text)
{
	mmp_member_text(w, key, text->bytes ? text->bytes : "");
	mmp_buffer_done(text);
}

/* --- tables -------------------------------------------------------------------------- */

/* Sizes in bytes, for tables that come from boot memory. */
static void write_boot_memory(struct mmp_writer *w, const struct mmp_budget *b)
{
	const struct mmp_table_shape *shape = &b->layout.plan.shape;
	uint64_t there = mmp_boot_memory_there(shape);

	if (shape->limited) {
		mmp_member_null(w, "boot_memory");
		return;
	}
	mmp_member_begin(w, "boot_memory", '{');
	mmp_member_hex(w, "needed", mmp_boot_memory_needed(shape, &b->layout.tables), 1);
	if (there == UINT64_MAX)
		mmp_member_null(w, "limit");
	else
		mmp_member_hex(w, "limit", there, 1);
	mmp_member_count(w, "spare", mmp_budget_bytes_spare(b));
	mmp_member_number(w, "short", (int64_t)mmp_budget_bytes_short(b));
	mmp_writer_end(w, '}');
}

/* The key that sets the limit, or the resource that is limited. */
static const char *limited_by(const struct mmp_known_keys *known,
			      const struct mmp_table_shape *shape)
{
	const char *key;

	if (shape->limited)
		return known->tables_max ? known->tables_max : "tables";
	if (mmp_boot_memory_there(shape) == UINT64_MAX)
		return "memory";
	key = shape->boot_memory != UINT64_MAX ? known->boot_memory : known->free_range;
	return key ? key : "memory";
}

static void write_counts(struct mmp_writer *w, const struct mmp_budget *b)
{
	const struct mmp_tables *t = &b->layout.tables;

	mmp_member_begin(w, "tables", '{');
	mmp_member_number(w, "base_level", t->shape.base_level);
	mmp_member_number(w, "base", t->base_count);
	mmp_member_number(w, "base_bytes", (int64_t)(t->base_count * t->base_bytes));
	mmp_member_number(w, "needed", t->used);
	mmp_member_count(w, "limit", mmp_budget_limit(b));
	mmp_member_count(w, "spare", mmp_budget_spare(b));
	mmp_member_number(w, "short", (int64_t)mmp_budget_short(b));
	mmp_member_text(
		w, "limited_by",
		limited_by(&b->layout.platform->rules->known, &b->layout.plan.shape));
	mmp_member_number(w, "bytes", (int64_t)(t->used * t->xlat_size));
	write_boot_memory(w, b);
	mmp_writer_end(w, '}');
}

static void say_span(struct mmp_buffer *text, const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_xlat *x = &b->layout.tables.xlat[n];

	mmp_buffer_printf(text, "level %d table of 0x%" PRIx64 "-0x%" PRIx64, x->level,
			  x->base_va, x->base_va + (b->tables[n].size - 1));
}

/* The numbers behind a reason, such as "PA 0x..., VA 0x...: they differ modulo 2M". */
static void say_reason(struct mmp_buffer *text, const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_xlat *x = &b->layout.tables.xlat[n];
	const struct mmp_region *r;
	char block[MMP_SIZE_TEXT_SIZE], most[MMP_SIZE_TEXT_SIZE];

	if (x->region == MMP_NO_REGION) {
		mmp_buffer_printf(text, "base level 0 gives each base table one");
		return;
	}
	r = &b->layout.plan.regions[x->region];
	mmp_size_print(b->tables[n].size, block);
	mmp_size_print(UINT64_C(1) << r->max_block_shift, most);
	if (x->level < b->layout.tables.format->last_level)
		mmp_buffer_text(text, "the first region there: ");
	switch (b->tables[n].reason) {
	case MMP_TABLE_UNITS:
		if (b->layout.tables.format->leaf_allowed(x->level - 1))
			mmp_buffer_printf(
				text,
				"it is mapped in blocks of at most %s at any address",
				most);
		else
			mmp_buffer_printf(text, "there are no blocks of %s", block);
		break;
	case MMP_TABLE_SHIFTED:
		mmp_buffer_printf(text,
				  "its PA 0x%" PRIx64 " and VA 0x%" PRIx64
				  " are not congruent modulo %s",
				  r->pa, r->va, block);
		break;
	case MMP_TABLE_PART:
		mmp_buffer_printf(text, "it begins and ends within %s", block);
		break;
	case MMP_TABLE_BEGINS:
		mmp_buffer_printf(
			text, "it begins at 0x%" PRIx64 ", which is not a multiple of %s",
			r->va, block);
		break;
	case MMP_TABLE_ENDS:
		mmp_buffer_printf(
			text, "it ends at 0x%" PRIx64 ", not at the end of a block of %s",
			r->va + (r->size - 1), block);
		break;
	case MMP_TABLE_OF_CORE:
	case MMP_TABLE_REASON_COUNT:
		break;
	}
}

static void say_table(struct mmp_buffer *text, const struct mmp_budget *b, uint32_t n)
{
	say_span(text, b, n);
	mmp_buffer_printf(text, ": ");
	say_reason(text, b, n);
}

/*
 * Regions with entries in a table; the one that the table was allocated for comes
 * first.
 */
static void write_users(struct mmp_writer *w, const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_table_cost *cost = &b->tables[n];

	mmp_member_begin(w, "regions", '[');
	for (size_t i = cost->first; i < cost->first + cost->count; i++)
		if (b->layout.plan.regions[i].mapping != MMP_MAP_NOTHING &&
		    b->layout.plan.regions[i].size)
			mmp_writer_number(w, (int64_t)i);
	mmp_writer_end(w, ']');
}

static void write_table(struct mmp_writer *w, const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_xlat *x = &b->layout.tables.xlat[n];
	struct mmp_buffer text = { 0 };

	mmp_writer_begin(w, '{');
	mmp_member_number(w, "table", n);
	mmp_member_number(w, "level", x->level);
	mmp_member_hex(w, "va", x->base_va, 1);
	mmp_member_hex(w, "size", b->tables[n].size, 1);
	if (x->region == MMP_NO_REGION) {
		mmp_member_null(w, "region");
		mmp_member_null(w, "type");
	} else {
		mmp_member_number(w, "region", x->region);
		mmp_member_text(w, "type", label_of(b, x->region));
	}
	mmp_member_text(w, "reason", mmp_table_reason_names[b->tables[n].reason]);
	say_reason(&text, b, n);
	take_text(w, "why", &text);
	write_users(w, b, n);
	mmp_writer_end(w, '}');
}

static void write_made(struct mmp_writer *w, const struct mmp_budget *b)
{
	mmp_member_begin(w, "made", '[');
	for (uint32_t n = 0; n < b->layout.tables.used; n++)
		write_table(w, b, n);
	mmp_writer_end(w, ']');
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
		say_table(&text, b, cost->first_table + i);
	}
	if (cost->made > said)
		mmp_buffer_printf(&text, "; and %u more", cost->made - said);
	take_text(w, "why", &text);
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
			shape->limited ? limited_by(known, shape) : "memory of the core");
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

/* --- suggestions --------------------------------------------------------------------- */

static const char *const change_names[MMP_CHANGE_COUNT] = {
	[MMP_CHANGE_ROUND] = "round", [MMP_CHANGE_ROUND_ALL] = "round-all",
	[MMP_CHANGE_JOIN] = "join",   [MMP_CHANGE_MOVE] = "move",
	[MMP_CHANGE_DROP] = "drop",   [MMP_CHANGE_KEY] = "configure",
};

static const char *registration_name(const struct mmp_budget *b, size_t ordinal)
{
	return b->as_is.platform->registrations[ordinal].name;
}

static void say_change(struct mmp_buffer *text, const struct mmp_budget *b,
		       const struct mmp_suggestion *s)
{
	const struct mmp_platform *p = b->as_is.platform;
	const char *rounds = p->rules->firmware->rounds_with;
	const struct mmp_registration *one =
		s->registrations ? &p->registrations[s->ordinals[0]] : NULL;

	switch (s->change) {
	case MMP_CHANGE_ROUND:
		mmp_buffer_printf(
			text,
			"register \"%s\" in whole blocks%s%s: 0x%" PRIx64
			" size 0x%" PRIx64 " in place of 0x%" PRIx64 " size 0x%" PRIx64,
			one->name, rounds ? ", with " : "", rounds ? rounds : "", s->addr,
			s->size, one->addr, one->size);
		break;
	case MMP_CHANGE_ROUND_ALL:
		mmp_buffer_printf(text,
				  "register all devices in whole blocks%s%s: %zu of them "
				  "are not",
				  rounds ? ", with " : "", rounds ? rounds : "",
				  s->registrations);
		break;
	case MMP_CHANGE_JOIN:
		mmp_buffer_printf(text,
				  "register \"%s\" and \"%s\" as one: 0x%" PRIx64
				  " size 0x%" PRIx64,
				  one->name, registration_name(b, s->ordinals[1]),
				  s->addr, s->size);
		break;
	case MMP_CHANGE_MOVE:
		mmp_buffer_printf(
			text,
			"move \"%s\" from 0x%" PRIx64 " to 0x%" PRIx64
			", the border of a block%s",
			one->name, one->addr, s->addr,
			s->moves_window ? ", and its window in the configuration with it"
					: "");
		break;
	case MMP_CHANGE_DROP:
		mmp_buffer_printf(text,
				  "leave \"%s\" at 0x%" PRIx64 " size 0x%" PRIx64
				  " out: another of its type contains it",
				  one->name, one->addr, one->size);
		break;
	case MMP_CHANGE_KEY:
		mmp_buffer_printf(text,
				  s->key->type == MMP_KEY_COUNT
					  ? "set %s (%s) to %" PRIu64
					  : "set %s (%s) to 0x%" PRIx64,
				  s->key->name, s->key->option, s->to);
		break;
	case MMP_CHANGE_COUNT:
		break;
	}
}

static void write_ordinals(struct mmp_writer *w, const struct mmp_suggestion *s)
{
	size_t kept = s->registrations < 2 ? s->registrations : 2;

	mmp_member_number(w, "registrations", (int64_t)s->registrations);
	mmp_member_begin(w, "ordinals", '[');
	for (size_t i = 0; i < kept; i++)
		mmp_writer_number(w, (int64_t)s->ordinals[i]);
	mmp_writer_end(w, ']');
}

static void write_suggestion(struct mmp_writer *w, const struct mmp_budget *b,
			     const struct mmp_suggestion *s)
{
	struct mmp_buffer text = { 0 };

	say_change(&text, b, s);
	mmp_writer_begin(w, '{');
	mmp_member_text(w, "change", change_names[s->change]);
	take_text(w, "what", &text);
	mmp_member_text(w, "but", s->but);
	write_ordinals(w, s);
	mmp_member_number(w, "saves_tables", s->tables);
	mmp_member_number(w, "saves_entries", s->entries);
	if (s->change == MMP_CHANGE_KEY) {
		mmp_member_text(w, "key", s->key->name);
		if (s->key->type == MMP_KEY_COUNT)
			mmp_member_number(w, "value", (int64_t)s->to);
		else
			mmp_member_hex(w, "value", s->to, 1);
	} else if (s->registrations <= 2) {
		mmp_member_hex(w, "addr", s->addr, 1);
		mmp_member_hex(w, "size", s->size, 1);
	}
	mmp_writer_end(w, '}');
}

static void write_suggestions(struct mmp_writer *w, const struct mmp_budget *b)
{
	mmp_member_begin(w, "suggestions", '[');
	for (size_t i = 0; i < b->suggestion_count; i++)
		write_suggestion(w, b, &b->suggestions[i]);
	mmp_writer_end(w, ']');
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
	write_counts(w, budget);
	write_would_do(w, budget);
	write_map(w, budget);
	write_shm(w, budget);
	write_late(w, budget);
	write_applications(w, budget);
	write_aslr(w, budget->as_is.platform);
	write_regions(w, budget);
	if (detail == MMP_DETAIL_FULL)
		write_made(w, budget);
	write_suggestions(w, budget);
	write_left_out(w, budget);
}
