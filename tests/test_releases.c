/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "doc/platform.h"
#include "doc/rules.h"
#include "policy/policy.h"
#include "quoted.h"
#include "rules/optee/optee.h"
#include "rules/optee/releases.h"
#include "rules/optee/stops.h"
#include "rules/optee/types.h"
#include "tables/layout.h"

/*
 * The releases of OP-TEE side by side: the tables of types, switches and stops in the form
 * of a page (tests/golden/optee-*.md), how many rows differ, what each release does to
 * people, and one platform seen under another release.
 *
 * MMP_GOLDEN_WRITE=1 writes the pages anew. Those of types and of switches are copied from
 * the reference that the tables were made from, to be held against them with diff.
 */

static const char *name_of(unsigned v)
{
	return v == V4_10_257 ? "257" : optee_rules[v].name + strlen("optee-");
}

static void compare(const char *name, struct mmp_buffer *page)
{
	const char *top = getenv("top_srcdir");
	struct mmp_buffer kept = MMP_BUFFER_EMPTY;
	char path[512], bytes[4096];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/golden/%s", top ? top : ".", name);
	file = fopen(path, getenv("MMP_GOLDEN_WRITE") ? "w+" : "r");
	if (!file)
		fail_msg("%s cannot be opened", path);
	if (getenv("MMP_GOLDEN_WRITE"))
		fwrite(page->bytes, 1, page->length, file);
	rewind(file);
	while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
		mmp_buffer_add(&kept, bytes, length);
	fclose(file);
	mmp_buffer_add(&kept, "", 1);
	mmp_buffer_add(page, "", 1);
	assert_string_equal(page->bytes, kept.bytes);
	mmp_buffer_done(&kept);
	mmp_buffer_done(page);
}

/* --- types ----------------------------------------------------------------------------- */

/* A column for the releases from `first` to the one before the next column's. */
static const struct {
	const char *title;
	enum optee_version first;
} columns[] = {
	{ "3.4", V3_1 },        { "3.5-3.7", V3_5 }, { "3.8-3.14", V3_8 },
	{ "3.15-3.21", V3_15 }, { "3.22", V3_22 },   { "4.0", V4_0 },
	{ "4.1-4.3", V4_1 },    { "4.4", V4_4 },     { "4.5", V4_5 },
	{ "4.6-257", V4_6 },
};

/* Types side by side in one line, from `first` to `last` in their order. */
static const struct {
	const char *title;
	enum optee_type first, last;
} lines[] = {
	{ "END (terminator)", OPTEE_END, OPTEE_END },
	{ "TEE_RAM, _RX, _RO, _RW", OPTEE_TEE_RAM, OPTEE_TEE_RAM_RW },
	{ "INIT_RAM_RO, INIT_RAM_RX", OPTEE_INIT_RAM_RO, OPTEE_INIT_RAM_RX },
	{ "NEX_RAM_RO", OPTEE_NEX_RAM_RO, OPTEE_NEX_RAM_RO },
	{ "NEX_RAM_RW", OPTEE_NEX_RAM_RW, OPTEE_NEX_RAM_RW },
	{ "NEX_DYN_VASPACE, TEE_DYN_VASPACE", OPTEE_NEX_DYN_VASPACE,
	  OPTEE_TEE_DYN_VASPACE },
	{ "TEE_COHERENT", OPTEE_TEE_COHERENT, OPTEE_TEE_COHERENT },
	{ "TEE_ASAN", OPTEE_TEE_ASAN, OPTEE_TEE_ASAN },
	{ "IDENTITY_MAP_RX", OPTEE_IDENTITY_MAP_RX, OPTEE_IDENTITY_MAP_RX },
	{ "TA_RAM", OPTEE_TA_RAM, OPTEE_TA_RAM },
	{ "NSEC_SHM", OPTEE_NSEC_SHM, OPTEE_NSEC_SHM },
	{ "NEX_NSEC_SHM", OPTEE_NEX_NSEC_SHM, OPTEE_NEX_NSEC_SHM },
	{ "RAM_NSEC", OPTEE_RAM_NSEC, OPTEE_RAM_NSEC },
	{ "RAM_SEC", OPTEE_RAM_SEC, OPTEE_RAM_SEC },
	{ "ROM_SEC", OPTEE_ROM_SEC, OPTEE_ROM_SEC },
	{ "IO_NSEC", OPTEE_IO_NSEC, OPTEE_IO_NSEC },
	{ "IO_SEC", OPTEE_IO_SEC, OPTEE_IO_SEC },
	{ "EXT_DT", OPTEE_EXT_DT, OPTEE_EXT_DT },
	{ "MANIFEST_DT", OPTEE_MANIFEST_DT, OPTEE_MANIFEST_DT },
	{ "TRANSFER_LIST", OPTEE_TRANSFER_LIST, OPTEE_TRANSFER_LIST },
	{ "RES_VASPACE", OPTEE_RES_VASPACE, OPTEE_RES_VASPACE },
	{ "SHM_VASPACE", OPTEE_SHM_VASPACE, OPTEE_SHM_VASPACE },
	{ "TA_VASPACE, TS_VASPACE from 3.15", OPTEE_TA_VASPACE, OPTEE_TS_VASPACE },
	{ "PAGER_VASPACE", OPTEE_PAGER_VASPACE, OPTEE_PAGER_VASPACE },
	{ "SDP_MEM", OPTEE_SDP_MEM, OPTEE_SDP_MEM },
	{ "DDR_OVERALL", OPTEE_DDR_OVERALL, OPTEE_DDR_OVERALL },
	{ "SEC_RAM_OVERALL", OPTEE_SEC_RAM_OVERALL, OPTEE_SEC_RAM_OVERALL },
	{ "MAXTYPE", OPTEE_MAXTYPE, OPTEE_MAXTYPE },
};

