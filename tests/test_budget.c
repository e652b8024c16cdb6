/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doc/budget.h"
#include "doc/platform.h"
#include "rules/optee/optee.h"

/*
 * Every number of a budget against another way to it: the recordings, a plain search
 * through the map, the bytes of the tables, and layouts computed with the platform
 * changed as the budget says.
 */

static const char *path_of(const char *vector, char path[512])
{
	snprintf(path, 512, "%s/tests/vectors/%s",
		 getenv("top_srcdir") ? getenv("top_srcdir") : ".", vector);
	return path;
}

static struct mmp_platform *read_platform(const json_t *document)
{
	struct mmp_platform *platform = NULL;
	struct mmp_error err;

	if (mmp_platform_read(document, &platform, &err))
		fail_msg("%s", err.text);
	return platform;
}

static struct mmp_platform *platform_of(const char *vector)
{
	struct mmp_platform *platform;
	char path[512];
	json_t *json = json_load_file(path_of(vector, path), 0, NULL);

	assert_non_null(json);
	platform = read_platform(json);
	json_decref(json);
	return platform;
}

static struct mmp_platform *copy_of(const struct mmp_platform *platform)
{
	json_t *document = mmp_platform_write(platform);
	struct mmp_platform *copy = read_platform(document);

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
	uint64_t every; /* of so many recordings one is looked at */
	const char *name;
	const struct mmp_platform *platform;
	struct mmp_budget budget;
	unsigned priced, suggested, short_of_tables, short_of_entries;
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

static int is_json(const struct dirent *entry)
{
	return strstr(entry->d_name, ".json") != NULL;
}

static unsigned check_folder(struct checked *c, const char *folder)
{
	char path[512], file[1024];
	struct dirent **names;
	unsigned good = 0;
	int count = scandir(path_of(folder, path), &names, is_json, alphasort);

	assert_true(count > 0);
	for (int i = 0; i < count; free(names[i++])) {
		struct mmp_platform *platform;
		json_t *vector;

		if ((unsigned)i % c->every)
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		vector = json_load_file(file, 0, NULL);
		assert_non_null(vector);
		platform = read_platform(vector);
		c->name = names[i]->d_name;
		c->platform = platform;
		good += check_vector(c, vector);
		mmp_platform_free(platform);
		json_decref(vector);
	}
	free(names);
	return good;
}

static void every_recording_has_a_budget_that_holds(void **state)
{
	static const char *const folders[] = {
		"optee-4.10/lpae", "optee-4.10/short",    "real",
		"optee-3.4/lpae",  "optee-3.4/platforms", "optee-3.4/platforms-short",
		"optee-3.4/short",
	};
	struct checked c = { .every = check_setting("MMP_TEST_EVERY", 1) };
	unsigned good = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(folders); i++)
		good += check_folder(&c, folders[i]);
	print_message("%u budgets, %u prices, %u suggestions; %u short of tables, %u of "
		      "entries\n",
		      good, c.priced, c.suggested, c.short_of_tables, c.short_of_entries);
	if (c.every > 1)
		return;
	assert_true(good > 350 && c.priced > 1000 && c.suggested > 100);
	assert_true(c.short_of_tables >= 20 && c.short_of_entries >= 7);
}

/* --- worked out by hand -------------------------------------------------------------- */

struct wanted {
	int level;
	uint64_t va;
	const char *type; /* NULL: of a core */
	enum mmp_table_reason reason;
};

static void make(struct mmp_budget *budget, const struct mmp_platform *platform)
{
	struct mmp_error err;

	mmp_budget_init(budget);
	if (mmp_budget_make(budget, platform, MMP_BUDGET_SHM, &err))
		fail_msg("%s", err.text);
}

