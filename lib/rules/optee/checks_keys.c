/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "base/page.h"
#include "plan/planner.h"
#include "plan/range.h"
#include "rules/optee/checks.h"
#include "rules/optee/releases.h"

/* Sizes of memory in the configuration that other keys or registrations refute. */

static bool is_used(const struct mmp_platform *p, const char *key)
{
	return mmp_key_use(p->rules, mmp_config_key_find(p->rules, key)) == MMP_KEY_USED;
}

/* boot_mem_init() is given all of VCORE_FREE, and never more. */
static void boot_memory_size(const struct mmp_check *check,
			     const struct mmp_check_input *input,
			     struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct optee_config *c = optee_config(p);
	const struct mmp_range *room = &c->layout.free;

	if (c->pager || !c->boot_mem_size_given || !room->given ||
	    c->boot_mem_size <= room->size || !is_used(p, "boot_mem_size") ||
	    !is_used(p, "layout.free"))
		return;
	mmp_finding_add(findings, check,
			"boot_mem_size is 0x%" PRIx64
			", but boot memory is layout.free, at 0x%" PRIx64
			", which has 0x%" PRIx64 " bytes",
			c->boot_mem_size, room->base, room->size);
	mmp_finding_of_key(findings, "layout.free", room->base, room->size);
	mmp_finding_propose(findings,
			    "set boot_mem_size to 0x%" PRIx64 ", as layout.free has",
			    room->size);
	mmp_propose_key(findings, "boot_mem_size", room->size);
}

/* generic_ram_layout.h: both are equal, and with the pager the virtual one is larger. */
static void va_size(const struct mmp_check *check, const struct mmp_check_input *input,
		    struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	uint64_t va = c->tee_ram.va_size, ph = c->tee_ram.ph_size;

	if (va >= ph)
		return;
	mmp_finding_add(findings, check,
			"tee_ram.va_size is 0x%" PRIx64
			" and tee_ram.ph_size is 0x%" PRIx64 ": the last 0x%" PRIx64
			" bytes of the core's memory have no virtual addresses",
			va, ph, ph - va);
	mmp_finding_of_key(findings, "tee_ram", c->tee_ram.start + va, ph - va);
	mmp_finding_propose(findings, "set tee_ram.va_size to 0x%" PRIx64, ph);
	mmp_propose_key(findings, "tee_ram.va_size", ph);
}

/* To 3.21 the firmware takes TA_RAM from its registration, and the key only informs. */
static void ta_ram_key(const struct mmp_check *check, const struct mmp_check_input *input,
		       struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct mmp_range *key = &optee_config(p)->ta_ram;
	const struct mmp_registration *ta = NULL;
	size_t ordinal = 0;

	if (!key->given ||
	    optee_release_of(p->rules)->core_ranges != OPTEE_CORE_REGISTERED)
		return;
	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP || r->type != OPTEE_TA_RAM)
			continue;
		if (ta) /* several: they may make up the range together */
			return;
		ta = r;
		ordinal = i;
	}
	if (!ta || (ta->addr == key->base && ta->size == key->size) ||
	    (!ta->size && !key->size))
		return;
	mmp_finding_add(findings, check,
			"ta_ram is 0x%" PRIx64 " size 0x%" PRIx64
			", but \"%.64s\" registers TA_RAM at 0x%" PRIx64
			" size 0x%" PRIx64 ": the firmware uses the registration",
			key->base, key->size, ta->name, ta->addr, ta->size);
	mmp_finding_registration(findings, ordinal);
	mmp_finding_of_key(findings, "ta_ram", key->base, key->size);
	mmp_finding_propose(findings,
			    "set ta_ram to 0x%" PRIx64 " size 0x%" PRIx64
			    ", as \"%.64s\" is registered",
			    ta->addr, ta->size, ta->name);
	mmp_propose_key(findings, "ta_ram.start", ta->addr);
	mmp_propose_key(findings, "ta_ram.size", ta->size);
}

/* --- what is left to trusted applications ------------------------------------------------ */

/*
 * Fewer bytes hold no application: ldelf alone, which loads it, takes 2 pages of stack,
 * about 10 of code and 1 of data (measured: arm64, 4.10.0), before the application has
 * its own code, stack and heap.
 */
