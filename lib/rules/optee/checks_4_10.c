/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/pipeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan/range.h"
#include "policy/overlaps.h"
#include "rules/optee/attr.h"
#include "rules/optee/checks.h"
#include "rules/optee/releases.h"

/*
 * Every stop of the releases from 3.8 on as a check for all places, and other checks for
 * these releases only. A row names a stop by its number (stops.h); a release without this
 * stop skips the row. Ids are the same in all releases and stable, as waivers and tests
 * use them.
 */

static void address_zero(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP ||
		    r->addr & input->pa_mask || p->rules->types[r->type].stops ||
		    !p->rules->attr(p->rules, &p->config, r->type) ||
		    (!r->size && !optee_config(p)->core_debug))
			continue;
		mmp_finding_add(
			findings, check, "%s at 0x%" PRIx64 " size 0x%" PRIx64 " %s",
			mmp_memtype_label(p->rules, (int)r->type), r->addr, r->size,
			optee_config(p)->core_debug
				? "maps memory, so its address must not be 0"
				: "gets tables but no descriptors: this build does "
				  "not stop, and it is not mapped");
		mmp_finding_registration(findings, i);
		mmp_finding_subject(findings, (int)r->type, 0, r->size);
	}
}

static void window_over_secure(const struct mmp_check *check,
			       const struct mmp_check_input *input,
			       struct mmp_findings *findings)
{
	optee_check_window(check, input, findings, OPTEE_NSEC_SHM, input->pa_mask);
}

static void invalid_type(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	optee_check_invalid_type(check, input, findings,
				 optee_config(input->platform)->core_debug);
}

static void load_below_secure(const struct mmp_check *check,
			      const struct mmp_check_input *input,
			      struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	const struct mmp_range *first = &input->layout->plan.secure[0];
	const struct mmp_range *rx = &c->layout.unpg_rx;

	if (!c->rwdata_noexec || !c->core_debug || rx->base >= first->base)
		return;
	mmp_finding_add(findings, check,
			"code begins at 0x%" PRIx64
			", the first secure-only range at 0x%" PRIx64,
			rx->base, first->base);
	mmp_finding_about(findings, OPTEE_TEE_RAM_RX, rx->base, rx->size);
}

static void sdp_overlap(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	if (optee_config(input->platform)->secure_data_path)
		optee_check_special(check, input, findings, OPTEE_SECTION_SDP_MEM,
				    input->pa_mask, optee_is_test_memory);
}

static void pa_width(const struct mmp_check *check, const struct mmp_check_input *input,
		     struct mmp_findings *findings)
{
	const struct mmp_register_plan *r = &input->layout->plan.registers;
	const struct optee_config *c = optee_config(input->platform);

	if (r->ps_stops)
		mmp_finding_add(findings, check,
				"pa_bits %" PRIu64
				" needs TCR_EL1.IPS %u, the CPU's PARange is %" PRIu64,
				c->pa_bits, r->ps, c->cpu.parange);
}

/* --- discovery of DDR ------------------------------------------------------------------ */

struct ddr_check {
	const struct mmp_check *check;
	const struct mmp_check_input *input;
	struct mmp_findings *findings;
	const struct mmp_ddr *ddr;
};

static void say_overlap(struct ddr_check *d, const struct mmp_region *ddr,
			const struct mmp_region *entry)
{
	const struct mmp_stop *said = &d->input->layout->ddr.stop;

	/* The stop of discovery, with the DDR as it was then. */
	if (d->input->has == MMP_READS_LAYOUT && said->subject_count > 1 &&
	    said->subjects[1].type == (int)entry->type &&
	    said->subjects[1].base == entry->pa)
		return;
	mmp_finding_add(d->findings, d->check,
			"DDR at 0x%" PRIx64 " size 0x%" PRIx64
			" is not outside %s at 0x%" PRIx64 " size 0x%" PRIx64,
			ddr->pa, ddr->size,
			mmp_memtype_label(d->input->platform->rules, entry->type),
			entry->pa, entry->size);
	mmp_finding_about(d->findings, ddr->type, ddr->pa, ddr->size);
	mmp_finding_about(d->findings, entry->type, entry->pa, entry->size);
}

