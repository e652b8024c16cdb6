/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "rules/optee/checks.h"
#include "rules/optee/config.h"
#include "rules/optee/releases.h"
#include "rules/optee/types.h"

/*
 * Problems of single releases: what they cannot be built with, and what their own bugs do
 * to a platform on which others boot. One table for all releases; each check reads the
 * row of switches to see whether it applies.
 */

static const struct optee_release *release_of(const struct mmp_check_input *input)
{
	return optee_release_of(input->platform->rules);
}

static const struct optee_config *config_of(const struct mmp_check_input *input)
{
	return optee_config(input->platform);
}

static bool is_short(const struct optee_config *c)
{
	return c->arch == OPTEE_ARM32 && !c->lpae;
}

static const char *release_name(const struct mmp_check_input *input)
{
	return input->platform->rules->name;
}

/* --- builds that fail ------------------------------------------------------------------ */

enum { LEAST_MMAP_REGIONS = 13, LEAST_VA_BITS = 32, MOST_TABLES = 65535 };

/* Options that a makefile or a header of the firmware does not allow together. */
struct option_pair {
	const char *one, *other;
	size_t one_at, other_at; /* offsets in struct optee_config */
	enum optee_version from;
};

#define PAIR(one, other, from)                                                           \
	{                                                                                \
#one, #other, offsetof(struct optee_config, one),                        \
			offsetof(struct optee_config, other), from                       \
	}

static const struct option_pair pairs[] = {
	PAIR(kasan, aslr, V4_0),
	PAIR(kasan, memtag, V3_18),
	PAIR(pager, memtag, V3_18),
	PAIR(ns_virtualization, bti, V3_16),
	PAIR(pager, phys_relocatable, V3_22),
};

static bool is_on(const struct mmp_check_input *input, size_t at)
{
	return *(const bool *)((const char *)config_of(input) + at);
}

static void refused_pairs(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (release_of(input)->version >= pairs[i].from &&
		    is_on(input, pairs[i].one_at) && is_on(input, pairs[i].other_at))
			mmp_finding_add(findings, check,
					"%s and %s are on: %s is built with one of them",
					pairs[i].one, pairs[i].other,
					release_name(input));
}

/* From 3.12 on the width is checked; the row has what it is checked against. */
static void refused_width(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings)
{
	const struct optee_release *release = release_of(input);
	const struct optee_config *c = config_of(input);

	if (c->arch != OPTEE_ARM64)
		return;
	if (release->version >= V3_12 &&
	    (c->va_bits < LEAST_VA_BITS || c->va_bits > release->va_bits_max))
		mmp_finding_add(findings, check,
				"va_bits is %" PRIu64 "; %s is built with %d to %u",
				c->va_bits, release_name(input), LEAST_VA_BITS,
				release->va_bits_max);
	if (release->version < V3_12 && c->unmap_core_at_el0 &&
	    c->va_bits != LEAST_VA_BITS)
		mmp_finding_add(findings, check,
				"va_bits is %" PRIu64
				"; with unmap_core_at_el0 %s is built for %d only",
				c->va_bits, release_name(input), LEAST_VA_BITS);
}

static void does_not_compile(const struct mmp_check *check,
			     const struct mmp_check_input *input,
			     struct mmp_findings *findings)
{
	const struct optee_release *release = release_of(input);
	const struct optee_config *c = config_of(input);
	unsigned most_tables = release->version < V3_16 ? UINT8_MAX : MOST_TABLES;

