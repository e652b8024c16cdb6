/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/page.h"
#include "plan/range.h"
#include "rules/optee/boot_memory.h"
#include "rules/optee/checks.h"

/*
 * The ranges of the link script in a document: they must be in order, not overlap, be in
 * whole pages and inside tee_ram, and none may be missing. Only sums are computed for
 * this.
 */

enum { LINKS_MAX = 10 };

/* Up to 3.21 the core registers its ranges itself, and the keys are not used. */
enum { SINCE_RANGES_COUNT = 322, SINCE_FREE = 405 };

struct link {
	const char *key;
	const char *start_key, *size_key; /* of its two numbers */
	const struct mmp_range *range;
};

#define LINK(name)                                                                       \
	{                                                                                \
		"layout." #name, "layout." #name ".start", "layout." #name ".size", NULL \
	}

/* The ranges that have bytes, in the order of the link script. */
static unsigned list_links(const struct mmp_platform *p, struct link links[LINKS_MAX])
{
	const struct optee_config *c = optee_config(p);
	static const struct link rows[] = { LINK(unpg_rx), LINK(unpg_ro), LINK(nex_rw),
					    LINK(unpg_rw), LINK(free),    LINK(init_rx),
					    LINK(init_ro), LINK(asan_map) };
	const struct mmp_range *const ranges[] = {
		&c->layout.unpg_rx, &c->layout.unpg_ro,  &c->layout.nex_rw,
		&c->layout.unpg_rw, &c->layout.free,     &c->layout.init_rx,
		&c->layout.init_ro, &c->layout.asan_map,
	};
	unsigned count = 0;

	if (!c->rwdata_noexec || optee_release(p->rules) < SINCE_RANGES_COUNT)
		return 0;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool counts = true;

		if (ranges[i] == &c->layout.nex_rw)
			counts = c->ns_virtualization;
		else if (ranges[i] == &c->layout.free)
			counts = !c->pager && optee_release(p->rules) >= SINCE_FREE;
		else if (ranges[i] == &c->layout.init_rx ||
			 ranges[i] == &c->layout.init_ro)
			counts = c->pager;
		else if (ranges[i] == &c->layout.asan_map)
			counts = c->kasan;
		if (!counts || !ranges[i]->given || !ranges[i]->size)
			continue;
		links[count] = rows[i];
		links[count++].range = ranges[i];
	}
	return count;
}

static uint64_t range_end(const struct mmp_range *r)
{
	return r->base + r->size;
}

static void unaligned(const struct mmp_check *check, const struct mmp_check_input *input,
		      struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	struct link links[LINKS_MAX];
	unsigned count = list_links(input->platform, links);

	for (unsigned i = 0; i < count; i++) {
		const struct mmp_range *r = links[i].range;
		uint64_t base = mmp_page_down(r->base);
		uint64_t end = mmp_page_up(range_end(r));

		if (!((r->base | r->size) & MMP_PAGE_MASK))
			continue;
		mmp_finding_add(findings, check,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64
				" is not in whole 4 KiB pages",
				links[i].key, r->base, r->size);
		mmp_finding_of_key(findings, links[i].key, r->base, r->size);
		if (r->base & MMP_PAGE_MASK) /* what is before it is mapped too */
			mmp_finding_of_key(findings, links[i].key,
					   c->trusted_sram.given ? c->trusted_sram.base
								 : c->trusted_dram.base,
					   r->base - base);
		mmp_finding_fix(findings, "let %s begin and end at multiples of 0x1000",
				links[i].key);
		mmp_finding_propose(findings,
				    "set %s to 0x%" PRIx64 " size 0x%" PRIx64
				    ": the link script rounds to pages",
				    links[i].key, base, end - base);
		mmp_propose_key(findings, links[i].start_key, base);
		mmp_propose_key(findings, links[i].size_key, end - base);
	}
}

static void overlapping(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	struct link links[LINKS_MAX];
	unsigned count = list_links(input->platform, links);

	for (unsigned i = 0; i < count; i++)
		for (unsigned k = i + 1; k < count; k++) {
			const struct mmp_range *a = links[i].range, *b = links[k].range;

			if (!mmp_range_intersects(a->base, a->size, b->base, b->size,
						  UINT64_MAX))
				continue;
			mmp_finding_add(findings, check,
					"%s at 0x%" PRIx64 " size 0x%" PRIx64
					" overlaps %s at 0x%" PRIx64 " size 0x%" PRIx64,
					links[i].key, a->base, a->size, links[k].key,
					b->base, b->size);
			mmp_finding_of_key(findings, links[i].key, a->base, a->size);
			mmp_finding_of_key(findings, links[k].key, b->base, b->size);
			mmp_finding_fix(findings,
					"take %s and %s from the symbols of one build",
					links[i].key, links[k].key);
			if (a->base >= b->base || range_end(b) <= range_end(a))
				continue;
			mmp_finding_propose(findings,
					    "let %s begin where %s ends, at 0x%" PRIx64,
					    links[k].key, links[i].key, range_end(a));
			mmp_propose_key(findings, links[k].start_key, range_end(a));
			mmp_propose_key(findings, links[k].size_key,
					range_end(b) - range_end(a));
		}
}

