/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/platforms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/platform.h"
#include "rules/optee/optee.h"

/* Sizes in pages, and how far into its 2 MiB each begins. */
static const struct shape {
	uint64_t offset, pages;
} shapes[] = {
	{ 0, 1 },  { 0, 512 }, { 3, 1 },   { 0, 1024 }, { 511, 2 },   { 0, 2048 },
	{ 7, 16 }, { 0, 512 }, { 1, 700 }, { 0, 1536 }, { 256, 257 }, { 0, 512 },
};

enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]), STRIDE = 7919 };

#define PAGE  UINT64_C(4096)
#define BLOCK UINT64_C(0x200000)
#define CORE  UINT64_C(0x1000000000) /* above what user mode may have */
#define FIRST UINT64_C(0x2000000000)

/* Where a build has its pool: apart from all registrations. */
#define POOL_PA   UINT64_C(0x1000200000)
#define POOL_SIZE (UINT64_C(1) << 20)

void bench_must(int failed, const struct mmp_error *err)
{
	if (!failed)
		return;
	fprintf(stderr, "bench: %s\n", err->text);
	exit(1);
}

static void add(struct mmp_platform *platform, unsigned section, const char *type,
		uint64_t addr, uint64_t size)
{
	struct mmp_registration one = { .section = section,
					.name = "device",
					.origin = "platform",
					.addr = addr,
					.size = size };
	struct mmp_error err;

	bench_must(mmp_memtype_find(platform->rules, type, &one.type, &err), &err);
	bench_must(mmp_platform_add(platform, &one, &err), &err);
}

static bool is_3_4(const struct mmp_platform *platform)
{
	return !strcmp(platform->rules->name, "optee-3.4");
}

/* 3.4 has what the core is made of among its registrations, and limits of its own. */
static struct mmp_platform *new_platform(const char *name, size_t count)
{
	struct mmp_platform *platform;
	const struct mmp_rules *rules;
	struct mmp_error err;
	struct optee_config *c;

	bench_must(mmp_rules_find(name, &rules, &err), &err);
	platform = mmp_platform_new("bench", rules);
	c = optee_edit(&platform->config);
	c->va_bits = c->pa_bits = 48;
	c->nb_core = 4;
	c->dyn_config = !is_3_4(platform);
	c->trusted_dram = (struct mmp_range){ CORE, 0xf00000, true };
	c->tee_ram.start = CORE;
	c->tee_ram.ph_size = c->tee_ram.va_size = 0x200000;
	c->layout.unpg_rx = (struct mmp_range){ CORE, 0x7b000, true };
	c->layout.unpg_rw = (struct mmp_range){ CORE + 0x7b000, 0x49000, true };
	c->layout.free = (struct mmp_range){ CORE + 0xc4000, 0x13c000, true };
	if (!is_3_4(platform))
		return platform;
	c->va_bits = 42; /* it has base level 1 for any width */
	c->mmap_regions = count + 16;
	c->max_xlat_tables = 65536;
	c->max_xlat_tables_given = true;
	add(platform, OPTEE_SECTION_PHYS_MEM_MAP, "MEM_AREA_TEE_RAM_RX", CORE, 0x200000);
	return platform;
}

static const char *const both_worlds[] = { "MEM_AREA_RAM_NSEC", "MEM_AREA_RAM_SEC" };

/* Where the mixed shapes begin; the caller frees it. */
static uint64_t *places(size_t count)
{
	uint64_t *at = malloc((count + 1) * sizeof(*at));

	at[0] = FIRST;
	for (size_t i = 0; i < count; i++) {
		const struct shape *s = &shapes[i % SHAPES];

		at[i + 1] = at[i] + (s->offset + s->pages) * PAGE + 2 * BLOCK - 1;
		at[i + 1] &= ~(BLOCK - 1);
	}
	return at;
}

static void set(struct mmp_platform *platform, const char *key, uint64_t value)
{
	mmp_config_set(&platform->config, mmp_config_key_find(platform->rules, key),
		       value);
}

struct mmp_platform *bench_platform(const char *rules, size_t count)
{
	struct mmp_platform *platform = new_platform(rules, count);
	uint64_t *at = places(count);

	for (size_t n = 0; n < count; n++) {
		size_t i = n * STRIDE % count;
		const struct shape *s = &shapes[i % SHAPES];

		add(platform, OPTEE_SECTION_PHYS_MEM_MAP, both_worlds[i % 3 != 0],
		    at[i] + s->offset * PAGE, s->pages * PAGE);
	}
	free(at);
	return platform;
}

struct mmp_platform *bench_tfa(const char *rules_name, size_t count)
{
	struct mmp_registration one = { .name = "device",
					.origin = "platform",
					.granularity = 0x40000000 };
	struct mmp_platform *platform;
	const struct mmp_rules *rules;
	uint64_t *at = places(count);
	struct mmp_error err;