	refused_width(check, input, findings);
	refused_pairs(check, input, findings);
	if (release->capacity == OPTEE_CAPACITY_FIXED &&
	    c->mmap_regions < LEAST_MMAP_REGIONS)
		mmp_finding_add(findings, check,
				"mmap_regions is %" PRIu64
				"; %s is built with %d at least",
				c->mmap_regions, release_name(input), LEAST_MMAP_REGIONS);
	if (is_short(c) && c->ns_virtualization)
		mmp_finding_add(
			findings, check,
			"ns_virtualization is on; %s has it with lpae or on arm64 only",
			release_name(input));
	if (release->base_level_0 && c->arch == OPTEE_ARM64 && c->va_bits >= 40 &&
	    c->max_xlat_tables_given && c->max_xlat_tables > most_tables)
		mmp_finding_add(findings, check,
				"max_xlat_tables is %" PRIu64 "; with va_bits %" PRIu64
				" %s is built with %u at most",
				c->max_xlat_tables, c->va_bits, release_name(input),
				most_tables);
	if (release->relocatable_slot && c->phys_relocatable && c->trusted_sram.given)
		mmp_finding_add(findings, check,
				"trusted_sram is given; with phys_relocatable %s is "
				"built with one secure-only range",
				release_name(input));
}

/* --- tables ---------------------------------------------------------------------------- */

/* 3.1 copies core 0's base table over the one that it just made. */
static void empty_base_tables(const struct mmp_check *check,
			      const struct mmp_check_input *input,
			      struct mmp_findings *findings)
{
	const struct optee_config *c = config_of(input);

	if (release_of(input)->copy == OPTEE_COPY_CORE_0_OVER_BOOT && c->boot_core_pos &&
	    !is_short(c))
		mmp_finding_add(findings, check,
				"core %" PRIu64
				" boots: its base table is made, and then "
				"the empty one of core 0 is copied over it",
				c->boot_core_pos);
}

/* 3.0: the PA rounded down to 1 MiB, plus the offset of the VA in its 1 MiB. */
static void mapped_below(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_plan *plan = &input->layout->plan;

	if (release_of(input)->builder != OPTEE_BUILDER_3_0 ||
	    !is_short(config_of(input)))
		return;
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		uint64_t below = (r->pa - r->va) & 0xfffff;
		char what[80];

		if (!below || !mmp_check_is_mapped(input, r))
			continue;
		snprintf(what, sizeof(what), "is mapped 0x%" PRIx64 " bytes lower",
			 below);
		mmp_finding_of_entry(findings, check, r, what);
	}
}

/* --- virtual space --------------------------------------------------------------------- */

/*
 * Up to 3.18 an entry at VA 0 counts as not placed, and the core's first entry is placed
 * again.
 */
static void at_va_0(const struct mmp_check *check, const struct mmp_check_input *input,
		    struct mmp_findings *findings)
{
	const struct mmp_plan *plan = &input->layout->plan;
	uint64_t core = config_of(input)->tee_ram.start + plan->registers.map_offset;

	if (release_of(input)->placing != OPTEE_PLACING_PACKED ||
	    release_of(input)->zero_refused)
		return;
	if (!(core & plan->shape.va_mask)) {
		mmp_finding_add(findings, check, "the core begins at virtual address 0");
		mmp_finding_about(findings, OPTEE_TEE_RAM_RX, 0, 0);
	}
	for (size_t n = 0; n < plan->count; n++)
		if (!plan->regions[n].va && plan->regions[n].size)
			mmp_finding_of_entry(findings, check, &plan->regions[n],
					     "is at virtual address 0");
}

static void inverted_width(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	const struct optee_config *c = config_of(input);

	if (release_of(input)->va_width_bug && c->arch == OPTEE_ARM64 && c->va_bits != 32)
		mmp_finding_add(findings, check,
				"va_bits is %" PRIu64 ", and %s computes with %" PRIu64,
				c->va_bits, release_name(input), 64 - c->va_bits);
}

/* Whether an entry takes slots of the base table. */
static bool takes_slots(const struct mmp_check_input *input, const struct mmp_region *r)
{
	return r->size && r->type != OPTEE_IDENTITY_MAP_RX &&
	       (release_of(input)->va_spaces_mapped || !optee_is_va_space(r->type));
}

/*
 * How much virtual space the map spans, from its lowest to its highest address. It does
 * not depend on where the current seed puts the map.
 */