/* END has a name to 4.3 only; MAXTYPE is not a type that anyone can write. */
static bool has(enum optee_version v, unsigned type)
{
	return optee_types[v][type].name || type == OPTEE_MAXTYPE;
}

static void numbers(char text[24], enum optee_version v, unsigned first, unsigned last)
{
	unsigned from = UINT_MAX, to = 0;

	for (unsigned t = first; t <= last; t++) {
		unsigned number = mmp_memtype_number(&optee_rules[v], t);

		if (!has(v, t))
			continue;
		from = number < from ? number : from;
		to = number;
	}
	if (from == UINT_MAX)
		snprintf(text, 24, "-");
	else if (from == to)
		snprintf(text, 24, "%u", from);
	else
		snprintf(text, 24, to == from + 1 ? "%u, %u" : "%u-%u", from, to);
}

/* What all releases of a column say. */
static void add_cell(struct mmp_buffer *page, size_t line, size_t column)
{
	unsigned end = column + 1 < COUNT(columns) ? columns[column + 1].first
						   : OPTEE_VERSION_COUNT;
	char text[24], other[24];

	numbers(text, columns[column].first, lines[line].first, lines[line].last);
	for (unsigned v = columns[column].first; v < end; v++) {
		numbers(other, v, lines[line].first, lines[line].last);
		if (strcmp(text, other))
			fail_msg("%s: %s in %s, %s in %s", lines[line].title, text,
				 columns[column].title, other, name_of(v));
	}
	mmp_buffer_printf(page, " %s |", text);
}

static void types_stand_as_on_the_page(void **state)
{
	struct mmp_buffer page = MMP_BUFFER_EMPTY;

	(void)state;
	mmp_buffer_printf(&page, "| type |");
	for (size_t c = 0; c < COUNT(columns); c++)
		mmp_buffer_printf(&page, " %s |", columns[c].title);
	mmp_buffer_printf(&page, "\n|---|");
	for (size_t c = 0; c < COUNT(columns); c++)
		mmp_buffer_printf(&page, "---|");
	mmp_buffer_printf(&page, "\n");
	for (size_t n = 0; n < COUNT(lines); n++) {
		mmp_buffer_printf(&page, "| %s |", lines[n].title);
		for (size_t c = 0; c < COUNT(columns); c++)
			add_cell(&page, n, c);
		mmp_buffer_printf(&page, "\n");
	}
	compare("optee-types.md", &page);
	assert_int_equal(mmp_memtype_number(&optee_rules[V3_0], OPTEE_MAXTYPE), 18);
	assert_null(optee_types[V3_0][OPTEE_DDR_OVERALL].name);
}

/* --- switches -------------------------------------------------------------------------- */

/* clang-format off */
#define FIELD(number, name) { number, #name, offsetof(struct optee_release, name), \
	sizeof(((struct optee_release *)0)->name) }