static bool extents_overlap(void *context, const struct mmp_extent *a,
			    const struct mmp_extent *b)
{
	struct ddr_check *d = context;

	say_overlap(d, &d->ddr->ranges[a->of], &d->input->layout->plan.regions[b->of]);
	return !mmp_findings_full(d->findings);
}

/* Ranges that are empty or wrap count as outside nothing. */
static void sweep_ddr(struct ddr_check *d, struct mmp_extent *all)
{
	const struct mmp_plan *plan = &d->input->layout->plan;
	const struct mmp_region *bad_ddr = NULL, *any = NULL;
	size_t count = 0;

	for (size_t n = 0; n < d->ddr->count; n++) {
		const struct mmp_region *r = &d->ddr->ranges[n];

		if (!mmp_extent_of(&all[count], r->pa, r->size, d->input->pa_mask)) {
			bad_ddr = r;
			continue;
		}
		all[count].of = n;
		all[count++].side = 0;
	}
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (optee_ddr_use_of(optee_release_of(plan->platform->rules)->version,
				     r->type) != OPTEE_DDR_OUTSIDE)
			continue;
		any = r;
		if (!mmp_extent_of(&all[count], r->pa, r->size, d->input->pa_mask)) {
			if (d->ddr->count)
				say_overlap(d, &d->ddr->ranges[0], r);
			continue;
		}
		all[count].of = n;
		all[count++].side = 1;
	}
	if (bad_ddr && any)
		say_overlap(d, bad_ddr, any);
	mmp_extents_overlaps(all, count, true, extents_overlap, d);
}

/*
 * What is left of the DDR once everything is carved out. It uses the firmware's own
 * steps, with a map of only what is carved. If both sections are used, those of
 * ddr_overall count, as in builds without assertions.
 */
static int carve(struct mmp_ddr *ddr, const struct mmp_check_input *input)
{
	const struct mmp_plan *plan = &input->layout->plan;
	struct mmp_platform platform = *input->platform;
	struct mmp_plan carved = *plan;
	int failed = -1;

	optee_edit(&platform.config)->core_debug = false;
	carved.platform = &platform;
	carved.count = 0;
	carved.regions = malloc((plan->count + 1) * sizeof(*carved.regions));
	for (size_t n = 0; carved.regions && n < plan->count; n++)
		if (plan->regions[n].type == OPTEE_NSEC_SHM)
			carved.regions[carved.count++] = plan->regions[n];
	if (carved.regions)
		failed = optee_discover(ddr, &carved);
	if (ddr->stop.info == &input->platform->rules->stops[OPTEE_STOP_DDR_PA_WIDTH])
		failed = 0;
	free(carved.regions);
	return failed;
}

static bool has_ddr(const struct mmp_platform *p)
{
	return optee_config(p)->dyn_shm &&
	       (mmp_platform_uses(p, OPTEE_SECTION_DDR_OVERALL) ||
		mmp_platform_uses(p, OPTEE_SECTION_NSEC_DDR));
}

static void ddr_overlaps_map(const struct mmp_check *check,
			     const struct mmp_check_input *input,
			     struct mmp_findings *findings)
{
	struct ddr_check d = { check, input, findings, NULL };
	struct mmp_extent *all;
	struct mmp_ddr ddr;

	/* Discovery itself checks all of it, unless it stops. */
	if (!has_ddr(input->platform) ||
	    (input->has == MMP_READS_LAYOUT && !input->layout->ddr.stop.info))
		return;
	mmp_ddr_init(&ddr);
	d.ddr = &ddr;
	if (!carve(&ddr, input)) {
		all = malloc((ddr.count + input->layout->plan.count) * sizeof(*all));
		if (all)
			sweep_ddr(&d, all);
		free(all);
	}
	mmp_ddr_done(&ddr);
}

static void propose_pa_bits(struct mmp_findings *findings, unsigned bits)
{
	mmp_finding_propose(findings, "set pa_bits to %u", bits);
	mmp_propose_key(findings, "pa_bits", bits);
}