static uint64_t spanned(const struct mmp_check_input *input)
{
	const struct mmp_plan *plan = &input->layout->plan;
	uint64_t low = UINT64_MAX, end = 0;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (!takes_slots(input, r))
			continue;
		low = r->va < low ? r->va : low;
		end = r->va + r->size > end ? r->va + r->size : end;
	}
	return end > low ? end - low : 0;
}

/* From 3.8 to 4.10.0 a candidate is taken even if no slot is left for user mode. */
static void slots_by_seed(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings)
{
	const struct optee_config *c = config_of(input);
	uint64_t start = c->layout.identity_map.start, bytes, touched, identity;

	if (release_of(input)->aslr != OPTEE_ASLR_ANY_CANDIDATE || !c->aslr ||
	    is_short(c) || (c->arch == OPTEE_ARM64 && c->va_bits > LEAST_VA_BITS))
		return;
	bytes = spanned(input);
	/* A map of more than n GiB and a page can touch n + 2 of them. */
	touched = bytes < 2 ? bytes : ((bytes - 2) >> 30) + 2;
	identity = c->layout.identity_map.given && start >> 30 >= 1 && start >> 30 <= 3;
	if (touched + identity >= 3)
		mmp_finding_add(
			findings, check,
			"the map spans 0x%" PRIx64
			" bytes of virtual addresses: at some seeds it is in %" PRIu64
			" of the GiBs 1 to 3%s, of which user "
			"mode needs one",
			bytes, touched < 3 ? touched : 3,
			identity ? ", and the identity map in another" : "");
}

/* --- the core and its map -------------------------------------------------------------- */

/* From 3.22 on the core's virtual addresses start with the first range. */
static void second_range(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_plan *plan = &input->layout->plan;
	const struct optee_config *c = config_of(input);
	const struct mmp_range *rx = &c->layout.unpg_rx;
	const struct mmp_range *first = &plan->secure[0];

	if (release_of(input)->first == OPTEE_FIRST_TEE_RAM || plan->secure_count < 2 ||
	    !c->rwdata_noexec || !rx->given ||
	    mmp_range_intersects(rx->base, rx->size, first->base, first->size,
				 input->pa_mask))
		return;
	if (release_of(input)->first == OPTEE_FIRST_SECURE)
		mmp_finding_add(findings, check,
				"the core begins at 0x%" PRIx64
				", after trusted_sram at 0x%" PRIx64
				": the first TEE_RAM_RO reaches from there to the core",
				rx->base, first->base);
	else
		mmp_finding_add(findings, check,
				"the core begins at 0x%" PRIx64
				", after trusted_sram at 0x%" PRIx64
				", from which its virtual addresses are counted",
				rx->base, first->base);
	mmp_finding_about(findings, OPTEE_TEE_RAM_RX, rx->base, rx->size);
}

/*
 * 3.8 to 3.21 add the pager's space even to a build without the pager if the core has a
 * gap.
 */
static void pager_entry(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	const struct mmp_plan *plan = &input->layout->plan;

	if (release_of(input)->pager_space != OPTEE_PAGER_GAP || config_of(input)->pager)
		return;
	for (size_t n = 0; n < plan->count; n++)
		if (plan->regions[n].type == OPTEE_PAGER_VASPACE && !plan->regions[n].pa)
			mmp_finding_of_entry(
				findings, check, &plan->regions[n],
				"is what the core leaves of tee_ram.va_size");
}

/* They also ask for room for it first, so the last entry of the map cannot be used. */
static void last_entry(const struct mmp_check *check, const struct mmp_check_input *input,
		       struct mmp_findings *findings)
{
	const struct optee_config *c = config_of(input);
	const struct mmp_plan *plan = &input->layout->plan;
	uint64_t room = c->mmap_regions + c->aslr, count = 0;

