/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/page.h"
#include "plan/planner.h"
#include "plan/range.h"
#include "rules/optee/boot_memory.h"
#include "rules/optee/checks.h"
#include "rules/optee/config.h"

/*
 * The steps right after the map that panic because of it. Modelled are boot memory, the
 * pager's alias area, the pools of secure memory, stacks, and the reserved window.
 * Drivers, device trees, and whatever depends on more than the document are not modelled.
 * Discovery of DDR is in the planner.
 */

enum {
	SINCE_OPTIONAL_WINDOW = 306, /* CFG_CORE_RESERVED_SHM */
	SINCE_NO_TA_RAM_TEST = 404,
	SINCE_DYNAMIC_STACKS = 407,
};

/* clang-format off */
static const struct mmp_stop_info ta_ram_missing_old = { "ta-ram-missing", MMP_STOP_PANIC, "invalid TA RAM", "teecore_init_ta_ram", "tee_mmu.c", 850, "init_runtime",
	"no secure memory is left to trusted applications", "give the core less: lower tee_ram.ph_size and tee_ram.va_size, and register what is left as TA_RAM" };
static const struct mmp_stop_info ta_ram_missing = { "ta-ram-missing", MMP_STOP_PANIC, "invalid TA RAM", "core_mmu_init_ta_ram", "core_mmu.c", 2416, "init_runtime",
	"no secure memory is left to trusted applications", "give the core less: lower tee_ram.ph_size and tee_ram.va_size, and register what is left as TA_RAM" };
static const struct mmp_stop_info window_unmapped_old = { "window-not-mapped", MMP_STOP_PANIC, "invalid PUB RAM", "teecore_init_pub_ram", "tee_mmu.c", 873, "init_teecore",
	"the reserved window of shared memory is not mapped", "register NSEC_SHM over reserved_shm" };
static const struct mmp_stop_info window_unmapped = { "window-not-mapped", MMP_STOP_PANIC, "invalid PUB RAM", "teecore_init_pub_ram", "core_mmu.c", 2812, "early_init",
	"the reserved window of shared memory is not mapped", "register NSEC_SHM over reserved_shm, or set reserved_shm to null" };
static const struct mmp_stop_info secure_unaligned = { "secure-memory-unaligned", MMP_STOP_PANIC, "invalid phys mem", "init_pool", "phys_mem.c", 26, "core_mmu_init_phys_mem",
	"a secure-only range is not in whole pages, or begins at 0", "let trusted_dram and trusted_sram begin and end at multiples of 0x1000, and not begin at 0" };
static const struct mmp_stop_info core_not_in_pool = { "core-memory-not-carved", MMP_STOP_ASSERT, "mm", "carve_out_core_mem", "core_mmu.c", 2839, "core_mmu_init_phys_mem",
	"memory that the firmware takes for itself is not inside one secure-only range, or is taken twice", "keep layout.*, layout.asan_map and sdp_test_mem apart, each inside trusted_dram or trusted_sram" };
static const struct mmp_stop_info stacks = { "stack-space-full", MMP_STOP_PANIC, "", "alloc_stack", "thread.c", 518, "thread_init_threads",
	"the virtual space for stacks is too small", "raise tee_dyn_vaspace_size" };
static const struct mmp_stop_info pager_alias = { "pager-alias-space", MMP_STOP_ASSERT, "mm", "init_pager_runtime", "boot.c", 583, "init_primary",
	"the pager finds no virtual space for its alias of the SRAM", "raise tee_ram.va_size" };

/* clang-format on */

static unsigned release_of(const struct mmp_check_input *input)
{
	return optee_release(input->platform->rules);
}

/* The first entry of the map whose type has that label, or NULL. */
static const struct mmp_region *find_entry(const struct mmp_check_input *input,
					   const char *label)
{
	const struct mmp_plan *plan = &input->layout->plan;

	for (size_t n = 0; n < plan->count; n++)
		if (optee_is_type(input->platform->rules, plan->regions[n].type, label))
			return &plan->regions[n];
	return NULL;
}

