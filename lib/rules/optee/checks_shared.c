/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/registers.h"
#include "rules/optee/checks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan/planner.h"
#include "rules/optee/attr.h"
#include "rules/optee/checks_3_4.h"
#include "rules/optee/pipeline.h"

/* Checks for every release of OP-TEE: its sections, its widths, its memory. */

bool optee_is_type(const struct mmp_rules *rules, unsigned type, const char *label)
{
	return type < rules->type_count && rules->types[type].label &&
	       !strcmp(rules->types[type].label, label);
}

const uint8_t optee_va_widths[OPTEE_VA_WIDTHS] = { 36, 40, 42, 44, 48 };

enum { WIDTHS = 6 }; /* up to 48 bits, the most that descriptors hold */

unsigned optee_width_for(uint64_t last)
{
	for (size_t i = 0; i < WIDTHS; i++)
		if (!(last >> mmp_pa_widths[i]))
			return mmp_pa_widths[i];
	return 0;
}

static void unused_sections(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (unsigned s = 0; s < p->rules->section_count; s++) {
		const struct mmp_section *section = &p->rules->sections[s];
		bool said = false;

		if (!section->needs || mmp_platform_value(p, section->needs))
			continue;
		for (size_t i = 0; i < p->count; i++) {
			if (p->registrations[i].section != s)
				continue;
			if (!said)
				mmp_finding_add(findings, check,
						"%s has registrations, but config.%s is "
						"false: the firmware leaves them out",
						section->name, section->needs);
			said = true;
			mmp_finding_registration(findings, i);
		}
	}
}

static void no_ddr(const struct mmp_check *check, const struct mmp_check_input *input,
		   struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	if (!optee_config(p)->dyn_shm)
		return;
	for (size_t i = 0; i < p->count; i++)
		if (p->registrations[i].section == OPTEE_SECTION_DDR_OVERALL ||
		    p->registrations[i].section == OPTEE_SECTION_NSEC_DDR)
			return;
	mmp_finding_add(findings, check,
			"no DDR of the normal world is registered: without one in the "
			"device tree, dynamic shared memory is off");
}

static void pa_bits_over_48(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);

	if (c->arch != OPTEE_ARM64 || c->auto_max_pa_bits || c->pa_bits <= 48 ||
	    mmp_key_use(input->platform->rules,
			mmp_config_key_find(input->platform->rules, "pa_bits")) ==
		    MMP_KEY_IGNORED)
		return;
	mmp_finding_add(findings, check,
			"pa_bits is %" PRIu64
			", but descriptors of 4 KiB granules hold 48 bits of address",
			c->pa_bits);
}

/* Whether memory mapped with this type may be written only by the core. */
static bool is_kept_secret(const struct mmp_platform *p, unsigned type)
{
	const struct mmp_memtype *row = &p->rules->types[type];
	uint32_t attr =
		row->name && !row->stops ? p->rules->attr(p->rules, &p->config, type) : 0;

	return attr & MMP_ATTR_SECURE && attr & MMP_ATTR_PW &&
	       mmp_attr_kind(attr) != MMP_KIND_DEVICE_NGNRE;
}

/* Registrations only: ranges that the core itself makes are inside, or stop the boot. */
static void not_reserved(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	struct mmp_plan plan = { .platform = p };
	bool secret[OPTEE_TYPE_COUNT];

	for (unsigned type = 0; type < p->rules->type_count; type++)
		secret[type] = is_kept_secret(p, type);
	mmp_plan_set_secure(&plan);
	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		const struct mmp_region entry = { .type = (uint8_t)r->type,
						  .pa = r->addr & input->pa_mask,
						  .size = r->size };

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP || !secret[r->type] ||
		    !r->size || mmp_plan_in_secure(&plan, &entry, input->pa_mask))
			continue;
		mmp_finding_add(findings, check,
				"\"%.80s\" (%s at 0x%" PRIx64 " size 0x%" PRIx64
				") is in none of the secure-only ranges",
				r->name, mmp_memtype_label(p->rules, (int)r->type),
				r->addr, r->size);
		mmp_finding_registration(findings, i);
	}
}

