/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/budget.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "policy/policy.h"
#include "random_platform.h"
#include "rules/optee/optee.h"
#include "tables/layout.h"
#include "tests/walkable.h"

/*
 * What must hold for any platform, sound or broken, under every rule set. The seed is
 * printed; MMP_TEST_SEED and MMP_TEST_CASES replace the defaults, MMP_TEST_FROM begins with
 * a later case, MMP_TEST_ONLY takes tests by a pattern. The document of a case that fails is
 * printed.
 */

#define PAGE UINT64_C(0x1000)
#define GIB  UINT64_C(0x40000000)

/* Inputs that may stand in the map, by type; `any` for what the core maps of itself. */
struct input {
	unsigned type;
	bool any;
	uint64_t base, last;
};

struct inputs {
	struct input all[256];
	size_t count;
	bool wrap;
};

static void note(struct inputs *in, const struct mmp_plan *plan, unsigned type, bool any,
		 uint64_t base, uint64_t size)
{
	uint64_t last;

	if (!size)
		return;
	base &= plan->shape.pa_mask;
	last = base + (size - 1);
	if (last < base || last > plan->shape.pa_mask || size > plan->shape.va_mask)
		in->wrap = true;
	assert_true(in->count < COUNT(in->all));
	in->all[in->count++] = (struct input){ type, any, base, last };
}

static void note_range(struct inputs *in, const struct mmp_plan *plan,
		       const struct mmp_range *range)
{
	note(in, plan, 0, true, range->base, range->size);
}

/* What 4.10 maps of itself, with the gaps between. */
static void note_core(struct inputs *in, const struct mmp_plan *plan)
{
	const struct optee_config *c = optee_config(plan->platform);
	const struct mmp_range *first = &plan->secure[0];
	uint64_t free_end = c->layout.free.base + c->layout.free.size;
	uint64_t init_end = c->layout.init_ro.base + c->layout.init_ro.size;
	uint64_t identity = c->layout.identity_map.start & ~(PAGE - 1);

	for (unsigned i = 0; i < plan->secure_count; i++)
		note_range(in, plan, &plan->secure[i]);
	note_range(in, plan, &c->layout.unpg_rx);
	note_range(in, plan, &c->layout.unpg_ro);
	note_range(in, plan, &c->layout.unpg_rw);
	note_range(in, plan, &c->layout.nex_rw);
	note_range(in, plan, &c->layout.free);
	note_range(in, plan, &c->layout.asan_map);
	note_range(in, plan, &c->layout.init_rx);
	note_range(in, plan, &c->layout.init_ro);
	note(in, plan, 0, true, c->tee_ram.start, c->tee_ram.ph_size);
	note(in, plan, 0, true, identity,
	     ((c->layout.identity_map.end + PAGE - 1) & ~(PAGE - 1)) - identity);
	note(in, plan, 0, true, first->base, c->layout.unpg_rx.base - first->base);
	note(in, plan, 0, true, free_end, first->base + first->size - free_end);
	note(in, plan, 0, true, init_end,
	     c->tee_ram.start + c->tee_ram.ph_size - init_end);
}

static void note_registrations(struct inputs *in, const struct mmp_plan *plan)
{
	const struct mmp_platform *p = plan->platform;
	bool lpae = plan->shape.regime != &mmp_regime_pl1_short;
	uint64_t round = p->rules >= &optee_rules[V3_5] ? 0 : lpae ? 0x1fffff : 0xfffff;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		uint64_t mask = strstr(p->rules->types[r->type].name, "_IO_") ? round : 0;
		uint64_t base = r->addr & ~mask;

		if (r->section == OPTEE_SECTION_PHYS_MEM_MAP && r->size)
			note(in, plan, r->type, false, base,
			     (r->size + (r->addr & mask) + mask) & ~mask);
	}
}

static bool fits(const struct input *i, const struct mmp_region *r)
{
	return i->any || i->type == r->type;
}