static void assert_tables(const struct mmp_budget *b, const struct wanted *wanted,
			  uint32_t count)
{
	const struct mmp_rules *rules = b->layout.platform->rules;

	assert_int_equal(b->layout.tables.used, count);
	for (uint32_t n = 0; n < count; n++) {
		const struct mmp_xlat *x = &b->layout.tables.xlat[n];

		assert_int_equal(x->level, wanted[n].level);
		assert_int_equal(x->base_va, wanted[n].va);
		assert_int_equal(b->tables[n].reason, wanted[n].reason);
		assert_int_equal(x->region == MMP_NO_REGION, wanted[n].type == NULL);
		if (wanted[n].type)
			assert_string_equal(
				mmp_memtype_label(rules,
						  b->layout.plan.regions[x->region].type),
				wanted[n].type);
	}
}

static void assert_budget(const char *vector, const struct wanted *wanted, uint32_t count)
{
	struct mmp_platform *platform = platform_of(vector);
	struct mmp_budget budget;

	make(&budget, platform);
	assert_tables(&budget, wanted, count);
	mmp_budget_done(&budget);
	mmp_platform_free(platform);
}

/*
 * The core's 2 MiB begin at 0xe100000, so they touch two blocks, and pages are all that
 * it is mapped in; the virtual space of 1 MiB ends in the middle of a block; the rest of
 * the secure memory begins where the core's data does, 0x17b000 into a block, and is
 * congruent from there on. Devices, the windows and shared memory are on blocks.
 */
static void the_tables_of_qemu(void **state)
{
	static const struct wanted wanted[] = {
		{ 2, 0, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xe000000, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xe200000, "TEE_RAM_RW", MMP_TABLE_UNITS },
		{ 3, 0xee00000, "TEE_DYN_VASPACE", MMP_TABLE_ENDS },
		{ 3, 0x11400000, "SEC_RAM_OVERALL", MMP_TABLE_BEGINS },
	};

	(void)state;
	assert_budget("../../platforms/qemu-armv8a.json", wanted, COUNT(wanted));
}

/*
 * Shared memory of exactly two blocks is not made congruent, and its PA is 1 MiB into
 * a block: 1024 pages in two tables. So does the RAM_SEC of one block. The secure memory
 * is larger, so it is congruent, but begins and ends inside of blocks.
 */
static void the_tables_of_dra7(void **state)
{
	static const struct wanted wanted[] = {
		{ 2, 0x80000000, "NSEC_SHM", MMP_TABLE_UNITS },
		{ 3, 0xb8200000, "NSEC_SHM", MMP_TABLE_SHIFTED },
		{ 3, 0xb8400000, "NSEC_SHM", MMP_TABLE_SHIFTED },
		{ 3, 0xb8600000, "SEC_RAM_OVERALL", MMP_TABLE_BEGINS },
		{ 3, 0xba200000, "SEC_RAM_OVERALL", MMP_TABLE_ENDS },
		{ 3, 0xba400000, "RAM_SEC", MMP_TABLE_SHIFTED },
		{ 3, 0xbda00000, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xbdc00000, "TEE_RAM_RW", MMP_TABLE_UNITS },
	};

	(void)state;
	assert_budget("optee-4.10/lpae/d026_ti_dra7xx_lpae.json", wanted, COUNT(wanted));
}

/*
 * Short descriptors: blocks of 1 MiB. Code and data share the core's MiB, of which they
 * leave nothing; each range of 0x1103000 and 0x103000 bytes has a rest of three pages,
 * and the second of two that share a table has its pages in the next one too.
 */
static void the_tables_of_short_descriptors(void **state)
{
	static const struct wanted wanted[] = {
		{ 2, 0xe100000, "TEE_RAM_RX", MMP_TABLE_ENDS },
		{ 2, 0x12d00000, "RAM_SEC", MMP_TABLE_ENDS },
		{ 2, 0x12e00000, "RAM_SEC", MMP_TABLE_SHIFTED },
		{ 2, 0x13000000, "RAM_NSEC", MMP_TABLE_ENDS },
		{ 2, 0x14200000, "RAM_NSEC", MMP_TABLE_ENDS },
		{ 2, 0x14300000, "RAM_NSEC", MMP_TABLE_SHIFTED },
	};

	(void)state;
	assert_budget("optee-3.4/platforms-short/v7d008_xlat_exhaust_4.json", wanted,
		      COUNT(wanted));
}

