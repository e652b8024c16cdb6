/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/checks_3_4.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan/range.h"
#include "policy/overlaps.h"
#include "rules/optee/pipeline.h"

/* The checks of checks_4_10.c, for the releases up to 3.7. */

static uint64_t va_mask(const struct mmp_check_input *input)
{
	return mmp_widths_of(input->platform->rules, &input->platform->config).va;
}

static bool is_end(const struct mmp_registration *r)
{
	return r->section == OPTEE_SECTION_PHYS_MEM_MAP && r->type == OPTEE_END &&
	       r->size;
}

bool optee_3_4_hides_all(const struct mmp_platform *platform)
{
	for (size_t i = 0; i < platform->count; i++)
		if (is_end(&platform->registrations[i]))
			return true;
	return false;
}

static void end_registered(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (size_t i = 0; i < p->count; i++) {
		if (!is_end(&p->registrations[i]))
			continue;
		mmp_finding_add(findings, check,
				"\"%.80s\" is registered as MEM_AREA_END: it sorts "
				"first, and the firmware sees an empty map",
				p->registrations[i].name);
		mmp_finding_registration(findings, i);
	}
}

static void window_over_secure(const struct mmp_check *check,
			       const struct mmp_check_input *input,
			       struct mmp_findings *findings)
{
	optee_check_window(check, input, findings, OPTEE_NSEC_SHM, va_mask(input));
}

static void address_zero(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	if (!optee_config(p)->core_debug)
		return; /* mapped like any other */
	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		const struct mmp_memtype *type = &p->rules->types[r->type];

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP ||
		    r->addr & input->pa_mask || !r->size || type->stops || !type->attr)
			continue;
		mmp_finding_add(findings, check,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64
				" maps memory, so its address must not be 0",
				type->label, r->addr, r->size);
		mmp_finding_registration(findings, i);
		mmp_finding_subject(findings, (int)r->type, 0, r->size);
	}
}

static void invalid_type(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	if (!optee_3_4_hides_all(input->platform))
		optee_check_invalid_type(check, input, findings, false);
}

static void unaligned(const struct mmp_check *check, const struct mmp_check_input *input,
		      struct mmp_findings *findings)
{
	if (!optee_3_4_hides_all(input->platform))
		mmp_check_unaligned(check, input, findings);
}

static void special_overlap(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	if (optee_config(input->platform)->secure_data_path)
		optee_check_special(check, input, findings, OPTEE_SECTION_SDP_MEM,
				    va_mask(input), optee_is_shared_memory);
	optee_check_special(check, input, findings, OPTEE_SECTION_NSEC_DDR,
			    va_mask(input), optee_is_shared_memory);
}

static void sdp_over_ddr(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	if (optee_config(input->platform)->secure_data_path)
		optee_check_sections(check, input, findings, OPTEE_SECTION_SDP_MEM,
				     OPTEE_SECTION_NSEC_DDR, va_mask(input));
}

/* The core is flat mapped, so its ranges must be in its virtual range. */
static void outside_core(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct mmp_plan *plan = &input->layout->plan;
	uint64_t mask = va_mask(input), start = optee_config(p)->tee_ram.start & mask;
	uint64_t end = (start + optee_config(p)->tee_ram.va_size) & mask;
	bool below = check->stop == &p->rules->stops[OPTEE_STOP_TEE_RAM_BELOW];

	if (!optee_config(p)->core_debug || optee_3_4_hides_all(p))
		return;
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (!optee_is_tee_ram(r->type))
			continue;
		if (below && (r->pa & mask) < start)
			mmp_finding_of_entry(findings, check, r,
					     "begins below tee_ram.start");
		else if (!below && ((r->pa + r->size) & mask) > end)
			mmp_finding_of_entry(findings, check, r,
					     "ends beyond tee_ram.start + va_size");
	}
}

/* --- what does not stop the boot -------------------------------------------------------- */

/* Discovery removes only SDP memory from DDR. */
static void ddr_not_carved(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct mmp_range *const kept[] = { &optee_config(p)->trusted_sram,
						 &optee_config(p)->trusted_dram,
						 &optee_config(p)->reserved_shm };
	static const char *const names[] = { "trusted_sram", "trusted_dram",
					     "reserved_shm" };

	for (size_t i = 0; optee_config(p)->dyn_shm && i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		for (unsigned k = 0; r->section == OPTEE_SECTION_DDR_OVERALL && k < 3;
		     k++) {
			if ((!k && !kept[k]->given) ||
			    !mmp_range_intersects(r->addr, r->size, kept[k]->base,
						  kept[k]->size, input->pa_mask))
				continue;
			mmp_finding_add(findings, check,
					"DDR \"%.64s\" at 0x%" PRIx64 " size 0x%" PRIx64
					" holds %s, which stays part of it",
					r->name, r->addr, r->size, names[k]);
			mmp_finding_registration(findings, i);
		}
	}
}

