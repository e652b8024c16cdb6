/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/registers.h"
#include "rules/optee/pipeline.h"

/* The widths of physical addresses, and TCR_EL1.IPS. */

enum { WIDTH_48 = 5, WIDTH_52 = 6 };

/* calc_physical_addr_size_bits(). */
bool optee_pa_size(uint64_t max_pa, unsigned *ret_ps)
{
	for (unsigned ps = 0; ps <= WIDTH_48; ps++)
		if (!(max_pa >> mmp_pa_widths[ps])) {
			*ret_ps = ps;
			return true;
		}
	return false;
}

static unsigned size_of_pa_bits(const struct optee_config *c)
{
	unsigned ps = 0;

	while (ps < WIDTH_52 && c->pa_bits > mmp_pa_widths[ps])
		ps++;
	return ps;
}

unsigned optee_pa_width(const struct mmp_rules *rules, const struct mmp_config *config)
{
	const struct optee_config *c = optee_config_of(config);

	if (c->arch == OPTEE_ARM32)
		return c->lpae && c->large_phys_addr ? 40 : 32;
	if (!optee_release_of(rules)->end_by_ips)
		return (unsigned)c->pa_bits;
	if (c->auto_max_pa_bits)
		return mmp_pa_widths[c->cpu.parange < WIDTH_52 ? c->cpu.parange
							       : WIDTH_52];
	return mmp_pa_widths[size_of_pa_bits(c)];
}

bool optee_ends_beyond(uint64_t pa, uint64_t size, uint64_t pa_mask, unsigned width)
{
	uint64_t end = (pa + size) & pa_mask;

	return end < pa || end >> width;
}

/*
 * The highest address: one past the end of non-secure DDR, but the last byte of a map
 * entry. An empty virtual space counts as the highest address of all.
 */
static uint64_t highest_address(const struct optee *o)
{
	const struct mmp_platform *p = o->plan->platform;
	uint64_t max = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		uint64_t end = (r->addr + r->size) & o->widths.pa;

		if (r->section == OPTEE_SECTION_NSEC_DDR && end > max)
			max = end;
	}
	for (size_t n = 0; n < o->plan->count; n++) {
		const struct mmp_region *r = &o->plan->regions[n];
		uint64_t last = mmp_range_last(r->pa, r->size, o->widths.pa);

		if (last > max)
			max = last;
	}
	return max;
}

static void set_size_from_map(struct optee *o, struct mmp_register_plan *registers)
{
	bool early = o->release->ips == OPTEE_IPS_ASSERT_48, fits;
	uint64_t max = highest_address(o);

	o->plan->max_pa = max;
	registers->has_max_pa = true;
	fits = optee_pa_size(max, &registers->ps);
	if (early) {
		optee_pa_size(max & ((UINT64_C(1) << 48) - 1), &registers->ps);
		registers->ps_stops = o->config->core_debug && !fits;
		registers->ps_stops_early = true;
	} else {
		registers->ps_stops = o->config->arch == OPTEE_ARM64 && !fits;
	}
}

static void set_size_from_option(struct optee *o, struct mmp_register_plan *registers)
{
	const struct optee_config *c = o->config;
	bool of_cpu = o->release->ips == OPTEE_IPS_CPU;

	registers->ps = size_of_pa_bits(c);
	if (!of_cpu)
		return;
	if (c->auto_max_pa_bits)
		registers->ps = (unsigned)c->cpu.parange;
	registers->ps_stops =
		c->arch == OPTEE_ARM64 && c->core_debug && registers->ps > c->cpu.parange;
}

void optee_set_registers(struct optee *o)
{
	struct mmp_register_plan *registers = &o->plan->registers;
	const struct mmp_table_shape *shape = &o->plan->shape;
	bool kept = o->release->registers == OPTEE_REGISTERS_KEPT;

	registers->has_offsets = kept;
	registers->has_ttbr1 = !kept;
	registers->no_contextidr = o->release->registers == OPTEE_REGISTERS_NO_CONTEXTIDR;
	registers->parange = (unsigned)o->config->cpu.parange;
	if (o->release->ips >= OPTEE_IPS_PA_BITS)
		set_size_from_option(o, registers);
	else if (o->lpae)
		set_size_from_map(o, registers);
	if (o->lpae && o->release->ttbr0_of_boot_core)
		registers->ttbr0_table =
			(uint32_t)o->config->boot_core_pos * shape->per_core;
}