static void say_registered(struct mmp_findings *findings, const char *label)
{
	const struct mmp_platform *p = findings->current;

	for (size_t i = 0; i < p->count; i++)
		if (optee_is_type(p->rules, p->registrations[i].type, label))
			mmp_finding_registration(findings, i);
}

/* More memory may need more tables, so two and four pages more are tried as well. */
static void propose_room(struct mmp_findings *findings, const struct optee_config *c,
			 uint64_t more)
{
	uint64_t end = c->layout.free.base + c->layout.free.size;
	bool at_end = end == c->tee_ram.start + c->tee_ram.ph_size;

	for (uint64_t extra = 0; extra <= 4 * MMP_PAGE; extra += 2 * MMP_PAGE) {
		uint64_t ph = c->tee_ram.ph_size + (at_end ? more + extra : 0);

		mmp_finding_propose(
			findings,
			"leave 0x%" PRIx64
			" bytes more after the image: layout.free.size 0x%" PRIx64
			", tee_ram.ph_size 0x%" PRIx64,
			more + extra, c->layout.free.size + more + extra, ph);
		mmp_propose_key(findings, "layout.free.size",
				c->layout.free.size + more + extra);
		mmp_propose_key(findings, "tee_ram.ph_size", ph);
		mmp_propose_key(findings, "tee_ram.va_size",
				ph > c->tee_ram.va_size ? ph : c->tee_ram.va_size);
	}
}

/* --- boot memory ----------------------------------------------------------------------- */

static void boot_memory(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	const struct mmp_table_shape *shape = &input->layout->plan.shape;
	const struct mmp_tables *t = &input->layout->tables;
	uint64_t needed = mmp_boot_memory_needed(shape, t);
	uint64_t there = mmp_boot_memory_there(shape);
	uint64_t before = shape->boot_room_before + shape->boot_memory_tmp;
	const struct optee_config *c = optee_config(input->platform);

	if (shape->boot_memory != UINT64_MAX || needed <= there)
		return;
	mmp_finding_add(findings, check,
			"layout.free has 0x%" PRIx64 " bytes, 0x%" PRIx64
			" are needed: 0x%" PRIx64
			" that stay (%u translation tables among "
			"them) and 0x%" PRIx64
			" that are given back later (the map, embedded data, the first "
			"thread)",
			there, needed, needed - before, t->used, before);
	propose_room(findings, c, mmp_page_up(needed - there));
}

/* --- secure memory --------------------------------------------------------------------- */

static void ta_ram(const struct mmp_check *check, const struct mmp_check_input *input,
		   struct mmp_findings *findings)
{
	const struct mmp_region *entry;

	if (release_of(input) >= SINCE_NO_TA_RAM_TEST ||
	    optee_config(input->platform)->ns_virtualization)
		return;
	entry = find_entry(input, "TA_RAM");
	if (entry && entry->pa)
		return;
	mmp_finding_add(findings, check,
			"%s: the firmware makes its pool for them right after the map",
			entry ? "TA_RAM begins at address 0" : "no TA_RAM is mapped");
	say_registered(findings, "TA_RAM");
}

/* Whether secure range n is made a pool: with the pager only the second, trusted_dram. */
static bool is_pool(const struct mmp_check_input *input, unsigned n)
{
	return !optee_config(input->platform)->pager || n == 1;
}

static void secure_pools(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_plan *plan = &input->layout->plan;

	for (unsigned n = 0; n < plan->secure_count; n++) {
		const struct mmp_range *s = &plan->secure[n];

		if (!is_pool(input, n) || (!s->base && !s->size) ||
		    (s->base && s->size && !((s->base | s->size) & MMP_PAGE_MASK)))
			continue;
		mmp_finding_add(
			findings, check, "%s at 0x%" PRIx64 " size 0x%" PRIx64 " %s",
			n + 1 < plan->secure_count ? "trusted_sram" : "trusted_dram",
			s->base, s->size,
			!s->base || !s->size ? "cannot be a pool of memory"
					     : "is not in whole 4 KiB pages");
	}
}