static const struct field {
	unsigned number;
	const char *name;
	size_t offset, size;
} fields[] = {
	FIELD(2, kinds), FIELD(2, hidden_blocks), FIELD(2, guarded), FIELD(3, io_rounding),
	FIELD(4, core_ranges), FIELD(4, asan_alone), FIELD(5, size_first), FIELD(6, overlap_wraps),
	FIELD(7, merge), FIELD(8, capacity), FIELD(8, aslr_slot), FIELD(8, relocatable_slot),
	FIELD(9, shm_list), FIELD(10, test_memory_exempt), FIELD(11, dyn_va_spaces), FIELD(12, granule),
	FIELD(13, sort), FIELD(14, placing), FIELD(15, first), FIELD(16, pager_space),
	FIELD(17, direction), FIELD(18, va_limit), FIELD(19, va_width_bug), FIELD(20, zero_refused),
	FIELD(21, user_range_refused), FIELD(22, aslr), FIELD(23, shared_alignment),
	FIELD(24, va_spaces_mapped), FIELD(25, block_cap), FIELD(26, base_level_0), FIELD(26, va_bits_max),
	FIELD(27, core_major), FIELD(27, ttbr0_of_boot_core), FIELD(28, user_slot_1_to_3),
	FIELD(29, lpae_tables), FIELD(29, aslr_tables), FIELD(29, kasan_tables), FIELD(29, sanitizer_tables),
	FIELD(29, virtualization_tables), FIELD(29, dyn_config_tables), FIELD(29, short_tables),
	FIELD(29, short_aslr_tables), FIELD(29, dyn_config), FIELD(30, short_l1_twice), FIELD(31, split_shifts),
	FIELD(32, exhausted_traced), FIELD(33, ips), FIELD(34, registers), FIELD(35, ddr_loop),
	FIELD(35, equal_base_grows), FIELD(37, ddr_secure), FIELD(38, carve_any), FIELD(39, end_by_pa_bits),
	FIELD(39, predicates_pa), FIELD(39, end_by_ips), FIELD(40, shm_list_joins), FIELD(43, top_is_zero),
	FIELD(44, congruent), FIELD(45, fixed_res_space), FIELD(46, short_va_to_mib), FIELD(47, builder),
	FIELD(48, copy), FIELD(49, ddr_list),
	FIELD(0, ndebug_message), FIELD(0, load_checked), FIELD(0, seed_swapped),
};
/* clang-format on */

static bool turns(const struct field *field, unsigned v)
{
	const char *one = (const char *)&optee_releases[v - 1];
	const char *other = (const char *)&optee_releases[v];

	return memcmp(one + field->offset, other + field->offset, field->size) != 0;
}

/*
 * The switches by the names and numbers of the reference, and the releases at which it says
 * that they change: its sections 13 and 16, without the value that each begins with.
 */
static const struct reference {
	unsigned number;
	const char *name, *turns;
	const char *why; /* our table says it elsewhere, or otherwise; NULL: as it does */
} reference[] = {
	/* clang-format off */
	{ 1, "type table", "3.1, 3.5, 3.8, 3.15, 3.18, 3.22, 4.0, 4.1, 4.2, 4.4, 4.5, 4.6", NULL },
	{ 2, "attribute bits", "3.6, 3.16, 3.17, 3.18", NULL },
	{ 3, "io_rounding in init", "3.5", NULL },
	{ 4, "core ranges", "3.22, 4.5, 4.7", NULL },
	{ 5, "zero size before address assert", "3.22", NULL },
	{ 6, "overlap predicate", "3.5", NULL },
	{ 7, "merge", "4.4", NULL },
	{ 8, "capacity", "3.8, 3.22, 4.4, 4.5", NULL },
	{ 9, "map-time test of the dynamic SHM list", "3.8, 3.12", NULL },
	{ 10, "SDP test memory exempt", "4.6", NULL },
	{ 11, "dynamic VA spaces", "4.6", NULL },
	{ 12, "granule", "3.8, 4.5", NULL },
	{ 13, "sort key", "3.8, 4.7", NULL },
	{ 14, "placing", "3.8", NULL },
	{ 15, "first address", "3.22, 4.5", NULL },
	{ 16, "pager space", "3.8, 3.22, 4.4", NULL },
	{ 17, "direction", "3.15, 3.17", NULL },
	{ 18, "VA limit", "3.8, 3.9, 3.17", NULL },
	{ 19, "VA width bug", "3.8, 3.9", "the two releases that have it; it begins with the first and ends behind the second" },
	{ 20, "candidate 0 refused", "3.19", NULL },
	{ 21, "short: user range refused", "3.16", NULL },
	{ 22, "ASLR", "3.8, 257", NULL },
	{ 23, "shared alignment", "4.7", NULL },
	{ 24, "VA spaces mapped", "4.6", NULL },
	{ 25, "block cap", "4.4, 4.5", NULL },
	{ 26, "base level rule and legal widths", "3.12, 3.15, 3.16", NULL },
	{ 27, "base tables", "3.8, 4.6", NULL },
	{ 28, "user slot range", "3.15", NULL },
	{ 29, "table limits", "3.5, 3.8, 3.11, 3.15, 4.5, 4.6, 4.10, 257", "the tables of base level 0 come with switch 26" },
	{ 30, "short L1 copies", "3.9", NULL },
	{ 31, "split of a block", "3.7", NULL },
	{ 32, "exhausted trace", "3.15, 4.6", "a trace informs, and is not compared; that of short descriptors is written for all" },
	{ 33, "IPS", "3.2, 3.8, 4.1", NULL },
	{ 34, "registers shown, MAIR, PRRR, NMRR", "3.1, 3.8, 3.17, 3.18", "MAIR, PRRR and NMRR follow from the memory types of switch 2" },
	{ 35, "DDR: loop, equal-base bug", "3.8", NULL },
	{ 36, "DDR: ignored types", "3.8, 3.12, 4.0, 4.1, 4.6", "types that are ignored from their first release on come with switch 1" },
	{ 37, "DDR: secure carve", "3.9, 3.22", NULL },
	{ 38, "DDR: carve rule", "4.6", NULL },
	{ 39, "DDR: end test", "3.8, 3.9, 4.1", NULL },
	{ 40, "dynamic SHM list joins discovery", "3.12", NULL },
	{ 41, "options known", "3.1, 3.5, 3.6, 3.8, 3.16, 3.17, 3.18, 3.22, 4.1, 4.6, 257", "dyn_shm is a key of all releases; with 4.5 come layout.free and boot_mem_size" },
	{ 42, "function and text of each stop", "3.1, 3.2, 3.4", "optee-stops.md has each" },
	{ 43, "predicate at the top", "3.3", NULL },
	{ 44, "congruence", "3.3", NULL },
	{ 45, "RES_VASPACE", "3.1", NULL },
	{ 46, "short: VA to 1 MiB", "3.1", NULL },
	{ 47, "table builder", "3.1", NULL },
	{ 48, "copy of the base table", "3.1, 3.2", NULL },
	{ 49, "DDR list", "3.1, 3.2", NULL },
	/* clang-format on */
};

