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
#include "rules/optee/optee.h"
#include "tables/layout.h"
#include "tests/walkable.h"

/*
 * What must hold for any platform, sound or broken, under every rule set. The seed is
 * printed; MMP_TEST_SEED and MMP_TEST_CASES replace the defaults, MMP_TEST_FROM begins with
 * a later case, MMP_TEST_ONLY takes tests by a pattern. The document of a case that fails is
 * printed.
 */

#define DEFAULT_SEED  UINT64_C(0x6d6d70)
#define DEFAULT_CASES 2000u
#define PAGE          UINT64_C(0x1000)
#define GIB           UINT64_C(0x40000000)

static uint64_t random_state;

static uint64_t next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t below(uint64_t end)
{
	return next() % end;
}

static bool one_in(uint64_t n)
{
	return below(n) == 0;
}

static uint64_t pick(const uint64_t *values, size_t count)
{
	return values[below(count)];
}

/* An address where nothing or everything is right: edges of the widths, and odd ones. */
static uint64_t edge_address(void)
{
	static const uint64_t edges[] = { 0,
					  1,
					  0xfff,
					  0x1000,
					  0x1fffff,
					  0x200000,
					  0x7fffffff,
					  0x80000000,
					  0xfffff000,
					  0xffffffff,
					  0x100000000,
					  0xffffff000,
					  UINT64_C(1) << 48,
					  (UINT64_C(1) << 48) - 0x1000,
					  UINT64_C(1) << 62,
					  UINT64_C(1) << 63,
					  UINT64_MAX - 0xfff,
					  UINT64_MAX };

	return pick(edges, COUNT(edges)) + (one_in(2) ? 0 : below(5) * PAGE - PAGE);
}

static uint64_t sound_address(void)
{
	static const uint64_t grains[] = { PAGE, PAGE, 0x10000, 0x100000, 0x200000, GIB };
	uint64_t grain = pick(grains, COUNT(grains));

	return PAGE + below(one_in(5) ? 0x1000000000 : 0x100000000) / grain * grain;
}

static uint64_t sound_size(void)
{
	static const uint64_t sizes[] = { PAGE,     PAGE,     0x2000,
					  0x10000,  0x100000, 0x200000,
					  0x201000, 0x600000, 0x4000000 };

	return one_in(20) ? GIB * (1 + below(3)) : pick(sizes, COUNT(sizes));
}

static struct mmp_range sound_range(uint64_t base, uint64_t size)
{
	return (struct mmp_range){ base, size, true };
}

static struct mmp_range any_range(unsigned broken)
{
	if (broken && one_in(broken))
		return sound_range(edge_address(), edge_address());
	return sound_range(sound_address(), sound_size());
}

static void add(struct mmp_platform *p, unsigned section, unsigned type,
		struct mmp_range range)
{
	const struct mmp_registration one = { section,    type, range.base,
					      range.size, "",   "platform" };
	struct mmp_error err;

	assert_int_equal(mmp_platform_add(p, &one, &err), 0);
}

/* Each flag by itself; what a rule set has not stays off. */
static void random_flags(struct mmp_platform *p)
{
	for (const struct mmp_config_key *k = mmp_optee_keys; k->name; k++)
		if (k->type == MMP_KEY_FLAG && mmp_key_use(p->rules, k) != MMP_KEY_OFF &&
		    one_in(4))
			mmp_config_set(&p->config, k, below(2));
}

static void random_widths(struct optee_config *c)
{
	static const uint64_t va_bits[] = { 32, 32, 32, 32, 30, 31, 33, 36, 39, 40, 48 };

	c->arch = one_in(3) ? OPTEE_ARM32 : OPTEE_ARM64;
	c->lpae = !one_in(3);
	c->va_bits = pick(va_bits, COUNT(va_bits));
	c->pa_bits = 32 + below(21);
	c->nb_core = 1 + below(4);
	c->boot_core_pos = below(c->nb_core);
	c->num_threads = 1 + below(4);
	c->cpu.parange = below(7);
	c->pager = one_in(4);
	c->aslr_seed = one_in(2) ? next() : below(8) * GIB;
}

