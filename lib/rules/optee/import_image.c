/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/page.h"
#include "rules/optee/import.h"

enum { TEXT_SIZE = 256 };

struct image_reading {
	struct mmp_evidence *evidence;
	struct mmp_origin origin;
	const struct mmp_linked_image *image;
};

static bool symbol_value(struct image_reading *r, const char *name, uint64_t *ret_value)
{
	const struct mmp_symbol *symbol = mmp_image_symbol(r->image, name);

	if (!symbol)
		return false;
	r->origin.what = symbol->name;
	*ret_value = symbol->value;
	return true;
}

static uint64_t size_of(struct image_reading *r, const char *name)
{
	const struct mmp_symbol *symbol = mmp_image_symbol(r->image, name);

	if (symbol)
		r->origin.what = symbol->name;
	return symbol ? symbol->size : 0;
}

/* --- the link script ---------------------------------------------------------------- */

static void import_range(struct image_reading *r, const char *part)
{
	bool map = strcmp(part, "asan_map") == 0;
	char name[96], key[64];
	uint64_t start, size;

	snprintf(name, sizeof(name), map ? "__%s_size" : "__vcore_%s_size", part);
	/* The start of an empty range of constants is the end of the range before it. */
	if (!symbol_value(r, name, &size) || (!size && !strstr(part, "_ro")))
		return;
	snprintf(name, sizeof(name), map ? "__%s_start" : "__vcore_%s_start", part);
	snprintf(key, sizeof(key), "layout.%s", part);
	if (symbol_value(r, name, &start) && start)
		mmp_evidence_range(r->evidence, &r->origin, key, "start", start, "size",
				   size);
}

static void import_layout(struct image_reading *r)
{
	static const char *const parts[] = {
		"unpg_rx", "unpg_ro", "unpg_rw", "nex_rw",
		"free",    "init_rx", "init_ro", "asan_map"
	};
	uint64_t start, end;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		import_range(r, parts[i]);
	if (symbol_value(r, "__identity_map_init_end", &end) &&
	    symbol_value(r, "__identity_map_init_start", &start))
		mmp_evidence_range(r->evidence, &r->origin, "layout.identity_map",
				   "start", start, "end", end);
	if (symbol_value(r, "__text_start", &start))
		mmp_evidence_hex(r->evidence, &r->origin, "tee_ram.load_addr", start);
}

/* --- arrays of (address, size) ------------------------------------------------------- */

struct symbol_pair {
	uint64_t base, size;
};

/* A pair takes 8 bytes with 32-bit addresses and 16 bytes with 64-bit ones. */
static size_t read_pairs(struct image_reading *r, const char *name,
			 struct symbol_pair *pairs, size_t max)
{
	const struct mmp_symbol *symbol = mmp_image_symbol(r->image, name);
	bool large = r->image->bits == 64 ||
		     mmp_evidence_value(r->evidence, "large_phys_addr", 0);
	unsigned word = large ? 8 : 4, step = 2 * word;
	size_t count = symbol ? symbol->size / step : 0;

	if (count > max)
		count = max;
	for (size_t i = 0; i < count; i++)
		if (mmp_image_number(r->image, symbol->value + i * step, word,
				     &pairs[i].base) ||
		    mmp_image_number(r->image, symbol->value + i * step + word,
				     r->image->bits / 8, &pairs[i].size))
			return 0;
	if (count)
		r->origin.what = symbol->name;
	return count;
}

/* clang splits an array of one pair into two variables, "secure_only.0" and ".1". */
static size_t read_split_pair(struct image_reading *r, const char *name,
			      struct symbol_pair *pairs)
{
	char part[64];
	const struct mmp_symbol *base, *size;

	snprintf(part, sizeof(part), "%s.0", name);
	base = mmp_image_symbol(r->image, part);
	snprintf(part, sizeof(part), "%s.1", name);
	size = mmp_image_symbol(r->image, part);
	if (!base || !size || base->size > 8 || size->size > 8 ||
	    mmp_image_number(r->image, base->value, (unsigned)base->size, &pairs->base) ||
	    mmp_image_number(r->image, size->value, (unsigned)size->size, &pairs->size))
		return 0;
	r->origin.what = base->name;
	return 1;
}

