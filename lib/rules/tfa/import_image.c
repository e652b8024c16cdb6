/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/page.h"
#include "rules/tfa/import.h"

/* Attribute words that setup_page_tables() uses for the image's own ranges. */
enum { CODE = 0x02, RO_DATA = 0x42, RW_DATA = 0x0a, DEVICE = 0x08, REGIONS_MAX = 256 };

struct tfa_image_reading {
	struct mmp_evidence *evidence;
	struct mmp_origin origin;
	const struct mmp_linked_image *image;
};

static const struct mmp_symbol *find_symbol(struct tfa_image_reading *r, const char *name)
{
	const struct mmp_symbol *symbol = mmp_image_symbol(r->image, name);

	if (symbol)
		r->origin.what = symbol->name;
	return symbol;
}

static uint64_t symbol_value(struct tfa_image_reading *r, const char *name)
{
	const struct mmp_symbol *symbol = find_symbol(r, name);

	return symbol ? symbol->value : 0;
}

/*
 * The size of mmap_region_t: PA 8 bytes, VA and size a word each, attr 4, granularity a
 * word.
 */
static uint64_t record_size(const struct tfa_image_reading *r)
{
	return r->image->bits == 64 ? 40 : 24;
}

static void import_tables(struct tfa_image_reading *r)
{
	const struct mmp_symbol *symbol;
	uint64_t last;

	if ((symbol = find_symbol(r, "tf_xlat_tables"))) {
		mmp_evidence_count(r->evidence, &r->origin, "max_xlat_tables",
				   symbol->size / MMP_PAGE);
		mmp_evidence_hex(r->evidence, &r->origin, "xlat_tables", symbol->value);
	}
	if ((symbol = find_symbol(r, "tf_base_xlat_table")))
		mmp_evidence_hex(r->evidence, &r->origin, "base_table", symbol->value);
	if ((symbol = find_symbol(r, "tf_mmap")) && symbol->size >= record_size(r))
		mmp_evidence_count(r->evidence, &r->origin, "max_mmap_regions",
				   symbol->size / record_size(r) - 1);
	r->origin.what = "tf_mapped_regions";
	mmp_evidence_flag(r->evidence, &r->origin, "dynamic",
			  mmp_image_symbol(r->image, "tf_mapped_regions") != NULL);
	if (!(symbol = find_symbol(r, "tf_xlat_ctx")))
		return;
	if (!mmp_image_number(r->image, symbol->value, 8, &last))
		mmp_evidence_hex(r->evidence, &r->origin, "pa_space", last + 1);
	if (!mmp_image_number(r->image, symbol->value + 8, r->image->bits / 8, &last))
		mmp_evidence_hex(r->evidence, &r->origin, "va_space", last + 1);
}

/* BL1 and BL31 run at EL3; BL2 at EL1 unless it is built for EL3; AArch32 at PL1. */
static void import_regime(struct tfa_image_reading *r)
{
	const char *regime = "el3", *name = NULL;

	if (find_symbol(r, "bl31_main"))
		name = "bl31";
	else if (find_symbol(r, "bl1_main"))
		name = "bl1";
	else if (find_symbol(r, "sp_min_main"))
		name = "sp_min";
	else if (find_symbol(r, "bl2_main"))
		name = "bl2";
	if (r->image->bits == 32 || (name && strcmp(name, "bl2") == 0 &&
				     !mmp_image_symbol(r->image, "bl2_el3_setup") &&
				     !mmp_image_symbol(r->image, "bl2_run_next_image")))
		regime = "el1";
	mmp_evidence_text(r->evidence, &r->origin, "regime", regime);
	mmp_evidence_text(r->evidence, &r->origin, "arch",
			  r->image->bits == 64 ? "arm64" : "arm32");
	if (name)
		mmp_evidence_text(r->evidence, &r->origin, ".name", name);
}

static void import_own(struct tfa_image_reading *r, const char *name, const char *start,
		       const char *end, uint32_t attr)
{
	uint64_t from = symbol_value(r, start), to = symbol_value(r, end);

	to = mmp_page_up(to); /* BL1's constants end within a page */
	if (from && to > from)
		tfa_import_region(r->evidence, &r->origin, name, from, from, to - from,
				  attr, 0x40000000);
}