/* Memory that is carved out of the pools, range by range. */
struct carved {
	const char *key;
	uint64_t base, size;
};

static unsigned list_carved(const struct mmp_check_input *input, struct carved list[3])
{
	const struct optee_config *c = optee_config(input->platform);
	uint64_t end = c->layout.free.base + c->layout.free.size;
	unsigned count = 0;

	end = mmp_page_up(end);
	if (c->layout.free.given && end > c->layout.unpg_rx.base)
		list[count++] = (struct carved){ "layout.unpg_rx to layout.free",
						 c->layout.unpg_rx.base,
						 end - c->layout.unpg_rx.base };
	if (c->kasan && c->layout.asan_map.given && c->layout.asan_map.size)
		list[count++] =
			(struct carved){ "layout.asan_map", c->layout.asan_map.base,
					 c->layout.asan_map.size };
	if (c->secure_data_path && c->sdp_test_mem.given && c->sdp_test_mem.size)
		list[count++] = (struct carved){ "sdp_test_mem", c->sdp_test_mem.base,
						 c->sdp_test_mem.size };
	return count;
}

static void carve(const struct mmp_check *check, const struct mmp_check_input *input,
		  struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	struct carved list[3];
	unsigned count;

	if (c->pager || c->ns_virtualization || !c->core_debug || !c->rwdata_noexec)
		return;
	count = list_carved(input, list);
	for (unsigned n = 0; n < count; n++) {
		const struct mmp_region r = { .pa = list[n].base, .size = list[n].size };

		if (!mmp_plan_in_secure(&input->layout->plan, &r, input->pa_mask)) {
			mmp_finding_add(
				findings, check,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64
				" is inside neither trusted_dram nor trusted_sram",
				list[n].key, r.pa, r.size);
			if (!strchr(list[n].key, ' ')) /* one key, not the image */
				mmp_finding_of_key(findings, list[n].key, r.pa, r.size);
		}
		for (unsigned k = 0; k < n; k++)
			if (mmp_range_intersects(r.pa, r.size, list[k].base, list[k].size,
						 input->pa_mask))
				mmp_finding_add(findings, check,
						"%s at 0x%" PRIx64 " size 0x%" PRIx64
						" overlaps %s at 0x%" PRIx64
						" size 0x%" PRIx64,
						list[n].key, r.pa, r.size, list[k].key,
						list[k].base, list[k].size);
	}
}

/* --- stacks ------------------------------------------------------------------------------ */

/*
 * Each stack takes whole pages and a guard page before them. These are the smallest
 * numbers that a build can have: 2 pages per thread, 1 for each of the two stacks of a
 * core.
 */
enum { THREAD_PAGES = 3, CORE_PAGES = 4 };

static void stack_space(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	uint64_t least =
		(c->num_threads * THREAD_PAGES + c->nb_core * CORE_PAGES) * MMP_PAGE;

	if (release_of(input) < SINCE_DYNAMIC_STACKS || !c->dyn_config || c->pager ||
	    c->ns_virtualization || c->tee_dyn_vaspace_size >= least)
		return;
	mmp_finding_add(findings, check,
			"tee_dyn_vaspace_size is 0x%" PRIx64 ", the stacks of %" PRIu64
			" threads and %" PRIu64 " cores take 0x%" PRIx64 " or more",
			c->tee_dyn_vaspace_size, c->num_threads, c->nb_core, least);
	least = (least + 0xfffff) & ~UINT64_C(0xfffff);
	mmp_finding_propose(findings, "set tee_dyn_vaspace_size to 0x%" PRIx64 " or more",
			    least);
	mmp_propose_key(findings, "tee_dyn_vaspace_size", least);
}

/* --- the pager --------------------------------------------------------------------------- */

