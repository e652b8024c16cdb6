/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "arch/regime.h"
#include "doc/descriptor.h"
#include "doc/diff.h"
#include "doc/findings.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "plan/planner.h"
#include "plan/sort.h"
#include "study/rights.h"

/*
 * A firmware that no other file knows: it maps what is registered at its own address,
 * has three memory types and one regime. This file has its registry too, in place of
 * lib/rules/all.c, so whatever in lib/ reached for a firmware by name would not link.
 */

struct __attribute__((may_alias)) toy_config {
	uint64_t tables;
	bool strict;
};

/* clang-format off */
enum { TOY_WRITE = 1, TOY_EXECUTE = 2, TOY_DEVICE = 4 };
enum { TOY_CODE, TOY_DATA, TOY_IO, TOY_TYPES };

static const struct mmp_config_key keys[] = {
	{ .name = "tables", .type = MMP_KEY_COUNT, .offset = offsetof(struct toy_config, tables),
	  .fallback = 8, .max = 64, .about = "translation tables" },
	{ .name = "strict", .type = MMP_KEY_FLAG, .offset = offsetof(struct toy_config, strict),
	  .max = 1, .about = "an odd number of regions is refused" },
	{ 0 },
};

static const struct mmp_section sections[] = {
	{ .name = "map", .about = "toy_map()", .maps = true, .claims = true },
};

static const struct mmp_registration_key registration_keys[] = {
	{ "what", MMP_PART_TYPE, true, 0, "kind of memory" },
	{ "name", MMP_PART_NAME, false, 0, "any text" },
	{ "at",   MMP_PART_ADDR, true, 0, "physical address" },
	{ "size", MMP_PART_SIZE, true, 0, "bytes" },
	{ "with", MMP_PART_SECTION, true, 0, "the call" },
	{ 0 },
};
MMP_REGISTRATION_KEYS_FIT(registration_keys);

static const struct mmp_memtype types[TOY_TYPES] = {
	[TOY_CODE] = { "code", "CODE", TOY_EXECUTE, false, "code" },
	[TOY_DATA] = { "data", "DATA", TOY_WRITE, false, "data" },
	[TOY_IO]   = { "io", "IO", TOY_WRITE | TOY_DEVICE, false, "devices" },
};

static const struct mmp_memory_kind kinds[] = {
	{ "cached", false, true }, { "device", true, false },
};

static const struct mmp_stop_info table_stops[MMP_TABLE_STOP_COUNT] = {
	[MMP_STOP_NO_TABLE] = { "out-of-tables", MMP_STOP_PANIC, "no table", "toy_map", "toy.c", 12,
		"map", "no table is left", "raise tables" },
	[MMP_STOP_OUTSIDE_BASE] = { "too-high", MMP_STOP_PANIC, "too high", "toy_map", "toy.c", 13,
		"map", "the address is beyond the base table", NULL },
	[MMP_STOP_MAPPED_TWICE] = { "twice", MMP_STOP_PANIC, "twice", "toy_map", "toy.c", 14,
		"map", "a page is mapped twice", NULL },
};

static const struct mmp_stop_info odd = { "odd", MMP_STOP_ASSERT, "!(count & 1)", "toy_init", "toy.c",
	7, "init", "the number of regions is odd", "register one more" };
/* clang-format on */

static const struct toy_config *config_of(const struct mmp_config *config)
{
	return (const struct toy_config *)(const void *)config->bytes;
}

static uint32_t toy_attr(const struct mmp_rules *rules, const struct mmp_config *config,
			 unsigned type)
{
	return rules->types[type].attr;
}

static const char *toy_text(const struct mmp_rules *rules, uint32_t attr,
			    char text[MMP_WORDS_SIZE])
{
	snprintf(text, MMP_WORDS_SIZE, "r%c%c %s", attr & TOY_WRITE ? 'w' : '-',
		 attr & TOY_EXECUTE ? 'x' : '-', attr & TOY_DEVICE ? "device" : "cached");
	return text;
}