enum { SINCE_POOLS = V4_5, LEAST_FOR_APPLICATIONS = 16 * MMP_PAGE };

static uint64_t carved(const struct mmp_plan *plan, uint64_t base, uint64_t size,
		       uint64_t pa_mask)
{
	const struct mmp_region r = { .pa = base, .size = size };

	return size && mmp_plan_in_secure(plan, &r, pa_mask) ? size : 0;
}

/*
 * The pools without what the firmware carves out of them and keeps, at the least: what
 * boot memory leaves of layout.free goes back to them.
 */
static uint64_t left_over(const struct mmp_check_input *input,
			  const struct mmp_plan *plan)
{
	const struct optee_config *c = optee_config(input->platform);
	uint64_t pools = 0, kept = 0, start = mmp_page_down(c->layout.unpg_rx.base);

	if (c->pager)
		return plan->secure[1].size;
	for (unsigned n = 0; n < plan->secure_count; n++)
		pools += plan->secure[n].size;
	if (c->layout.free.base > start)
		kept += carved(plan, start, c->layout.free.base - start, input->pa_mask);
	if (c->kasan && c->layout.asan_map.given)
		kept += carved(plan, c->layout.asan_map.base, c->layout.asan_map.size,
			       input->pa_mask);
	if (c->secure_data_path && c->sdp_test_mem.given)
		kept += carved(plan, c->sdp_test_mem.base, c->sdp_test_mem.size,
			       input->pa_mask);
	return pools > kept ? pools - kept : 0;
}

static void ta_memory(const struct mmp_check *check, const struct mmp_check_input *input,
		      struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct optee_config *c = optee_config(p);
	struct mmp_plan plan = { .platform = p };
	uint64_t left;

	if (optee_release_of(p->rules)->version < SINCE_POOLS || c->ns_virtualization)
		return;
	mmp_plan_set_secure(&plan);
	if (c->pager ? plan.secure_count < 2
		     : !c->layout.free.given || !c->layout.unpg_rx.given)
		return;
	left = left_over(input, &plan);
	if (left >= LEAST_FOR_APPLICATIONS)
		return;
	mmp_finding_add(findings, check,
			"the core leaves 0x%" PRIx64
			" bytes of secure memory to trusted applications; one needs 0x%x "
			"or more with its loader, so none can be loaded",
			left, (unsigned)LEAST_FOR_APPLICATIONS);
	mmp_finding_of_key(findings, "trusted_dram", c->trusted_dram.base,
			   c->trusted_dram.size);
}

/* clang-format off */
const struct mmp_check optee_checks_keys[] = {
	{ .id = "address-and-size-swapped", .severity = MMP_WARNING, .about = "the address and the size of a registration look exchanged",
	  .fix = "exchange them, if that is what was meant", .reads = MMP_READS_PLATFORM, .run = optee_check_swapped,
	  .leads_to = "no-va va-outside-tables va-too-high va-past-tables nsec-shm-outside-window outside-dram" },
	MMP_CHECK("boot-memory-over-free", MMP_ERROR, "boot_mem_size is more than layout.free, which boot memory is",
	  "set boot_mem_size to null, so that layout.free is the limit", MMP_READS_PLATFORM, boot_memory_size),
	{ .id = "va-size-below-physical", .severity = MMP_WARNING, .about = "the core has more memory than virtual addresses for it",
	  .fix = "set tee_ram.va_size to tee_ram.ph_size or more", .reads = MMP_READS_PLATFORM, .run = va_size,
	  .leads_to = "tee-ram-beyond-end pager-space-full pager-alias-space" },
	MMP_CHECK("ta-ram-mismatch", MMP_WARNING, "the key ta_ram and the registration of TA_RAM disagree",
	  "let ta_ram and the registration be the same range", MMP_READS_PLATFORM, ta_ram_key),
	MMP_CHECK("no-ta-memory", MMP_WARNING, "the core leaves too little secure memory to load a trusted application",
	  "raise trusted_dram.size, or give the core less", MMP_READS_PLATFORM, ta_memory),
	{ .run = NULL },
};
/* clang-format on */
