/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "rules/optee/attr.h"
#include "rules/optee/pipeline.h"

/* The rule sets: a row per release, with hooks that all of them share. */

uint32_t optee_attr(const struct mmp_rules *rules, const struct mmp_config *config,
		    unsigned type)
{
	uint32_t attr = rules->types[type].attr;

	if (type == OPTEE_EXT_DT && optee_config_of(config)->map_ext_dt_secure)
		attr |= MMP_ATTR_SECURE;
	return attr;
}

/* Without CFG_TEE_CORE_DEBUG. */
static enum mmp_stop_detail stop_detail(const struct mmp_rules *rules,
					const struct mmp_config *config)
{
	if (optee_config_of(config)->core_debug)
		return MMP_STOP_TELLS_ALL;
	return optee_release_of(rules)->ndebug_message ? MMP_STOP_TELLS_MESSAGE
						       : MMP_STOP_TELLS_NOTHING;
}

/*
 * The value that the platforms of these releases use; the firmware's own default is 13.
 */
static void defaults(const struct mmp_rules *rules, struct mmp_config *config)
{
	if (optee_release_of(rules)->version <= V3_4)
		optee_edit(config)->mmap_regions = 127;
}

/* CFG_DYN_CONFIG is on unless the pager forces it off (mk/config.mk). */
static void complete(const struct mmp_rules *rules, struct mmp_config *config)
{
	struct optee_config *c = optee_edit(config);

	if (!c->dyn_config_given)
		c->dyn_config = optee_release_of(rules)->dyn_config && !c->pager;
}

/* Up to 3.14 a wide virtual space makes long base tables. */
static int check_base_tables(const struct optee_release *release,
			     const struct optee_config *c, struct mmp_error *err)
{
	uint64_t gigabytes = UINT64_C(1) << (c->va_bits - 30);
	uint64_t bytes = gigabytes * 8 * c->nb_core * 2;

	if (release->base_level_0 || c->arch != OPTEE_ARM64 || bytes <= MMP_POOL_MAX)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"config.va_bits: %" PRIu64 " with %" PRIu64
			" cores: base tables of 0x%" PRIx64
			" bytes, at most 0x%x are made",
			c->va_bits, c->nb_core, bytes, MMP_POOL_MAX);
}

static int check_config(const struct mmp_rules *rules, const struct mmp_config *config,
			struct mmp_error *err)
{
	const struct optee_release *release = optee_release_of(rules);
	const struct optee_config *c = optee_config_of(config);

	if (optee_config_check(c, err) || check_base_tables(release, c, err))
		return -1;
	if (c->pager && c->dyn_config)
		return mmp_fail(
			err, MMP_INVALID,
			"config.dyn_config: true does not go with pager; leave it out");
	if (release->core_ranges != OPTEE_CORE_REGISTERED && c->rwdata_noexec &&
	    (!c->layout.unpg_rx.given || !c->layout.unpg_rw.given))
		return mmp_fail(err, MMP_INVALID,
				"config.layout.%s: missing; rwdata_noexec needs it",
				c->layout.unpg_rx.given ? "unpg_rw" : "unpg_rx");
	return 0;
}

/* clang-format off */
#define RULES(v, release_name, text) [v] = {					\
	.name = "optee-" release_name,						\
	.about = text,								\
	.firmware = &mmp_optee,							\
	.release = &optee_releases[v],						\
	.keys = mmp_optee_keys,							\
	.known = {								\
		.tables_max = "max_xlat_tables",				\
		.boot_memory = "boot_mem_size",					\
		.free_range = "layout.free",					\
		.dynamic_shm = "dyn_shm",					\
		.run_time_space = "reserved_vaspace_size",			\
		.va_bits = "va_bits",						\
		.random_base = "aslr",						\
		.seed = "aslr_seed",						\
		.long_descriptors = "lpae",					\
	},									\
	.sections = mmp_optee_sections,						\
	.section_count = OPTEE_SECTION_COUNT,					\
	.registration_keys = mmp_optee_registration_keys,			\
	.types = optee_types[v],						\
	.type_count = OPTEE_TYPE_COUNT,						\
	.key_use = optee_key_use,						\
	.defaults = defaults,							\
	.complete = complete,							\
	.check = check_config,							\
	.adopt = optee_adopt,							\
	.widths = optee_widths,							\
	.secure = optee_secure,							\
	.application_memory = optee_application_memory,				\
	.own_bytes = optee_own_bytes,						\
	.va_bits = optee_va_bits,						\
	.set_seed = (v) < V3_8 ? NULL : optee_set_seed,				\
	.follow = optee_follow,							\
	.later = optee_later,							\
	.attr = optee_attr,							\
	.attr_words = optee_attr_words, \
	.attr_text = optee_attr_text, \
	.valid = MMP_ATTR_VALID_BLOCK, \
	.unmapped = optee_unmapped, \
	.memory = optee_memory_kinds, \
	.memory_count = MMP_KIND_COUNT, \
	.regime = optee_regime, \
	.leaf = optee_leaf, \
	.attr_of = optee_attr_of, \
	.encode = optee_encode, \
	.decode = optee_decode, \
	.registers = optee_registers, \
	.facts = optee_facts, \
	.begin_tables = optee_begin_tables, \
	.trace_no_table = optee_trace_no_table, \
	.pa_stays_zero = optee_pa_stays_zero, \
	.divide = optee_divide,						\
	.finish_tables = optee_finish_tables,					\
	.plan = optee_plan,							\
	.map_regions = (v) < V3_1 ? optee_map_3_0 : NULL,			\
	.pieces = (v) < V3_1 ? optee_pieces_3_0 : NULL,				\
	.log_region = optee_log_region,						\
	.discover = optee_discover,						\
	.table_stops = &optee_stops[v][OPTEE_STOP_TABLES],			\
	.stops = optee_stops[v],						\
	.stop_count = OPTEE_STOP_TABLES,					\
	.stop_detail = stop_detail,						\
	.policy = (v) < V3_8 ? &optee_policy_3_4 : (v) < V3_12 ? &optee_policy_3_8 : \
		  (v) < V4_5 ? &optee_policy_3_12 : &optee_policy_4_5,		\
	.pages_window = "MEM_AREA_SHM_VASPACE",					\
	.blocks_window = "MEM_AREA_RES_VASPACE",				\
}