static const struct mmp_regime *toy_regime(const struct mmp_rules *rules,
					   const struct mmp_config *config)
{
	return &mmp_regime_el1;
}

static void toy_leaf(const struct mmp_rules *rules, const struct mmp_config *config,
		     const struct mmp_format *format, uint32_t attr,
		     struct mmp_leaf *ret_leaf)
{
	*ret_leaf = (struct mmp_leaf){ .memory = attr & TOY_DEVICE ? 1 : 0,
				       .shareability = 3,
				       .accessed = true,
				       .read_only = !(attr & TOY_WRITE),
				       .pxn = !(attr & TOY_EXECUTE),
				       .uxn = true };
}

static uint32_t toy_attr_of(const struct mmp_rules *rules,
			    const struct mmp_config *config, const struct mmp_leaf *leaf)
{
	return (leaf->read_only ? 0 : TOY_WRITE) | (leaf->pxn ? 0 : TOY_EXECUTE) |
	       (leaf->memory ? TOY_DEVICE : 0);
}

static int toy_encode(const struct mmp_rules *rules, const struct mmp_config *config,
		      const struct mmp_format *format, int level, uint32_t attr,
		      uint64_t *ret_word, struct mmp_error *err)
{
	struct mmp_leaf leaf;

	toy_leaf(rules, config, format, attr, &leaf);

	*ret_word = format->leaf(level, &leaf);
	return 0;
}

static uint32_t toy_decode(const struct mmp_rules *rules, const struct mmp_config *config,
			   const struct mmp_format *format, int level, uint64_t word)
{
	struct mmp_leaf leaf;

	if (format->kind(level, word) != MMP_ENTRY_LEAF)
		return 0;
	format->read_leaf(level, 0, word, &leaf);
	return toy_attr_of(rules, config, &leaf);
}

static int toy_plan(struct mmp_plan *plan)
{
	const struct mmp_platform *p = plan->platform;

	if (mmp_plan_reserve(plan, p->count))
		return -1;
	for (size_t i = 0; i < p->count; i++)
		plan->regions[plan->count++] = (struct mmp_region){
			.pa = p->registrations[i].addr,
			.va = p->registrations[i].addr,
			.size = p->registrations[i].size,
			.attr = types[p->registrations[i].type].attr,
			.type = (uint8_t)p->registrations[i].type,
			.granule_shift = 12,
			.max_block_shift = 21,
		};
	mmp_region_sort(plan->regions, plan->count, mmp_region_by_va, NULL);
	plan->collected = true;
	plan->shape.va_bits = 39;
	plan->shape.base_level = 1;
	plan->shape.base_entries = 512;
	plan->shape.cores = plan->shape.per_core = 1;
	plan->shape.limited = true;
	plan->shape.max_tables = (uint32_t)config_of(&p->config)->tables;
	plan->shape.boot_memory = UINT64_MAX;
	plan->shape.pa_mask = plan->shape.va_mask = UINT64_MAX;
	if (config_of(&p->config)->strict && plan->count & 1)
		return mmp_stop_at(&plan->stop, &odd, "%zu regions", plan->count);
	return 0;
}

static unsigned toy_registers(const struct mmp_plan *plan,
			      const struct mmp_tables *tables,
			      struct mmp_register *registers)
{
	registers[0] = (struct mmp_register){ "mair", MMP_REGISTER_64, 0x00ff,
					      MMP_REGISTER_MAIR };
	registers[1] =
		(struct mmp_register){ "tcr", MMP_REGISTER_64,
				       plan->shape.regime->tcr(plan->shape.va_bits, 2),
				       MMP_REGISTER_TCR };
	return 2;
}

static const struct mmp_firmware firmware;

