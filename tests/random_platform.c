/* SPDX-License-Identifier: BSD-2-Clause */
#include "random_platform.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "rules/optee/optee.h"

#define PAGE UINT64_C(0x1000)
#define GIB  UINT64_C(0x40000000)

static uint64_t random_state;

void random_begin(uint64_t seed, uint64_t n)
{
	random_state = (seed + n) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

static uint64_t next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

uint64_t random_below(uint64_t end)
{
	return next() % end;
}

static bool one_in(uint64_t n)
{
	return random_below(n) == 0;
}

static uint64_t pick(const uint64_t *values, size_t count)
{
	return values[random_below(count)];
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

	return pick(edges, COUNT(edges)) +
	       (one_in(2) ? 0 : random_below(5) * PAGE - PAGE);
}

static uint64_t sound_address(void)
{
	static const uint64_t grains[] = { PAGE, PAGE, 0x10000, 0x100000, 0x200000, GIB };
	uint64_t grain = pick(grains, COUNT(grains));

	return PAGE +
	       random_below(one_in(5) ? 0x1000000000 : 0x100000000) / grain * grain;
}

static uint64_t sound_size(void)
{
	static const uint64_t sizes[] = { PAGE,     PAGE,     0x2000,
					  0x10000,  0x100000, 0x200000,
					  0x201000, 0x600000, 0x4000000 };

	return one_in(20) ? GIB * (1 + random_below(3)) : pick(sizes, COUNT(sizes));
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
			mmp_config_set(&p->config, k, random_below(2));
}

static void random_widths(struct optee_config *c)
{
	static const uint64_t va_bits[] = { 32, 32, 32, 32, 30, 31, 33, 36, 39, 40, 48 };

	c->arch = one_in(3) ? OPTEE_ARM32 : OPTEE_ARM64;
	c->lpae = !one_in(3);
	c->va_bits = pick(va_bits, COUNT(va_bits));
	c->pa_bits = 32 + random_below(21);
	c->nb_core = 1 + random_below(4);
	c->boot_core_pos = random_below(c->nb_core);
	c->num_threads = 1 + random_below(4);
	c->cpu.parange = random_below(7);
	c->pager = one_in(4);
	c->aslr_seed = one_in(2) ? next() : random_below(8) * GIB;
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

	*ranges[random_below(COUNT(ranges))] = any_range(2);
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
	c->mmap_regions = one_in(3) ? 1 + random_below(40) : 127;
	c->max_xlat_tables_given = !one_in(4);
	c->max_xlat_tables = one_in(6) ? random_below(8) : 40 + random_below(400);
	c->boot_mem_size_given = true;
	c->boot_mem_size = one_in(4) ? random_below(0x20000) : 0x400000;
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
			type = (unsigned)random_below(rules->type_count);
		else
			assert_int_equal(mmp_memtype_find(rules, sound[random_below(5)],
							  &type, &err),
					 0);
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
	size_t which = random_below(COUNT(specials));
	struct mmp_error err;
	unsigned type;

	if (p->rules == &optee_rules[V3_0]) /* has no list of DDR */
		which = 0;
	assert_int_equal(mmp_memtype_find(p->rules, specials[which].type, &type, &err),
			 0);
	for (uint64_t n = random_below(4); n > 0; n--)
		add(p, specials[which].section, type, any_range(broken));
}

/* Beside, over or against a range that is there already. */
static struct mmp_range near_another(const struct mmp_platform *p)
{
	const struct mmp_registration *r = &p->registrations[random_below(p->count)];
	uint64_t size = sound_size();

	switch (random_below(4)) {
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

struct mmp_platform *random_platform(const struct mmp_rules *rules)
{
	struct mmp_platform *p = mmp_platform_new("random", rules);
	unsigned broken = one_in(2) ? 0 : 2 + (unsigned)random_below(8);
	uint64_t count = one_in(10) ? 48 + random_below(60) : random_below(16);

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