/*
 * 48 bits: the five of QEMU and a level 1; then one for each base table, two for each of
 * four cores, but for the one that has it.
 */
static void the_tables_of_base_level_0(void **state)
{
	static const struct wanted wanted[13] = {
		{ 1, 0, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 2, 0, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xe000000, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xe200000, "TEE_RAM_RW", MMP_TABLE_UNITS },
		{ 3, 0xee00000, "TEE_DYN_VASPACE", MMP_TABLE_ENDS },
		{ 3, 0x11400000, "SEC_RAM_OVERALL", MMP_TABLE_BEGINS },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
	};

	(void)state;
	assert_budget("real/real_va48.json", wanted, COUNT(wanted));
}

/* --- what would save ----------------------------------------------------------------- */

static struct mmp_platform *qemu(void)
{
	return platform_of("../../platforms/qemu-armv8a.json");
}

static size_t add(struct mmp_platform *p, const char *type, const char *name,
		  uint64_t addr, uint64_t size)
{
	struct mmp_registration one = {
		OPTEE_SECTION_PHYS_MEM_MAP, 0, addr, size, name, "platform", 0, 0, 0
	};
	struct mmp_error err;

	assert_int_equal(mmp_memtype_find(p->rules, type, &one.type, &err), 0);
	assert_int_equal(mmp_platform_add(p, &one, &err), 0);
	return p->count - 1;
}

/* The suggestion to do that with that registration, or NULL. */
static const struct mmp_suggestion *find(const struct mmp_budget *b,
					 enum mmp_change change, size_t ordinal)
{
	for (size_t i = 0; i < b->suggestion_count; i++)
		if (b->suggestions[i].change == change &&
		    (change == MMP_CHANGE_ROUND_ALL ||
		     b->suggestions[i].ordinals[0] == ordinal))
			return &b->suggestions[i];
	return NULL;
}

static void assert_saves(const struct mmp_suggestion *s, int64_t tables, int64_t entries)
{
	assert_non_null(s);
	assert_int_equal(s->tables, tables);
	assert_int_equal(s->entries, entries);
}

/*
 * Three pages of devices, two of them in one block: each gets a block of VA and a table.
 * One of the two rounded covers the other; joined, they are one region with one table.
 */