const struct mmp_rules optee_rules[OPTEE_VERSION_COUNT] = {
	RULES(V3_0,       "3.0", "OP-TEE 3.0.0 (January 2018): own table builders, static map, flat-mapped core, hidden blocks"),
	RULES(V3_1,       "3.1", "OP-TEE 3.1.0 (April 2018): one table builder for all formats, DDR list"),
	RULES(V3_2,       "3.2", "OP-TEE 3.2.0 (July 2018): base table copied from the booting core"),
	RULES(V3_3,       "3.3", "OP-TEE 3.3.0 (October 2018): virtual addresses congruent to physical ones"),
	RULES(V3_4,       "3.4", "OP-TEE 3.4.0 (January 2019): static map, flat-mapped core, hidden blocks"),
	RULES(V3_5,       "3.5", "OP-TEE 3.5.0 (April 2019): virtualization; devices rounded where they are registered"),
	RULES(V3_6,       "3.6", "OP-TEE 3.6.0 (July 2019): reserved and dynamic shared memory are options"),
	RULES(V3_7,       "3.7", "OP-TEE 3.7.0 (October 2019): as 3.6"),
	RULES(V3_8,       "3.8", "OP-TEE 3.8.0 (January 2020): packed core, ASLR, identity map, EXT_DT"),
	RULES(V3_9,       "3.9", "OP-TEE 3.9.0 (May 2020): overflow of virtual addresses tested; core carved from DDR"),
	RULES(V3_10,      "3.10", "OP-TEE 3.10.0 (August 2020): width of virtual addresses right"),
	RULES(V3_11,      "3.11", "OP-TEE 3.11.0 (October 2020): one more table with ASLR"),
	RULES(V3_12,      "3.12", "OP-TEE 3.12.0 (January 2021): dynamic shared memory is discovered as DDR"),
	RULES(V3_13,      "3.13", "OP-TEE 3.13.0 (April 2021): as 3.12"),
	RULES(V3_14,      "3.14", "OP-TEE 3.14.0 (July 2021): as 3.12"),
	RULES(V3_15,      "3.15", "OP-TEE 3.15.0 (October 2021): base level 0, user slots 1 to 3, INIT_RAM_* types"),
	RULES(V3_16,      "3.16", "OP-TEE 3.16.0 (January 2022): BTI; short descriptors: the user range is refused"),
	RULES(V3_17,      "3.17", "OP-TEE 3.17.0 (April 2022): direction by half of the virtual space; EXT_DT secure"),
	RULES(V3_18,      "3.18", "OP-TEE 3.18.0 (July 2022): tagged memory"),
	RULES(V3_19,      "3.19", "OP-TEE 3.19.0 (October 2022): virtual address 0 is refused"),
	RULES(V3_20,      "3.20", "OP-TEE 3.20.0 (January 2023): as 3.19"),
	RULES(V3_21,      "3.21", "OP-TEE 3.21.0 (April 2023): as 3.19"),
	RULES(V3_22,      "3.22", "OP-TEE 3.22.0 (July 2023): core ranges added by code; relocatable core"),
	RULES(V4_0,       "4.0", "OP-TEE 4.0.0 (October 2023): MANIFEST_DT"),
	RULES(V4_1,       "4.1", "OP-TEE 4.1.0 (January 2024): ROM_SEC (which stops the boot), TRANSFER_LIST, AUTO_MAX_PA_BITS"),
	RULES(V4_2,       "4.2", "OP-TEE 4.2.0 (April 2024): ROM_SEC is accepted"),
	RULES(V4_3,       "4.3", "OP-TEE 4.3.0 (July 2024): as 4.2"),
	RULES(V4_4,       "4.4", "OP-TEE 4.4.0 (October 2024): counted map, true union of neighbours"),
	RULES(V4_5,       "4.5", "OP-TEE 4.5.0 (January 2025): doubling map, all secure RAM mapped, two granules"),
	RULES(V4_6,       "4.6", "OP-TEE 4.6.0 (April 2025): tables in boot memory, virtual spaces get tables"),
	RULES(V4_7,       "4.7", "OP-TEE 4.7.0 (July 2025): KASAN map without the pager"),
	RULES(V4_8,       "4.8", "OP-TEE 4.8.0 (October 2025): as 4.7"),
	RULES(V4_9,       "4.9", "OP-TEE 4.9.0 (January 2026): as 4.7"),
	RULES(V4_10,      "4.10", "OP-TEE 4.10.0 (April 2026): one table more with KASAN"),
	RULES(V4_10_257,  "4.10-257", "OP-TEE 4.10-257 (August 2026): 4.10.0 and 257 commits; ASLR leaves a slot to user mode"),
};
/* clang-format on */