	bench_must(mmp_rules_find(rules_name, &rules, &err), &err);
	platform = mmp_platform_new("bench", rules);
	set(platform, "va_space", UINT64_C(1) << 48);
	set(platform, "pa_space", UINT64_C(1) << 48);
	set(platform, "max_xlat_tables", 65536);
	set(platform, "max_mmap_regions", 1000000);
	bench_must(mmp_section_find(rules, "add", &one.section, &err), &err);
	for (size_t n = 0; n < count; n++) {
		size_t i = n * STRIDE % count;
		const struct shape *s = &shapes[i % SHAPES];

		one.addr = one.va = at[i] + s->offset * PAGE;
		one.size = s->pages * PAGE;
		one.attr = i % 3 ? 0xa : 0x18;
		bench_must(mmp_platform_add(platform, &one, &err), &err);
	}
	bench_must(mmp_section_find(rules, "init", &one.section, &err), &err);
	one.addr = one.va = one.size = one.attr = 0;
	bench_must(mmp_platform_add(platform, &one, &err), &err);
	free(at);
	return platform;
}

struct mmp_platform *bench_overlapping(const char *rules, size_t count)
{
	struct mmp_platform *platform = new_platform(rules, count);

	for (size_t n = 0; n < count; n++) {
		size_t i = n * STRIDE % count;

		add(platform, OPTEE_SECTION_PHYS_MEM_MAP, both_worlds[i % 2],
		    FIRST + i * PAGE, (1 + i % 1000) * PAGE);
	}
	return platform;
}

struct mmp_platform *bench_special(const char *rules, size_t count)
{
	static const struct {
		unsigned section;
		const char *type;
	} kinds[] = {
		{ OPTEE_SECTION_SDP_MEM, "MEM_AREA_SDP_MEM" },
		{ OPTEE_SECTION_DDR_OVERALL, "MEM_AREA_DDR_OVERALL" },
		{ OPTEE_SECTION_PHYS_MEM_MAP, "MEM_AREA_RAM_SEC" },
	};
	struct mmp_platform *platform = new_platform(rules, count);

	optee_edit(&platform->config)->secure_data_path =
		optee_edit(&platform->config)->dyn_shm = true;
	for (size_t n = 0; n < count; n++) {
		size_t i = n * STRIDE % count;

		add(platform, kinds[i % 3].section, kinds[i % 3].type,
		    FIRST + i * 2 * BLOCK, BLOCK);
	}
	return platform;
}

struct mmp_platform *bench_qemu(uint64_t seed)
{
	const char *top = getenv("top_srcdir");
	struct mmp_platform *platform = NULL;
	struct mmp_error err;
	char path[512];
	json_t *json;

	snprintf(path, sizeof(path), "%s/tests/vectors/real/real_aslr.json",
		 top ? top : ".");
	json = json_load_file(path, 0, NULL);
	bench_must(mmp_platform_read(json, &platform, &err), &err);
	json_decref(json);
	optee_edit(&platform->config)->aslr = seed != 0;
	optee_edit(&platform->config)->aslr_seed = seed;
	return platform;
}

struct mmp_build *bench_build(struct mmp_platform *take_platform, uint64_t pool_pa)
{
	const struct mmp_build_request request = { .pool_given = true,
						   .pool_pa = pool_pa,
						   .pool_size = POOL_SIZE,
						   .accept = json_true() };
	struct mmp_build *build = NULL;
	struct mmp_error err;
	json_t *stop = NULL;

	bench_must(mmp_build_make(take_platform, &request, &build, &stop, &err), &err);
	return build;
}

struct mmp_build *bench_build_of_tables(size_t tables)
{
	size_t fit = 1, over = 4 * tables;

	while (over - fit > 1) {
		size_t count = (fit + over) / 2;
		struct mmp_build *build =
			bench_build(bench_platform("optee-4.10", count), POOL_PA);

		if (build->length > tables * PAGE)
			over = count;
		else
			fit = count;
		mmp_build_free(build);
	}
	return bench_build(bench_platform("optee-4.10", fit), POOL_PA);
}

struct mmp_image bench_image(const struct mmp_build *build)
{
	return (struct mmp_image){
		.id = build->id,
		.digest = build->bytes_digest,
		.pool_pa = build->pool_pa,
		.bytes = build->bytes,
		.length = build->length,
		.registers[WIRE_MAIR] =
			mmp_layout_register_for(&build->layout, MMP_REGISTER_MAIR),
		.registers[WIRE_TCR] =
			mmp_layout_register_for(&build->layout, MMP_REGISTER_TCR),
		.registers[WIRE_TTBR0] = mmp_tables_view(&build->layout.tables, 0).pa,
	};
}