static const struct mmp_rules toy = {
	.name = "toy-1",
	.about = "a firmware of this test",
	.firmware = &firmware,
	.keys = keys,
	.sections = sections,
	.section_count = COUNT(sections),
	.registration_keys = registration_keys,
	.types = types,
	.type_count = TOY_TYPES,
	.attr = toy_attr,
	.attr_text = toy_text,
	.memory = kinds,
	.memory_count = COUNT(kinds),
	.regime = toy_regime,
	.leaf = toy_leaf,
	.attr_of = toy_attr_of,
	.encode = toy_encode,
	.decode = toy_decode,
	.plan = toy_plan,
	.registers = toy_registers,
	.table_stops = table_stops,
	.stops = &odd,
	.stop_count = 1,
};

static const struct mmp_rules *const releases[] = { &toy, NULL };
static const struct mmp_firmware firmware = { .name = "Toy",
					      .rules = releases,
					      .granule_key = "granule" };
const struct mmp_firmware *const mmp_firmwares[] = { &firmware, NULL };

/* --- what it goes through ------------------------------------------------------------- */

#define AREA(what, name, at, size)                                                       \
	"{'with':'map','what':'" what "','name':'" name "','at':'" at "','size':'" size  \
	"'}"

static struct mmp_platform *read_platform(const char *config, const char *areas)
{
	struct mmp_platform *platform;
	struct mmp_error err;
	char text[1024];
	json_t *document;

	snprintf(text, sizeof(text),
		 "{'format':'mmp-platform-1','name':'board','rules':'toy-1','config':%s,"
		 "'registrations':[%s]}",
		 config, areas);
	for (char *at = text; *at; at++)
		if (*at == '\'')
			*at = '"';
	document = json_loads(text, 0, NULL);
	assert_non_null(document);
	if (mmp_platform_read(document, &platform, &err))
		fail_msg("%s", err.text);
	json_decref(document);
	return platform;
}

#define AREAS                                                                            \
	AREA("code", "text", "0x80000000", "0x3000")                                     \
	"," AREA("data", "heap", "0x80200000",                                           \
		 "0x400000") "," AREA("io", "uart", "0x9000000", "0x1000")

static void a_document_is_read_and_written_with_its_own_fields(void **state)
{
	struct mmp_platform *p = read_platform("{'tables':5}", AREAS);
	json_t *written = mmp_platform_write(p);
	json_t *first = json_array_get(json_object_get(written, "registrations"), 0);

	assert_string_equal(json_string_value(json_object_get(first, "what")), "code");
	assert_string_equal(json_string_value(json_object_get(first, "at")),
			    "0x80000000");
	assert_int_equal(mmp_platform_value(p, "tables"), 5);
	json_decref(written);
	mmp_platform_free(p);
}

static void compute(struct mmp_layout *layout, const struct mmp_platform *platform)
{
	struct mmp_error err;

	mmp_layout_init(layout);
	if (mmp_layout_make(layout, platform, NULL, &err))
		fail_msg("%s", err.text);
}

static void a_layout_has_a_map_tables_and_registers_and_walks_as_planned(void **state)
{
	struct mmp_platform *p = read_platform("{}", AREAS);
	struct mmp_layout layout;
	struct mmp_memory memory;
	struct mmp_walker walker;
	struct mmp_error err;
	struct mmp_walk walk;

	compute(&layout, p);
	assert_int_equal(layout.plan.count, 3);
	assert_int_equal(layout.tables.used, 4); /* two of level 2, two of level 3 */
	if (mmp_layout_verify(&layout, &err))
		fail_msg("%s", err.text);
	memory = mmp_layout_memory(&layout);
	walker = mmp_layout_walker(&layout, &memory, 0);
	walk = mmp_walk(&walker, (struct mmp_va){ 0x80212345 });
	assert_true(walk.end == MMP_WALK_MAPPED && walk.pa.at == 0x80212345);
	assert_true(walk.level == 2 && !walk.leaf.read_only && walk.leaf.pxn);
	walk = mmp_walk(&walker, (struct mmp_va){ 0x9000000 });
	assert_int_equal(toy.attr_of(&toy, &p->config, &walk.leaf),
			 TOY_WRITE | TOY_DEVICE);
	mmp_layout_done(&layout);
	mmp_platform_free(p);
}