/* The core at the start of its DRAM, with what the link script makes of it. */
static void random_core(struct optee_config *c)
{
	uint64_t base = sound_address() & ~UINT64_C(0xfffff), at = base;

	c->trusted_dram = sound_range(base, 0x1000000);
	c->tee_ram.start = base;
	c->tee_ram.va_size = one_in(8) ? 0x300000 : 0x200000;
	c->tee_ram.ph_size = c->pager ? 0x100000 : c->tee_ram.va_size;
	c->layout.unpg_rx = sound_range(at, 0x80000);
	c->layout.unpg_ro = sound_range(at += 0x80000, one_in(2) ? 0 : PAGE);
	c->layout.unpg_rw = sound_range(at += 0x1000, 0x40000);
	c->layout.init_rx = sound_range(at += 0x40000, 0x10000);
	c->layout.init_ro = sound_range(at += 0x10000, 0x10000);
	c->layout.free = sound_range(at + 0x10000, base + 0x200000 - at - 0x10000);
	c->layout.identity_map.start = base + 0x123;
	c->layout.identity_map.end = base + 0x1456;
	c->layout.identity_map.given = true;
	c->reserved_shm = sound_range(sound_address(), 0x200000);
	if (one_in(4))
		c->trusted_sram = sound_range(sound_address(), 0x80000);
	c->layout.asan_map = sound_range(base + 0x1f0000, 0x8000);
}

static void break_config(struct optee_config *c)
{
	struct mmp_range *const ranges[] = {
		&c->trusted_dram,   &c->trusted_sram,   &c->reserved_shm,
		&c->layout.unpg_rx, &c->layout.unpg_rw, &c->layout.free,
		&c->sdp_test_mem,   &c->layout.nex_rw,  &c->layout.init_ro,
	};

	*ranges[below(COUNT(ranges))] = any_range(2);
	if (one_in(3))
		c->tee_ram.va_size = edge_address();
	if (one_in(3))
		c->tee_ram.start = edge_address();
	if (one_in(3))
		c->reserved_vaspace_size = edge_address();
	if (one_in(3))
		c->layout.identity_map.end = edge_address();
}

static void random_limits(struct optee_config *c)
{
	c->mmap_regions = one_in(3) ? 1 + below(40) : 127;
	c->max_xlat_tables_given = !one_in(4);
	c->max_xlat_tables = one_in(6) ? below(8) : 40 + below(400);
	c->boot_mem_size_given = true;
	c->boot_mem_size = one_in(4) ? below(0x20000) : 0x400000;
}

/* What the firmware of 3.4 registers of itself. */
static void add_core_registrations(struct mmp_platform *p)
{
	const struct optee_config *c = optee_config(p);
	uint64_t end = c->tee_ram.start + c->tee_ram.ph_size;

	if (one_in(4)) {
		add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TEE_RAM,
		    sound_range(c->tee_ram.start, c->tee_ram.ph_size));
	} else {
		add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TEE_RAM_RX, c->layout.unpg_rx);
		add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TEE_RAM_RO, c->layout.unpg_ro);
		add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TEE_RAM_RW,
		    sound_range(c->layout.unpg_rw.base, end - c->layout.unpg_rw.base));
	}
	add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TA_RAM, sound_range(end, 0xc00000));
	add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_NSEC_SHM, c->reserved_shm);
}

static unsigned random_type(const struct mmp_rules *rules, unsigned broken)
{
	static const char *const sound[] = { "MEM_AREA_IO_SEC", "MEM_AREA_IO_NSEC",
					     "MEM_AREA_RAM_SEC", "MEM_AREA_RAM_NSEC",
					     "MEM_AREA_TEE_COHERENT" };
	struct mmp_error err;
	unsigned type = 0;

	do {
		if (broken && one_in(broken))
			type = (unsigned)below(rules->type_count);
		else
			assert_int_equal(
				mmp_memtype_find(rules, sound[below(5)], &type, &err), 0);
	} while (!rules->types[type].name);
	return type;
}

