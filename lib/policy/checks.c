/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/checks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "policy/overlaps.h"

/* Checks of registrations and configuration; nothing needs to be computed for them. */

static const char *label(const struct mmp_platform *p, const struct mmp_registration *r)
{
	return mmp_memtype_label(p->rules, (int)r->type);
}

/*
 * Whether a registration has a range of memory. If registrations are calls, some do not.
 */
static bool has_range(const struct mmp_platform *p, const struct mmp_registration *r)
{
	unsigned parts = p->rules->sections[r->section].parts;

	return !parts || parts & MMP_PART_ADDR;
}

static void empty_ranges(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->size || !has_range(p, r))
			continue;
		mmp_finding_add(
			findings, check, "\"%.80s\" (%s at 0x%" PRIx64 ") has size 0%s",
			r->name, label(p, r), r->addr,
			p->rules->sections[r->section].maps
				? ": the firmware maps nothing and does not say so"
				: "");
		mmp_finding_registration(findings, i);
	}
}

static void wrapping_ranges(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		uint64_t last = r->addr + (r->size - 1);

		if (!r->size || !has_range(p, r) ||
		    (last >= r->addr && last <= input->pa_mask))
			continue;
		mmp_finding_add(findings, check,
				"\"%.80s\" (%s at 0x%" PRIx64 " size 0x%" PRIx64
				") goes past 2^%u and wraps",
				r->name, label(p, r), r->addr, r->size,
				input->pa_mask == UINT64_MAX ? 64 : 32);
		mmp_finding_registration(findings, i);
	}
}

static void ignored_keys(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_rules *rules = input->platform->rules;
	const struct mmp_config *config = &input->platform->config;

	for (const struct mmp_config_key *k = rules->keys; k->name; k++) {
		/* An object is set if one of its keys is, which takes longer to see. */
		bool may = k->type == MMP_KEY_OBJECT ||
			   mmp_config_get(config, k) != k->fallback;

		if (!may || mmp_key_use(rules, k) != MMP_KEY_IGNORED ||
		    !mmp_config_is_set(rules, config, k))
			continue;
		mmp_finding_add(findings, check, "config.%s has no effect: %s has no %s",
				k->name, rules->name, k->option ? k->option : k->name);
	}
}

static void not_in_rules(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	for (size_t i = 0; i < input->platform->lack_count; i++)
		mmp_finding_add(findings, check, "%s", input->platform->lacks[i]);
}

static void say_covered(const struct mmp_check *check, const struct mmp_platform *p,
			struct mmp_findings *findings, size_t one, size_t by)
{
	const struct mmp_registration *r = &p->registrations[one];
	const struct mmp_registration *other = &p->registrations[by];

	mmp_finding_add(findings, check,
			"\"%.64s\" (%s at 0x%" PRIx64 " size 0x%" PRIx64
			") is inside \"%.64s\" (0x%" PRIx64 " size 0x%" PRIx64
			") and adds nothing",
			r->name, label(p, r), r->addr, r->size, other->name, other->addr,
			other->size);
	mmp_finding_registration(findings, one);
	mmp_finding_registration(findings, by);
}

static size_t collect_registrations(const struct mmp_check_input *input,
				    struct mmp_extent *extents)
{
	const struct mmp_platform *p = input->platform;
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (!mmp_extent_of(&extents[count], r->addr, r->size, input->pa_mask))
			continue;
		/* With equal bases the longest comes first. */
		extents[count].last = ~extents[count].last;
		extents[count].of = i;
		extents[count++].side = r->section << 16 | r->type;
	}
	mmp_extents_sort_by_side(extents, count);
	return count;
}

static void covered(const struct mmp_check *check, const struct mmp_check_input *input,
		    struct mmp_findings *findings)
{
	enum { FEW = 32 };
	const struct mmp_platform *p = input->platform;
	struct mmp_extent few[FEW], *all = few;
	size_t count, widest = 0;

	/*
	 * If registrations have their own virtual addresses, ranges that share memory are
	 * not duplicates.
	 */
	if (p->rules->type_of)
		return;
	if (p->count > FEW)
		all = malloc(p->count * sizeof(*all));
	if (!all)
		return;
	count = collect_registrations(input, all);
	for (size_t i = 1; i < count && !mmp_findings_full(findings); i++) {
		if (all[i].side == all[widest].side && ~all[i].last <= ~all[widest].last)
			say_covered(check, p, findings, all[i].of, all[widest].of);
		else
			widest = i;
	}
	if (all != few)
		free(all);
}

/* clang-format off */
const struct mmp_check mmp_checks[] = {
	/* id, severity, about, fix, reads, function */
	MMP_CHECK("empty-range", MMP_WARNING, "a registration has size 0",
	  "take it out, or give it its real size", MMP_READS_PLATFORM, empty_ranges),
	MMP_CHECK("wrapping-range", MMP_WARNING, "a registration goes past the end of the address space",
	  "give it its real size", MMP_READS_PLATFORM, wrapping_ranges),
	MMP_CHECK("covered", MMP_INFO, "another registration of its type contains it, so it adds nothing",
	  NULL, MMP_READS_PLATFORM, covered),
	MMP_CHECK("ignored-key", MMP_INFO, "a configuration key has no effect under these rules",
	  NULL, MMP_READS_PLATFORM, ignored_keys),
	MMP_CHECK("not-in-rules", MMP_INFO, "the platform has something that the rules it is seen under do not have",
	  NULL, MMP_READS_PLATFORM, not_in_rules),

	MMP_CHECK("write-execute", MMP_WARNING, "a range is writable and executable",
	  NULL, MMP_READS_PLAN, mmp_check_write_execute),
	MMP_CHECK("secure-and-nonsecure", MMP_WARNING, "one physical range is mapped secure and non-secure",
	  "keep the two apart, or register it once", MMP_READS_PLAN, mmp_check_both_worlds),
	MMP_CHECK("write-execute-alias", MMP_ERROR, "code can be written through a second mapping of its memory",
	  "remove the registration that covers the code, or let it begin after the code", MMP_READS_PLAN, mmp_check_write_execute_alias),
	MMP_CHECK("cached-and-device", MMP_WARNING, "one physical range is mapped as device memory and as cached memory",
	  "register it once, with the type of what it is", MMP_READS_PLAN, mmp_check_cached_and_device),
	MMP_CHECK("pa-over-descriptor", MMP_ERROR, "a physical address has more bits than a descriptor: the rest corrupts its attributes",
	  "register the range at its real address", MMP_READS_PLAN, mmp_check_pa_over_descriptor),
	MMP_CHECK("va-wraps", MMP_ERROR, "a region's virtual addresses go past the end of the space and wrap to its beginning",
	  "make regions smaller, or let the core begin elsewhere", MMP_READS_PLAN, mmp_check_va_wraps),
	MMP_CHECK("no-spare-table", MMP_WARNING, "no translation table is left for mappings at run time",
	  "let the firmware have more translation tables", MMP_READS_LAYOUT, mmp_check_spare_tables),

	/*
	 * A stop that any rule set's tables can cause: all places, if the stop names one.
	 */
	{ .reads = MMP_READS_PLAN, .run = mmp_check_mapped_twice,
	  .is_table_stop = true, .table_stop = MMP_STOP_MAPPED_TWICE },
	{ .run = NULL },
};
/* clang-format on */