static void the_answer_has_its_words(void **state)
{
	struct mmp_platform *p = read_platform("{}", AREAS);
	struct mmp_layout layout;
	json_t *answer, *entry;

	compute(&layout, p);
	answer = mmp_layout_write(&layout, MMP_DETAIL_FULL);
	entry = json_array_get(json_object_get(answer, "memory_map"), 0);
	assert_string_equal(json_string_value(json_object_get(entry, "type")), "io");
	assert_non_null(json_object_get(entry, "granule"));
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(answer, "registers"), "mair")),
			    "0x00000000000000ff");
	json_decref(answer);
	mmp_layout_done(&layout);
	mmp_platform_free(p);
}

static void two_layouts_are_compared_by_what_they_allow(void **state)
{
	struct mmp_platform *a = read_platform("{}", AREAS),
			    *b = read_platform("{}",
					       AREAS "," AREA("code", "more",
							      "0x80100000", "0x1000"));
	struct mmp_rights_change change;
	struct mmp_layout before, after;
	struct mmp_error err;
	char text[256];

	compute(&before, a);
	compute(&after, b);
	assert_int_equal(mmp_rights_compare(&change, &before, &after, &err), 0);
	assert_int_equal(change.count, 1);
	assert_true(change.ranges[0].pa == 0x80100000 && !change.ranges[0].before &&
		    change.ranges[0].after & MMP_RIGHT_EXECUTE);
	mmp_diff_summary(a, b, text, sizeof(text));
	assert_non_null(strstr(text, "more"));
	mmp_rights_change_done(&change);
	mmp_layout_done(&before);
	mmp_layout_done(&after);
	mmp_platform_free(a);
	mmp_platform_free(b);
}

/* Both its own stop and one that tables can meet, by their words. */
static void its_stops_are_findings(void **state)
{
	static const struct {
		const char *config, *id;
	} rows[] = { { "{'strict':true}", "odd" }, { "{'tables':2}", "out-of-tables" } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mmp_platform *p = read_platform(rows[i].config, AREAS);
		struct mmp_findings findings;
		struct mmp_layout layout;
		struct mmp_error err;

		mmp_layout_init(&layout);
		mmp_findings_init(&findings);
		assert_int_equal(mmp_layout_make(&layout, p, NULL, &err), -1);
		assert_int_equal(err.code, MMP_FIRMWARE_STOP);
		mmp_policy_run(&findings, p, &layout);
		assert_true(findings.count > 0);
		assert_string_equal(findings.items[0].id, rows[i].id);
		assert_true(findings.items[0].stops);
		mmp_findings_done(&findings);
		mmp_layout_done(&layout);
		mmp_platform_free(p);
	}
}

static void its_types_and_descriptors_are_answered(void **state)
{
	json_t *list, *answer;
	struct mmp_error err;

	assert_int_equal(mmp_memtypes_write("toy-1", NULL, &list, &err), 0);
	assert_int_equal(json_array_size(list), TOY_TYPES);
	assert_int_equal(mmp_descriptor_encode("toy-1", NULL, NULL, 3, NULL, "io", NULL,
					       &answer, &err),
			 0);
	assert_non_null(strstr(json_string_value(json_object_get(answer, "sentence")),
			       "rw- device"));
	json_decref(list);
	json_decref(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_read_and_written_with_its_own_fields),
		cmocka_unit_test(
			a_layout_has_a_map_tables_and_registers_and_walks_as_planned),
		cmocka_unit_test(the_answer_has_its_words),
		cmocka_unit_test(two_layouts_are_compared_by_what_they_allow),
		cmocka_unit_test(its_stops_are_findings),
		cmocka_unit_test(its_types_and_descriptors_are_answered),
	};

	return cmocka_run_group_tests_name("toy", tests, NULL, NULL);
}