static void import_secure(struct image_reading *r)
{
	struct symbol_pair pairs[2];
	size_t count = read_pairs(r, "secure_only", pairs, 2);

	if (!count)
		count = read_split_pair(r, "secure_only", pairs);
	/* A relocatable core has zeros there until boot. */
	if (!count || !pairs[count - 1].size)
		return;
	if (count == 2)
		mmp_evidence_range(r->evidence, &r->origin, "trusted_sram", "base",
				   pairs[0].base, "size", pairs[0].size);
	mmp_evidence_range(r->evidence, &r->origin, "trusted_dram", "base",
			   pairs[count - 1].base, "size", pairs[count - 1].size);
}

static void import_shared(struct image_reading *r)
{
	struct symbol_pair pairs[1];

	if (read_pairs(r, "nsec_shared", pairs, 1) && pairs[0].size)
		mmp_evidence_range(r->evidence, &r->origin, "reserved_shm", "start",
				   pairs[0].base, "size", pairs[0].size);
}

/* --- the core's own memory ----------------------------------------------------------- */

static int find_macro(void *owner, const char *name, struct mmp_macro *ret_macro)
{
	struct image_reading *r = owner;

	return r->image->macro(r->image, OPTEE_MAP_SOURCE, name, ret_macro);
}

static bool macro_of(struct image_reading *r, const char *name, uint64_t *ret_value)
{
	struct mmp_macro macro;
	struct mmp_error err;

	if (find_macro(r, name, &macro) || macro.parameters ||
	    mmp_expression(macro.text, find_macro, r, ret_value, &err))
		return false;
	r->origin.what = name;
	return true;
}

static void import_macro_range(struct image_reading *r, const char *object,
			       const char *first, const char *base_name,
			       const char *size_name)
{
	uint64_t base, size;

	if (macro_of(r, size_name, &size) && macro_of(r, base_name, &base) && size)
		mmp_evidence_range(r->evidence, &r->origin, object, first, base, "size",
				   size);
}

static void import_ram_macros(struct image_reading *r)
{
	static const char *const names[][2] = {
		{ "TEE_RAM_START", "tee_ram.start" },
		{ "TEE_RAM_PH_SIZE", "tee_ram.ph_size" },
		{ "TEE_RAM_VA_SIZE", "tee_ram.va_size" },
	};
	uint64_t value;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (macro_of(r, names[i][0], &value))
			mmp_evidence_hex(r->evidence, &r->origin, names[i][1], value);
	import_macro_range(r, "trusted_dram", "base", "TRUSTED_DRAM_BASE",
			   "TRUSTED_DRAM_SIZE");
	import_macro_range(r, "trusted_sram", "base", "TRUSTED_SRAM_BASE",
			   "TRUSTED_SRAM_SIZE");
	import_macro_range(r, "ta_ram", "start", "TA_RAM_START", "TA_RAM_SIZE");
	import_macro_range(r, "sdp_test_mem", "base", "TEE_SDP_TEST_MEM_BASE",
			   "TEE_SDP_TEST_MEM_SIZE");
}

/*
 * Without macros, the end of the core's memory is a symbol, and its size is an option or
 * one page directory. If that is inconsistent, it begins with the secure range that
 * contains the core.
 */
static void derive_ram(struct image_reading *r)
{
	uint64_t end, size = mmp_evidence_value(r->evidence, "tee_ram.va_size", 0), load;
	uint64_t base = mmp_evidence_value(r->evidence, "trusted_dram.base", 0);
	const char *end_name = "__vcore_free_end";

	if (mmp_evidence_value(r->evidence, "pager", 0))
		return;
	if (!symbol_value(r, end_name, &end) && !symbol_value(r, "_end_of_ram", &end))
		return;
	end_name = r->origin.what;
	if (!symbol_value(r, "__text_start", &load))
		return;
	r->origin.what = end_name;
	if (!size || size > end || end - size > load ||
	    (base <= load && end - size < base)) {
		if (base > load || !base)
			base = mmp_page_down(load);
		size = end - base;
	}
	mmp_evidence_hex(r->evidence, &r->origin, "tee_ram.start", end - size);
	mmp_evidence_hex(r->evidence, &r->origin, "tee_ram.va_size", size);
	mmp_evidence_hex(r->evidence, &r->origin, "tee_ram.ph_size", size);
}