enum { TYPE_TABLE = 1, IGNORED_TYPES = 36, OPTIONS = 41 };

static bool types_turn(unsigned v)
{
	for (unsigned t = 0; t < OPTEE_TYPE_COUNT; t++) {
		const struct mmp_memtype *a = &optee_types[v - 1][t],
					 *b = &optee_types[v][t];

		if (!a->name != !b->name || a->attr != b->attr ||
		    optee_place_of(v - 1, t) != optee_place_of(v, t))
			return true;
	}
	return false;
}

static bool ddr_use_turns(unsigned v)
{
	for (unsigned t = 0; t < OPTEE_TYPE_COUNT; t++)
		if (optee_types[v - 1][t].name && optee_types[v][t].name &&
		    optee_ddr_use_of(v - 1, t) != optee_ddr_use_of(v, t))
			return true;
	return false;
}

static bool options_turn(unsigned v)
{
	for (const struct mmp_config_key *key = mmp_optee_keys; key->name; key++)
		if (mmp_key_use(&optee_rules[v - 1], key) !=
		    mmp_key_use(&optee_rules[v], key))
			return true;
	return false;
}

static bool switch_turns(unsigned number, unsigned v)
{
	bool turned = (number == TYPE_TABLE && types_turn(v)) ||
		      (number == IGNORED_TYPES && ddr_use_turns(v)) ||
		      (number == OPTIONS && options_turn(v));

	for (size_t f = 0; f < COUNT(fields); f++)
		turned |= fields[f].number == number && turns(&fields[f], v);
	return turned;
}

static void switches_turn_where_the_reference_says(void **state)
{
	struct mmp_buffer page = MMP_BUFFER_EMPTY;
	unsigned wrong = 0;

	(void)state;
	mmp_buffer_printf(&page, "| # | switch | changes at | in the reference |\n"
				 "|---|---|---|---|\n");
	for (size_t n = 0; n < COUNT(reference); n++) {
		const struct reference *r = &reference[n];
		struct mmp_buffer ours = MMP_BUFFER_EMPTY;

		for (unsigned v = 1; v < OPTEE_VERSION_COUNT; v++)
			if (switch_turns(r->number, v))
				mmp_buffer_printf(&ours, "%s%s", ours.length ? ", " : "",
						  name_of(v));
		mmp_buffer_add(&ours, "", 1);
		if (!r->why == !!strcmp(ours.bytes, r->turns)) {
			print_error("%u %s: %s, and the reference has %s\n", r->number,
				    r->name, ours.bytes, r->turns);
			wrong++;
		}
		mmp_buffer_printf(&page, "| %u | %s | %s | %s%s%s |\n", r->number,
				  r->name, ours.bytes, r->why ? r->turns : "the same",
				  r->why && *r->turns ? ": " : "", r->why ? r->why : "");
		mmp_buffer_done(&ours);
	}
	assert_int_equal(wrong, 0);
	compare("optee-switches.md", &page);
}

