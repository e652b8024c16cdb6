/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/import.h"

#include <stdio.h>
#include <string.h>

/*
 * Conclusions from the rows of a boot once the release is known: registrations, ranges of
 * the link script, spaces, the seed.
 */
struct concluding {
	struct mmp_evidence *evidence;
	struct mmp_origin origin;
	unsigned version; /* 410 is 4.10 */
};

enum {
	HALF_OF_SPACE =
		317, /* from this release on the half of the space that the core is in
				decides on which side of it everything else goes */
	CORE_BY_CODE = 322,   /* ... the core adds its own ranges */
	DYNAMIC_TABLES = 406, /* ... and CFG_DYN_CONFIG is there */
};

/* The rank of values that are guessed from other ranges. */
static struct mmp_origin guessed(const struct concluding *c)
{
	struct mmp_origin origin = c->origin;

	origin.rank = MMP_RANK_DOCUMENT;
	return origin;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Whether the core itself adds the range, without a registration. */
static bool is_cores_own(const struct concluding *c, const struct mmp_boot_row *row)
{
	static const char *const types[] = {
		"MEM_AREA_TEE_RAM",        "MEM_AREA_INIT_RAM",     "MEM_AREA_NEX_RAM",
		"MEM_AREA_TEE_ASAN",       "MEM_AREA_TEE_COHERENT", "MEM_AREA_TA_RAM",
		"MEM_AREA_SEC_RAM_OVERALL"
	};

	if (c->version < CORE_BY_CODE)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (begins(row->type, types[i]))
			return true;
	return false;
}

/* clang-format off */
/* The firmware's names for the ranges of its link script when it adds them. */
static const struct {
	const char *name, *key;
} parts[] = {
	{ "VCORE_UNPG_RX_PA", "layout.unpg_rx" }, { "VCORE_UNPG_RO_PA", "layout.unpg_ro" },
	{ "VCORE_UNPG_RW_PA", "layout.unpg_rw" }, { "VCORE_NEX_RW_PA",  "layout.nex_rw" },
	{ "VCORE_FREE_PA",    "layout.free" },    { "VCORE_INIT_RX_PA", "layout.init_rx" },
	{ "VCORE_INIT_RO_PA", "layout.init_ro" },
};
/* clang-format on */

static void conclude_part(struct concluding *c, const struct mmp_boot_row *row)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char key[64];

		snprintf(key, sizeof(key), "%s.start", parts[i].key);
		if (strcmp(parts[i].name, row->name) == 0 &&
		    (!mmp_evidence_best(c->evidence, key) ||
		     mmp_evidence_best(c->evidence, key)->origin.rank < MMP_RANK_BOARD))
			mmp_evidence_range(c->evidence, &c->origin, parts[i].key, "start",
					   row->a, "size", row->b);
	}
	if (strcmp(row->name, "TA_RAM_START") == 0 && c->version < CORE_BY_CODE)
		mmp_evidence_range(c->evidence, &c->origin, "ta_ram", "start", row->a,
				   "size", row->b);
	if (begins(row->name, "VCORE_INIT_"))
		mmp_evidence_flag(c->evidence, &c->origin, "pager", row->b != 0);
	if (strcmp(row->type, "MEM_AREA_NSEC_SHM") == 0)
		mmp_evidence_range(c->evidence, &c->origin, "reserved_shm", "start",
				   row->a, "size", row->b);
	/* Only a build with a hypervisor distinguishes its own RAM from the guests'. */
	if (begins(row->type, "MEM_AREA_NEX_RAM"))
		mmp_evidence_flag(c->evidence, &c->origin, "ns_virtualization", true);
	if (strcmp(row->type, "MEM_AREA_TEE_RAM_RX") == 0)
		mmp_evidence_flag(c->evidence, &c->origin, "rwdata_noexec", true);
}

static void conclude_added(struct concluding *c, const struct mmp_boot_row *row)
{
	c->origin.what = row->name;
	conclude_part(c, row);
	if (!is_cores_own(c, row))
		mmp_evidence_claim(c->evidence, &c->origin, "phys_mem_map", row->type,
				   row->name, row->a, row->b);
}