static void ddr_over_width(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	unsigned width = optee_pa_width(input->platform->rules, &input->platform->config);
	struct mmp_ddr ddr;

	if (!has_ddr(input->platform) ||
	    (input->has == MMP_READS_LAYOUT && !input->layout->ddr.stop.info))
		return;
	mmp_ddr_init(&ddr);
	/* The firmware only checks the last one. */
	if (!carve(&ddr, input) && ddr.count) {
		const struct mmp_region *r = &ddr.ranges[ddr.count - 1];
		uint64_t last = mmp_range_last(r->pa, r->size, input->pa_mask);

		if (last >> width) {
			mmp_finding_add(findings, check,
					"DDR at 0x%" PRIx64 " size 0x%" PRIx64
					" ends beyond %u bits of physical address",
					r->pa, r->size, width);
			mmp_finding_about(findings, r->type, r->pa, r->size);
			if (optee_width_for(last) &&
			    optee_config(input->platform)->arch == OPTEE_ARM64)
				propose_pa_bits(findings, optee_width_for(last));
		}
	}
	mmp_ddr_done(&ddr);
}

/* --- what does not stop the boot -------------------------------------------------------- */

static void deprecated_ddr(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	bool said = false;

	for (size_t i = 0; i < p->count; i++) {
		if (p->registrations[i].section != OPTEE_SECTION_NSEC_DDR)
			continue;
		if (!said)
			mmp_finding_add(findings, check,
					"register_dynamic_shm() is deprecated");
		said = true;
		mmp_finding_registration(findings, i);
	}
}

static void window_cut(const struct mmp_check *check, const struct mmp_check_input *input,
		       struct mmp_findings *findings)
{
	optee_check_window_cut(check, input, findings, OPTEE_RES_VASPACE);
}

static void map_grows(const struct mmp_check *check, const struct mmp_check_input *input,
		      struct mmp_findings *findings)
{
	uint64_t room = optee_config(input->platform)->mmap_regions, wanted;
	size_t count = input->layout->plan.count;
	unsigned times = 0;

	if (optee_release_of(input->platform->rules)->capacity != OPTEE_CAPACITY_DOUBLES)
		return;
	for (wanted = room; wanted && wanted < count; wanted *= 2)
		times++;
	if (times)
		mmp_finding_add(findings, check,
				"the map has %zu entries and began with room for %" PRIu64
				": it doubles %u time%s in boot memory",
				count, room, times, times > 1 ? "s" : "");
}

/* --- ways past ------------------------------------------------------------------------- */

/*
 * If the core is below the end of user mode's range with short descriptors, its size does
 * not matter.
 */
static void with_lpae(struct mmp_rest *rest)
{
	optee_edit(&rest->platform.config)->lpae = true;
	snprintf(rest->words, sizeof(rest->words), "with lpae");
	snprintf(rest->fix, sizeof(rest->fix),
		 "let the first secure-only range begin at 0x%x or above, or use lpae",
		 OPTEE_SHORT_USER_VA_END);
}

/* The width that would be enough, of those in common use. */
static void wider_va(struct mmp_rest *rest, const struct mmp_layout *stopped)
{
	struct optee_config *c = optee_edit(&rest->platform.config);
	uint64_t before = c->va_bits;
	struct mmp_plan plan;
	struct mmp_error err;

	if (c->arch == OPTEE_ARM32 && !c->lpae &&
	    stopped->plan.secure[0].base < OPTEE_SHORT_USER_VA_END)
		with_lpae(rest);
	if (c->arch != OPTEE_ARM64)
		return;
	mmp_plan_init(&plan);
	plan.past_tests = true;
	for (size_t i = 0; i < OPTEE_VA_WIDTHS; i++) {
		if (optee_va_widths[i] <= before)
			continue;
		c->va_bits = optee_va_widths[i];
		if (!mmp_plan_make(&plan, &rest->platform, &err))
			break;
		c->va_bits = before;
	}
	mmp_plan_done(&plan);
	if (c->va_bits == before)
		return;
	snprintf(rest->words, sizeof(rest->words), "with va_bits %" PRIu64, c->va_bits);
}

static void more_boot_memory(struct mmp_rest *rest, const struct mmp_layout *stopped)
{
	(void)stopped;
	optee_edit(&rest->platform.config)->boot_mem_size_given = false;
	rest->any_boot_memory = true;
	snprintf(rest->words, sizeof(rest->words), "with enough boot memory");
}

static const struct mmp_way ways[] = {
	{ .own_stop = OPTEE_STOP_NO_VA, .take = wider_va },
	{ .own_stop = OPTEE_STOP_BOOT_MEMORY, .take = more_boot_memory },
	{ .take = NULL },
};