/* How a block is split, which to 3.7 each does wrong in its own way, makes no row. */
enum { SPLIT = 31 };

static bool same_release(unsigned v, unsigned w)
{
	for (size_t f = 0; f < COUNT(fields); f++)
		if (fields[f].number && fields[f].number != SPLIT &&
		    memcmp((const char *)&optee_releases[v] + fields[f].offset,
			   (const char *)&optee_releases[w] + fields[f].offset,
			   fields[f].size))
			return false;
	for (unsigned t = 0; t < OPTEE_TYPE_COUNT; t++) {
		const struct mmp_memtype *a = &optee_types[v][t], *b = &optee_types[w][t];

		if (!a->name != !b->name || a->attr != b->attr ||
		    optee_place_of(v, t) != optee_place_of(w, t) ||
		    optee_ddr_use_of(v, t) != optee_ddr_use_of(w, t))
			return false;
	}
	for (const struct mmp_config_key *key = mmp_optee_keys; key->name; key++)
		if (mmp_key_use(&optee_rules[v], key) !=
		    mmp_key_use(&optee_rules[w], key))
			return false;
	return true;
}

/* 3.3 differs from 3.4 in words alone, 4.2 from 4.3 in the seed. */
static void releases_are_as_many_rows_as_the_page_counts(void **state)
{
	unsigned rows = 1;

	(void)state;
	assert_int_equal(OPTEE_VERSION_COUNT, 35);
	for (unsigned v = 1; v < OPTEE_VERSION_COUNT; v++)
		rows += !same_release(v - 1, v);
	assert_true(same_release(V3_3, V3_4));
	assert_true(same_release(V3_6, V3_7));
	assert_true(same_release(V3_12, V3_14));
	assert_true(same_release(V3_19, V3_21));
	assert_true(same_release(V4_7, V4_9));
	assert_int_equal(rows, 26);
}

/* --- stops ----------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_stop(const struct mmp_stop_info *a, const struct mmp_stop_info *b)
{
	return a->kind == b->kind && same_text(a->id, b->id) &&
	       same_text(a->message, b->message) && same_text(a->func, b->func) &&
	       same_text(a->file, b->file);
}

/* A line for each run of releases in which a stop says the same. */
static void stops_stand_as_on_the_page(void **state)
{
	struct mmp_buffer page = MMP_BUFFER_EMPTY;

	(void)state;
	mmp_buffer_printf(&page, "| id | releases | message | function | file |\n"
				 "|---|---|---|---|---|\n");
	for (unsigned stop = 0; stop < OPTEE_STOP_COUNT; stop++) {
		unsigned last;

		for (unsigned v = 0; v < OPTEE_VERSION_COUNT; v = last + 1) {
			const struct mmp_stop_info *info = &optee_stops[v][stop];

			for (last = v; last + 1 < OPTEE_VERSION_COUNT &&
				       same_stop(info, &optee_stops[last + 1][stop]);
			     last++)
				;
			if (!info->id)
				continue;
			mmp_buffer_printf(&page, "| %s | %s%s%s | %s%s%s | %s | %s |\n",
					  info->id, name_of(v), last > v ? "-" : "",
					  last > v ? name_of(last) : "",
					  info->kind == MMP_STOP_ASSERT ? "`" : "\"",
					  info->message,
					  info->kind == MMP_STOP_ASSERT ? "`" : "\"",
					  info->func, info->file);
		}
	}
	compare("optee-stops.md", &page);
}

