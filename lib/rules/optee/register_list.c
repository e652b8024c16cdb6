/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/registers.h"
#include "plan/plan.h"
#include "rules/optee/attr.h"
#include "rules/optee/optee.h"
#include "tables/tables.h"

/*
 * The registers that the firmware writes with its tables, with the names in recordings.
 */

struct register_list {
	const struct mmp_plan *plan;
	const struct mmp_tables *tables;
	struct optee_encoding encoding;
	uint8_t kinds[MMP_KIND_COUNT]; /* MAIR bytes */
	struct mmp_register *registers;
	unsigned count;
};

static struct mmp_register *add_register(struct register_list *l, const char *name,
					 enum mmp_register_form form, uint64_t value)
{
	struct mmp_register *r = &l->registers[l->count++];

	*r = (struct mmp_register){ .name = name, .form = form, .value = value };
	return r;
}

static void set_kinds(struct register_list *l)
{
	l->kinds[MMP_KIND_DEVICE_NGNRE] = 0x04;
	l->kinds[MMP_KIND_NORMAL] = 0xff;
	l->kinds[MMP_KIND_DEVICE_NGNRNE] = 0x00;
	l->kinds[MMP_KIND_TAGGED] = l->encoding.cpu_tags ? 0xf0 : 0xff;
}

static void add_mair(struct register_list *l, const char *name,
		     enum mmp_register_form form)
{
	add_register(l, name, form, mmp_mair(l->kinds, l->encoding.kinds))->role =
		MMP_REGISTER_MAIR;
}

static void add_offsets(struct register_list *l)
{
	const struct mmp_table_shape *shape = &l->plan->shape;

	add_register(l, "ttbr0_core_offset", MMP_REGISTER_HEX,
		     (shape->index_major ? 1 : shape->per_core) * l->tables->base_bytes);
}

static void add_el1(struct register_list *l)
{
	const struct mmp_register_plan *r = &l->plan->registers;

	add_register(l, "tcr_el1", MMP_REGISTER_64,
		     mmp_tcr_el1(l->plan->shape.va_bits, r->ps))
		->role = MMP_REGISTER_TCR;
	add_mair(l, "mair_el1", MMP_REGISTER_64);
	add_register(l, "ttbr0_table", MMP_REGISTER_NUMBER, r->ttbr0_table)->role =
		MMP_REGISTER_BASE_TABLE;
	if (r->has_offsets)
		add_offsets(l);
	if (r->has_ttbr1)
		add_register(l, "ttbr1_el1", MMP_REGISTER_HEX, 0);
}

static void add_long(struct register_list *l)
{
	const struct mmp_register_plan *r = &l->plan->registers;

	add_register(l, "ttbcr", MMP_REGISTER_32, mmp_ttbcr_long())->role =
		MMP_REGISTER_TCR;
	add_mair(l, "mair0", MMP_REGISTER_32);
	add_register(l, "ttbr0_table", MMP_REGISTER_NUMBER, r->ttbr0_table)->role =
		MMP_REGISTER_BASE_TABLE;
	if (r->has_offsets)
		add_offsets(l);
	if (r->has_ttbr1)
		add_register(l, "ttbr1", MMP_REGISTER_HEX, 0);
}

static void add_short(struct register_list *l)
{
	bool shared = l->encoding.shared;

	add_register(l, "ttbcr", MMP_REGISTER_32, MMP_TTBCR_SHORT)->role =
		MMP_REGISTER_TCR;
	add_register(l, "prrr", MMP_REGISTER_32,
		     mmp_prrr(l->kinds, l->encoding.kinds, shared));
	add_register(l, "nmrr", MMP_REGISTER_32,
		     mmp_nmrr(l->kinds, l->encoding.kinds, shared));
	add_register(l, "dacr", MMP_REGISTER_32, MMP_DACR_SHORT);
	add_register(l, "ttbr_attr", MMP_REGISTER_32, mmp_ttbr_short_attributes(shared))
		->role = MMP_REGISTER_WALK;
	add_register(l, "ttbr_table", MMP_REGISTER_NUMBER, 0)->role =
		MMP_REGISTER_BASE_TABLE;
	if (l->plan->registers.has_ttbr1) {
		add_register(l, "sctlr_set", MMP_REGISTER_32, MMP_SCTLR_SHORT);
		add_register(l, "contextidr", MMP_REGISTER_32,
			     l->plan->registers.no_contextidr ? 0xdead : 0);
		add_register(l, "ttbr1_equals_ttbr0", MMP_REGISTER_FLAG, 1);
	}
}

unsigned optee_registers(const struct mmp_plan *plan, const struct mmp_tables *tables,
			 struct mmp_register *registers)
{
	const struct mmp_platform *p = plan->platform;
	struct register_list l = { .plan = plan,
				   .tables = tables,
				   .encoding = optee_encoding(p->rules, &p->config),
				   .registers = registers };

	set_kinds(&l);
	if (plan->shape.regime == &mmp_regime_el1)
		add_el1(&l);
	else if (plan->shape.regime == &mmp_regime_pl1_long)
		add_long(&l);
	else
		add_short(&l);
	if (plan->registers.has_offsets)
		add_register(&l, "map_offset", MMP_REGISTER_HEX,
			     plan->registers.map_offset);
	return l.count;
}

/* TCR_EL1 as DDR discovery leaves it, which may raise the physical size. */
unsigned optee_facts(const struct mmp_plan *plan, const struct mmp_ddr *ddr,
		     struct mmp_register *facts)
{
	const struct mmp_table_shape *shape = &plan->shape;

	if (!ddr->has_ps || !shape->regime->tcr)
		return 0;
	facts[0] = (struct mmp_register){ "tcr_el1_after_discovery", MMP_REGISTER_64,
					  shape->regime->tcr(shape->va_bits, ddr->ps),
					  MMP_REGISTER_OTHER };
	return 1;
}