/* Whether every byte of the region is one of some input. */
static bool covered(const struct inputs *in, const struct mmp_region *r)
{
	uint64_t at = r->pa, last = r->pa + (r->size - 1);
	size_t i = 0;

	while (i < in->count) {
		const struct input *one = &in->all[i++];

		if (!fits(one, r) || at < one->base || at > one->last)
			continue;
		if (one->last >= last)
			return true;
		at = one->last + 1;
		i = 0;
	}
	return false;
}

/*
 * To 4.3 merges have the wrong size: a start of an input, and an end no further than the
 * longest size from the last start.
 */
static bool within_wrong_merge(const struct inputs *in, const struct mmp_region *r)
{
	uint64_t furthest = 0, longest = 0;
	bool begins = false;

	for (size_t i = 0; i < in->count; i++) {
		const struct input *one = &in->all[i];

		if (!fits(one, r))
			continue;
		begins |= one->base == r->pa;
		if (one->base > furthest)
			furthest = one->base;
		if (one->last - one->base > longest)
			longest = one->last - one->base;
	}
	if (furthest > UINT64_MAX - longest)
		return begins;
	return begins && r->pa + (r->size - 1) <= furthest + longest;
}

static void entries_are_of_the_inputs(const struct mmp_plan *plan)
{
	const struct mmp_rules *rules = plan->platform->rules;
	bool old = rules < &optee_rules[V3_22];
	static struct inputs in;

	/* In between, the core's ranges are others than those that are noted here. */
	if (!old && rules < &optee_rules[V4_7])
		return;
	in.count = 0;
	in.wrap = false;
	if (!old)
		note_core(&in, plan);
	note_registrations(&in, plan);
	for (size_t n = 0; !in.wrap && n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		const char *label = mmp_memtype_label(plan->platform->rules, r->type);

		if (strstr(label, "VASPACE") || strstr(label, "IDENTITY") || !r->size)
			continue;
		if (!(old ? within_wrong_merge(&in, r) : covered(&in, r)))
			fail_msg("%s at 0x%" PRIx64 " size 0x%" PRIx64 " is in no input",
				 label, r->pa, r->size);
	}
}

static bool same_map(const struct mmp_plan *a, const struct mmp_plan *b)
{
	if (a->count != b->count)
		return false;
	for (size_t n = 0; n < a->count; n++) {
		const struct mmp_region *r = &a->regions[n], *s = &b->regions[n];

		if (r->pa != s->pa || r->va != s->va || r->size != s->size ||
		    r->attr != s->attr || r->type != s->type ||
		    r->granule_shift != s->granule_shift)
			return false;
	}
	return true;
}

static bool same_tables(const struct mmp_tables *a, const struct mmp_tables *b)
{
	return a->used == b->used && a->base_count == b->base_count &&
	       a->user_va_idx == b->user_va_idx &&
	       !memcmp(a->base, b->base, a->base_count * a->base_bytes) &&
	       (!a->used ||
		!memcmp(a->xlat_bytes, b->xlat_bytes, a->used * a->xlat_size));
}

struct tally {
	unsigned stand, stop, system, walked;
};

/* 4.10 tests its sums; where 3.4 does not, a finding must say it. */
static bool some_va_wraps(const struct mmp_plan *plan)
{
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (r->size && ((r->va + (r->size - 1)) & plan->shape.va_mask) < r->va)
			return true;
	}
	return false;
}

static bool has_finding(const struct mmp_findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!strcmp(findings->items[i].id, id))
			return true;
	return false;
}

/* Registrations are quoted as they are; one finding at the most stops the boot, and is first. */
static void check_finding(const struct mmp_findings *findings, size_t i)
{
	const struct mmp_finding *f = &findings->items[i];
	const struct mmp_platform *p = findings->platform;

	assert_non_null(f->id);
	assert_true(*f->text && strlen(f->text) < sizeof(f->text) - 1);
	assert_true(!f->stops || i == 0);
	for (unsigned k = 0; k < f->region_count; k++) {
		const struct mmp_finding_region *region = &f->regions[k];
		const struct mmp_registration *r;

		if (region->ordinal < 0)
			continue;
		assert_in_range(region->ordinal, 0, p->count - 1);
		r = &p->registrations[region->ordinal];
		assert_int_equal(region->type, r->type);
		assert_int_equal(region->base, r->addr);
		assert_int_equal(region->size, r->size);
	}
}