static void out_of_order(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	struct link links[LINKS_MAX];
	unsigned count = list_links(input->platform, links);

	for (unsigned i = 1; i < count; i++) {
		const struct mmp_range *a = links[i - 1].range, *b = links[i].range;

		if (b->base >= a->base)
			continue;
		mmp_finding_add(findings, check,
				"%s at 0x%" PRIx64 " comes before %s at 0x%" PRIx64
				"; the link script has it after",
				links[i].key, b->base, links[i - 1].key, a->base);
		mmp_finding_of_key(findings, links[i].key, b->base, b->size);
		mmp_finding_of_key(findings, links[i - 1].key, a->base, a->size);
	}
}

static void say_outside(const struct mmp_check *check, struct mmp_findings *findings,
			const struct optee_config *c, const struct link *link)
{
	const struct mmp_range *r = link->range;
	uint64_t end = c->tee_ram.start + c->tee_ram.ph_size, needed;

	if (r->base < c->tee_ram.start)
		mmp_finding_add(findings, check,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64 " begins 0x%" PRIx64
				" bytes below tee_ram.start, 0x%" PRIx64,
				link->key, r->base, r->size, c->tee_ram.start - r->base,
				c->tee_ram.start);
	else if (range_end(r) < r->base)
		mmp_finding_add(findings, check,
				"%s at 0x%" PRIx64 " goes past the end of the address "
				"space",
				link->key, r->base);
	else
		mmp_finding_add(findings, check,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64 " ends 0x%" PRIx64
				" bytes past tee_ram, whose ph_size is 0x%" PRIx64
				": it ends at 0x%" PRIx64,
				link->key, r->base, r->size, range_end(r) - end,
				c->tee_ram.ph_size, end);
	mmp_finding_of_key(findings, link->key, r->base, r->size);
	if (end < range_end(r)) /* the firmware computes a negative size */
		mmp_finding_of_key(findings, "tee_ram", range_end(r), 0);
	mmp_finding_fix(
		findings,
		"make %s smaller, or raise tee_ram.ph_size and va_size if there is "
		"the memory",
		link->key);
	if (range_end(r) <= end || r->base < c->tee_ram.start)
		return;
	needed = (range_end(r) - c->tee_ram.start + 0xfffff) & ~UINT64_C(0xfffff);
	mmp_finding_propose(findings,
			    "raise tee_ram.ph_size to 0x%" PRIx64
			    ", and va_size and layout.free with it",
			    needed);
	mmp_propose_key(findings, "tee_ram.ph_size", needed);
	mmp_propose_key(findings, "tee_ram.va_size",
			needed > c->tee_ram.va_size ? needed : c->tee_ram.va_size);
	if (c->layout.free.given && c->layout.free.base >= c->tee_ram.start &&
	    c->layout.free.base - c->tee_ram.start < needed)
		mmp_propose_key(findings, "layout.free.size",
				c->tee_ram.start + needed - c->layout.free.base);
}

static void outside(const struct mmp_check *check, const struct mmp_check_input *input,
		    struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	struct link links[LINKS_MAX];
	unsigned count = list_links(input->platform, links);

	for (unsigned i = 0; i < count; i++)
		if (strcmp(links[i].key, "layout.asan_map") != 0 &&
		    !mmp_range_inside(links[i].range->base, links[i].range->size,
				      c->tee_ram.start, c->tee_ram.ph_size, UINT64_MAX))
			say_outside(check, findings, c, &links[i]);
}

static void missing(const struct mmp_check *check, const struct mmp_check_input *input,
		    struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	const char *key = NULL, *why = NULL;

	if (!c->rwdata_noexec ||
	    optee_release(input->platform->rules) < SINCE_RANGES_COUNT)
		return;
	if (c->pager && !c->layout.init_rx.given) {
		key = "layout.init_rx";
		why = "the pager's init code";
	} else if (c->ns_virtualization && !c->layout.nex_rw.given) {
		key = "layout.nex_rw";
		why = "the data of the nexus";
	} else if (c->dyn_config && !c->pager && !c->layout.free.given) {
		key = "layout.free";
		why = "the memory after the image, which boot memory and tables come "
		      "from";
	}
	if (!key)
		return;
	mmp_finding_add(findings, check, "%s is missing: %s is not known", key, why);
	mmp_finding_fix(findings, "take %s from the symbols of the build", key);
}

