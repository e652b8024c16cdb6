/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "release_pages.h"
#include "rules/optee/optee.h"
#include "rules/optee/releases.h"
#include "rules/optee/types.h"

/* The types and switches of all releases, and how many releases differ in them. */

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
				 columns[column].title, other, release_name(v));
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
	compare_page("optee-types.md", &page);
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
						  release_name(v));
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
	compare_page("optee-switches.md", &page);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_stand_as_on_the_page),
		cmocka_unit_test(switches_turn_where_the_reference_says),
		cmocka_unit_test(releases_are_as_many_rows_as_the_page_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
