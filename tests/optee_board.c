/* SPDX-License-Identifier: BSD-2-Clause */
#include "optee_board.h"

#include "check.h"
#include "rules/optee/optee.h"

struct optee_board board;

void add(unsigned section, unsigned type, uint64_t addr, uint64_t size)
{
	const struct mmp_registration one = {
		.section = section,
		.type = type,
		.addr = addr,
		.size = size,
		.name = "",
		.origin = "platform",
	};

	assert_int_equal(mmp_platform_add(board.platform, &one, &board.err), 0);
}

void map(unsigned type, uint64_t addr, uint64_t size)
{
	add(OPTEE_SECTION_PHYS_MEM_MAP, type, addr, size);
}

void begin_with(const struct mmp_rules *rules)
{
	board.platform = mmp_platform_new("board", rules);
	assert_non_null(board.platform);
	mmp_layout_init(&board.layout);
}

/* The core fills its 2 MiB, so that no pager space is made. */
int begin_3_4(void **state)
{
	struct optee_config *c;

	(void)state;
	begin_with(&optee_rules[V3_4]);
	c = optee_edit(&board.platform->config);
	c->trusted_dram = (struct mmp_range){ BOARD_DRAM, 0x1000000, true };
	c->tee_ram.start = BOARD_DRAM;
	c->tee_ram.ph_size = c->tee_ram.va_size = 0x200000;
	c->reserved_shm = (struct mmp_range){ 0x42000000, 0x200000, true };
	c->max_xlat_tables = 40;
	c->max_xlat_tables_given = true;
	map(OPTEE_TEE_RAM, BOARD_DRAM, 0x200000);
	return 0;
}

int end(void **state)
{
	(void)state;
	mmp_layout_done(&board.layout);
	mmp_platform_free(board.platform);
	return 0;
}

void computes(void)
{
	if (mmp_layout_make(&board.layout, board.platform, NULL, &board.err))
		fail_msg("%s", board.err.text);
}

const struct mmp_stop *stops(const char *id)
{
	assert_int_equal(mmp_layout_make(&board.layout, board.platform, NULL, &board.err),
			 -1);
	assert_int_equal(board.err.code, MMP_FIRMWARE_STOP);
	assert_string_equal(mmp_layout_stop(&board.layout)->info->id, id);
	return mmp_layout_stop(&board.layout);
}

const struct mmp_region *region_of(unsigned type)
{
	for (size_t n = 0; n < board.layout.plan.count; n++)
		if (board.layout.plan.regions[n].type == type)
			return &board.layout.plan.regions[n];
	fail_msg("no region of type %u", type);
	return NULL;
}