static void check_findings(const struct mmp_layout *layout, const struct mmp_platform *p)
{
	const struct mmp_stop *stop = mmp_layout_stop(layout);
	struct mmp_findings findings;

	if (!stop && layout->ddr.stop.info)
		stop = &layout->ddr.stop;
	mmp_findings_init(&findings);
	mmp_policy_run(&findings, p, layout);
	for (size_t i = 0; i < findings.count; i++)
		check_finding(&findings, i);
	if (stop) {
		assert_true(findings.count && findings.items[0].stops);
		assert_true(findings.items[0].step ||
			    !strcmp(findings.items[0].id, stop->info->id));
	} else if (findings.count && findings.items[0].stops) {
		assert_true(findings.items[0].step);
	}
	if (!mmp_layout_stop(layout) && some_va_wraps(&layout->plan)) {
		assert_true(p->rules < &optee_rules[V3_17]);
		assert_true(findings.omitted || has_finding(&findings, "va-wraps"));
	}
	mmp_findings_done(&findings);
}

static void check_standing(const struct mmp_layout *layout,
			   const struct mmp_layout *again, struct tally *tally)
{
	struct mmp_error err;

	assert_true(same_map(&layout->plan, &again->plan));
	assert_true(same_tables(&layout->tables, &again->tables));
	entries_are_of_the_inputs(&layout->plan);
	if (!can_be_walked(&layout->plan))
		return;
	tally->walked++;
	if (mmp_layout_verify(layout, &err))
		fail_msg("%s", err.text);
}

/* Every answer can be written down. */
static void check_written(const struct mmp_layout *layout)
{
	json_t *out = mmp_layout_stop(layout) ? mmp_layout_stop_write(layout)
					      : mmp_layout_write(layout, MMP_DETAIL_FULL);

	assert_non_null(out);
	json_decref(out);
}

static void check_sums(const struct mmp_budget *budget)
{
	const struct mmp_layout *l = &budget->layout;
	uint32_t made = 0;

	for (size_t n = 0; n < l->plan.count; n++)
		made += budget->regions[n].made;
	for (uint32_t n = 0; n < l->tables.used; n++)
		made += l->tables.xlat[n].region == MMP_NO_REGION;
	assert_int_equal(made, l->tables.used);
	assert_true(!mmp_budget_spare(budget) || !mmp_budget_short(budget));
}

/* A budget is there for all that stands, with its tables; it can always be written. */
static void check_budget(const struct mmp_platform *p, const struct mmp_layout *layout)
{
	const struct mmp_stop *stop = mmp_layout_stop(layout);
	struct mmp_budget budget;
	struct mmp_buffer out = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&out);
	struct mmp_error err;

	mmp_budget_init(&budget);
	if (mmp_budget_make(&budget, p, random_below(0x4000000), &err)) {
		assert_true(stop || err.code == MMP_SYSTEM);
	} else {
		check_sums(&budget);
		assert_true(stop || budget.layout.tables.used == layout->tables.used);
		mmp_writer_begin(&w, '{');
		mmp_budget_members(&w, &budget, true, MMP_DETAIL_FULL);
		mmp_writer_end(&w, '}');
		assert_false(out.failed);
		mmp_buffer_done(&out);
	}
	mmp_budget_done(&budget);
}

/* `kept` has made other platforms before, `fresh` none. */
static void check_case(struct mmp_layout *kept, const struct mmp_platform *p,
		       struct tally *tally, bool write)
{
	struct mmp_layout fresh;
	struct mmp_error err, again;
	int failed, failed_again;