/* clang-format off */
static const struct mmp_check checks[] = {
	{ OPTEE_OWN_STOP(SEC_NSEC),          .reads = MMP_READS_PLATFORM, .run = window_over_secure },
	{ OPTEE_OWN_STOP(LOAD_BELOW_SECURE), .reads = MMP_READS_PLATFORM, .run = load_below_secure },
	{ OPTEE_OWN_STOP(ADDRESS_ZERO),      .reads = MMP_READS_PLATFORM, .run = address_zero, .leaves_out = true },
	{ OPTEE_OWN_STOP(INVALID_TYPE),      .reads = MMP_READS_PLATFORM, .run = invalid_type, .leaves_out = true },
	{ OPTEE_OWN_STOP(SPECIAL_OVERLAP),      .reads = MMP_READS_MAP,      .run = sdp_overlap, .has_more = true },
	{ OPTEE_OWN_STOP(ALIGNMENT),         .reads = MMP_READS_MAP,      .run = mmp_check_unaligned, .leaves_out = true, .has_more = true },
	{ OPTEE_OWN_STOP(TA_RAM_PLACE),      .reads = MMP_READS_MAP,      .run = optee_check_refused },
	{ OPTEE_OWN_STOP(TEE_RAM_PLACE),     .reads = MMP_READS_MAP,      .run = optee_check_refused,
	  .leads_to = "sec-ram-outside-secure core-memory-not-carved no-ta-memory" },
	{ OPTEE_OWN_STOP(SEC_RAM_PLACE),     .reads = MMP_READS_MAP,      .run = optee_check_refused },
	{ OPTEE_OWN_STOP(NSEC_SHM_PLACE),    .reads = MMP_READS_MAP,      .run = optee_check_refused },
	{ OPTEE_OWN_STOP(UNHANDLED_TYPE),    .reads = MMP_READS_MAP,      .run = optee_check_refused },
	{ .is_table_stop = true, .table_stop = MMP_STOP_PA_WIDTH, .reads = MMP_READS_PLAN, .run = pa_width },
	{ OPTEE_OWN_STOP(DDR_BOTH),          .reads = MMP_READS_PLATFORM, .run = optee_check_ddr_both },
	{ OPTEE_OWN_STOP(DDR_OVERLAP),       .reads = MMP_READS_PLAN,     .run = ddr_overlaps_map },
	{ OPTEE_OWN_STOP(DDR_PA_WIDTH),      .reads = MMP_READS_PLAN,     .run = ddr_over_width, .has_more = true },

	MMP_CHECK("nsec-ddr-deprecated", MMP_WARNING, "DDR is registered with register_dynamic_shm(), which is deprecated",
	  "register all DDR with register_ddr(): the firmware carves out what is not the normal world's",
	  MMP_READS_PLATFORM, deprecated_ddr),
	MMP_CHECK("reserved-window-cut", MMP_WARNING, "the space for mappings at run time spans two translation tables, and only the first is used",
	  "let the core begin elsewhere (with ASLR: another seed), or lower reserved_vaspace_size", MMP_READS_PLAN, window_cut),
	MMP_CHECK("map-grows", MMP_INFO, "the memory map outgrows mmap_regions and is copied while it is made",
	  "raise mmap_regions to save boot memory", MMP_READS_PLAN, map_grows),
	{ .run = NULL },
};
/* clang-format on */

/* The steps after the map differ between these. */
#define TABLES(later)                                                                    \
	(const struct mmp_check *const[])                                                \
	{                                                                                \
		checks, optee_checks_releases, optee_checks_ranges,                      \
			optee_checks_document, optee_checks_keys, optee_checks_dram,     \
			mmp_checks, optee_checks, later, NULL                            \
	}
#define POLICY(later)                                                                    \
	{                                                                                \
		TABLES(later), ways, optee_propose, optee_key_of, optee_words,           \
			optee_is_own                                                     \
	}

const struct mmp_policy optee_policy_3_8 = POLICY(optee_checks_later_3_0);
const struct mmp_policy optee_policy_3_12 = POLICY(optee_checks_later_3_12);
const struct mmp_policy optee_policy_4_5 = POLICY(optee_checks_later_4_5);