/* While the MMU is switched on, the core runs at its physical address. */
static void identity_missing(const struct mmp_check *check,
			     const struct mmp_check_input *input,
			     struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	uint64_t start = c->layout.identity_map.start, end = c->layout.identity_map.end;

	if (!c->aslr || !c->aslr_seed)
		return;
	if (!c->layout.identity_map.given || start >= end) {
		mmp_finding_add(
			findings, check,
			"aslr is on, and layout.identity_map is %s: the code that "
			"turns the MMU on would not be mapped where it runs",
			c->layout.identity_map.given ? "empty" : "missing");
		mmp_finding_of_key(findings, "layout.identity_map", start, 0);
	} else if (c->rwdata_noexec && c->layout.unpg_rx.given &&
		   (start < c->layout.unpg_rx.base ||
		    end > range_end(&c->layout.unpg_rx))) {
		mmp_finding_add(
			findings, check,
			"layout.identity_map from 0x%" PRIx64 " to 0x%" PRIx64
			" is not inside layout.unpg_rx, 0x%" PRIx64 " size 0x%" PRIx64,
			start, end - 1, c->layout.unpg_rx.base, c->layout.unpg_rx.size);
		mmp_finding_of_key(findings, "layout.identity_map", start, end - start);
	}
}

/* Up to 3.21 the core is what is registered. */
static void core_missing(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	if (optee_release(p->rules) >= SINCE_RANGES_COUNT)
		return;
	for (size_t i = 0; i < p->count; i++) {
		const char *label =
			mmp_memtype_label(p->rules, (int)p->registrations[i].type);

		if (p->registrations[i].section == OPTEE_SECTION_PHYS_MEM_MAP &&
		    p->registrations[i].size && !strncmp(label, "TEE_RAM", 7))
			return;
	}
	mmp_finding_add(
		findings, check,
		"no TEE_RAM registration: in this release the core's own memory is "
		"registered too");
	mmp_finding_fix(findings, "%s", check->fix);
	mmp_finding_of_key(findings, "tee_ram", optee_config(p)->tee_ram.start,
			   optee_config(p)->tee_ram.va_size);
}

/* clang-format off */
const struct mmp_check optee_checks_ranges[] = {
	{ .id = "core-not-registered", .severity = MMP_ERROR, .about = "the core's own memory is not registered",
	  .fix = "register TEE_RAM_RX and TEE_RAM_RW (or TEE_RAM) over the core, as core_mmu.c does",
	  .reads = MMP_READS_PLATFORM, .run = core_missing,
	  .leads_to = "tee-ram-below-start tee-ram-beyond-end tee-ram-unaligned region-unaligned pager-space-full" },
	{ .id = "identity-map-missing", .severity = MMP_ERROR, .about = "ASLR has no identity map to turn the MMU on from",
	  .fix = "set layout.identity_map to the symbols __identity_map_init_start and _end of the build, or turn aslr off",
	  .reads = MMP_READS_PLATFORM, .run = identity_missing,
	  .leads_to = "tee-ram-outside-secure va-outside-tables va-too-high va-wraps mapped-twice" },
	{ .id = "link-range-missing", .severity = MMP_WARNING, .about = "a range of the link script that this configuration has is missing",
	  .fix = "take it from the symbols of the build", .reads = MMP_READS_PLATFORM, .run = missing },
	{ .id = "link-range-unaligned", .severity = MMP_ERROR, .about = "a range of the link script is not in whole pages",
	  .fix = "let it begin and end at multiples of 0x1000", .reads = MMP_READS_PLATFORM, .run = unaligned,
	  .leads_to = "unaligned va-unaligned va-size-unaligned" },
	{ .id = "link-range-outside", .severity = MMP_ERROR, .about = "a range of the link script is not inside tee_ram",
	  .fix = "make the image smaller, or raise tee_ram.ph_size and tee_ram.va_size", .reads = MMP_READS_PLATFORM, .run = outside,
	  .leads_to = "tee-ram-outside-secure sec-ram-outside-secure unaligned boot-memory-exhausted pager-space-full pager-alias-space core-memory-not-carved no-va" },
	{ .id = "link-ranges-overlap", .severity = MMP_ERROR, .about = "two ranges of the link script overlap",
	  .fix = "take both from the symbols of one build", .reads = MMP_READS_PLATFORM, .run = overlapping,
	  .leads_to = "write-execute-alias link-ranges-order" },
	{ .id = "link-ranges-order", .severity = MMP_WARNING, .about = "ranges of the link script are not in its order",
	  .fix = "look whether two of them were exchanged", .reads = MMP_READS_PLATFORM, .run = out_of_order },
	{ .run = NULL },
};
/* clang-format on */