static void pa_over_ips(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	const struct mmp_plan *plan = &input->layout->plan;
	unsigned ps = plan->registers.ps;

	if (optee_config(input->platform)->arch != OPTEE_ARM64 || ps >= WIDTHS ||
	    plan->registers.ps_stops)
		return;
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		uint64_t last = mmp_region_last(r, input->pa_mask);
		char what[80];

		if (!(last >> mmp_pa_widths[ps]) || !r->size ||
		    !mmp_check_is_mapped(input, r))
			continue;
		snprintf(what, sizeof(what),
			 "ends beyond %u bits, which TCR_EL1.IPS allows",
			 mmp_pa_widths[ps]);
		mmp_finding_of_entry(findings, check, r, what);
		if (!optee_width_for(last))
			continue;
		mmp_finding_propose(findings, "set pa_bits to %u", optee_width_for(last));
		mmp_propose_key(findings, "pa_bits", optee_width_for(last));
	}
}

static bool is_tagged(const struct mmp_rules *rules, const struct mmp_leaf *leaf)
{
	(void)rules;
	return leaf->memory == MMP_KIND_TAGGED;
}

static bool is_untagged(const struct mmp_rules *rules, const struct mmp_leaf *leaf)
{
	return !is_tagged(rules, leaf) && mmp_leaf_is_cached(rules, leaf);
}

/* Only if the CPU has tags, and MAIR has the tagged attribute. */
static void tagged_and_not(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);

	if (c->arch == OPTEE_ARM64 && c->memtag && c->cpu.mte)
		mmp_check_pages(check, input, findings, is_tagged, is_untagged,
				"has tags and overlaps");
}

/* check_mem_map(), for each of its stops. */
void optee_check_refused(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_rules *rules = input->platform->rules;
	uint64_t mask = optee_predicates_of(rules, &input->platform->config).mask;
	const struct mmp_plan *plan = &input->layout->plan;

	if (optee_3_4_hides_all(input->platform))
		return;
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		enum optee_stop which = optee_refused(plan, r, mask);

		if (which != OPTEE_STOP_COUNT && check->stop == &rules->stops[which] &&
		    !rules->types[r->type].stops)
			mmp_finding_of_entry(findings, check, r,
					     optee_refused_what(which));
	}
}

/* clang-format off */
const struct mmp_check optee_checks[] = {
	MMP_CHECK("tagged-and-untagged", MMP_WARNING, "one physical range is mapped with and without allocation tags",
	  "register it once", MMP_READS_PLAN, tagged_and_not),
	MMP_CHECK("unused-section", MMP_INFO, "there are registrations in a section that this configuration leaves out",
	  NULL, MMP_READS_PLATFORM, unused_sections),
	MMP_CHECK("no-ddr", MMP_INFO, "no DDR of the normal world is registered",
	  "register_ddr() the memory of the normal world, or have it in the device tree", MMP_READS_PLATFORM, no_ddr),
	MMP_CHECK("ddr-overlaps-ddr", MMP_WARNING, "registered DDR overlaps other registered DDR",
	  "register each bank once", MMP_READS_PLATFORM, optee_check_ddr_twice),
	MMP_CHECK("pa-bits-over-48", MMP_WARNING, "pa_bits is more than descriptors without LPA2 can hold",
	  "set pa_bits to at most 48", MMP_READS_PLATFORM, pa_bits_over_48),
	MMP_CHECK("secure-not-reserved", MMP_INFO, "secure memory is registered outside the secure-only ranges",
	  "reserve it in the device tree of the normal world, and guard it", MMP_READS_PLATFORM, not_reserved),
	MMP_CHECK("pa-over-ips", MMP_ERROR, "a range ends beyond the physical addresses that TCR_EL1.IPS allows: accesses fault",
	  "raise pa_bits", MMP_READS_PLAN, pa_over_ips),
	MMP_CHECK("in-user-va", MMP_WARNING, "regions of the core are where user mode has its own mappings: they vanish while it runs",
	  "let the core begin higher, or use lpae", MMP_READS_PLAN, optee_check_in_user_va),

	/* Stops of the tables: all places, if the stop names one. */
	{ .reads = MMP_READS_PLAN, .run = optee_check_no_user_va,
	  .is_table_stop = true, .table_stop = MMP_STOP_NO_USER_VA, .has_more = true },
	{ .reads = MMP_READS_PLAN, .run = optee_check_va_outside,
	  .is_table_stop = true, .table_stop = MMP_STOP_OUTSIDE_BASE, .has_more = true },
	{ .reads = MMP_READS_PLAN, .run = optee_check_max_va,
	  .is_table_stop = true, .table_stop = MMP_STOP_MAX_VA },
	{ .reads = MMP_READS_PLAN, .run = optee_check_security_mix,
	  .is_table_stop = true, .table_stop = MMP_STOP_SECURITY_MIX, .has_more = true },
	{ .run = NULL },
};
/* clang-format on */