/* Where a message lives, as section 11 of the reference has it, from 3.4 on. */
static const char *const functions[][2] = {
	/* clang-format off */
	{ "secure-nsec-overlap", "core_init_mmu_map 3.4-3.7; check_sec_nsec_mem_config 3.8 on" },
	{ "address-zero", "init_mem_map 3.4-3.7; collect_mem_ranges 3.8 on" },
	{ "tee-ram-outside-secure", "core_init_mmu_map 3.4-3.7; check_mem_map 3.8 on" },
	{ "nsec-shm-outside-window", "core_init_mmu_map 3.4-3.7; check_mem_map 3.8 on" },
	{ "unhandled-type", "check_mem_map 3.22 on" }, /* before, every type is known there */
	{ "sdp-overlap", "verify_special_mem_areas 3.12 on" },
	{ "special-overlap", "verify_special_mem_areas 3.4-3.11" },
	{ "sdp-over-ddr", "check_sdp_intersection_with_nsec_ddr 3.4-3.11" },
	{ "map-full", "add_phys_mem 3.4-4.3; grow_mem_map 4.4" },
	{ "map-full-va-space", "add_va_space 3.4-4.3; grow_mem_map 4.4" },
	{ "map-full-pager", "add_pager_vaspace 3.4-4.3; grow_mem_map 4.4" },
	{ "map-full-identity", "mem_map_add_id_map 3.8-4.3; grow_mem_map 4.4" },
	{ "tee-ram-beyond-end", "init_mem_map 3.4-3.7" },
	{ "va-unaligned", "assign_mem_va 3.8-3.16; assign_mem_va_dir 3.17 on" },
	{ "va-size-unaligned", "assign_mem_va 3.8-3.16; assign_mem_va_dir 3.17 on" },
	{ "no-user-va", "core_init_mmu_tables 3.4; core_init_mmu 3.5-3.14; set_user_va_idx 3.15 on" },
	{ "va-too-high", "core_init_mmu_tables 3.4; core_init_mmu 3.5 on" },
	{ "va-outside-tables", "core_mmu_map_region 3.4 on" },
	{ "mapped-twice", "core_mmu_map_region 3.4 on" },
	/* clang-format on */
};

static const char *function_of(const char *id, unsigned v)
{
	for (unsigned stop = 0; stop < OPTEE_STOP_COUNT; stop++)
		if (same_text(optee_stops[v][stop].id, id))
			return optee_stops[v][stop].func;
	return NULL;
}

static void write_functions(struct mmp_buffer *to, const char *id)
{
	unsigned last;

	for (unsigned v = V3_4; v < OPTEE_VERSION_COUNT; v = last + 1) {
		const char *func = function_of(id, v);

		for (last = v; last + 1 < OPTEE_VERSION_COUNT &&
			       same_text(func, function_of(id, last + 1));
		     last++)
			;
		if (!func)
			continue;
		mmp_buffer_printf(to, "%s%s %s", to->length ? "; " : "", func,
				  name_of(v));
		if (last + 1 == OPTEE_VERSION_COUNT)
			mmp_buffer_printf(to, " on");
		else if (last > v)
			mmp_buffer_printf(to, "-%s", name_of(last));
	}
	mmp_buffer_add(to, "", 1);
}

static void messages_live_in_the_functions_of_the_reference(void **state)
{
	(void)state;
	for (size_t n = 0; n < COUNT(functions); n++) {
		struct mmp_buffer ours = MMP_BUFFER_EMPTY;

		write_functions(&ours, functions[n][0]);
		assert_string_equal(ours.bytes, functions[n][1]);
		mmp_buffer_done(&ours);
	}
}

/* --- what releases do to people -------------------------------------------------------- */

/* clang-format off */
#define CORE "'trusted_dram':{'base':'0xe100000','size':'0xf00000'}," \
	"'tee_ram':{'start':'0xe100000','ph_size':'0x200000','va_size':'0x200000'}," \
	"'reserved_shm':{'start':'0x42000000','size':'0x200000'}," \
	"'layout':{'unpg_rx':{'start':'0xe100000','size':'0x8d000'},'unpg_rw':{'start':'0xe18d000','size':'0x73000'}," \
	"'identity_map':{'start':'0xe100000','end':'0xe101000'}},'mmap_regions':40"
#define RX   "['TEE_RAM_RX','rx','0xe100000','0x8d000']"
#define RW   "['TEE_RAM_RW','rw','0xe18d000','0x173000']"
#define TA   "['TA_RAM','ta','0xe300000','0xd00000']"
#define SHM  "['NSEC_SHM','shm','0x42000000','0x200000']"
#define SLOT "'aslr':true,'aslr_seed':'0x1000','reserved_vaspace_size':'0x64000000'"

