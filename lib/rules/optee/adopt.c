/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/pipeline.h"

/*
 * Convert a platform of one release to another. Keys and types that the other release
 * does not have are left out and noted. Up to 3.21 the core's own ranges are
 * registrations; later they come from the configuration, so they are converted to what
 * the other release reads.
 */

struct adoption {
	struct mmp_platform *to;
	const struct mmp_platform *from;
	const struct optee_release *release, *old; /* of `to`, of `from` */
	struct optee_config *c;                    /* of `to` */
	struct mmp_error *err;
};

static bool has_code(const struct optee_release *release)
{
	return release->core_ranges != OPTEE_CORE_REGISTERED;
}

/* --- configuration --------------------------------------------------------------------- */

static int drop_key(struct adoption *a, const struct mmp_config_key *key)
{
	const struct mmp_rules *rules = a->to->rules;
	bool *given = mmp_config_given(&a->to->config, key);
	bool said = given ? *given : true;

	if (!mmp_config_get(&a->to->config, key))
		return 0;
	mmp_config_set(&a->to->config, key, 0);
	if (given)
		*given = false;
	if (!said)
		return 0;
	return mmp_platform_lacks(a->to, a->err, "config.%s is true; %s has no %s",
				  key->name, rules->name, key->option);
}

static int adopt_config(struct adoption *a)
{
	a->to->config = a->from->config;
	for (const struct mmp_config_key *k = a->to->rules->keys; k->name; k++)
		if (mmp_key_use(a->to->rules, k) == MMP_KEY_OFF && drop_key(a, k))
			return -1;
	a->to->rules->complete(a->to->rules, &a->to->config);
	return 0;
}

/* --- the core's own ranges ------------------------------------------------------------- */

/* Up to 4.4 data extends to the end of the core's memory; later that part is `free`. */
static void join_free(struct adoption *a)
{
	struct mmp_range *rw = &a->c->layout.unpg_rw;
	uint64_t end = a->c->tee_ram.start + a->c->tee_ram.va_size;

	if (a->c->pager || !rw->given || !a->c->layout.free.given || end <= rw->base)
		return;
	rw->size = end - rw->base;
	a->c->layout.free = (struct mmp_range){ 0 };
}

static int add_core(struct adoption *a, unsigned type, const char *name, uint64_t addr,
		    uint64_t size)
{
	const struct mmp_registration one = { .section = OPTEE_SECTION_PHYS_MEM_MAP,
					      .type = type,
					      .name = name,
					      .origin = "core_mmu.c",
					      .addr = addr,
					      .size = size };

	return size ? mmp_platform_add(a->to, &one, a->err) : 0;
}

static int add_ta_ram(struct adoption *a)
{
	const struct optee_config *c = a->c;
	uint64_t test = c->sdp_test_mem.given ? c->sdp_test_mem.size : 0;
	uint64_t end = c->tee_ram.start + c->tee_ram.va_size;
	uint64_t dram_end = c->trusted_dram.base + c->trusted_dram.size - test;

	if (c->ta_ram.given)
		return add_core(a, OPTEE_TA_RAM, "TA_RAM_START", c->ta_ram.base,
				c->ta_ram.size);
	if (c->trusted_sram.given)
		return add_core(a, OPTEE_TA_RAM, "TA_RAM_START", c->trusted_dram.base,
				c->trusted_dram.size - test);
	return add_core(a, OPTEE_TA_RAM, "TA_RAM_START", end,
			dram_end > end ? dram_end - end : 0);
}

static int add_noexec(struct adoption *a)
{
	const struct optee_config *c = a->c;
	bool init_types = a->release->version >= V3_15;
	unsigned data = !c->ns_virtualization ? OPTEE_TEE_RAM_RW
			: init_types          ? OPTEE_NEX_RAM_RO
					      : OPTEE_TEE_RAM_RO;
	uint64_t start = c->tee_ram.start, rx = c->layout.unpg_rx.base;

	if (add_core(a, OPTEE_TEE_RAM_RO, "TEE_RAM_START", start,
		     rx > start ? rx - start : 0) ||
	    add_core(a, OPTEE_TEE_RAM_RX, "VCORE_UNPG_RX_PA", rx,
		     c->layout.unpg_rx.size) ||
	    add_core(a, OPTEE_TEE_RAM_RO, "VCORE_UNPG_RO_PA", c->layout.unpg_ro.base,
		     c->layout.unpg_ro.size) ||
	    add_core(a, data, "VCORE_UNPG_RW_PA", c->layout.unpg_rw.base,
		     c->layout.unpg_rw.size) ||
	    add_core(a, OPTEE_NEX_RAM_RW, "VCORE_NEX_RW_PA", c->layout.nex_rw.base,
		     c->ns_virtualization ? c->layout.nex_rw.size : 0))
		return -1;
	if (!c->pager)
		return 0;
	return add_core(a, init_types ? OPTEE_INIT_RAM_RX : OPTEE_TEE_RAM_RX,
			"VCORE_INIT_RX_PA", c->layout.init_rx.base,
			c->layout.init_rx.size) ||
			       add_core(a,
					init_types ? OPTEE_INIT_RAM_RO : OPTEE_TEE_RAM_RO,
					"VCORE_INIT_RO_PA", c->layout.init_ro.base,
					c->layout.init_ro.size)
		       ? -1
		       : 0;
}

