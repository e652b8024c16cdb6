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

/* clang-format off */
const struct mmp_check optee_checks_keys[] = {
	MMP_CHECK("boot-memory-over-free", MMP_ERROR, "boot_mem_size is more than layout.free, which boot memory is",
	  "set boot_mem_size to null, so that layout.free is the limit", MMP_READS_PLATFORM, boot_memory_size),
	{ .id = "va-size-below-physical", .severity = MMP_WARNING, .about = "the core has more memory than virtual addresses for it",
	  .fix = "set tee_ram.va_size to tee_ram.ph_size or more", .reads = MMP_READS_PLATFORM, .run = va_size,
	  .leads_to = "tee-ram-beyond-end pager-space-full pager-alias-space" },
	{ .run = NULL },
};
/* clang-format on */