/* A finding, where it shows, and where it does not: releases, configuration, registrations. */
static const struct row {
	const char *id;
	enum optee_version shown[2], silent[2];
	const char *config, *registrations;
} rows[] = {
	{ "base-tables-empty", { V3_1, V3_1 }, { V3_0, V3_2 }, "'boot_core_pos':1,'nb_core':2", RX "," RW "," TA "," SHM },
	{ "mapped-below", { V3_0, V3_0 }, { V3_1, V3_2 }, "'arch':'arm32','lpae':false", RX "," RW "," TA ",['RAM_SEC','x','0x50013000','0x4000']," SHM },
	{ "va-0-used", { V3_10, V3_18 }, { V3_19, V3_20 }, "'va_bits':36,'aslr':true,'aslr_seed':'0xff1f00000'", RX "," RW "," TA "," SHM },
	{ "va-width-inverted", { V3_8, V3_9 }, { V3_5, V3_10 }, "'va_bits':33", RX "," RW "," TA "," SHM },
	{ "user-slot-by-seed", { V4_6, V4_10 }, { V3_7, V4_10_257 }, SLOT, SHM },
	{ "core-in-second-range", { V3_22, V4_5 }, { V3_21, V3_20 }, "'trusted_sram':{'base':'0x4000000','size':'0x100000'}", SHM },
	{ "pager-entry", { V3_8, V3_21 }, { V3_7, V3_22 }, "'aslr':false", RX ",['TEE_RAM_RW','rw','0xe18d000','0x2000']," TA "," SHM },
	{ "map-last-entry", { V3_8, V3_21 }, { V3_7, V3_22 }, "'mmap_regions':7,'aslr':false", RX "," RW "," TA "," SHM },
	{ "seed-byte-order", { V3_8, V4_10_257 }, { V3_0, V3_7 }, "'aslr':true,'aslr_seed':'0x1000'", RX "," RW "," TA "," SHM },
	{ "does-not-compile", { V3_0, V4_3 }, { V4_4, V4_10_257 }, "'mmap_regions':12", RX "," RW "," TA "," SHM },
	{ "does-not-compile", { V3_0, V3_11 }, { V3_12, V4_10 }, "'unmap_core_at_el0':true,'va_bits':36", SHM },
	{ "does-not-compile", { V3_12, V4_10_257 }, { V3_4, V3_11 }, "'va_bits':31,'unmap_core_at_el0':false", SHM },
	{ "does-not-compile", { V3_12, V3_15 }, { V3_16, V4_10 }, "'va_bits':48,'unmap_core_at_el0':false", SHM },
	{ "does-not-compile", { V3_5, V4_10_257 }, { V3_4, V3_0 }, "'arch':'arm32','lpae':false,'ns_virtualization':true,'layout':{'nex_rw':{'start':'0xe200000','size':'0x1000'}}", SHM },
	{ "does-not-compile", { V3_16, V4_10_257 }, { V3_14, V3_12 }, "'va_bits':40,'unmap_core_at_el0':false,'max_xlat_tables':70000,'dyn_config':false", SHM },
	{ "does-not-compile", { V4_0, V4_10_257 }, { V3_8, V3_22 }, "'kasan':true,'aslr':true,'layout':{'asan_map':{'start':'0xe2e0000','size':'0x20000'}}", SHM },
	{ "does-not-compile", { V3_18, V4_10_257 }, { V3_17, V3_12 }, "'kasan':true,'memtag':true,'layout':{'asan_map':{'start':'0xe2e0000','size':'0x20000'}}", SHM },
	{ "does-not-compile", { V3_16, V4_10_257 }, { V3_15, V3_8 }, "'bti':true,'ns_virtualization':true,'layout':{'nex_rw':{'start':'0xe200000','size':'0x1000'}}", SHM },
	{ "does-not-compile", { V3_22, V4_10_257 }, { V3_21, V3_8 }, "'phys_relocatable':true,'trusted_sram':{'base':'0x4000000','size':'0x100000'}", SHM },
};
/* clang-format on */

/* Keys that a release turns off are refused, or reported: they are left out for it. */
static void leave_out(json_t *config, const struct mmp_rules *rules)
{
	for (const struct mmp_config_key *key = rules->keys; key->name; key++)
		if (mmp_key_use(rules, key) == MMP_KEY_OFF)
			json_object_del(config, key->name);
}

static struct mmp_platform *platform_of(const struct row *row, enum optee_version v)
{
	json_t *config = quoted_json("{%s}", CORE),
	       *change = quoted_json("{%s}", row->config);
	json_t *list = quoted_json("[%s]", row->registrations), *all = json_array(),
	       *document;
	struct mmp_platform *platform = NULL;
	const json_t *one;
	struct mmp_error err;
	size_t i;

	quoted_put_over(config, change);
	json_decref(change);
	leave_out(config, &optee_rules[v]);
	json_array_foreach(list, i, one) {
		const char *type, *name, *addr, *size;

		assert_int_equal(json_unpack((json_t *)one, "[s, s, s, s]", &type, &name,
					     &addr, &size),
				 0);
		if (optee_releases[v].core_ranges != OPTEE_CORE_REGISTERED &&
		    (!strncmp(type, "TEE_RAM", 7) || !strcmp(type, "TA_RAM")))
			continue;
		json_array_append_new(all, json_pack("{s:s, s:s+, s:s, s:s, s:s}",
						     "section", "phys_mem_map", "type",
						     "MEM_AREA_", type, "name", name,
						     "addr", addr, "size", size));
	}
	json_decref(list);
	document = json_pack("{s:s, s:s, s:s, s:o, s:o}", "format", MMP_PLATFORM_FORMAT,
			     "name", row->id, "rules", optee_rules[v].name, "config",
			     config, "registrations", all);
	if (mmp_platform_read(document, &platform, &err))
		fail_msg("%s under %s: %s", row->id, optee_rules[v].name, err.text);
	json_decref(document);
	return platform;
}