static void add_specials(struct mmp_platform *p, unsigned broken)
{
	static const struct {
		unsigned section;
		const char *type;
	} specials[] = { { OPTEE_SECTION_SDP_MEM, "MEM_AREA_SDP_MEM" },
			 { OPTEE_SECTION_NSEC_DDR, "MEM_AREA_RAM_NSEC" },
			 { OPTEE_SECTION_DDR_OVERALL, "MEM_AREA_DDR_OVERALL" } };
	size_t which = below(COUNT(specials));
	struct mmp_error err;
	unsigned type;

	if (p->rules == &optee_rules[V3_0]) /* has no list of DDR */
		which = 0;
	assert_int_equal(mmp_memtype_find(p->rules, specials[which].type, &type, &err),
			 0);
	for (uint64_t n = below(4); n > 0; n--)
		add(p, specials[which].section, type, any_range(broken));
}

/* Beside, over or against a range that is there already. */
static struct mmp_range near_another(const struct mmp_platform *p)
{
	const struct mmp_registration *r = &p->registrations[below(p->count)];
	uint64_t size = sound_size();

	switch (below(4)) {
	case 0:
		return sound_range(r->addr + r->size, size);
	case 1:
		return sound_range(r->addr - size, size);
	case 2:
		return sound_range(r->addr - PAGE, r->size + PAGE);
	default:
		return sound_range(r->addr + PAGE, size);
	}
}

static struct mmp_platform *random_platform(const struct mmp_rules *rules)
{
	struct mmp_platform *p = mmp_platform_new("random", rules);
	unsigned broken = one_in(2) ? 0 : 2 + (unsigned)below(8);
	uint64_t count = one_in(10) ? 48 + below(60) : below(16);

