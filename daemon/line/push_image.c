/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/regime.h"
#include "line/push_private.h"

/* Refuse tables for a regime that the loader cannot set up. */
static int check_regime(const struct mmp_build *build, struct mmp_error *err)
{
	const struct mmp_regime *regime = build->layout.plan.shape.regime;
	char id[MMP_DIGEST_TEXT_SIZE];

	if (regime->pushable)
		return 0;
	mmp_digest_print(&build->id, id);
	return mmp_fail(err, MMP_INVALID,
			"build %.12s: the tables of its platform \"%.60s\" are for %s "
			"(%s), and boards take tables for EL1&0 only; "
			"build.compare compares them with memory read from a board",
			id, build->platform->name, regime->name, regime->about);
}

/*
 * The source of one register: a layout's register, by role or names, and the base
 * table.
 */
struct register_source {
	enum wire_register number;
	enum mmp_register_role role; /* MMP_REGISTER_OTHER: by name */
	const char *low, *high;      /* bits 31:0 and 63:32; NULL: zeroes */
	bool base;                   /* add the address of the base table */
};

#define ROLE(number, role)                                                               \
	{                                                                                \
		number, role, NULL, NULL, false                                          \
	}
#define NAMED(number, low, ...)                                                          \
	{                                                                                \
		number, MMP_REGISTER_OTHER, low, __VA_ARGS__                             \
	}

/* clang-format off */
static const struct {
	const struct mmp_regime *regime;
	enum wire_regime number;
	struct register_source list[WIRE_REGISTER_COUNT];
} sources[] = {
	{ &mmp_regime_el1, WIRE_AARCH64, {
		ROLE(WIRE_MAIR, MMP_REGISTER_MAIR),
		ROLE(WIRE_TCR, MMP_REGISTER_TCR),
		NAMED(WIRE_TTBR0, NULL, NULL, true) } },
	{ &mmp_regime_pl1_long, WIRE_AARCH32_LONG, {
		ROLE(WIRE_MAIR, MMP_REGISTER_MAIR),
		ROLE(WIRE_TCR, MMP_REGISTER_TCR),
		NAMED(WIRE_TTBR0, NULL, NULL, true) } },
	{ &mmp_regime_pl1_short, WIRE_AARCH32_SHORT, {
		NAMED(WIRE_MAIR, "prrr", "nmrr", false),
		ROLE(WIRE_TCR, MMP_REGISTER_TCR),
		NAMED(WIRE_TTBR0, "ttbr_attr", NULL, true),
		NAMED(WIRE_TTBR1, "ttbr_attr", NULL, true),
		NAMED(WIRE_DACR, "dacr", NULL, false) } },
};
/* clang-format on */

static uint64_t register_of(const struct mmp_layout *layout,
			    const struct register_source *source)
{
	uint64_t value = 0;

	if (source->role != MMP_REGISTER_OTHER)
		value = mmp_layout_register_for(layout, source->role);
	if (source->low)
		value = mmp_layout_register(layout, source->low);
	if (source->high)
		value |= mmp_layout_register(layout, source->high) << 32;
	if (source->base)
		value |= mmp_tables_view(&layout->tables, 0).pa;
	return value;
}

static void take_registers(struct mmp_image *image, const struct mmp_layout *layout)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		const struct wire_regime_registers *registers =
			wire_registers_of(sources[i].number);

		if (sources[i].regime != layout->plan.shape.regime)
			continue;
		image->regime = sources[i].number;
		for (size_t r = 0; r < registers->count; r++)
			image->registers[sources[i].list[r].number] =
				register_of(layout, &sources[i].list[r]);
	}
}

int push_image(struct mmp_image *image, const struct mmp_build *build,
	       struct mmp_error *err)
{
	if (check_regime(build, err))
		return -1;
	image->id = build->id;
	image->digest = build->bytes_digest;
	image->pool_pa = build->pool_pa;
	image->bytes = build->bytes;
	image->length = build->length;
	take_registers(image, &build->layout);
	return 0;
}
