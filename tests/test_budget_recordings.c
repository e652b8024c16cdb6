/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doc/budget.h"
#include "doc/platform.h"
#include "rules/optee/optee.h"
#include "vector.h"

/*
 * Every number of a budget against another way to it: the recordings, a plain search
 * through the map, the bytes of the tables, and layouts computed with the platform
 * changed as the budget says.
 */

static struct mmp_platform *copy_of(const struct mmp_platform *platform)
{
	json_t *document = mmp_platform_write(platform);
	struct mmp_platform *copy = vector_platform_of(document);

	json_decref(document);
	return copy;
}

/* --- what the plain computation says ------------------------------------------------- */

/* The stop of a platform, or NULL; its tables and entries where there is none. */
static const struct mmp_stop_info *compute(const struct mmp_platform *platform,
					   uint32_t *ret_tables, size_t *ret_entries)
{
	const struct mmp_stop_info *stop = NULL;
	struct mmp_layout layout;
	struct mmp_error err;

	mmp_layout_init(&layout);
	if (mmp_layout_make(&layout, platform, NULL, &err)) {
		assert_int_equal(err.code, MMP_FIRMWARE_STOP);
		stop = mmp_layout_stop(&layout)->info;
	}
	*ret_tables = layout.tables.used;
	*ret_entries = layout.plan.count;
	mmp_layout_done(&layout);
	return stop;
}

static bool stops_with(const struct mmp_platform *platform, const char *id)
{
	const struct mmp_stop_info *stop;
	uint32_t tables;
	size_t entries;

	stop = compute(platform, &tables, &entries);
	return stop && !strncmp(stop->id, id, strlen(id));
}

/* Limits that no vector meets. */
static void lift(struct optee_config *config, bool map_is_limited)
{
	config->max_xlat_tables_given = true;
	config->max_xlat_tables = MMP_TABLES_MAX;
	config->boot_mem_size_given = false;
	if (map_is_limited)
		config->mmap_regions = 4096;
}

/* --- one budget ---------------------------------------------------------------------- */

struct checked {
	const char *name;
	const struct mmp_platform *platform;
	struct mmp_budget budget;
	unsigned good, priced, suggested, short_of_tables, short_of_entries;
};

/* Whether a region has addresses in [first, last]; it may go on from 0 after the end. */
static bool has_any_of(const struct mmp_layout *l, size_t n, uint64_t first,
		       uint64_t last)
{
	const struct mmp_region *r = &l->plan.regions[n];
	uint64_t end = (r->va + r->size - 1) & l->plan.shape.va_mask;

	if (!r->size || r->mapping == MMP_MAP_NOTHING)
		return false;
	if (end < r->va)
		return r->va <= last || end >= first;
	return r->va <= last && end >= first;
}

/* A table is made for the first region that it covers, and shared by the others. */
static void check_tables(const struct checked *c)
{
	const struct mmp_layout *l = &c->budget.layout;
	uint32_t *shared = calloc(l->plan.count + 1, sizeof(*shared)), sum = 0, own = 0;

	assert_non_null(shared);
	for (uint32_t n = 0; n < l->tables.used; n++) {
		const struct mmp_xlat *x = &l->tables.xlat[n];
		uint64_t last = x->base_va + (c->budget.tables[n].size - 1);
		bool first = true;

		if (x->region == MMP_NO_REGION) {
			assert_int_equal(c->budget.tables[n].reason, MMP_TABLE_OF_CORE);
			own++;
			continue;
		}
		for (size_t i = 0; i < l->plan.count; i++) {
			if (!has_any_of(l, i, x->base_va, last))
				continue;
			assert_int_equal(first, i == x->region);
			shared[i] += !first;
			first = false;
		}
		assert_false(first);
	}
	for (size_t i = 0; i < l->plan.count; i++) {
		const struct mmp_region_cost *cost = &c->budget.regions[i];

		assert_int_equal(cost->shared, shared[i]);
		for (uint32_t n = 0; n < cost->made; n++)
			assert_int_equal(l->tables.xlat[cost->first_table + n].region, i);
		sum += cost->made;
	}
	assert_int_equal(sum + own, l->tables.used);
	free(shared);
}

