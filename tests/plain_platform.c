/* SPDX-License-Identifier: BSD-2-Clause */
#include "plain_platform.h"

#include "check.h"
#include "rules/optee/pipeline.h"

bool one_in(uint64_t n)
{
	return !random_below(n);
}

struct mmp_platform *new_platform(const struct mmp_rules *rules)
{
	struct mmp_platform *platform = mmp_platform_new("random", rules);
	struct optee_config *c = optee_edit(&platform->config);

	c->va_bits = 39;
	c->pa_bits = 48;
	c->dyn_config = rules == &optee_rules[V4_10_257];
	c->secure_data_path = c->dyn_shm = true;
	c->trusted_dram = (struct mmp_range){ CORE, 0xf00000, true };
	c->reserved_shm.given = false;
	c->tee_ram.start = CORE;
	c->tee_ram.ph_size = c->tee_ram.va_size = 0x200000;
	c->layout.unpg_rx = (struct mmp_range){ CORE, 0x7b000, true };
	c->layout.unpg_rw = (struct mmp_range){ CORE + 0x7b000, 0x49000, true };
	c->layout.free = (struct mmp_range){ CORE + 0xc4000, 0x13c000, true };
	return platform;
}

void add(struct mmp_platform *platform, unsigned section, unsigned type, uint64_t addr,
	 uint64_t size)
{
	const struct mmp_registration one = { .section = section,
					      .name = "one",
					      .origin = "platform",
					      .type = type,
					      .addr = addr,
					      .size = size };
	struct mmp_error err;

	assert_int_equal(mmp_platform_add(platform, &one, &err), 0);
}

void add_random(struct mmp_platform *platform, unsigned section, unsigned type,
		uint64_t pages)
{
	uint64_t size = (1 + random_below(one_in(8) ? 40 : 4)) * PAGE;
	uint64_t addr = FROM + random_below(pages) * PAGE;

	if (one_in(200))
		size = 0;
	if (one_in(200))
		addr = -PAGE;
	add(platform, section, type, addr, size);
}
