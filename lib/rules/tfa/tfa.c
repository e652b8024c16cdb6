/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/tfa.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rules/tfa/attr.h"
#include "rules/tfa/checks.h"
#include "rules/tfa/import.h"

/* clang-format off */
#define OF_REGION (MMP_PART_NAME | MMP_PART_ADDR | MMP_PART_SIZE | MMP_PART_ATTR | MMP_PART_WORDS | MMP_PART_GRANULARITY)

const struct mmp_section tfa_sections[TFA_CALL_COUNT] = {
	[TFA_ADD]                  = { "add", "mmap_add_region(), or an entry of mmap_add()", true, true, OF_REGION | MMP_PART_VA, NULL },
	[TFA_ADD_ALLOC_VA]         = { "add_alloc_va", "mmap_add_region_alloc_va(): the library chooses the VA", true, true, OF_REGION, NULL },
	[TFA_INIT]                 = { "init", "init_xlat_tables()", false, false, MMP_PART_SECTION, NULL },
	[TFA_ADD_DYNAMIC]          = { "add_dynamic", "mmap_add_dynamic_region()", true, true, OF_REGION | MMP_PART_VA, NULL },
	[TFA_ADD_DYNAMIC_ALLOC_VA] = { "add_dynamic_alloc_va", "mmap_add_dynamic_region_alloc_va()", true, true, OF_REGION, NULL },
	[TFA_REMOVE_DYNAMIC]       = { "remove_dynamic", "mmap_remove_dynamic_region()", false, false, MMP_PART_VA | MMP_PART_SIZE, NULL },
	[TFA_CHANGE_ATTRIBUTES]    = { "change_attributes", "xlat_change_mem_attributes()", false, false, MMP_PART_VA | MMP_PART_SIZE | MMP_PART_ATTR | MMP_PART_WORDS, NULL },
	[TFA_GET_ATTRIBUTES]       = { "get_attributes", "xlat_get_mem_attributes()", false, false, MMP_PART_VA, NULL },
};

/* mmap_region_t, and the arguments of the other calls. */
static const struct mmp_registration_key registration_keys[] = {
	{ "op",          MMP_PART_SECTION,     true,  0, "the call" },
	{ "name",        MMP_PART_NAME,        false, 0, "any text; may be empty and may repeat" },
	{ "pa",          MMP_PART_ADDR,        true,  0, "physical address" },
	{ "va",          MMP_PART_VA,          true,  0, "virtual address" },
	{ "size",        MMP_PART_SIZE,        true,  0, "bytes" },
	{ "attr",        MMP_PART_ATTR,        true,  0, "attribute word: MT_MEMORY | MT_RW | ..." },
	{ "attributes",  MMP_PART_WORDS,       false, 0, "the attribute word spelled out" },
	{ "granularity", MMP_PART_GRANULARITY, false, 0x40000000, "no larger block maps the region: 0x1000, 0x200000 or 0x40000000, which is no limit" },
	{ "origin",      MMP_PART_ORIGIN,      false, 0, "the file it comes from" },
	{ 0 },
};
/* clang-format on */

MMP_REGISTRATION_KEYS_FIT(registration_keys);

static int too_wide(const char *key, uint64_t value, struct mmp_error *err)
{
	return mmp_fail(err, MMP_INVALID,
			"%s: 0x%" PRIx64 " has more than the 32 bits of arm32", key,
			value);
}

static int check_registration(const struct mmp_rules *rules,
			      const struct mmp_config *config,
			      const struct mmp_registration *one, struct mmp_error *err)
{
	const struct tfa_config *c = tfa_config_of(config);
	bool dynamic =
		one->section >= TFA_ADD_DYNAMIC && one->section <= TFA_REMOVE_DYNAMIC;

	(void)rules;
	if (dynamic && !c->dynamic)
		return mmp_fail(err, MMP_INVALID,
				"op: %s exists only in images with dynamic regions; set "
				"config.dynamic (PLAT_XLAT_TABLES_DYNAMIC)",
				tfa_sections[one->section].name);
	if (c->arch != TFA_ARM32)
		return 0;
	if (one->va > UINT32_MAX)
		return too_wide("va", one->va, err);
	if (one->size > UINT32_MAX)
		return too_wide("size", one->size, err);
	if (one->granularity > UINT32_MAX)
		return too_wide("granularity", one->granularity, err);
	return 0;
}

static struct mmp_widths widths(const struct mmp_rules *rules,
				const struct mmp_config *config)
{
	uint64_t va = tfa_config_of(config)->arch == TFA_ARM32 ? UINT32_MAX : UINT64_MAX;

	(void)rules;
	return (struct mmp_widths){
		.pa = UINT64_MAX, .va = va, .size = va, .pgdir = 0x200000
	};
}