	if (release_of(input)->pager_space != OPTEE_PAGER_GAP || c->pager)
		return;
	for (size_t n = 0; n < plan->count; n++)
		count += plan->regions[n].type != OPTEE_PAGER_VASPACE &&
			 plan->regions[n].type != OPTEE_IDENTITY_MAP_RX;
	if (count + 1 == room)
		mmp_finding_add(
			findings, check,
			"%" PRIu64 " of %" PRIu64
			" entries are used when the firmware asks for room for the "
			"pager's, which it does without the pager too: one more "
			"stops the boot",
			count, room);
}

/* /secure-chosen/kaslr-seed is byte-swapped from 4.3 on. */
static void seed_order(const struct mmp_check *check, const struct mmp_check_input *input,
		       struct mmp_findings *findings)
{
	const struct optee_config *c = config_of(input);

	if (release_of(input)->aslr == OPTEE_ASLR_NONE || !c->aslr || !c->aslr_seed)
		return;
	if (release_of(input)->seed_swapped)
		mmp_finding_add(findings, check,
				"aslr_seed is 0x%" PRIx64
				": kaslr-seed in the device tree is 0x%016" PRIx64
				", which the firmware swaps",
				c->aslr_seed, __builtin_bswap64(c->aslr_seed));
	else
		mmp_finding_add(findings, check,
				"aslr_seed is 0x%" PRIx64
				": kaslr-seed in the device tree is the same",
				c->aslr_seed);
}

/* clang-format off */
const struct mmp_check optee_checks_releases[] = {
	MMP_CHECK("does-not-compile", MMP_ERROR, "this release cannot be built with such a configuration",
	  "change the option that is named", MMP_READS_PLATFORM, does_not_compile),
	MMP_CHECK("base-tables-empty", MMP_ERROR, "every base table is empty unless core 0 boots (3.1)",
	  "boot on core 0, or use 3.2", MMP_READS_PLATFORM, empty_base_tables),
	MMP_CHECK("mapped-below", MMP_ERROR, "with short descriptors, pages of an entry that begins inside a MiB are those of the MiB's begin (3.0)",
	  "register it from a multiple of 0x100000, or use 3.1", MMP_READS_PLAN, mapped_below),
	MMP_CHECK("va-0-used", MMP_ERROR, "an entry of the map is at virtual address 0, which counts as no place: boards die on it (3.8 to 3.18)",
	  "use another seed, or let the core begin elsewhere", MMP_READS_PLAN, at_va_0),
	MMP_CHECK("va-width-inverted", MMP_WARNING, "the width of virtual addresses is computed as 64 - va_bits (3.8 and 3.9)",
	  "set va_bits to 32, or use 3.10", MMP_READS_PLATFORM, inverted_width),
	MMP_CHECK("user-slot-by-seed", MMP_WARNING, "some seeds leave no GiB to user mode, and the boot stops there (3.8 to 4.10.0)",
	  "raise va_bits, or make the map smaller: reserved_vaspace_size for one", MMP_READS_PLAN, slots_by_seed),
	MMP_CHECK("core-in-second-range", MMP_WARNING, "the core is in the second secure-only range, and its virtual addresses begin with the first (3.22 on)",
	  "leave trusted_sram out, or load the core there", MMP_READS_PLAN, second_range),
	MMP_CHECK("pager-entry", MMP_INFO, "a build without the pager has an entry for the pager's space (3.8 to 3.21)",
	  NULL, MMP_READS_PLAN, pager_entry),
	MMP_CHECK("map-last-entry", MMP_WARNING, "the map is full although it has an entry left (3.8 to 3.21)",
	  "raise mmap_regions", MMP_READS_PLAN, last_entry),
	MMP_CHECK("seed-byte-order", MMP_INFO, "kaslr-seed is taken as written to 4.2, and with its bytes swapped from 4.3",
	  NULL, MMP_READS_PLATFORM, seed_order),
	{ .run = NULL },
};
/* clang-format on */
