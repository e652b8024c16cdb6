/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/planner.h"
#include "plan/range.h"
#include "policy/overlaps.h"
#include "rules/optee/boot_memory.h"
#include "rules/optee/checks.h"
#include "rules/optee/types.h"

/* Which memory is DRAM, which world owns it, and what the two worlds share. */

enum { SINCE_OPTIONAL_WINDOW = 306 };

/*
 * Memory known to be DRAM, united: as declared, or else as registered for the normal
 * world.
 */
struct dram {
	struct mmp_extent *extents;
	size_t count;
	bool declared;
};

static bool is_ddr(const struct mmp_registration *r)
{
	return r->section == OPTEE_SECTION_DDR_OVERALL ||
	       r->section == OPTEE_SECTION_NSEC_DDR;
}

static void find_dram(const struct mmp_check_input *input, struct dram *dram)
{
	const struct mmp_platform *p = input->platform;
	size_t count = 0;

	*dram = (struct dram){ .declared = p->dram_count > 0 };
	dram->extents = calloc(p->count + p->dram_count + 1, sizeof(*dram->extents));
	if (!dram->extents)
		return;
	for (size_t i = 0; i < p->dram_count; i++)
		if (mmp_extent_of(&dram->extents[count], p->dram[i].base, p->dram[i].size,
				  UINT64_MAX))
			count++;
	for (size_t i = 0; !dram->declared && i < p->count; i++)
		if (is_ddr(&p->registrations[i]) &&
		    mmp_extent_of(&dram->extents[count], p->registrations[i].addr,
				  p->registrations[i].size, UINT64_MAX))
			count++;
	dram->count = mmp_extents_unite(dram->extents, count);
}

/*
 * The extents are united, so only the first that ends at or after `base` can contain it.
 */
static bool is_inside(const struct dram *dram, uint64_t base, uint64_t size)
{
	size_t n = mmp_extents_reaching(dram->extents, dram->count, base);

	return n < dram->count && base >= dram->extents[n].base &&
	       base + (size - 1) <= dram->extents[n].last;
}

static bool touches(const struct dram *dram, uint64_t base, uint64_t size)
{
	size_t n = mmp_extents_reaching(dram->extents, dram->count, base);

	return n < dram->count && dram->extents[n].base <= base + (size - 1);
}

static void say_outside(const struct mmp_check *check, struct mmp_findings *findings,
			const struct dram *dram, const char *what, uint64_t base,
			uint64_t size)
{
	const struct mmp_extent *nearest = &dram->extents[0];

	for (size_t i = 0; i < dram->count && dram->extents[i].base <= base; i++)
		nearest = &dram->extents[i];
	mmp_finding_add(findings, check,
			"%.80s at 0x%" PRIx64 " size 0x%" PRIx64
			" is in no DRAM that is %s: the nearest is 0x%" PRIx64
			" to 0x%" PRIx64,
			what, base, size, dram->declared ? "declared" : "registered",
			nearest->base, nearest->last);
}

/*
 * Without a declaration, the registered DDR is the normal world's, and there may be
 * firmware memory right after it. If the core is in SRAM, trusted_dram is certainly DRAM.
 */
static bool is_far(const struct dram *dram, const struct mmp_range *r)
{
	uint64_t before = r->base ? 1 : 0;

	return r->size && !touches(dram, r->base - before, r->size + before + 1);
}

static void config_outside(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings, const struct dram *dram,
			   bool sure)
{
	const struct optee_config *c = optee_config(input->platform);
	static const char *const keys[] = { "reserved_shm", "trusted_dram" };
	const struct mmp_range *const ranges[] = { &c->reserved_shm, &c->trusted_dram };
	bool far = is_far(dram, &c->trusted_dram) &&
		   (!c->reserved_shm.given || is_far(dram, &c->reserved_shm));
	bool is_sure = dram->declared || (c->trusted_sram.given && far);

	if (is_sure != sure || (!dram->declared && !far))
		return;
	for (unsigned i = 0; i < 2; i++) {
		const struct mmp_range *r = ranges[i];

		if (!r->given || !r->size || is_inside(dram, r->base, r->size))
			continue;
		say_outside(check, findings, dram, keys[i], r->base, r->size);
		mmp_finding_of_key(findings, keys[i], r->base, r->size);
		mmp_finding_fix(findings,
				"move %s into DRAM, or give the DRAM its real size",
				keys[i]);
	}
}

static bool is_ram_type(const struct mmp_platform *p, const struct mmp_registration *r)
{
	return optee_is_type(p->rules, r->type, "RAM_SEC") ||
	       optee_is_type(p->rules, r->type, "RAM_NSEC") ||
	       optee_is_type(p->rules, r->type, "NSEC_SHM");
}