static unsigned va_bits(const struct mmp_rules *rules, const struct mmp_config *config)
{
	(void)rules;
	return tfa_va_bits(tfa_config_of(config));
}

static const char *attr_words(const struct mmp_rules *rules, uint32_t attr,
			      char text[MMP_WORDS_SIZE])
{
	const char *words[TFA_ATTR_WORDS_MAX];
	unsigned count = tfa_attr_words(attr, words);
	size_t length = 0;

	(void)rules;
	for (unsigned i = 0; i < count && length < MMP_WORDS_SIZE; i++)
		length += (size_t)snprintf(text + length, MMP_WORDS_SIZE - length, "%s%s",
					   i ? " " : "", words[i]);
	return text;
}

/* The effective rights of a word: writable memory and devices are never executed. */
static const char *attr_text(const struct mmp_rules *rules, uint32_t attr,
			     char text[MMP_WORDS_SIZE])
{
	if ((attr & TFA_TYPE_MASK) == TFA_DEVICE || attr & TFA_RW)
		attr |= TFA_EXECUTE_NEVER;
	return attr_words(rules, attr, text);
}

static uint32_t attr(const struct mmp_rules *rules, const struct mmp_config *config,
		     unsigned type)
{
	return tfa_types[type].attr;
}

/* A release build has no assertions, but the place of a panic is known anyway. */
static enum mmp_stop_detail stop_detail(const struct mmp_rules *rules,
					const struct mmp_config *config)
{
	(void)rules;
	(void)config;
	return MMP_STOP_TELLS_ALL;
}

/* The firmware makes its tables itself (tables.c), so these cannot happen. */
static const struct mmp_stop_info no_table_stops[MMP_TABLE_STOP_COUNT];

static const struct mmp_rules *const releases[] = { &tfa_2_15, NULL };

static const char *rules_of_version(const char *version)
{
	return version && strcmp(version, "2.15") != 0 ? version : "tfa-2.15";
}

const struct mmp_firmware mmp_tfa = {
	.name = "TF-A",
	.rules = releases,
	.vector_format = "tfa-map-vector-1",
	.vector_version = "tfa_version",
	.rules_of_version = rules_of_version,
	.granule_key = "granularity",
	.importer = &tfa_importer,
	.example = "{\n"
		   "  \"format\": \"mmp-platform-1\", \"name\": \"bl31\", \"rules\": "
		   "\"tfa-2.15\",\n"
		   "  \"config\": { \"regime\": \"el3\", \"max_xlat_tables\": 6 },\n"
		   "  \"registrations\": [\n"
		   "    { \"op\": \"add\", \"name\": \"uart\", \"pa\": \"0x9000000\", "
		   "\"va\": "
		   "\"0x9000000\",\n"
		   "      \"size\": \"0x1000\", \"attr\": \"0x00000008\" },\n"
		   "    { \"op\": \"init\" }\n"
		   "  ]\n"
		   "}\n",
};

const struct mmp_rules tfa_2_15 = {
	.name = "tfa-2.15",
	.about = "TF-A 2.15 with 619 commits (August 2026): xlat_tables_v2, EL3, EL2 and "
		 "EL1&0",
	.firmware = &mmp_tfa,
	.keys = tfa_keys,
	.known = { .tables_max = "max_xlat_tables" },
	.sections = tfa_sections,
	.section_count = TFA_CALL_COUNT,
	.registration_keys = registration_keys,
	.types = tfa_types,
	.type_count = TFA_TYPES,
	.check = tfa_config_check,
	.check_registration = check_registration,
	.widths = widths,
	.va_bits = va_bits,
	.attr_words = attr_words,
	.type_of = tfa_type,
	.plan = tfa_plan,
	.pieces = tfa_pieces,
	.make_tables = tfa_make_tables,
	.registers = tfa_registers,
	.facts = tfa_facts,
	.log = tfa_log,
	.log_region = tfa_log_region,
	.attr = attr,
	.attr_text = attr_text,
	.memory = tfa_memory_kinds,
	.memory_count = TFA_MEMORY_KINDS,
	.regime = tfa_regime,
	.leaf = tfa_leaf,
	.attr_of = tfa_attr_of,
	.encode = tfa_encode,
	.decode = tfa_decode,
	.stop_detail = stop_detail,
	.table_stops = no_table_stops,
	.stops = tfa_stops,
	.stop_count = TFA_STOP_COUNT,
	.policy = &tfa_policy,
};