	mmp_layout_init(&fresh);
	failed = mmp_layout_make(kept, p, NULL, &err);
	failed_again = mmp_layout_make(&fresh, p, NULL, &again);
	assert_int_equal(failed, failed_again);
	if (!failed) {
		tally->stand++;
		check_standing(kept, &fresh, tally);
	} else if (err.code == MMP_FIRMWARE_STOP) {
		tally->stop++;
		assert_non_null(mmp_layout_stop(kept));
		assert_ptr_equal(mmp_layout_stop(kept)->info,
				 mmp_layout_stop(&fresh)->info);
		assert_non_null(mmp_layout_stop(kept)->info->id);
		assert_string_equal(err.text, again.text);
	} else {
		tally->system++;
		assert_int_equal(err.code, MMP_SYSTEM);
	}
	if (write && (!failed || err.code == MMP_FIRMWARE_STOP)) {
		check_written(kept);
		check_findings(kept, p);
		check_budget(p, kept);
	}
	mmp_layout_done(&fresh);
}

/* The document, for whoever looks for the reason. */
static void show(const struct mmp_platform *p, uint64_t n)
{
	json_t *document = mmp_platform_write(p);

	printf("case %" PRIu64 ": ", n);
	json_dumpf(document, stdout, 0);
	printf("\n");
	fflush(stdout); /* it may be the last thing seen */
	json_decref(document);
}

/* The one that is being looked at, for the teardown of a test that fails there. */
static struct {
	const struct mmp_platform *platform;
	uint64_t number;
} at_hand;

static int show_at_hand(void **state)
{
	(void)state;
	if (at_hand.platform)
		show(at_hand.platform, at_hand.number);
	at_hand.platform = NULL;
	return 0;
}

/* Of every so many cases. */
static void holds_for_any_platform(const struct mmp_rules *rules, uint64_t every)
{
	uint64_t seed = check_setting("MMP_TEST_SEED", DEFAULT_SEED);
	uint64_t cases = check_setting("MMP_TEST_CASES", DEFAULT_CASES) / every;
	struct tally tally = { 0 };
	struct mmp_layout kept;
	struct mmp_error err;

	print_message("%s: MMP_TEST_SEED=0x%" PRIx64 " MMP_TEST_CASES=%" PRIu64 "\n",
		      rules->name, seed, cases);
	mmp_layout_init(&kept);
	for (uint64_t n = check_setting("MMP_TEST_FROM", 0); n < cases; n++) {
		struct mmp_platform *p;

		random_begin(seed, n);
		p = random_platform(rules);
		at_hand.platform = p;
		at_hand.number = n;
		if (getenv("MMP_TEST_VERBOSE"))
			show(p, n);
		if (!rules->check(rules, &p->config, &err))
			check_case(&kept, p, &tally, n % 8 == 0);
		at_hand.platform = NULL;
		mmp_platform_free(p);
	}
	mmp_layout_done(&kept);
	print_message("%s: %u stand (%u walked), %u stop, %u out of room\n", rules->name,
		      tally.stand, tally.walked, tally.stop, tally.system);
	assert_true(cases < 1000 || tally.walked > cases / 20);
	assert_true(cases < 1000 || tally.stop > cases / 20);
}

static void platforms_of_4_10_stand_or_stop_and_nothing_else(void **state)
{
	(void)state;
	holds_for_any_platform(&optee_rules[V4_10_257], 1);
}

static void platforms_of_3_4_stand_or_stop_and_nothing_else(void **state)
{
	(void)state;
	holds_for_any_platform(&optee_rules[V3_4], 1);
}

enum { SHARE_OF_A_RELEASE = 16 };

static void platforms_of_every_release_stand_or_stop_and_nothing_else(void **state)
{
	(void)state;
	for (unsigned v = V3_0; v < OPTEE_VERSION_COUNT; v++)
		holds_for_any_platform(&optee_rules[v], SHARE_OF_A_RELEASE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			platforms_of_4_10_stand_or_stop_and_nothing_else, show_at_hand),
		cmocka_unit_test_teardown(platforms_of_3_4_stand_or_stop_and_nothing_else,
					  show_at_hand),
		cmocka_unit_test_teardown(
			platforms_of_every_release_stand_or_stop_and_nothing_else,
			show_at_hand),
	};

	if (getenv("MMP_TEST_ONLY"))
		cmocka_set_test_filter(getenv("MMP_TEST_ONLY"));
	return cmocka_run_group_tests_name("properties", tests, NULL, NULL);
}