static void devices_in_pages_are_told_to_round_or_join(void **state)
{
	struct mmp_platform *p = qemu();
	size_t a = add(p, "MEM_AREA_IO_SEC", "a", 0x10001000, 0x1000);
	size_t b = add(p, "MEM_AREA_IO_SEC", "b", 0x10003000, 0x1000);
	size_t c = add(p, "MEM_AREA_IO_SEC", "c", 0x10400000, 0x1000);
	struct mmp_budget budget;

	(void)state;
	make(&budget, p);
	assert_int_equal(budget.layout.tables.used, 5 + 3);
	assert_saves(find(&budget, MMP_CHANGE_ROUND, a), 2, 1);
	assert_saves(find(&budget, MMP_CHANGE_ROUND, b), 2, 1);
	assert_saves(find(&budget, MMP_CHANGE_ROUND, c), 1, 0);
	assert_saves(find(&budget, MMP_CHANGE_JOIN, a), 1, 1);
	assert_saves(find(&budget, MMP_CHANGE_ROUND_ALL, 0), 3, 1);
	assert_ptr_equal(find(&budget, MMP_CHANGE_ROUND_ALL, 0), &budget.suggestions[0]);
	assert_int_equal(budget.regions[budget.region_of[a]].saves, 1);
	assert_null(find(&budget, MMP_CHANGE_JOIN, b));
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* The block of two of them has both worlds in it, that of the third secure memory. */
static void nobody_is_told_to_map_what_is_another_s(void **state)
{
	struct mmp_platform *p = qemu();
	size_t a = add(p, "MEM_AREA_IO_SEC", "a", 0x10001000, 0x1000);
	size_t b = add(p, "MEM_AREA_IO_NSEC", "b", 0x10100000, 0x1000);
	size_t c = add(p, "MEM_AREA_IO_SEC", "c", 0xe001000, 0x1000);
	struct mmp_budget budget;

	(void)state;
	make(&budget, p);
	assert_null(find(&budget, MMP_CHANGE_ROUND, a));
	assert_null(find(&budget, MMP_CHANGE_ROUND, b));
	assert_null(find(&budget, MMP_CHANGE_ROUND, c));
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* 2 MiB of shared memory 1 MiB into a block: a table, which 0x42000000 does not need. */
static void memory_is_told_to_move_with_its_window(void **state)
{
	struct mmp_platform *p = qemu();
	const struct mmp_suggestion *s;
	struct mmp_budget budget;

	(void)state;
	optee_edit(&p->config)->reserved_shm.base = 0x42100000;
	for (size_t i = 0; i < p->count; i++)
		if (p->registrations[i].addr == 0x42000000)
			p->registrations[i].addr = 0x42100000;
	make(&budget, p);
	assert_int_equal(budget.layout.tables.used, 6);
	assert_int_equal(budget.suggestion_count, 1);
	s = &budget.suggestions[0];
	assert_int_equal(s->change, MMP_CHANGE_MOVE);
	assert_saves(s, 1, 0);
	assert_true(s->moves_window && s->addr == 0x42000000);
	assert_string_equal(s->but, "there must be memory that is free");
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* A smaller reserved space, or whole blocks of it, where that is a table less. */
static void the_configuration_is_told_what_it_could_save(void **state)
{
	struct mmp_platform *p = qemu();
	struct mmp_budget budget;

	(void)state;
	optee_edit(&p->config)->va_bits =
		40; /* base level 0: a level 1, and seven more for the cores */
	optee_edit(&p->config)->reserved_vaspace_size =
		0xa01000; /* a page of a block more */
	make(&budget, p);
	assert_int_equal(budget.layout.tables.used, 5 + 1 + 7 + 1);
	assert_int_equal(budget.suggestion_count, 2);
	assert_string_equal(budget.suggestions[0].key->name, "va_bits");
	assert_int_equal(budget.suggestions[0].to, 39);
	assert_saves(&budget.suggestions[0], 8, 0);
	assert_string_equal(budget.suggestions[1].key->name, "reserved_vaspace_size");
	assert_int_equal(budget.suggestions[1].to, 0xc00000);
	assert_saves(&budget.suggestions[1], 1, 0);
	assert_null(budget.suggestions[1].but); /* it has grown */
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* Release 3.4 does not merge neighbours: each costs an entry, of which there are 13. */
static void neighbours_are_told_to_join_where_entries_are_few(void **state)
{
	struct mmp_platform *p =
		platform_of("optee-3.4/platforms/d026_exhaust_13_va_space.json");
	size_t a = add(p, "MEM_AREA_RAM_NSEC", "a", 0x90000000, 0x200000);
	size_t b = add(p, "MEM_AREA_RAM_NSEC", "b", 0x90200000, 0x200000);
	const struct mmp_suggestion *s;
	struct mmp_budget budget;

	(void)state;
	make(&budget, p);
	assert_int_equal(budget.layout.plan.count - optee_edit(&p->config)->mmap_regions,
			 mmp_budget_entries_short(&budget));
	s = find(&budget, MMP_CHANGE_JOIN, a);
	assert_saves(s, 0, 1);
	assert_int_equal(s->ordinals[1], b);
	assert_int_equal(s->size, 0x400000);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* --- limits, and what comes later ---------------------------------------------------- */

/* Boot memory: of 64-byte needs nothing, of whole tables each. */
static void boot_memory_is_counted_in_tables(void **state)
{
	struct mmp_platform *p = qemu();
	struct mmp_budget budget;
	uint64_t enough;

	(void)state;
	optee_edit(&p->config)->layout.free.given = false;
	make(&budget, p);
	assert_int_equal(mmp_budget_limit(&budget), UINT64_MAX);
	assert_int_equal(mmp_budget_spare(&budget), UINT64_MAX);
	enough = budget.layout.tables.boot_memory_used +
		 budget.layout.plan.shape.boot_memory_tmp;
	mmp_budget_done(&budget);
	optee_edit(&p->config)->boot_mem_size_given = true;
	for (uint64_t more = 0; more < 3 * 4096; more += 1024) {
		optee_edit(&p->config)->boot_mem_size = enough + more;
		make(&budget, p);
		assert_int_equal(mmp_budget_spare(&budget), more / 4096);
		mmp_budget_done(&budget);
	}
	for (uint64_t less = 1; less < 3 * 4096; less += 1024) {
		optee_edit(&p->config)->boot_mem_size = enough - less;
		make(&budget, p);
		assert_int_equal(mmp_budget_short(&budget), less / 4096 + 1);
		assert_true(mmp_budget_has(&budget, 1)); /* booted, it has other memory */
		mmp_budget_done(&budget);
	}
	mmp_platform_free(p);
}

/*
 * Measured on a board: 4 tables, 2 threads and 4 cores took 28,992 bytes that stay and
 * 29,768 that are given back.
 */
static void what_the_image_leaves_is_the_limit_of_boot_memory(void **state)
{
	struct mmp_platform *p = qemu();
	struct mmp_budget budget;
	const uint64_t needed = 28992 + 29768;

	(void)state;
	optee_edit(&p->config)->layout.free.size = (needed + 0xfff) & ~UINT64_C(0xfff);
	make(&budget, p);
	assert_int_equal(budget.layout.tables.used, 4);
	assert_int_equal(mmp_budget_bytes_short(&budget), 0);
	assert_int_equal(mmp_budget_spare(&budget), 0);
	mmp_budget_done(&budget);
	optee_edit(&p->config)->layout.free.size = needed & ~UINT64_C(0xfff);
	make(&budget, p);
	assert_int_equal(mmp_budget_bytes_short(&budget), needed & 0xfff);
	assert_int_equal(mmp_budget_short(&budget), 1);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* 10 MiB are five blocks of the level 2 table, unless that ends before them. */
static void devices_mapped_later_must_lie_in_one_table(void **state)
{
	struct mmp_platform *p = qemu();
	struct mmp_budget budget;
	uint64_t base = optee_edit(&p->config)->trusted_dram.base;
	uint64_t *const moved[] = { &optee_edit(&p->config)->trusted_dram.base,
				    &optee_edit(&p->config)->tee_ram.start,
				    &optee_edit(&p->config)->layout.unpg_rx.base,
				    &optee_edit(&p->config)->layout.unpg_rw.base,
				    &optee_edit(&p->config)->layout.free.base };

	(void)state;
	make(&budget, p);
	assert_int_equal(budget.late.granule, 0x200000);
	assert_int_equal(budget.late.count, 5);
	assert_int_equal(budget.late.largest, 0xa00000);
	assert_int_equal(budget.layout.plan.map.late, 5);
	mmp_budget_done(&budget);
	for (size_t i = 0; i < COUNT(moved); i++)
		*moved[i] += 0x3f900000 - base; /* the window: 0x3fc00000-0x405fffff */
	optee_edit(&p->config)->reserved_shm.base = p->registrations[3].addr;
	make(&budget, p);
	assert_int_equal(budget.layout.plan.regions[budget.late.region].va, 0x3fc00000);
	assert_int_equal(budget.late.count, 2);
	assert_int_equal(budget.late.largest, 0x400000 - 1);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* Release 3.4: what boot leaves of CFG_MMAP_REGIONS, and the window's own entry. */
static void later_mappings_of_3_4_take_the_entries_that_are_left(void **state)
{
	struct mmp_platform *p = platform_of("optee-3.4/platforms/d001_fvp.json");
	struct mmp_budget budget;

	(void)state;
	make(&budget, p);
	assert_int_equal(budget.layout.plan.map.late,
			 optee_edit(&p->config)->mmap_regions - budget.layout.plan.count +
				 1);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

static uint64_t at_once(struct mmp_platform *p, uint64_t bytes, uint64_t *ret_scattered)
{
	struct mmp_budget budget;
	struct mmp_error err;
	uint64_t tables;

	mmp_budget_init(&budget);
	assert_int_equal(mmp_budget_make(&budget, p, bytes, &err), 0);
	tables = budget.shm.fits ? budget.shm.at_once : UINT64_MAX;
	*ret_scattered = budget.shm.scattered;
	mmp_budget_done(&budget);
	return tables;
}

/* A table for each 2 MiB that are begun; a page alone may need one, 16 pages 16. */
static void shared_memory_needs_a_table_for_each_block_it_touches(void **state)
{
	static const struct {
		uint64_t bytes, at_once, scattered;
	} rows[] = {
		{ 0, UINT64_MAX, 0 },
		{ 1, 1, 1 },
		{ 0x1001, 1, 2 },
		{ 0x200000, 1, 16 },
		{ 0x200001, 2, 16 },
		{ 0x800000, 4, 16 },
		{ 0xf48000, 8, 16 },
		{ 0x2000000, 16, 16 },
		{ 0x2000001, UINT64_MAX, 16 },
		{ UINT64_MAX, UINT64_MAX, 16 },
	};
	struct mmp_platform *p = qemu();
	uint64_t scattered;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(at_once(p, rows[i].bytes, &scattered), rows[i].at_once);
		assert_int_equal(scattered, rows[i].scattered);
	}
	mmp_platform_free(p);
}

/* --- bounds -------------------------------------------------------------------------- */

static void a_large_platform_says_what_was_left_out(void **state)
{
	struct mmp_platform *p = qemu();
	size_t left_out = 0, known = 0;
	struct mmp_budget budget;

	(void)state;
	for (uint64_t i = 0; i < 4000; i++)
		add(p, "MEM_AREA_IO_NSEC", "r", 0x100000000 + i * 0x400000, 0x1000);
	optee_edit(&p->config)->va_bits = 39;
	make(&budget, p);
	for (size_t n = 0; n < budget.layout.plan.count; n++) {
		left_out += budget.regions[n].price == MMP_PRICE_LEFT_OUT;
		known += budget.regions[n].price == MMP_PRICE_KNOWN;
	}
	assert_int_equal(left_out, budget.prices_left_out);
	assert_true(left_out > 0 && known > 0);
	assert_true(budget.changes_left_out > 0);
	assert_saves(find(&budget, MMP_CHANGE_ROUND_ALL, 0), 4000, 0);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

static void the_same_platform_has_the_same_budget(void **state)
{
	struct mmp_platform *p = platform_of("optee-4.10/lpae/d111_random_005.json");
	struct mmp_budget a, b;
	json_t *one, *other;

	(void)state;
	make(&a, p);
	make(&b, p);
	one = mmp_budget_write(&a, true, MMP_DETAIL_FULL);
	other = mmp_budget_write(&b, true, MMP_DETAIL_FULL);
	assert_true(json_equal(one, other));
	json_decref(one);
	json_decref(other);
	mmp_budget_done(&a);
	mmp_budget_done(&b);
	mmp_platform_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recording_has_a_budget_that_holds),
		cmocka_unit_test(the_tables_of_qemu),
		cmocka_unit_test(the_tables_of_dra7),
		cmocka_unit_test(the_tables_of_short_descriptors),
		cmocka_unit_test(the_tables_of_base_level_0),
		cmocka_unit_test(devices_in_pages_are_told_to_round_or_join),
		cmocka_unit_test(nobody_is_told_to_map_what_is_another_s),
		cmocka_unit_test(memory_is_told_to_move_with_its_window),
		cmocka_unit_test(the_configuration_is_told_what_it_could_save),
		cmocka_unit_test(neighbours_are_told_to_join_where_entries_are_few),
		cmocka_unit_test(boot_memory_is_counted_in_tables),
		cmocka_unit_test(what_the_image_leaves_is_the_limit_of_boot_memory),
		cmocka_unit_test(devices_mapped_later_must_lie_in_one_table),
		cmocka_unit_test(later_mappings_of_3_4_take_the_entries_that_are_left),
		cmocka_unit_test(shared_memory_needs_a_table_for_each_block_it_touches),
		cmocka_unit_test(a_large_platform_says_what_was_left_out),
		cmocka_unit_test(the_same_platform_has_the_same_budget),
	};
	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