static void conclude_space(struct concluding *c, const struct mmp_boot_row *row)
{
	static const char *const spaces[][2] = {
		{ "MEM_AREA_RES_VASPACE", "reserved_vaspace_size" },
		{ "MEM_AREA_NEX_DYN_VASPACE", "nex_dyn_vaspace_size" },
		{ "MEM_AREA_TEE_DYN_VASPACE", "tee_dyn_vaspace_size" },
	};

	c->origin.what = row->type;
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (strcmp(spaces[i][0], row->type) == 0)
			mmp_evidence_hex(c->evidence, &c->origin, spaces[i][1], row->b);
	if (strcmp(row->type, "MEM_AREA_TEE_DYN_VASPACE") == 0)
		mmp_evidence_flag(c->evidence, &c->origin, "dyn_config", true);
}

static void conclude_mapped(struct concluding *c, const struct mmp_boot_row *row)
{
	struct mmp_origin origin = guessed(c);

	origin.what = row->type;
	if (strcmp(row->type, "MEM_AREA_PAGER_VASPACE") == 0 &&
	    c->version >= CORE_BY_CODE) {
		c->origin.what = row->type;
		mmp_evidence_flag(c->evidence, &c->origin, "pager", true);
	}
	/* The log has whole pages; the image has the exact bytes. */
	if (strcmp(row->type, "MEM_AREA_IDENTITY_MAP_RX") == 0)
		mmp_evidence_range(c->evidence, &origin, "layout.identity_map", "start",
				   row->b, "end", row->b + row->c);
}

/*
 * A candidate is (first address + seed), and the offset of the one that was taken is its
 * distance from the first address. So the seed is known, as far as the width of virtual
 * addresses shows it.
 */
static void conclude_seed(struct concluding *c)
{
	const struct mmp_boot_row *first = NULL, *taken = NULL;
	uint64_t bits = mmp_evidence_value(c->evidence, "va_bits", 32);
	uint64_t mask = bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;

	for (size_t i = 0; i < c->evidence->boot_count; i++) {
		const struct mmp_boot_row *row = &c->evidence->boot[i];

		if (row->kind != MMP_BOOT_TRIED)
			continue;
		first = first ? first : row;
		taken = row->b ? row : taken;
	}
	if (!taken)
		return;
	c->origin.what = "Mapping core at";
	c->origin.line = taken->line;
	mmp_evidence_flag(c->evidence, &c->origin, "aslr", true);
	mmp_evidence_hex(c->evidence, &c->origin, "aslr_seed",
			 (first->a - (taken->a - taken->c)) & mask);
}

static void conclude_tables(struct concluding *c, const struct mmp_boot_row *row)
{
	c->origin.what = "xlat tables used";
	if (row->b)
		mmp_evidence_count(c->evidence, &c->origin, "max_xlat_tables", row->b);
	/* From this release on tables in boot memory are counted without a limit. */
	if (c->version >= DYNAMIC_TABLES)
		mmp_evidence_flag(c->evidence, &c->origin, "dyn_config", !row->b);
	mmp_evidence_flag(c->evidence, &c->origin, "lpae", row->d == 0);
	if (row->d)
		mmp_evidence_text(c->evidence, &c->origin, "arch", "arm32");
}

/* The extent of the core's ranges and of the rest of secure memory. */
struct spans {
	uint64_t start, end;           /* of all secure memory */
	uint64_t core_end;             /* of the core's own memory */
	uint64_t rest_start, rest_end; /* of the ranges that do not touch the core's */
};

static void span_row(const struct mmp_boot_row *row, struct spans *s)
{
	bool core = begins(row->type, "MEM_AREA_TEE_RAM") ||
		    begins(row->type, "MEM_AREA_INIT_RAM") ||
		    begins(row->type, "MEM_AREA_NEX_RAM");
	bool rest = strcmp(row->type, "MEM_AREA_TA_RAM") == 0 ||
		    strcmp(row->type, "MEM_AREA_SEC_RAM_OVERALL") == 0;
	uint64_t end = row->a + row->b;

	if (!row->b || (!core && !rest))
		return;
	s->start = row->a < s->start ? row->a : s->start;
	s->end = end > s->end ? end : s->end;
	if (core && end > s->core_end)
		s->core_end = end;
	if (rest && row->a >= s->core_end) {
		s->rest_start = row->a < s->rest_start ? row->a : s->rest_start;
		s->rest_end = end > s->rest_end ? end : s->rest_end;
	}
}

