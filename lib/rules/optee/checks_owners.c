/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "plan/extent.h"
#include "plan/range.h"
#include "policy/overlaps.h"
#include "rules/optee/boot_memory.h"
#include "rules/optee/checks.h"

/*
 * Memory that the platform registers although the firmware gives it away, or vice versa.
 */

enum { SINCE_BOTH_RANGES = 322, SINCE_POOLS = 404 };

/* From 3.22 on the core knows both, and gives away all of the second one. */
static void pools_overlap(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	const struct mmp_range *sram = &c->trusted_sram, *dram = &c->trusted_dram;

	if (optee_release(input->platform->rules) < SINCE_BOTH_RANGES || !sram->given ||
	    !mmp_range_intersects(sram->base, sram->size, dram->base, dram->size,
				  input->pa_mask))
		return;
	mmp_finding_add(findings, check,
			"trusted_sram at 0x%" PRIx64 " size 0x%" PRIx64
			" overlaps trusted_dram at 0x%" PRIx64 " size 0x%" PRIx64
			": the core's memory is given to trusted applications too",
			sram->base, sram->size, dram->base, dram->size);
	mmp_finding_of_key(findings, "trusted_sram", sram->base, sram->size);
	mmp_finding_of_key(findings, "trusted_dram", dram->base, dram->size);
	mmp_finding_fix(findings, "let trusted_sram and trusted_dram be apart, or set "
				  "trusted_sram to null if there is none");
}

/* Secure memory that the firmware hands out: all of it except the core. */
void optee_check_two_owners(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct optee_config *c = optee_config(p);
	const struct mmp_range *const pools[] = { &c->trusted_dram, &c->trusted_sram };

	pools_overlap(check, input, findings);
	if (optee_release(p->rules) <= SINCE_POOLS)
		return;
	for (size_t i = 0; i < p->count && !mmp_findings_full(findings); i++) {
		const struct mmp_registration *r = &p->registrations[i];
		bool is_memory = optee_is_type(p->rules, r->type, "RAM_SEC") ||
				 optee_is_type(p->rules, r->type, "TEE_COHERENT");

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP || !is_memory || !r->size)
			continue;
		for (unsigned k = 0; k < 2; k++) {
			const char *key = k ? "trusted_sram" : "trusted_dram";

			if (!pools[k]->given && k)
				continue;
			if ((k && c->pager) ||
			    !mmp_range_intersects(r->addr, r->size, pools[k]->base,
						  pools[k]->size, input->pa_mask) ||
			    mmp_range_inside(r->addr, r->size, c->tee_ram.start,
					     c->tee_ram.ph_size, input->pa_mask))
				continue;
			mmp_finding_add(findings, check,
					"\"%.64s\" (%s at 0x%" PRIx64 " size 0x%" PRIx64
					") is in %s, all of which but the core the "
					"firmware gives to trusted applications",
					r->name,
					mmp_memtype_label(p->rules, (int)r->type),
					r->addr, r->size, key);
			mmp_finding_registration(findings, i);
			mmp_finding_of_key(findings, key, pools[k]->base, pools[k]->size);
			mmp_finding_fix(findings,
					"let %s end before \"%.64s\", or register other "
					"memory",
					key, r->name);
			if (k || r->addr <= c->tee_ram.start + c->tee_ram.ph_size ||
			    r->addr - pools[k]->base >= pools[k]->size)
				continue;
			mmp_finding_propose(findings,
					    "set trusted_dram.size to 0x%" PRIx64
					    ": it ends before \"%.64s\" then",
					    r->addr - pools[k]->base, r->name);
			mmp_propose_key(findings, "trusted_dram.size",
					r->addr - pools[k]->base);
		}
	}
}

struct giving {
	const struct mmp_check *check;
	const struct mmp_check_input *input;
	struct mmp_findings *findings;
};

static bool say_given(void *context, const struct mmp_extent *a,
		      const struct mmp_extent *b)
{
	const struct giving *g = context;
	const struct mmp_region *regions = g->input->layout->plan.regions;
	const struct mmp_region *ta = &regions[a->of], *core = &regions[b->of];

	mmp_finding_add(g->findings, g->check,
			"TA_RAM at 0x%" PRIx64 " size 0x%" PRIx64
			", which the firmware gives to trusted applications, overlaps "
			"the core's %s at 0x%" PRIx64 " size 0x%" PRIx64,
			ta->pa, ta->size,
			mmp_memtype_label(g->input->platform->rules, (int)core->type),
			core->pa, core->size);
	mmp_finding_about(g->findings, (int)ta->type, ta->pa, ta->size);
	mmp_finding_about(g->findings, (int)core->type, core->pa, core->size);
	mmp_finding_fix(g->findings, "let TA_RAM begin where the core ends");
	return !mmp_findings_full(g->findings);
}

/* Up to 4.4 only the platform keeps the two apart. */
void optee_check_core_given(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	struct giving giving = { check, input, findings };
	const struct mmp_plan *plan = &input->layout->plan;
	struct mmp_extent *all;
	size_t count = 0;

	if (optee_release(input->platform->rules) > SINCE_POOLS)
		return;
	all = calloc(plan->count + 1, sizeof(*all));
	for (size_t n = 0; all && n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		bool core = optee_is_tee_ram(r->type);

		if ((!core && r->type != OPTEE_TA_RAM) ||
		    !mmp_extent_of(&all[count], r->pa, r->size, input->pa_mask))
			continue;
		all[count].side = core;
		all[count++].of = n;
	}
	mmp_extents_overlaps(all, count, true, say_given, &giving);
	free(all);
}

/* core_mmu.c registers it on every platform that has it. */
void optee_check_test_memory(const struct mmp_check *check,
			     const struct mmp_check_input *input,
			     struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct mmp_range *test = &optee_config(p)->sdp_test_mem;

	if (!optee_config(p)->secure_data_path || !test->given || !test->size)
		return;
	for (size_t i = 0; i < p->count; i++)
		if (p->registrations[i].section == OPTEE_SECTION_SDP_MEM &&
		    p->registrations[i].addr == test->base)
			return;
	mmp_finding_add(findings, check,
			"sdp_test_mem at 0x%" PRIx64 " size 0x%" PRIx64
			" is not among the registrations, and the firmware registers it",
			test->base, test->size);
	mmp_finding_of_key(findings, "sdp_test_mem", test->base, test->size);
	mmp_finding_fix(findings, "%s", check->fix);
}