/* Static tables are an array: 4 KiB each with LPAE, 1 KiB with short descriptors. */
static void import_tables(struct image_reading *r)
{
	uint64_t size = size_of(r, "xlat_tables");

	if (mmp_evidence_value(r->evidence, "dyn_config", 0))
		return;
	if (size)
		mmp_evidence_count(r->evidence, &r->origin, "max_xlat_tables",
				   size / MMP_PAGE);
	else if ((size = size_of(r, "main_mmu_l2_ttb")))
		mmp_evidence_count(r->evidence, &r->origin, "max_xlat_tables",
				   size / 1024);
}

/* --- without the build's configuration ------------------------------------------------ */

/* Switches that are visible in the image, for users without conf.mk. */
static void infer_switches(struct image_reading *r)
{
	uint64_t size;

	if (mmp_evidence_best(r->evidence, "pager"))
		return;
	if (symbol_value(r, "__vcore_unpg_rw_size", &size) && size)
		mmp_evidence_flag(r->evidence, &r->origin, "rwdata_noexec", true);
	mmp_evidence_flag(r->evidence, &r->origin, "pager",
			  symbol_value(r, "__vcore_init_rx_size", &size) && size);
	if (r->image->bits == 32 && mmp_image_symbol(r->image, "main_mmu_l2_ttb"))
		mmp_evidence_flag(r->evidence, &r->origin, "lpae", false);
	if (r->image->bits == 64)
		mmp_evidence_flag(r->evidence, &r->origin, "lpae", true);
	mmp_evidence_remark(r->evidence,
			    "no configuration of the build was given, and the image has "
			    "no macros that say it: most switches have their defaults; "
			    "add its conf.mk");
}

/* --- the release --------------------------------------------------------------------- */

static void import_version(struct image_reading *r)
{
	const struct mmp_symbol *symbol = mmp_image_symbol(r->image, "core_v_str");
	static const char *const functions[] = { "init_mem_map", "core_init_mmu_map" };
	char text[TEXT_SIZE], key[64];

	if (symbol && !mmp_image_string(r->image, symbol->value, text, sizeof(text))) {
		text[strcspn(text, " ")] = '\0';
		mmp_evidence_release(r->evidence, text);
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		unsigned line =
			r->image->declared(r->image, OPTEE_MAP_SOURCE, functions[i]);

		r->origin.what = functions[i];
		snprintf(key, sizeof(key), ".declared.%s", functions[i]);
		if (line)
			mmp_evidence_count(r->evidence, &r->origin, key, line);
	}
}

/*
 * A build links several times. Before the last time, the link script's symbols are
 * dummies: a start and a size have the same address.
 */
bool optee_owns_image(const struct mmp_linked_image *image)
{
	static const char words[] = "Physical mem map overlaps";
	const struct mmp_symbol *start = mmp_image_symbol(image, "__vcore_unpg_rx_start");
	const struct mmp_symbol *size = mmp_image_symbol(image, "__vcore_unpg_rx_size");

	if (!image->stripped)
		return start && size && start->value != size->value;
	return image->search(image, words, strlen(words)) ||
	       image->search(image, "TEE_RAM_RWX", sizeof("TEE_RAM_RWX"));
}

void optee_import_image(struct mmp_evidence *evidence, struct mmp_origin origin,
			const struct mmp_linked_image *image)
{
	struct image_reading r = { evidence, origin, image };

	mmp_evidence_text(evidence, &origin, "arch",
			  image->bits == 64 ? "arm64" : "arm32");
	if (image->stripped) {
		evidence->needs =
			"a boot log, or the core/tee.elf of the build: this image "
			"is stripped";
		mmp_evidence_hex(evidence, &origin, "tee_ram.load_addr", image->entry);
		mmp_evidence_remark(
			evidence,
			"the image is stripped: it only has the load address; pass the "
			"tee.elf that the build made (core/tee.elf), not a copy that was "
			"stripped, or a boot log of level 3 or 4");
		return;
	}
	import_version(&r);
	if (!optee_import_macros(evidence, origin, image))
		infer_switches(&r);
	import_layout(&r);
	import_secure(&r);
	import_shared(&r);
	import_ram_macros(&r);
	if (!mmp_evidence_best(evidence, "tee_ram.start") ||
	    mmp_evidence_best(evidence, "tee_ram.start")->origin.rank < MMP_RANK_IMAGE)
		derive_ram(&r);
	import_tables(&r);
	optee_import_registrations(evidence, origin, image);
}