static uint64_t leaves_of(const struct mmp_tables *t, uint32_t id)
{
	struct mmp_table_view view = mmp_tables_view(t, id);
	uint64_t count = 0;

	for (uint32_t n = 0; n < view.entries; n++)
		count += t->format->kind(view.level,
					 mmp_descriptor_at(t->format, view.bytes, n)) ==
			 MMP_ENTRY_LEAF;
	return count;
}

/* Descriptors that map something, counted in the bytes of the tables. */
static void check_descriptors(const struct checked *c)
{
	const struct mmp_layout *l = &c->budget.layout;
	const struct mmp_tables *t = &l->tables;
	uint64_t leaves = leaves_of(t, t->shape.boot_core * t->shape.per_core), sum = 0;

	for (uint32_t n = 0; n < t->used; n++)
		if (t->xlat[n].region != MMP_NO_REGION)
			leaves += leaves_of(t, t->base_count + n);
	for (size_t i = 0; i < l->plan.count; i++)
		if (l->plan.regions[i].mapping == MMP_MAP_BLOCKS)
			sum += c->budget.regions[i].descriptors;
	assert_int_equal(sum, leaves);
}

/* The limit that would do does, and one less does not. */
static void check_would_do(struct checked *c)
{
	const struct mmp_layout *l = &c->budget.layout;
	struct mmp_platform *copy = copy_of(c->platform);

	lift(optee_edit(&copy->config), l->plan.map.limited);
	if (l->plan.shape.limited) {
		optee_edit(&copy->config)->max_xlat_tables = l->tables.used;
		assert_false(stops_with(copy, "tables-exhausted") ||
			     stops_with(copy, "l1-tables-exhausted"));
		optee_edit(&copy->config)->max_xlat_tables = l->tables.used - 1;
		assert_true(l->tables.used == 0 || l->plan.stop.info ||
			    stops_with(copy, "tables-exhausted") ||
			    stops_with(copy, "l1-tables-exhausted"));
	} else if (!l->plan.stop.info) {
		optee_edit(&copy->config)->boot_mem_size_given = true;
		optee_edit(&copy->config)->boot_mem_size =
			l->tables.boot_memory_used + l->plan.shape.boot_memory_tmp;
		assert_false(stops_with(copy, "boot-memory-exhausted"));
		optee_edit(&copy->config)->boot_mem_size--;
		assert_true(stops_with(copy, "boot-memory-exhausted"));
	}
	if (l->plan.map.limited && !l->plan.stop.info) {
		lift(optee_edit(&copy->config), true);
		optee_edit(&copy->config)->mmap_regions = l->plan.count;
		assert_false(stops_with(copy, "map-full"));
		optee_edit(&copy->config)->mmap_regions = l->plan.count - 1;
		assert_true(stops_with(copy, "map-full") ||
			    stops_with(copy, "map-overflow"));
	}
	mmp_platform_free(copy);
}

static int descending(const void *one, const void *other)
{
	const size_t *a = one, *b = other;

	return *a < *b ? 1 : *a > *b ? -1 : 0;
}

/* A region's price is what is saved where its registrations are not there. */
static void check_price(struct checked *c, size_t n)
{
	const struct mmp_budget *b = &c->budget;
	const struct mmp_region_cost *cost = &b->regions[n];
	struct mmp_platform *copy = copy_of(c->platform);
	size_t *gone = malloc((cost->registrations + 1) * sizeof(*gone)), entries;
	struct mmp_error err;
	uint32_t tables;

	assert_non_null(gone);
	memcpy(gone, &b->origins[cost->first_registration],
	       cost->registrations * sizeof(*gone));
	qsort(gone, cost->registrations, sizeof(*gone), descending);
	for (size_t i = 0; i < cost->registrations; i++)
		assert_int_equal(mmp_platform_remove(copy, gone[i], &err), 0);
	lift(optee_edit(&copy->config), b->layout.plan.map.limited);
	if (!compute(copy, &tables, &entries)) {
		assert_int_equal(cost->price, MMP_PRICE_KNOWN);
		assert_int_equal(cost->saves, (int64_t)b->layout.tables.used - tables);
		c->priced++;
	}
	free(gone);
	mmp_platform_free(copy);
}