static bool shows(const struct row *row, enum optee_version v)
{
	struct mmp_platform *platform = platform_of(row, v);
	struct mmp_findings findings;
	struct mmp_layout layout;
	struct mmp_error err;
	bool shown = false;

	mmp_layout_init(&layout);
	mmp_layout_make(&layout, platform, NULL, &err);
	mmp_findings_init(&findings);
	mmp_policy_run(&findings, platform, &layout);
	for (size_t i = 0; i < findings.count; i++)
		shown |= !strcmp(findings.items[i].id, row->id);
	mmp_findings_done(&findings);
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	return shown;
}

static void what_single_releases_do_is_found_there_and_nowhere_else(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (unsigned n = 0; n < 2; n++) {
			if (!shows(&rows[i], rows[i].shown[n])) {
				print_error("row %zu: %s is not found under %s\n", i,
					    rows[i].id, name_of(rows[i].shown[n]));
				wrong++;
			}
			if (shows(&rows[i], rows[i].silent[n])) {
				print_error("row %zu: %s is found under %s\n", i,
					    rows[i].id, name_of(rows[i].silent[n]));
				wrong++;
			}
		}
	assert_int_equal(wrong, 0);
}

/* --- one platform under another release ------------------------------------------------ */

static void a_platform_is_seen_under_a_release_that_has_less(void **state)
{
	const struct row row = { .id = "virt",
				 .config = "'bti':true",
				 .registrations = SHM ",['MANIFEST_DT','manifest','"
						      "0x50000000','0x1000']" };
	struct mmp_platform *platform = platform_of(&row, V4_10), *other = NULL;
	struct mmp_layout layout;
	struct mmp_error err;

	(void)state;
	assert_int_equal(mmp_platform_under(platform, &optee_rules[V3_4], &other, &err),
			 0);
	assert_int_equal(other->lack_count, 2);
	assert_non_null(strstr(other->lacks[0], "config.bti"));
	assert_non_null(strstr(other->lacks[1], "MANIFEST_DT"));
	mmp_layout_init(&layout);
	assert_int_equal(mmp_layout_make(&layout, other, NULL, &err), 0);
	mmp_layout_done(&layout);
	mmp_platform_free(other);
	mmp_platform_free(platform);
}

static void a_list_of_rules_says_what_each_adds_and_drops(void **state)
{
	json_t *all = mmp_rules_write(), *one, *added;
	bool found = false;
	size_t i, k;

	(void)state;
	json_array_foreach(all, i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));

		if (strcmp(name, "optee-4.0"))
			continue;
		json_array_foreach(json_object_get(one, "adds"), k, added)
			found |=
				!strcmp(json_string_value(added), "MEM_AREA_MANIFEST_DT");
	}
	assert_true(json_array_size(all) >= OPTEE_VERSION_COUNT);
	assert_true(found);
	json_decref(all);
}

static void a_version_that_is_none_is_refused_with_the_nearest(void **state)
{
	json_t *document =
		json_pack("{s:s, s:s, s:s, s:{}, s:[]}", "format", MMP_PLATFORM_FORMAT,
			  "name", "x", "rules", "optee-4.11", "config", "registrations");
	struct mmp_platform *platform = NULL;
	struct mmp_error err;

	(void)state;
	assert_int_equal(mmp_platform_read(document, &platform, &err), -1);
	assert_non_null(strstr(err.text, "optee-4.1"));
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_stand_as_on_the_page),
		cmocka_unit_test(switches_turn_where_the_reference_says),
		cmocka_unit_test(releases_are_as_many_rows_as_the_page_counts),
		cmocka_unit_test(stops_stand_as_on_the_page),
		cmocka_unit_test(messages_live_in_the_functions_of_the_reference),
		cmocka_unit_test(what_single_releases_do_is_found_there_and_nowhere_else),
		cmocka_unit_test(a_platform_is_seen_under_a_release_that_has_less),
		cmocka_unit_test(a_list_of_rules_says_what_each_adds_and_drops),
		cmocka_unit_test(a_version_that_is_none_is_refused_with_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
