/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/budget.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "json/number.h"

/* UINT64_MAX means that there is no limit. */
static json_t *write_count(uint64_t number)
{
	return number == UINT64_MAX ? json_null() : json_integer((json_int_t)number);
}

static const char *label_of(const struct mmp_budget *b, size_t region)
{
	return mmp_memtype_label(b->layout.platform->rules,
				 b->layout.plan.regions[region].type);
}

/* Take the buffer's text as a JSON string and empty the buffer. */
static json_t *take_text(struct mmp_buffer *text)
{
	json_t *out = json_string(text->bytes ? text->bytes : "");

	mmp_buffer_done(text);
	return out;
}

/* --- tables -------------------------------------------------------------------------- */

/* Sizes in bytes, for tables that come from boot memory. */
static json_t *write_boot_memory(const struct mmp_layout *l)
{
	const struct mmp_table_shape *shape = &l->plan.shape;
	uint64_t needed = mmp_boot_memory_needed(shape, &l->tables);
	uint64_t there = mmp_boot_memory_there(shape);

	if (shape->limited)
		return json_null();
	if (there == UINT64_MAX)
		return json_pack("{s:o, s:n, s:n, s:i}", "needed",
				 mmp_json_hex(needed, 1), "limit", "spare", "short", 0);
	return json_pack("{s:o, s:o, s:I, s:I}", "needed", mmp_json_hex(needed, 1),
			 "limit", mmp_json_hex(there, 1), "spare",
			 (json_int_t)(there > needed ? there - needed : 0), "short",
			 (json_int_t)(needed > there ? needed - there : 0));
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

static json_t *write_counts(const struct mmp_budget *b)
{
	const struct mmp_tables *t = &b->layout.tables;
	uint64_t limit = mmp_budget_limit(b);
	uint64_t missing = mmp_budget_short(b);

	return json_pack(
		"{s:i, s:i, s:I, s:i, s:o, s:o, s:I, s:s, s:I, s:o}", "base_level",
		(int)t->shape.base_level, "base", (int)t->base_count, "base_bytes",
		(json_int_t)(t->base_count * t->base_bytes), "needed", (int)t->used,
		"limit", write_count(limit), "spare", write_count(mmp_budget_spare(b)),
		"short", (json_int_t)missing, "limited_by",
		limited_by(&b->layout.platform->rules->known, &b->layout.plan.shape),
		"bytes", (json_int_t)(t->used * t->xlat_size), "boot_memory",
		write_boot_memory(&b->layout));
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
		mmp_buffer_printf(text, "it begins at 0x%" PRIx64 ", no multiple of %s",
				  r->va, block);
		break;
	case MMP_TABLE_ENDS:
		mmp_buffer_printf(text,
				  "it ends at 0x%" PRIx64 ", not at a multiple of %s",
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
static json_t *users_of(const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_table_cost *cost = &b->tables[n];
	json_t *list = json_array();

	for (size_t i = cost->first; i < cost->first + cost->count; i++)
		if (b->layout.plan.regions[i].mapping != MMP_MAP_NOTHING &&
		    b->layout.plan.regions[i].size)
			json_array_append_new(list, json_integer((json_int_t)i));
	return list;
}

static json_t *write_table(const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_xlat *x = &b->layout.tables.xlat[n];
	struct mmp_buffer text = { 0 };

	say_reason(&text, b, n);
	return json_pack(
		"{s:i, s:i, s:o, s:o, s:o, s:s?, s:s, s:o, s:o}", "table", (int)n,
		"level", x->level, "va", mmp_json_hex(x->base_va, 1), "size",
		mmp_json_hex(b->tables[n].size, 1), "region",
		x->region == MMP_NO_REGION ? json_null() : json_integer(x->region),
		"type", x->region == MMP_NO_REGION ? NULL : label_of(b, x->region),
		"reason", mmp_table_reason_names[b->tables[n].reason], "why",
		take_text(&text), "regions", users_of(b, n));
}

static json_t *write_table_budget(const struct mmp_budget *b)
{
	json_t *list = json_array();

	for (uint32_t n = 0; n < b->layout.tables.used; n++)
		json_array_append_new(list, write_table(b, n));
	return list;
}

/* --- regions ------------------------------------------------------------------------- */

enum { WORDS_OF = 2 /* tables of a region that are written out in words */ };

static json_t *why_of(const struct mmp_budget *b, const struct mmp_region_cost *cost)
{
	struct mmp_buffer text = { 0 };
	uint32_t said = cost->made < WORDS_OF ? cost->made : WORDS_OF;

	for (uint32_t i = 0; i < said; i++) {
		mmp_buffer_text(&text, i ? "; " : "");
		say_table(&text, b, cost->first_table + i);
	}
	if (cost->made > said)
		mmp_buffer_printf(&text, "; and %u more", cost->made - said);
	return take_text(&text);
}

static json_t *write_origins(const struct mmp_budget *b,
			     const struct mmp_region_cost *cost)
{
	json_t *list = json_array();

	for (size_t i = 0; i < cost->registrations; i++) {
		size_t ordinal = b->origins[cost->first_registration + i];

		json_array_append_new(
			list,
			json_pack("{s:I, s:s}", "ordinal", (json_int_t)ordinal, "name",
				  b->as_is.platform->registrations[ordinal].name));
	}
	return list;
}

static json_t *write_room(const struct mmp_budget *b, size_t n)
{
	const struct mmp_region_cost *cost = &b->regions[n];
	json_t *out =
		mmp_region_write(b->layout.platform->rules, &b->layout.plan.regions[n]);

	json_object_set_new(out, "region", json_integer((json_int_t)n));
	json_object_set_new(out, "made", json_integer(cost->made));
	json_object_set_new(out, "first_table",
			    cost->made ? json_integer(cost->first_table) : json_null());
	json_object_set_new(out, "shared", json_integer(cost->shared));
	json_object_set_new(out, "descriptors",
			    json_integer((json_int_t)cost->descriptors));
	json_object_set_new(out, "registrations", write_origins(b, cost));
	json_object_set_new(out, "price", json_string(mmp_price_names[cost->price]));
	json_object_set_new(out, "saves",
			    cost->price == MMP_PRICE_KNOWN
				    ? json_integer((json_int_t)cost->saves)
				    : json_null());
	json_object_set_new(out, "why", why_of(b, cost));
	return out;
}

static json_t *write_regions(const struct mmp_budget *b)
{
	json_t *list = json_array();

	for (size_t n = 0; n < b->layout.plan.count; n++)
		json_array_append_new(list, write_room(b, n));
	return list;
}

/* --- the map ------------------------------------------------------------------------- */

static json_t *write_map(const struct mmp_budget *b)
{
	const struct mmp_map_room *map = &b->layout.plan.map;
	uint64_t used = b->layout.plan.count, entries = map->entries;
	uint64_t room = map->limited ? entries : map->allocated;
	uint64_t spare = used < room ? room - used : 0;

	return json_pack("{s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "needed",
			 (json_int_t)used, "limit",
			 write_count(map->limited ? entries : UINT64_MAX), "spare",
			 (json_int_t)spare, "short",
			 (json_int_t)mmp_budget_entries_short(b), "mmap_regions",
			 (json_int_t)entries, "allocated", (json_int_t)map->allocated,
			 "registrations", (json_int_t)b->registered, "merged",
			 (json_int_t)b->merged, "late", (json_int_t)map->late);
}

/* --- at run time --------------------------------------------------------------------- */

static json_t *write_window(const struct mmp_budget *b, int64_t region)
{
	const struct mmp_region *r = &b->layout.plan.regions[region];

	return json_pack("{s:I, s:o, s:o}", "region", (json_int_t)region, "va",
			 mmp_json_hex(r->va, 1), "size", mmp_json_hex(r->size, 1));
}

static json_t *write_need(const struct mmp_budget *b, uint64_t tables)
{
	return json_pack("{s:I, s:b}", "tables", (json_int_t)tables, "enough",
			 (int)mmp_budget_has(b, tables));
}

static json_t *write_shm(const struct mmp_budget *b)
{
	const struct mmp_platform *platform = b->layout.platform;
	const struct mmp_shm_cost *shm = &b->shm;

	if (shm->region < 0)
		return json_null();
	return json_pack(
		"{s:b, s:o, s:o, s:b, s:s, s:o, s:o, s:o}", "enabled",
		(int)mmp_platform_value(platform, platform->rules->known.dynamic_shm),
		"bytes", mmp_json_hex(shm->bytes, 1), "window",
		write_window(b, shm->region), "fits", (int)shm->fits, "from",
		b->layout.plan.shape.limited
			? limited_by(&platform->rules->known, &b->layout.plan.shape)
			: "memory of the core",
		"at_once", write_need(b, shm->at_once), "scattered",
		write_need(b, shm->scattered), "whole_window",
		write_need(b, shm->window));
}

static json_t *write_late(const struct mmp_budget *b)
{
	const struct mmp_late_room *late = &b->late;

	if (late->region < 0)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:o, s:I, s:I}", "window", write_window(b, late->region),
		"granule", mmp_json_hex(late->granule, 1), "largest",
		mmp_json_hex(late->largest, 1), "granules", (json_int_t)late->count,
		"entries", (json_int_t)b->layout.plan.map.late);
}

/* --- trusted applications ------------------------------------------------------------ */

/* Null where the firmware has no such applications, or what is left is not known. */
static json_t *write_applications(const struct mmp_budget *b)
{
	const struct mmp_rules *rules = b->layout.platform->rules;
	struct mmp_range ranges[MMP_APPLICATION_RANGES_MAX];
	int count = rules->application_memory
			    ? rules->application_memory(&b->layout.plan, ranges)
			    : -1;
	json_t *list;
	uint64_t bytes = 0;

	if (count < 0)
		return json_null();
	list = json_array();
	for (int i = 0; i < count; i++) {
		bytes += ranges[i].size;
		json_array_append_new(list,
				      json_pack("{s:o, s:o}", "addr",
						mmp_json_hex(ranges[i].base, 1), "size",
						mmp_json_hex(ranges[i].size, 1)));
	}
	return json_pack("{s:o, s:o}", "bytes", mmp_json_hex(bytes, 1), "ranges", list);
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
		mmp_buffer_printf(text,
				  "move \"%s\" from 0x%" PRIx64 " to 0x%" PRIx64
				  ", the border of a block%s",
				  one->name, one->addr, s->addr,
				  s->moves_window ? ", and reserved_shm with it" : "");
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

static json_t *write_suggestion(const struct mmp_budget *b,
				const struct mmp_suggestion *s)
{
	struct mmp_buffer text = { 0 };
	json_t *ordinals = json_array(), *out;
	size_t kept = s->registrations < 2 ? s->registrations : 2;

	for (size_t i = 0; i < kept; i++)
		json_array_append_new(ordinals, json_integer((json_int_t)s->ordinals[i]));
	say_change(&text, b, s);
	out = json_pack("{s:s, s:o, s:s?, s:I, s:o, s:I, s:I}", "change",
			change_names[s->change], "what", take_text(&text), "but", s->but,
			"registrations", (json_int_t)s->registrations, "ordinals",
			ordinals, "saves_tables", (json_int_t)s->tables, "saves_entries",
			(json_int_t)s->entries);
	if (s->change == MMP_CHANGE_KEY) {
		json_object_set_new(out, "key", json_string(s->key->name));
		json_object_set_new(out, "value",
				    s->key->type == MMP_KEY_COUNT
					    ? json_integer((json_int_t)s->to)
					    : mmp_json_hex(s->to, 1));
	} else if (s->registrations <= 2) {
		json_object_set_new(out, "addr", mmp_json_hex(s->addr, 1));
		json_object_set_new(out, "size", mmp_json_hex(s->size, 1));
	}
	return out;
}

static json_t *write_suggestions(const struct mmp_budget *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < b->suggestion_count; i++)
		json_array_append_new(list, write_suggestion(b, &b->suggestions[i]));
	return list;
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
static json_t *write_would_do(const struct mmp_budget *b)
{
	uint64_t boot = b->layout.tables.used;

	if (!b->layout.plan.shape.limited)
		return json_null();
	return json_pack("{s:I, s:I, s:I}", "boot", (json_int_t)boot, "with_shm",
			 (json_int_t)(boot + b->shm.at_once), "with_whole_window",
			 (json_int_t)(boot + b->shm.window));
}

/* What was not computed because it would exceed MMP_BUDGET_WORK. */
static json_t *write_left_out(const struct mmp_budget *b)
{
	if (!b->prices_left_out && !b->changes_left_out)
		return json_null();
	return json_pack("{s:I, s:I}", "regions", (json_int_t)b->prices_left_out,
			 "suggestions", (json_int_t)b->changes_left_out);
}

static json_t *write_aslr(const struct mmp_platform *platform)
{
	const struct mmp_known_keys *known = &platform->rules->known;

	if (!mmp_platform_value(platform, known->random_base))
		return json_null();
	return json_pack("{s:o, s:s}", "seed",
			 mmp_json_hex(mmp_platform_value(platform, known->seed), 1),
			 "advice",
			 "other seeds need other numbers: layout.sweep finds the most");
}

json_t *mmp_budget_write(const struct mmp_budget *budget, bool shm_counts,
			 enum mmp_detail detail)
{
	const struct mmp_stop *stop = mmp_layout_stop(&budget->as_is);
	json_t *out = json_object();

	json_object_set_new(out, "enough", json_boolean(is_enough(budget, shm_counts)));
	if (stop)
		json_object_set_new(out, "firmware",
				    mmp_stop_write(stop, budget->as_is.platform));
	json_object_set_new(out, "tables", write_counts(budget));
	json_object_set_new(out, "max_xlat_tables", write_would_do(budget));
	json_object_set_new(out, "map", write_map(budget));
	json_object_set_new(out, "shm", write_shm(budget));
	json_object_set_new(out, "late_mappings", write_late(budget));
	json_object_set_new(out, "applications", write_applications(budget));
	json_object_set_new(out, "aslr", write_aslr(budget->as_is.platform));
	json_object_set_new(out, "regions", write_regions(budget));
	if (detail == MMP_DETAIL_FULL)
		json_object_set_new(out, "made", write_table_budget(budget));
	json_object_set_new(out, "suggestions", write_suggestions(budget));
	json_object_set_new(out, "left_out", write_left_out(budget));
	return out;
}
