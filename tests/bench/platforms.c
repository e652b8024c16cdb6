#include "bench/platforms.h"

#include <stdio.h>
#include <stdlib.h>

#include "doc/platform.h"

/* Sizes in pages, and how far into its 2 MiB each begins. */
static const struct {
	uint64_t offset, pages;
} shapes[] = {
	{ 0, 1 },  { 0, 512 }, { 3, 1 },   { 0, 1024 }, { 511, 2 },
	{ 7, 16 }, { 0, 512 }, { 1, 700 }, { 0, 1536 }, { 256, 257 },
};

static void must(int failed, const struct mmp_error *err)
{
	if (!failed)
		return;
	fprintf(stderr, "bench: %s\n", err->text);
	exit(1);
}

#define CORE UINT64_C(0x1000000000) /* above what user mode may have */

static void configure(struct mmp_config *c)
{
	c->va_bits = c->pa_bits = 48;
	c->nb_core = 4;
	c->dyn_config = true;
	c->trusted_dram = (struct mmp_range){ CORE, 0xf00000, true };
	c->tee_ram.start = CORE;
	c->tee_ram.ph_size = c->tee_ram.va_size = 0x200000;
	c->layout.unpg_rx = (struct mmp_range){ CORE, 0x7b000, true };
	c->layout.unpg_rw = (struct mmp_range){ CORE + 0x7b000, 0x49000, true };
	c->layout.free = (struct mmp_range){ CORE + 0xc4000, 0x13c000, true };
}

struct mmp_platform *bench_platform(size_t count)
{
	struct mmp_platform *platform = NULL;
	struct mmp_error err;
	const struct mmp_rules *rules;
	uint64_t at = UINT64_C(0x2000000000);

	must(mmp_rules_find("optee-4.10", &rules, &err), &err);
	platform = mmp_platform_new("bench", rules);
	configure(&platform->config);
	for (size_t i = 0; i < count; i++) {
		uint64_t offset = shapes[i % 10].offset, pages = shapes[i % 10].pages;
		struct mmp_registration one = { .section = MMP_PHYS_MEM_MAP,
						.name = "device",
						.origin = "platform",
						.addr = at + offset * 4096,
						.size = pages * 4096 };

		must(mmp_memtype_find(rules,
				      i % 3 ? "MEM_AREA_IO_SEC" : "MEM_AREA_IO_NSEC",
				      &one.type, &err),
		     &err);
		must(mmp_platform_add(platform, &one, &err), &err);
		at += ((offset + pages) * 4096 + 0x3fffff) & ~UINT64_C(0x1fffff);
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
	must(mmp_platform_read(json, &platform, &err), &err);
	json_decref(json);
	platform->config.aslr = seed != 0;
	platform->config.aslr_seed = seed;
	return platform;
}