static void outside_dram(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	struct dram dram;

	if (!p->dram_count && !optee_config(p)->trusted_sram.given)
		return;
	find_dram(input, &dram);
	if (dram.count)
		config_outside(check, input, findings, &dram, true);
	for (size_t i = 0; dram.declared && i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		char what[96];

		if (!r->size || is_inside(&dram, r->addr, r->size) ||
		    !(is_ddr(r) || r->section == OPTEE_SECTION_SDP_MEM ||
		      (r->section == OPTEE_SECTION_PHYS_MEM_MAP && is_ram_type(p, r))))
			continue;
		snprintf(what, sizeof(what), "\"%.48s\" (%s)", r->name,
			 mmp_memtype_label(p->rules, (int)r->type));
		say_outside(check, findings, &dram, what, r->addr, r->size);
		mmp_finding_registration(findings, i);
		mmp_finding_fix(findings, "register memory that is there, or declare the "
					  "DRAM in `dram`");
	}
	free(dram.extents);
}

static void far_from_ddr(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	struct dram dram;

	if (input->platform->dram_count)
		return;
	find_dram(input, &dram);
	if (dram.count)
		config_outside(check, input, findings, &dram, false);
	free(dram.extents);
}

/* Ranges of `dram` with different notes must not overlap. */
static bool two_notes(void *context, const struct mmp_extent *a,
		      const struct mmp_extent *b)
{
	struct mmp_findings *findings = ((void **)context)[0];
	const struct mmp_check *check = ((void **)context)[1];
	const struct mmp_platform *p = findings->current;
	const struct mmp_dram_range *one = &p->dram[a->of], *other = &p->dram[b->of];

	if (!strcmp(one->note, other->note))
		return true;
	mmp_finding_add(findings, check,
			"dram at 0x%" PRIx64 " size 0x%" PRIx64
			" (\"%.48s\") overlaps dram at 0x%" PRIx64 " size 0x%" PRIx64
			" (\"%.48s\")",
			one->base, one->size, one->note, other->base, other->size,
			other->note);
	mmp_finding_of_key(findings, "dram", one->base, one->size);
	mmp_finding_of_key(findings, "dram", other->base, other->size);
	return !mmp_findings_full(findings);
}

static void dram_owners(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	void *context[] = { findings, (void *)(uintptr_t)check };
	struct mmp_extent *all;
	size_t count = 0;

	if (p->dram_count < 2)
		return;
	all = malloc(p->dram_count * sizeof(*all));
	if (!all)
		return;
	for (size_t i = 0; i < p->dram_count; i++)
		if (mmp_extent_of(&all[count], p->dram[i].base, p->dram[i].size,
				  UINT64_MAX))
			all[count++].of = i;
	mmp_extents_overlaps(all, count, false, two_notes, context);
	free(all);
}

/* --- devices over memory ---------------------------------------------------------------- */

static void device_over(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct optee_config *c = optee_config(p);
	const struct mmp_range *const known[] = { &c->trusted_dram, &c->reserved_shm };
	struct dram dram = { 0 };

	for (size_t i = 0; i < p->count && !mmp_findings_full(findings); i++) {
		const struct mmp_registration *r = &p->registrations[i];
		const char *label = mmp_memtype_label(p->rules, (int)r->type);
		bool over;

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP || !r->size ||
		    !optee_is_io(r->type))
			continue;
		if (!dram.extents)
			find_dram(input, &dram);
		over = touches(&dram, r->addr, r->size);
		for (unsigned k = 0; k < 2; k++)
			over = over ||
			       (known[k]->given &&
				mmp_range_intersects(r->addr, r->size, known[k]->base,
						     known[k]->size, input->pa_mask));
		if (!over)
			continue;
		mmp_finding_add(findings, check,
				"\"%.64s\" (%s at 0x%" PRIx64 " size 0x%" PRIx64
				") is a device type, and there is DRAM: every access is "
				"uncached, and differs from a cached view of it",
				r->name, label, r->addr, r->size);
		mmp_finding_registration(findings, i);
		mmp_finding_fix(findings,
				"if \"%.64s\" is memory, register it as %s; otherwise do "
				"not declare DRAM there",
				r->name,
				strcmp(label, "IO_SEC") ? "RAM_NSEC" : "RAM_SEC");
	}
	free(dram.extents);
}

/* --- shared memory ------------------------------------------------------------------------ */