static void alias_space(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	const struct mmp_range *ro = &c->layout.init_ro, *rx = &c->layout.init_rx;
	uint64_t end = ro->given && ro->size ? ro->base + ro->size : rx->base + rx->size;
	uint64_t image = end - c->tee_ram.start, needed = image + c->trusted_sram.size;

	if (!c->pager || !c->core_debug || !c->trusted_sram.given || !rx->given ||
	    end < c->tee_ram.start || needed <= c->tee_ram.va_size)
		return;
	mmp_finding_add(findings, check,
			"tee_ram.va_size is 0x%" PRIx64 ", the image takes 0x%" PRIx64
			" of it and the alias 0x%" PRIx64,
			c->tee_ram.va_size, image, c->trusted_sram.size);
	needed = (needed + 0xfffff) & ~UINT64_C(0xfffff);
	mmp_finding_propose(findings, "set tee_ram.va_size to 0x%" PRIx64 " or more",
			    needed);
	mmp_propose_key(findings, "tee_ram.va_size", needed);
}

/* --- shared memory ----------------------------------------------------------------------- */

static void window_not_mapped(const struct mmp_check *check,
			      const struct mmp_check_input *input,
			      struct mmp_findings *findings)
{
	unsigned release = release_of(input);
	const struct mmp_range *shm = &optee_config(input->platform)->reserved_shm;

	if ((release >= SINCE_OPTIONAL_WINDOW && (!shm->given || !shm->size)) ||
	    find_entry(input, "NSEC_SHM"))
		return;
	if (shm->given && shm->size)
		mmp_finding_add(findings, check,
				"reserved_shm is 0x%" PRIx64 " size 0x%" PRIx64
				", but no NSEC_SHM is mapped",
				shm->base, shm->size);
	else
		mmp_finding_add(findings, check,
				"there is no reserved_shm and no NSEC_SHM, and this "
				"release needs them");
	say_registered(findings, "NSEC_SHM");
}

/* clang-format off */
#define BOOT_MEMORY { .is_table_stop = true, .table_stop = MMP_STOP_BOOT_MEMORY, \
	                              .step = MMP_STEP_BOOT_MEMORY, .reads = MMP_READS_LAYOUT, .run = boot_memory, .has_more = true }
#define ALIAS       { .stop = &pager_alias,     .step = MMP_STEP_PAGER,    .reads = MMP_READS_PLAN, .run = alias_space }
#define WINDOW      { .stop = &window_unmapped, .step = MMP_STEP_SERVICES, .reads = MMP_READS_PLAN, .run = window_not_mapped }

/* The steps and their places up to 3.11, up to 4.4, and since then. */
const struct mmp_check optee_checks_later_3_0[] = {
	ALIAS,
	{ .stop = &ta_ram_missing_old,  .step = MMP_STEP_MEMORY,   .reads = MMP_READS_PLAN, .run = ta_ram },
	{ .stop = &window_unmapped_old, .step = MMP_STEP_SERVICES, .reads = MMP_READS_PLAN, .run = window_not_mapped },
	{ .run = NULL },
};

const struct mmp_check optee_checks_later_3_12[] = {
	ALIAS,
	{ .stop = &ta_ram_missing, .step = MMP_STEP_MEMORY, .reads = MMP_READS_PLAN, .run = ta_ram },
	WINDOW,
	{ .run = NULL },
};

const struct mmp_check optee_checks_later_4_5[] = {
	BOOT_MEMORY,
	ALIAS,
	{ .stop = &secure_unaligned, .step = MMP_STEP_MEMORY,  .reads = MMP_READS_PLAN, .run = secure_pools },
	{ .stop = &core_not_in_pool, .step = MMP_STEP_MEMORY,  .reads = MMP_READS_PLAN, .run = carve },
	{ .stop = &stacks,           .step = MMP_STEP_THREADS, .reads = MMP_READS_PLAN, .run = stack_space },
	WINDOW,
	{ .run = NULL },
};
/* clang-format on */