static void check_prices(struct checked *c)
{
	const struct mmp_budget *b = &c->budget;

	assert_int_equal(b->prices_left_out, 0);
	for (size_t n = 0; n < b->layout.plan.count; n++) {
		if (b->regions[n].registrations)
			check_price(c, n);
		else
			assert_int_equal(b->regions[n].price, MMP_PRICE_CORE);
	}
}

/* Change a platform as a suggestion says; false for one that does not say all of it. */
static bool apply(struct mmp_platform *copy, const struct mmp_suggestion *s)
{
	struct mmp_registration *one = &copy->registrations[s->ordinals[0]];
	struct mmp_error err;

	switch (s->change) {
	case MMP_CHANGE_ROUND_ALL:
		return false;
	case MMP_CHANGE_KEY:
		mmp_config_set(&copy->config, s->key, s->to);
		return true;
	case MMP_CHANGE_DROP:
		return !mmp_platform_remove(copy, s->ordinals[0], &err);
	case MMP_CHANGE_ROUND:
	case MMP_CHANGE_MOVE:
	case MMP_CHANGE_JOIN:
	case MMP_CHANGE_COUNT:
		break;
	}
	if (s->moves_window)
		optee_edit(&copy->config)->reserved_shm.base = s->addr;
	one->addr = s->addr;
	one->size = s->size;
	return s->change != MMP_CHANGE_JOIN ||
	       !mmp_platform_remove(copy, s->ordinals[1], &err);
}

static void check_suggestions(struct checked *c)
{
	const struct mmp_budget *b = &c->budget;

	for (size_t i = 0; i < b->suggestion_count; i++) {
		const struct mmp_suggestion *s = &b->suggestions[i];
		struct mmp_platform *copy = copy_of(c->platform);
		const struct mmp_stop_info *stop;
		uint32_t tables;
		size_t entries;

		assert_true(s->tables > 0 || (s->entries > 0 && s->tables == 0));
		lift(optee_edit(&copy->config), b->layout.plan.map.limited);
		if (apply(copy, s)) {
			stop = compute(copy, &tables, &entries);
			if (!stop) {
				assert_int_equal(tables + s->tables,
						 b->layout.tables.used);
				assert_int_equal(entries + (size_t)s->entries,
						 b->layout.plan.count);
			} else {
				assert_non_null(b->as_is.plan.stop.info);
			}
			c->suggested++;
		}
		mmp_platform_free(copy);
	}
}

/* Whether the boot core finds a table of that level on its way to `va`. */
static bool has_table(const struct mmp_tables *t, int level, uint64_t va)
{
	struct mmp_table_view view =
		mmp_tables_view(t, t->shape.boot_core * t->shape.per_core);

	while (view.level < level) {
		uint32_t n =
			(uint32_t)((va - view.base_va) >> t->format->shift(view.level));
		uint64_t word = mmp_descriptor_at(t->format, view.bytes, n);

		if (t->format->kind(view.level, word) != MMP_ENTRY_TABLE)
			return false;
		view = mmp_tables_view(t,
				       (uint32_t)mmp_tables_id_at(
					       t, t->format->address(view.level, word)));
	}
	return true;
}

/* core_mmu_map_pages(), page by page: the tables that it has to make. */
static uint64_t map_pages(const struct mmp_tables *t, uint64_t va, uint64_t size)
{
	uint64_t slot[4] = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX }, made = 0;

	for (uint64_t at = va; at < va + size; at += 4096)
		for (int level = (int)t->shape.base_level + 1;
		     level <= t->format->last_level; level++) {
			uint64_t now = at >> t->format->shift(level - 1);

			if (now != slot[level])
				made += !has_table(t, level, at);
			slot[level] = now;
		}
	return made;
}