static void window_mismatch(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct mmp_range *shm = &optee_config(p)->reserved_shm;
	uint64_t first = UINT64_MAX, last = 0, covered = 0;
	size_t one = 0, count = 0;

	if (!shm->given || !shm->size)
		return;
	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP || !r->size ||
		    !optee_is_type(p->rules, r->type, "NSEC_SHM") ||
		    !mmp_range_inside(r->addr, r->size, shm->base, shm->size, UINT64_MAX))
			continue;
		first = r->addr < first ? r->addr : first;
		last = r->addr + (r->size - 1) > last ? r->addr + (r->size - 1) : last;
		covered += r->size;
		one = i;
		count++;
	}
	if (!count || (first == shm->base && last == shm->base + (shm->size - 1) &&
		       covered >= shm->size))
		return;
	mmp_finding_add(
		findings, check,
		"reserved_shm is 0x%" PRIx64 " size 0x%" PRIx64
		", NSEC_SHM maps 0x%" PRIx64 " to 0x%" PRIx64
		": the normal world is told of all of it, and what it passes in the "
		"rest is not mapped",
		shm->base, shm->size, first, last);
	mmp_finding_of_key(findings, "reserved_shm", shm->base, shm->size);
	for (size_t i = 0; i < p->count; i++)
		if (optee_is_type(p->rules, p->registrations[i].type, "NSEC_SHM"))
			mmp_finding_registration(findings, i);
	mmp_finding_fix(findings, "let NSEC_SHM and reserved_shm be one range: "
				  "CFG_SHMEM_START and CFG_SHMEM_SIZE say which");
	if (count > 1)
		return;
	mmp_finding_propose(findings,
			    "register \"%.48s\" at 0x%" PRIx64 " size 0x%" PRIx64
			    ", as reserved_shm is (or make reserved_shm smaller)",
			    p->registrations[one].name, shm->base, shm->size);
	mmp_propose_edit(findings, MMP_EDIT_ADDR, one, shm->base);
	mmp_propose_edit(findings, MMP_EDIT_SIZE, one, shm->size);
}

static void no_shared_memory(const struct mmp_check *check,
			     const struct mmp_check_input *input,
			     struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct optee_config *c = optee_config(p);

	if (optee_release(p->rules) < SINCE_OPTIONAL_WINDOW || c->dyn_shm ||
	    (c->reserved_shm.given && c->reserved_shm.size))
		return;
	mmp_finding_add(
		findings, check,
		"dyn_shm is false and there is no reserved_shm: the normal world has "
		"no memory through which it can talk to the core");
	mmp_finding_of_key(findings, "reserved_shm", 0, 0);
}

/* clang-format off */
const struct mmp_check optee_checks_dram[] = {
	{ .id = "outside-dram", .severity = MMP_ERROR, .about = "what must be memory is in no DRAM that is known",
	  .fix = "move it into DRAM, or give the DRAM its real size", .reads = MMP_READS_PLATFORM, .run = outside_dram },
	MMP_CHECK("far-from-ddr", MMP_INFO, "secure and shared memory are in no DDR that is registered, nor next to it",
	  "declare the DRAM in `dram`, so that this can be checked", MMP_READS_PLATFORM, far_from_ddr),
	MMP_CHECK("dram-owners-overlap", MMP_ERROR, "two ranges of `dram` with different owners overlap",
	  "keep the ranges of different owners apart", MMP_READS_PLATFORM, dram_owners),
	{ .id = "device-over-dram", .severity = MMP_WARNING, .about = "memory is registered as a device",
	  .fix = "register memory as RAM_SEC or RAM_NSEC", .reads = MMP_READS_PLATFORM, .run = device_over },
	{ .id = "shm-window-mismatch", .severity = MMP_ERROR, .about = "the reserved window and the NSEC_SHM registration are not one range",
	  .fix = "let both be the same range", .reads = MMP_READS_PLATFORM, .run = window_mismatch },
	MMP_CHECK("no-shared-memory", MMP_ERROR, "there is no memory to talk to the normal world through",
	  "set reserved_shm and register NSEC_SHM over it, or set dyn_shm to true and register the DDR", MMP_READS_PLATFORM, no_shared_memory),
	MMP_CHECK("two-owners", MMP_ERROR, "the firmware also hands out the registered memory",
	  "take it out of the secure-only ranges", MMP_READS_PLATFORM, optee_check_two_owners),
	MMP_CHECK("two-owners", MMP_ERROR, "the firmware also hands out the registered memory",
	  "take it out of the secure-only ranges", MMP_READS_MAP, optee_check_core_given),
	MMP_CHECK("test-memory-missing", MMP_ERROR, "the SDP test memory is set, and not registered",
	  "register_sdp_mem() it as core_mmu.c does, or set sdp_test_mem to null", MMP_READS_PLATFORM, optee_check_test_memory),
	{ .run = NULL },
};
/* clang-format on */