	assert_non_null(p);
	random_widths(optee_edit(&p->config));
	random_core(optee_edit(&p->config));
	random_limits(optee_edit(&p->config));
	random_flags(p);
	if (broken && one_in(2))
		break_config(optee_edit(&p->config));
	if (rules->complete)
		rules->complete(p->rules, &p->config);
	if (rules < &optee_rules[V3_22])
		add_core_registrations(p);
	for (uint64_t n = 0; n < count; n++)
		add(p, OPTEE_SECTION_PHYS_MEM_MAP, random_type(rules, broken),
		    p->count && one_in(4) ? near_another(p) : any_range(broken));
	if (one_in(2))
		add_specials(p, broken);
	return p;
}

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
	struct mmp_error err;
	json_t *out;

	mmp_budget_init(&budget);
	if (mmp_budget_make(&budget, p, below(0x4000000), &err)) {
		assert_true(stop || err.code == MMP_SYSTEM);
	} else {
		check_sums(&budget);
		assert_true(stop || budget.layout.tables.used == layout->tables.used);
		out = mmp_budget_write(&budget, true, MMP_DETAIL_FULL);
		assert_non_null(out);
		json_decref(out);
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

		random_state = (seed + n) * UINT64_C(0x9e3779b97f4a7c15) | 1;
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

/* --- neighbours ------------------------------------------------------------------------ */

/*
 * Releases that answer every input alike that both take, by format; options that set them
 * apart are left off (optee-releases.md, section 1).
 */
static const struct neighbours {
	enum optee_version one, other;
	bool arm64, lpae32, shorts;
} neighbours[] = {
	{ V3_3, V3_4, true, true, true },         { V3_5, V3_6, true, true, true },
	{ V3_6, V3_7, true, true, true },         { V3_9, V3_10, false, true, true },
	{ V3_12, V3_13, true, true, true },       { V3_13, V3_14, true, true, true },
	{ V3_15, V3_16, false, true, false },     { V3_16, V3_17, false, false, true },
	{ V3_18, V3_19, false, false, true },     { V3_19, V3_20, true, true, true },
	{ V3_20, V3_21, true, true, true },       { V4_2, V4_3, true, true, true },
	{ V4_6, V4_7, false, true, true },        { V4_7, V4_8, true, true, true },
	{ V4_8, V4_9, true, true, true },         { V4_9, V4_10, false, false, true },
	{ V4_10, V4_10_257, false, false, true },
};

static void take_format(struct optee_config *c, unsigned format)
{
	c->arch = format ? OPTEE_ARM32 : OPTEE_ARM64;
	c->lpae = format < 2;
	c->kasan = c->sanitize_undefined = c->map_ext_dt_secure = false;
	c->bti = c->memtag = false;
	c->ns_virtualization = c->ns_virtualization && !format;
}

/* The same under other rules, without what only its own have. */
static struct mmp_platform *twin_of(const struct mmp_platform *p,
				    const struct mmp_rules *rules)
{
	struct mmp_platform *twin = mmp_platform_new(p->name, rules);
	struct mmp_error err;

	assert_non_null(twin);
	twin->config = p->config;
	for (size_t i = 0; i < p->count; i++)
		if (rules->types[p->registrations[i].type].name)
			assert_int_equal(
				mmp_platform_add(twin, &p->registrations[i], &err), 0);
	return twin;
}

/* What an answer says, or where the firmware stops; the function may have moved. */
static json_t *answer_of(const struct mmp_platform *p)
{
	struct mmp_layout layout;
	struct mmp_error err;
	json_t *answer, *firmware;

	mmp_layout_init(&layout);
	if (!mmp_layout_make(&layout, p, NULL, &err)) {
		answer = mmp_layout_write(&layout, MMP_DETAIL_FULL);
		firmware = json_object_get(answer, "nsec_ddr_error");
	} else {
		assert_int_equal(err.code, MMP_FIRMWARE_STOP);
		answer = mmp_layout_stop_write(&layout);
		firmware = json_object_get(answer, "firmware");
	}
	if (firmware) {
		json_object_del(firmware, "func");
		json_object_del(firmware, "line");
		json_object_del(firmware, "trace");
	}
	mmp_layout_done(&layout);
	return answer;
}

/* Returns whether the case counts: both take it. */
static bool answers_alike(const struct neighbours *n, unsigned format)
{
	const struct mmp_rules *one = &optee_rules[n->one],
			       *other = &optee_rules[n->other];
	struct mmp_platform *p = random_platform(one), *a, *b;
	struct mmp_error err;
	json_t *x, *y;
	bool taken;

	take_format(optee_edit(&p->config), format);
	b = twin_of(p, other);
	a = twin_of(b, one);
	taken = a->count == b->count && !one->check(one, &a->config, &err) &&
		!other->check(other, &b->config, &err);
	if (taken) {
		x = answer_of(a);
		y = answer_of(b);
		if (!json_equal(x, y))
			fail_msg("%s and %s differ, format %u: %s", one->name,
				 other->name, format,
				 json_dumps(mmp_platform_write(a), 0));
		json_decref(x);
		json_decref(y);
	}
	mmp_platform_free(p);
	mmp_platform_free(a);
	mmp_platform_free(b);
	return taken;
}

static void neighbours_of_one_class_answer_alike(void **state)
{
	uint64_t cases = check_setting("MMP_TEST_CASES", DEFAULT_CASES) / 20, taken = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(neighbours); i++) {
		const bool formats[] = { neighbours[i].arm64, neighbours[i].lpae32,
					 neighbours[i].shorts };

		for (unsigned format = 0; format < COUNT(formats); format++)
			for (uint64_t n = 0; formats[format] && n < cases; n++) {
				random_state = (DEFAULT_SEED + n) *
						       UINT64_C(0x9e3779b97f4a7c15) |
					       1;
				taken += answers_alike(&neighbours[i], format);
			}
	}
	print_message("%" PRIu64 " platforms under two releases each\n", taken);
	assert_true(!cases || taken > 10 * cases);
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
		cmocka_unit_test(neighbours_of_one_class_answer_alike),
	};

	if (getenv("MMP_TEST_ONLY"))
		cmocka_set_test_filter(getenv("MMP_TEST_ONLY"));
	return cmocka_run_group_tests_name("properties", tests, NULL, NULL);
}