static int register_core(struct adoption *a)
{
	const struct optee_config *c = a->c;

	if (c->rwdata_noexec ? add_noexec(a)
			     : add_core(a, OPTEE_TEE_RAM, "TEE_RAM_START",
					c->tee_ram.start, c->tee_ram.ph_size))
		return -1;
	if (c->kasan && c->pager &&
	    add_core(a, OPTEE_TEE_ASAN, "ASAN_MAP_PA", c->layout.asan_map.base,
		     c->layout.asan_map.size))
		return -1;
	if (!c->ns_virtualization)
		return add_ta_ram(a);
	return add_core(a, OPTEE_SEC_RAM_OVERALL, "TRUSTED_DRAM_BASE",
			c->trusted_dram.base, c->trusted_dram.size);
}

static bool behind(const struct mmp_range *range, const struct mmp_registration *r)
{
	return range->given && r->addr == range->base + range->size;
}

/* The core's code comes first; what the pager starts with is a second range after it. */
static void read_code(struct adoption *a)
{
	struct mmp_range *rx = &a->c->layout.unpg_rx, *init = &a->c->layout.init_rx;

	for (size_t i = 0; i < a->from->count; i++) {
		const struct mmp_registration *r = &a->from->registrations[i];
		const struct mmp_range range = { r->addr, r->size, true };

		if (r->type != OPTEE_TEE_RAM_RX)
			continue;
		if (rx->given && a->c->pager)
			*init = range.base > rx->base ? range : *rx;
		if (!rx->given || range.base < rx->base)
			*rx = range;
	}
}

/*
 * The range of the link script that one of the core's registrations stands for, or NULL.
 */
static struct mmp_range *range_of(struct adoption *a, const struct mmp_registration *r)
{
	struct optee_config *c = a->c;

	switch (r->type) {
	case OPTEE_TEE_RAM_RO:
		if (behind(&c->layout.unpg_rx, r))
			return &c->layout.unpg_ro;
		if (c->pager && behind(&c->layout.init_rx, r))
			return &c->layout.init_ro;
		return c->ns_virtualization ? &c->layout.unpg_rw : NULL;
	case OPTEE_TEE_RAM_RW:
	case OPTEE_NEX_RAM_RO:
		return &c->layout.unpg_rw;
	case OPTEE_NEX_RAM_RW:
		return &c->layout.nex_rw;
	case OPTEE_INIT_RAM_RX:
		return &c->layout.init_rx;
	case OPTEE_INIT_RAM_RO:
		return &c->layout.init_ro;
	case OPTEE_TA_RAM:
		return &c->ta_ram;
	default:
		return NULL;
	}
}

static void read_core(struct adoption *a, const struct mmp_registration *r)
{
	struct mmp_range *range = range_of(a, r);

	if (range && !range->given)
		*range = (struct mmp_range){ r->addr, r->size, true };
}

/*
 * Up to 3.21 the guests' memory is registered as all of secure memory; later the core
 * adds it.
 */
static bool is_guests(const struct adoption *a, const struct mmp_registration *r)
{
	return r->type == OPTEE_SEC_RAM_OVERALL && a->c->ns_virtualization &&
	       r->addr == a->c->trusted_dram.base && r->size == a->c->trusted_dram.size;
}

static bool is_core(const struct adoption *a, const struct mmp_registration *r)
{
	return r->section == OPTEE_SECTION_PHYS_MEM_MAP &&
	       (optee_is_tee_ram(r->type) || r->type == OPTEE_TA_RAM || is_guests(a, r));
}

/* --- registrations --------------------------------------------------------------------- */

static unsigned adopted_type(const struct adoption *a, const struct mmp_registration *r)
{
	bool old = a->release->version < V3_15;

	if (r->section == OPTEE_SECTION_NSEC_DDR)
		return a->release->version < V3_12 ? OPTEE_RAM_NSEC : OPTEE_DDR_OVERALL;
	if (r->type == OPTEE_TA_VASPACE || r->type == OPTEE_TS_VASPACE)
		return old ? OPTEE_TA_VASPACE : OPTEE_TS_VASPACE;
	return r->type;
}

static int adopt_registration(struct adoption *a, const struct mmp_registration *r)
{
	struct mmp_registration one = *r;

	if (!has_code(a->old) && has_code(a->release) && is_core(a, r)) {
		read_core(a, r);
		return 0;
	}
	one.type = adopted_type(a, r);
	if (a->to->rules->types[one.type].name)
		return mmp_platform_add(a->to, &one, a->err);
	return mmp_platform_lacks(
		a->to, a->err, "registration \"%.64s\" is left out: %s has no %s",
		r->name, a->to->rules->name, a->from->rules->types[r->type].name);
}

int optee_adopt(struct mmp_platform *to, const struct mmp_platform *from,
		struct mmp_error *err)
{
	struct adoption a = { .to = to,
			      .from = from,
			      .release = optee_release_of(to->rules),
			      .old = optee_release_of(from->rules),
			      .c = optee_edit(&to->config),
			      .err = err };

	if (adopt_config(&a))
		return -1;
	if (a.old->core_ranges == OPTEE_CORE_AND_SEC_RAM &&
	    a.release->core_ranges != OPTEE_CORE_AND_SEC_RAM)
		join_free(&a);
	if (has_code(a.old) && !has_code(a.release) && register_core(&a))
		return -1;
	if (!has_code(a.old) && has_code(a.release))
		read_code(&a);
	for (size_t i = 0; i < from->count; i++)
		if (adopt_registration(&a, &from->registrations[i]))
			return -1;
	return to->rules->check(to->rules, &to->config, err);
}