static void say_too_long(const struct mmp_check *check, const struct mmp_platform *p,
			 struct mmp_findings *findings, size_t one, size_t of)
{
	const struct mmp_registration *sdp = &p->registrations[one];
	const struct mmp_registration *bank = &p->registrations[of];

	if (sdp->size >= bank->size)
		return;
	mmp_finding_add(findings, check,
			"SDP memory \"%.48s\" begins DDR \"%.48s\": what is "
			"left of it reaches 0x%" PRIx64 " bytes too far, to 0x%" PRIx64,
			sdp->name, bank->name, sdp->size,
			bank->addr + sdp->size + bank->size - 1);
	mmp_finding_registration(findings, one);
	mmp_finding_registration(findings, of);
}

/* Cutting at the start of a bank moves its base but does not change its size. */
static void ddr_too_long(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct optee_config *c = optee_config(p);
	struct mmp_extent *sdp;
	size_t count = 0;

	if (!c->dyn_shm || !c->secure_data_path ||
	    !mmp_platform_uses(p, OPTEE_SECTION_SDP_MEM))
		return;
	sdp = malloc(p->count * sizeof(*sdp));
	if (!sdp)
		return;
	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->section == OPTEE_SECTION_SDP_MEM && r->size)
			sdp[count++] = (struct mmp_extent){ r->addr, r->addr, i, 0 };
	}
	mmp_extents_sort(sdp, count);
	for (size_t i = 0; i < p->count && !mmp_findings_full(findings); i++) {
		const struct mmp_registration *bank = &p->registrations[i];
		size_t n = count;

		if (bank->section == OPTEE_SECTION_DDR_OVERALL)
			n = mmp_extents_reaching(sdp, count, bank->addr);
		for (; n < count && sdp[n].base == bank->addr; n++)
			say_too_long(check, p, findings, sdp[n].of, i);
	}
	free(sdp);
}

static void window_cut(const struct mmp_check *check, const struct mmp_check_input *input,
		       struct mmp_findings *findings)
{
	optee_check_window_cut(check, input, findings, OPTEE_RES_VASPACE);
}

static void map_nearly_full(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	uint64_t room = optee_config(input->platform)->mmap_regions;
	size_t count = input->layout->plan.count;

	if (count == room)
		mmp_finding_add(findings, check,
				"the map has %zu entries and mmap_regions is %" PRIu64
				": none is left for mappings at run time",
				count, room);
}

/* --- ways past ------------------------------------------------------------------------- */

static void propose_entries(struct mmp_rest *rest, size_t entries)
{
	snprintf(rest->fix, sizeof(rest->fix), "set mmap_regions to %zu", entries);
	rest->key = "mmap_regions";
	rest->value = entries;
}

static void larger_map(struct mmp_rest *rest, const struct mmp_layout *stopped)
{
	struct mmp_plan plan;
	struct mmp_error err;

	(void)stopped;
	optee_edit(&rest->platform.config)->mmap_regions = rest->platform.count + 8;
	snprintf(rest->words, sizeof(rest->words), "with enough mmap_regions");
	mmp_plan_init(&plan);
	plan.past_tests = true;
	if (!mmp_plan_make(&plan, &rest->platform, &err))
		propose_entries(rest, plan.count);
	mmp_plan_done(&plan);
}

/* clang-format off */
static const struct mmp_way ways[] = {
	{ .own_stop = OPTEE_STOP_NO_ENTRY, .take = larger_map },
	{ .own_stop = OPTEE_STOP_NO_ENTRY_SPACE, .take = larger_map },
	{ .own_stop = OPTEE_STOP_NO_ENTRY_PAGER, .take = larger_map },
	{ .own_stop = OPTEE_STOP_PAST_ARRAY, .take = larger_map },
	{ .take = NULL },
};