static void check_shm(const struct checked *c)
{
	const struct mmp_budget *b = &c->budget;
	const struct mmp_region *window;

	if (b->shm.region < 0 || b->layout.plan.stop.info)
		return;
	window = &b->layout.plan.regions[b->shm.region];
	if ((window->va + window->size - 1) >> b->layout.plan.shape.va_bits)
		return; /* it would not boot */
	assert_true(b->shm.fits);
	assert_int_equal(b->shm.at_once,
			 map_pages(&b->layout.tables, window->va, b->shm.bytes));
	assert_int_equal(b->shm.window,
			 map_pages(&b->layout.tables, window->va, window->size));
	assert_in_range(b->shm.scattered, b->shm.at_once, b->shm.window);
}

/* --- every recording ----------------------------------------------------------------- */

static void check_recording(struct checked *c, const json_t *output)
{
	const json_t *used = json_object_get(output, "xlat_tables_used");
	const json_t *most = json_object_get(output, "max_xlat_tables");

	if (!used)
		return;
	assert_int_equal(c->budget.layout.tables.used, json_integer_value(used));
	/* The recordings had boot memory enough, whatever their image left. */
	if (!mmp_budget_bytes_short(&c->budget))
		assert_int_equal(mmp_budget_short(&c->budget), 0);
	if (json_is_integer(most)) {
		assert_int_equal(mmp_budget_limit(&c->budget), json_integer_value(most));
		assert_int_equal(mmp_budget_spare(&c->budget),
				 json_integer_value(most) - json_integer_value(used));
	}
}

/* Whether a run shows what it looks at, and where it failed. */
static void show(const struct checked *c)
{
	if (getenv("MMP_SHOW_VECTORS"))
		print_message("%s\n", c->name);
}

/* False where there is no budget: the firmware stops, and not for a limit. */
static bool check_vector(struct checked *c, const json_t *vector)
{
	const json_t *output = json_object_get(vector, "output");
	struct mmp_error err;
	uint32_t tables;
	size_t entries;

	show(c);
	mmp_budget_init(&c->budget);
	if (mmp_budget_make(&c->budget, c->platform, 0x302000, &err)) {
		assert_int_equal(err.code, MMP_FIRMWARE_STOP);
		assert_non_null(compute(c->platform, &tables, &entries));
		mmp_budget_done(&c->budget);
		return false;
	}
	check_recording(c, output);
	check_tables(c);
	check_descriptors(c);
	check_would_do(c);
	check_prices(c);
	check_suggestions(c);
	check_shm(c);
	c->short_of_tables += mmp_budget_short(&c->budget) > 0;
	c->short_of_entries += mmp_budget_entries_short(&c->budget) > 0;
	mmp_budget_done(&c->budget);
	return true;
}

static void check_one(void *data, const char *name, const json_t *vector)
{
	struct checked *c = data;
	struct mmp_platform *platform = vector_platform_of(vector);

	c->name = name;
	c->platform = platform;
	c->good += check_vector(c, vector);
	mmp_platform_free(platform);
}

static void every_recording_has_a_budget_that_holds(void **state)
{
	static const char *const folders[] = {
		"optee-4.10/lpae", "optee-4.10/short",    "real",
		"optee-3.4/lpae",  "optee-3.4/platforms", "optee-3.4/platforms-short",
		"optee-3.4/short",
	};
	uint64_t every = check_setting("MMP_TEST_EVERY", 1);
	struct checked c = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(folders); i++)
		vector_each(folders[i], every, check_one, &c);
	print_message("%u budgets, %u prices, %u suggestions; %u short of tables, %u of "
		      "entries\n",
		      c.good, c.priced, c.suggested, c.short_of_tables,
		      c.short_of_entries);
	if (every > 1)
		return;
	assert_true(c.good > 350 && c.priced > 1000 && c.suggested > 100);
	assert_true(c.short_of_tables >= 20 && c.short_of_entries >= 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recording_has_a_budget_that_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