/* With the pager the core is in SRAM, or in DRAM that stands in for SRAM. */
static void guess_paged(struct concluding *c, const struct mmp_origin *origin,
			const struct spans *s)
{
	uint64_t init = mmp_evidence_value(c->evidence, "layout.init_rx.start", 0) +
			mmp_evidence_value(c->evidence, "layout.init_rx.size", 0);

	/*
	 * Empty constants are not added; they would be where the range before them ends.
	 */
	if (init && !mmp_evidence_best(c->evidence, "layout.init_ro.start"))
		mmp_evidence_range(c->evidence, origin, "layout.init_ro", "start", init,
				   "size", 0);
	mmp_evidence_range(c->evidence, origin, "trusted_sram", "base", s->start, "size",
			   s->core_end - s->start);
	mmp_evidence_range(c->evidence, origin, "trusted_dram", "base", s->rest_start,
			   "size", s->rest_end - s->rest_start);
	mmp_evidence_hex(c->evidence, origin, "tee_ram.va_size", 0x200000);
}

/*
 * A log does not say which memory is secure. The guess is that it begins with the core
 * and ends with the last range. It is used only if no other input says it.
 */
static void guess_memory(struct concluding *c)
{
	struct spans s = { .start = UINT64_MAX, .rest_start = UINT64_MAX };
	struct mmp_origin origin = guessed(c);

	for (size_t i = 0; i < c->evidence->boot_count; i++)
		if (c->evidence->boot[i].kind == MMP_BOOT_ADDED)
			span_row(&c->evidence->boot[i], &s);
	if (!s.core_end || mmp_evidence_best(c->evidence, "trusted_dram.base"))
		return;
	origin.what = "ranges of the core";
	if (mmp_evidence_value(c->evidence, "pager", 0) && s.rest_end) {
		guess_paged(c, &origin, &s);
	} else {
		mmp_evidence_range(c->evidence, &origin, "trusted_dram", "base", s.start,
				   "size", s.end - s.start);
		mmp_evidence_hex(c->evidence, &origin, "tee_ram.va_size",
				 s.core_end - s.start);
	}
	mmp_evidence_hex(c->evidence, &origin, "tee_ram.start", s.start);
	mmp_evidence_hex(c->evidence, &origin, "tee_ram.ph_size", s.core_end - s.start);
	mmp_evidence_remark(c->evidence,
			    "trusted_dram and tee_ram are put together from the ranges "
			    "that the log shows; conf.mk or tee.elf has them");
}

/*
 * With the core in the upper half of the address space, everything else is below it. So a
 * map that continues above the core was made in a wider space. Returns an address that
 * must be in the lower half, or 0.
 */
static uint64_t lower_half(const struct concluding *c)
{
	uint64_t core = UINT64_MAX, highest = 0;

	if (c->version < HALF_OF_SPACE)
		return 0;
	for (size_t i = 0; i < c->evidence->boot_count; i++) {
		const struct mmp_boot_row *row = &c->evidence->boot[i];

		if (row->kind != MMP_BOOT_MAPPED)
			continue;
		if (begins(row->type, "MEM_AREA_PAGER"))
			return 0; /* the pager's space can change the direction */
		if (begins(row->type, "MEM_AREA_TEE_RAM") && row->a < core)
			core = row->a;
		if (begins(row->type, "MEM_AREA_IO") && row->a > highest)
			highest = row->a;
	}
	return core > UINT64_C(1) << 31 && core < highest ? core : 0;
}