static const struct mmp_check checks[] = {
	{ OPTEE_OWN_STOP(SEC_NSEC),        .reads = MMP_READS_PLATFORM, .run = window_over_secure },
	{ OPTEE_OWN_STOP(ADDRESS_ZERO),    .reads = MMP_READS_PLATFORM, .run = address_zero, .leaves_out = true },
	{ OPTEE_OWN_STOP(INVALID_TYPE),    .reads = MMP_READS_PLATFORM, .run = invalid_type, .leaves_out = true },
	{ OPTEE_OWN_STOP(SPECIAL_OVERLAP), .reads = MMP_READS_MAP,      .run = special_overlap, .has_more = true },
	{ OPTEE_OWN_STOP(SDP_DDR),         .reads = MMP_READS_PLATFORM, .run = sdp_over_ddr, .has_more = true },
	{ OPTEE_OWN_STOP(ALIGNMENT),       .reads = MMP_READS_MAP,      .run = unaligned, .leaves_out = true, .has_more = true },
	{ OPTEE_OWN_STOP(TEE_RAM_BELOW),   .reads = MMP_READS_MAP,      .run = outside_core, .leaves_out = true },
	{ OPTEE_OWN_STOP(TEE_RAM_BEYOND),  .reads = MMP_READS_MAP,      .run = outside_core, .leaves_out = true },
	{ OPTEE_OWN_STOP(TEE_RAM_PLACE),   .reads = MMP_READS_MAP,      .run = optee_check_refused,
	  .leads_to = "sec-ram-outside-secure core-memory-not-carved no-ta-memory" },
	{ OPTEE_OWN_STOP(TA_RAM_PLACE),    .reads = MMP_READS_MAP,      .run = optee_check_refused },
	{ OPTEE_OWN_STOP(NSEC_SHM_PLACE),  .reads = MMP_READS_MAP,      .run = optee_check_refused },
	{ OPTEE_OWN_STOP(DDR_BOTH),        .reads = MMP_READS_PLATFORM, .run = optee_check_ddr_both },

	MMP_CHECK("end-registered", MMP_ERROR, "MEM_AREA_END is registered and hides all other registrations",
	  "take it out", MMP_READS_PLATFORM, end_registered),
	MMP_CHECK("merged-short", MMP_WARNING, "registrations that overlap are merged to less than their union",
	  "register the union as one, or keep them apart", MMP_READS_MAP, optee_3_4_mapped_short),
	MMP_CHECK("merged-long", MMP_WARNING, "registrations that overlap are merged to more than their union",
	  "register the union as one, or keep them apart", MMP_READS_MAP, optee_3_4_mapped_long),
	MMP_CHECK("io-rounded", MMP_INFO, "a device is mapped with the memory around it",
	  NULL, MMP_READS_MAP, optee_3_4_rounded),
	MMP_CHECK("io-rounded-over", MMP_WARNING, "what is mapped around a device belongs to another registration",
	  "keep what differs in type in level 2 entries of its own", MMP_READS_MAP, optee_3_4_rounded_over),
	MMP_CHECK("ddr-not-carved", MMP_WARNING, "registered DDR holds memory that the normal world must not have",
	  "register the DDR around it", MMP_READS_PLATFORM, ddr_not_carved),
	MMP_CHECK("ddr-too-long", MMP_WARNING, "SDP memory at the start of a DDR bank makes the rest reach too far",
	  "register the bank from the end of the SDP memory", MMP_READS_PLATFORM, ddr_too_long),
	MMP_CHECK("reserved-window-cut", MMP_WARNING, "the space for mappings at run time spans two translation tables, and only the first is used",
	  "let the core begin elsewhere (with ASLR: another seed), or lower reserved_vaspace_size", MMP_READS_PLAN, window_cut),
	MMP_CHECK("map-full-at-boot", MMP_WARNING, "no entry of the memory map is left for mappings at run time",
	  "raise mmap_regions", MMP_READS_PLAN, map_nearly_full),
	{ .run = NULL },
};
/* clang-format on */

static const struct mmp_check *const tables[] = { checks,
						  optee_checks_releases,
						  optee_checks_ranges,
						  optee_checks_document,
						  optee_checks_keys,
						  optee_checks_dram,
						  mmp_checks,
						  optee_checks,
						  optee_checks_later_3_0,
						  NULL };

const struct mmp_policy optee_policy_3_4 = {
	.tables = tables,
	.ways = ways,
	.propose = optee_propose,
	.key_of = optee_key_of,
	.words = optee_words,
	.is_own = optee_is_own,
};