/* Add the image's own ranges, as most platforms map them. */
static void import_ranges(struct tfa_image_reading *r)
{
	static const char *const ends[] = { "__BL31_END__", "__BL2_END__",
					    "__BL1_RAM_END__", "__BL32_END__" };
	const char *start =
		mmp_image_symbol(r->image, "__BL1_RAM_START__") ? "__BL1_RAM_START__"
		: mmp_image_symbol(r->image, "__TEXT_START__")  ? "__TEXT_START__"
								: "__RO_START__";

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (mmp_image_symbol(r->image, ends[i]))
			import_own(r, "BL_TOTAL", start, ends[i], RW_DATA);
	if (mmp_image_symbol(r->image, "__TEXT_START__")) {
		import_own(r, "BL_CODE", "__TEXT_START__", "__TEXT_END__", CODE);
		import_own(r, "BL_RO_DATA", "__RODATA_START__", "__RODATA_END__",
			   RO_DATA);
	} else {
		import_own(r, "BL_CODE", "__RO_START__", "__RO_END__", CODE);
	}
	import_own(r, "BL_COHERENT_RAM", "__COHERENT_RAM_START__", "__COHERENT_RAM_END__",
		   DEVICE);
}

static int read_record(const struct tfa_image_reading *r, uint64_t at, uint64_t values[5])
{
	unsigned word = r->image->bits / 8;
	const uint64_t places[5] = { 0, 8, 8 + word, 8 + 2 * word,
				     8 + 2 * word + (word == 8 ? 8 : 4) };
	const unsigned sizes[5] = { 8, word, word, 4, word };

	for (unsigned i = 0; i < 5; i++)
		if (mmp_image_number(r->image, at + places[i], sizes[i], &values[i]))
			return -1;
	return 0;
}

/*
 * Read a list such as "plat_qemu_mmap" or "imx_mmap": constants that end with a record of
 * zeros.
 */
static void import_list(struct tfa_image_reading *r, const struct mmp_symbol *symbol)
{
	uint64_t size = record_size(r), count = symbol->size / size, values[5];

	if (!count || symbol->size % size || count > REGIONS_MAX ||
	    read_record(r, symbol->value + (count - 1) * size, values) || values[2])
		return;
	r->origin.what = symbol->name;
	for (uint64_t i = 0; i + 1 < count; i++)
		if (!read_record(r, symbol->value + i * size, values) && values[2])
			tfa_import_region(r->evidence, &r->origin, "", values[0],
					  values[1], values[2], (uint32_t)values[3],
					  values[4]);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), part = strlen(end);

	return length >= part && strcmp(text + length - part, end) == 0;
}

bool tfa_owns_image(const struct mmp_linked_image *image)
{
	return mmp_image_symbol(image, "tf_xlat_ctx") ||
	       mmp_image_symbol(image, "tf_xlat_tables") ||
	       (image->stripped && image->search(image, "mmap_add_region_check", 21));
}

void tfa_import_image(struct mmp_evidence *evidence, struct mmp_origin origin,
		      const struct mmp_linked_image *image)
{
	struct tfa_image_reading r = { evidence, origin, image };

	if (image->stripped) {
		evidence->needs = "the .elf that the build made: this image is stripped, "
				  "and its regions are found by their symbols";
		return;
	}
	import_regime(&r);
	import_tables(&r);
	import_ranges(&r);
	for (size_t i = 0; i < image->symbol_count; i++)
		if (ends_with(image->symbols[i].name, "_mmap") &&
		    strcmp(image->symbols[i].name, "tf_mmap") != 0)
			import_list(&r, &image->symbols[i]);
	r.origin.what = "init_xlat_tables";
	tfa_import_init(evidence, &r.origin);
	mmp_evidence_remark(evidence,
			    "regions that code adds (mmap_add_region) have no record in "
			    "the image; a log with LOG_DEBUG shows them");
}