/* Guess the width of virtual addresses, which is at least what the map shows. */
static void guess_width(struct concluding *c)
{
	static const unsigned widths[] = { 32, 36, 39, 40, 42, 44, 48 };
	struct mmp_origin origin = guessed(c);
	uint64_t highest = 2 * lower_half(c);
	size_t i = 0;

	for (size_t n = 0; n < c->evidence->boot_count; n++) {
		const struct mmp_boot_row *row = &c->evidence->boot[n];

		if (row->kind == MMP_BOOT_MAPPED && row->a > highest)
			highest = row->a;
		if (row->kind == MMP_BOOT_TRIED && row->a > highest)
			highest = row->a;
	}
	while (i + 1 < sizeof(widths) / sizeof(widths[0]) && highest >> widths[i])
		i++;
	if (!highest || widths[i] == 32 || mmp_evidence_best(c->evidence, "va_bits"))
		return;
	origin.what = "the addresses of the map";
	mmp_evidence_count(c->evidence, &origin, "va_bits", widths[i]);
	mmp_evidence_remark(
		c->evidence,
		"va_bits %u is the narrowest space that the map shown would be made in; "
		"conf.mk (CFG_LPAE_ADDR_SPACE_BITS) has the real value",
		widths[i]);
}

static void conclude_row(struct concluding *c, const struct mmp_boot_row *row)
{
	c->origin.file = row->file;
	c->origin.line = row->line;
	switch (row->kind) {
	case MMP_BOOT_ADDED:
		conclude_added(c, row);
		break;
	case MMP_BOOT_SPACE:
		conclude_space(c, row);
		break;
	case MMP_BOOT_MAPPED:
		conclude_mapped(c, row);
		break;
	case MMP_BOOT_TABLES:
		if (row->a == 1)
			conclude_tables(c, row);
		break;
	case MMP_BOOT_DDR:
		c->origin.what = NULL;
		mmp_evidence_dram(c->evidence, &c->origin, row->a, row->b,
				  "DDR of the normal world, as the log has it");
		break;
	case MMP_BOOT_STOP:
		mmp_evidence_remark(c->evidence,
				    "line %u of the log: the board stops: %s", row->line,
				    row->name);
		break;
	case MMP_BOOT_MERGE:
	case MMP_BOOT_TRIED:
	case MMP_BOOT_SPECIAL:
	case MMP_BOOT_KIND_COUNT:
		break;
	}
}

/*
 * Up to 3.21 the core's TA_RAM is registered. The config has it again, as it is carved
 * out of DDR.
 */
static void conclude_ta_ram(struct concluding *c)
{
	if (c->version >= CORE_BY_CODE || mmp_evidence_best(c->evidence, "ta_ram.start"))
		return;
	for (size_t i = 0; i < c->evidence->claim_count; i++) {
		const struct mmp_claim *claim = &c->evidence->claims[i];

		if (strcmp(claim->type, "MEM_AREA_TA_RAM") == 0) {
			mmp_evidence_range(c->evidence, &claim->origin, "ta_ram", "start",
					   claim->addr, "size", claim->size);
			return;
		}
	}
}

static void conclude(struct mmp_evidence *evidence, const struct mmp_rules *rules)
{
	unsigned commits;
	struct concluding c = { .evidence = evidence,
				.origin = { .rank = MMP_RANK_BOARD },
				.version = optee_version_of(rules, &commits) };

	c.version = (unsigned)mmp_evidence_value(evidence, ".version", c.version);
	guess_width(&c);
	for (size_t i = 0; i < evidence->boot_count; i++)
		conclude_row(&c, &evidence->boot[i]);
	conclude_seed(&c);
	guess_memory(&c);
	conclude_ta_ram(&c);
}

static const char *const reserved_names[] = { "optee", "op-tee", "op_tee", "tee", NULL };

const struct mmp_importer optee_importer = {
	.reserved_names = reserved_names,
	.owns_settings = optee_owns_settings,
	.owns_image = optee_owns_image,
	.owns_log = optee_owns_log,
	.settings = optee_import_settings,
	.image = optee_import_image,
	.log = optee_import_log,
	.tree = optee_import_tree,
	.choose = optee_choose_release,
	.conclude = conclude,
};
