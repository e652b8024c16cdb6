/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rules/optee/import.h"

enum option_form {
	OPTION_FLAG,  /* y is true, and absent is false */
	OPTION_KEEP,  /* y is true, n is false, absent is the firmware's default */
	OPTION_COUNT, /* a number */
	OPTION_SIZE,  /* bytes */
	OPTION_SPACE, /* bytes of an address space; the key has its bits */
};

/* clang-format off */
/* Options that correspond to a config key. Older names of an option come after it. */
static const struct option_row {
	const char *option, *key;
	enum option_form form;
} options[] = {
	{ "CFG_WITH_LPAE",              "lpae",                  OPTION_FLAG },
	{ "CFG_LPAE_ADDR_SPACE_BITS",   "va_bits",               OPTION_COUNT },
	{ "CFG_LPAE_ADDR_SPACE_SIZE",   "va_bits",               OPTION_SPACE },
	{ "CFG_CORE_ARM64_PA_BITS",     "pa_bits",               OPTION_COUNT },
	{ "CFG_AUTO_MAX_PA_BITS",       "auto_max_pa_bits",      OPTION_FLAG },
	{ "CFG_TEE_CORE_NB_CORE",       "nb_core",               OPTION_COUNT },
	{ "CFG_NUM_THREADS",            "num_threads",           OPTION_COUNT },
	{ "CFG_CORE_RWDATA_NOEXEC",     "rwdata_noexec",         OPTION_FLAG },
	{ "CFG_WITH_PAGER",             "pager",                 OPTION_FLAG },
	{ "CFG_CORE_ASLR",              "aslr",                  OPTION_FLAG },
	{ "CFG_CORE_ASLR_SEED",         "aslr_seed",             OPTION_SIZE },
	{ "CFG_CORE_UNMAP_CORE_AT_EL0", "unmap_core_at_el0",     OPTION_FLAG },
	{ "CFG_NS_VIRTUALIZATION",      "ns_virtualization",     OPTION_FLAG },
	{ "CFG_VIRTUALIZATION",         "ns_virtualization",     OPTION_FLAG },
	{ "CFG_DYN_CONFIG",             "dyn_config",            OPTION_FLAG },
	{ "CFG_CORE_SANITIZE_KADDRESS", "kasan",                 OPTION_FLAG },
	{ "CFG_CORE_SANITIZE_UNDEFINED", "sanitize_undefined",   OPTION_FLAG },
	{ "CFG_TEE_CORE_DEBUG",         "core_debug",            OPTION_FLAG },
	{ "CFG_CORE_BTI",               "bti",                   OPTION_FLAG },
	{ "CFG_MEMTAG",                 "memtag",                OPTION_FLAG },
	{ "CFG_MAP_EXT_DT_SECURE",      "map_ext_dt_secure",     OPTION_FLAG },
	{ "CFG_CORE_DYN_SHM",           "dyn_shm",               OPTION_KEEP },
	{ "CFG_SECURE_DATA_PATH",       "secure_data_path",      OPTION_FLAG },
	{ "CFG_CORE_PHYS_RELOCATABLE",  "phys_relocatable",      OPTION_FLAG },
	{ "CFG_CORE_LARGE_PHYS_ADDR",   "large_phys_addr",       OPTION_FLAG },
	{ "CFG_NO_SMP",                 "no_smp",                OPTION_FLAG },
	{ "CFG_HWSUPP_MEM_PERM_PXN",    "hwsupp_mem_perm_pxn",   OPTION_KEEP },
	{ "CFG_RESERVED_VASPACE_SIZE",  "reserved_vaspace_size", OPTION_SIZE },
	{ "CFG_NEX_DYN_VASPACE_SIZE",   "nex_dyn_vaspace_size",  OPTION_SIZE },
	{ "CFG_TEE_DYN_VASPACE_SIZE",   "tee_dyn_vaspace_size",  OPTION_SIZE },
	{ "CFG_MMAP_REGIONS",           "mmap_regions",          OPTION_COUNT },
	{ NULL, NULL, 0 }
};

/* Options that change the map at boot but have no config key. */
static const struct {
	const char *option, *what;
} unkeyed[] = {
	{ "CFG_CORE_SEL2_SPMC", "the SPMC's manifest adds device ranges at boot" },
	{ "CFG_CORE_EL3_SPMC",  "the SPMC at EL3 says where the memory of OP-TEE is" },
	{ "CFG_CORE_PREALLOC_EL0_TBLS", "each thread takes its user mode tables at boot" },
	{ "CFG_TRANSFER_LIST", "the transfer list of the boot loader is mapped at boot" },
	{ "CFG_CORE_TPM_EVENT_LOG", "the TPM event log is mapped at boot" },
	{ "CFG_CORE_DYN_PROTMEM", "protected memory is lent by the normal world later" },
};
/* clang-format on */

/* The source of options: the build's settings, or macros of its debug information. */
struct build_options {
	struct mmp_evidence *evidence;
	struct mmp_origin origin;
	const struct mmp_settings *settings; /* one of the two */
	const struct mmp_linked_image *image;
};

/* The text of an option, or NULL if it is not set. */
static const char *option_text(struct build_options *o, const char *name)
{
	const struct mmp_setting *setting;
	struct mmp_macro macro;

	o->origin.what = name;
	o->origin.line = 0;
	if (o->settings) {
		setting = mmp_setting_find(o->settings, name);
		o->origin.line = setting ? setting->line : 0;
		return setting ? setting->value : NULL;
	}
	return o->image->macro(o->image, OPTEE_MAP_SOURCE, name, &macro) ? NULL
									 : macro.text;
}

/* As in a build's own files: y, or 1 in a macro. */
static bool is_on(struct build_options *o, const char *name)
{
	const char *text = option_text(o, name);

	return text && (strcmp(text, "y") == 0 || strcmp(text, "1") == 0);
}

static int find_option(void *owner, const char *name, struct mmp_macro *ret_macro)
{
	struct build_options *o = owner;
	struct build_options look = *o; /* a copy, so that its origin can change */
	const char *text;

	if (o->image)
		return o->image->macro(o->image, OPTEE_MAP_SOURCE, name, ret_macro);
	text = option_text(&look, name);
	*ret_macro = (struct mmp_macro){ NULL, text };
	return text ? 0 : -1;
}

/*
 * The value of an option; false if it has none, with a remark if it is set but not a
 * number.
 */
static bool option_number(struct build_options *o, const char *name, uint64_t *ret_value)
{
	const char *text = option_text(o, name);
	struct mmp_error err;

	if (!text || !*text || strcmp(text, "n") == 0)
		return false;
	if (!mmp_expression(text, find_option, o, ret_value, &err))
		return true;
	mmp_evidence_remark(o->evidence, "%s: %.200s; it is left out", name, err.text);
	return false;
}

static unsigned size_bits(uint64_t size)
{
	unsigned bits = 0;

	while (bits < 63 && UINT64_C(1) << bits < size)
		bits++;
	return size ? bits : 64; /* 2^64 itself is written as 0 */
}

static bool is_stated(const struct mmp_evidence *evidence, const char *key,
		      const struct mmp_origin *origin)
{
	for (size_t i = 0; i < evidence->fact_count; i++)
		if (strcmp(evidence->facts[i].key, key) == 0 &&
		    evidence->facts[i].origin.file == origin->file &&
		    evidence->facts[i].origin.rank == origin->rank)
			return true;
	return false;
}

static void import_option(struct build_options *o, const struct option_row *row)
{
	const char *text = option_text(o, row->option);
	uint64_t value;

	switch (row->form) {
	case OPTION_KEEP:
		if (!text && o->settings)
			break;
		mmp_evidence_flag(o->evidence, &o->origin, row->key,
				  is_on(o, row->option));
		break;
	case OPTION_FLAG:
		if (text || row[1].key == NULL || strcmp(row[1].key, row->key) != 0)
			mmp_evidence_flag(o->evidence, &o->origin, row->key,
					  is_on(o, row->option));
		break;
	case OPTION_COUNT:
		if (option_number(o, row->option, &value))
			mmp_evidence_count(o->evidence, &o->origin, row->key, value);
		break;
	case OPTION_SIZE:
		if (option_number(o, row->option, &value))
			mmp_evidence_hex(o->evidence, &o->origin, row->key, value);
		break;
	case OPTION_SPACE:
		if (option_number(o, row->option, &value))
			mmp_evidence_count(o->evidence, &o->origin, row->key,
					   size_bits(value));
		break;
	}
}

static void import_arch(struct build_options *o)
{
	bool wide = is_on(o, "CFG_ARM64_core");

	mmp_evidence_text(o->evidence, &o->origin, "arch", wide ? "arm64" : "arm32");
}

/*
 * The release from the options. Some releases did not increment them (import_release.c).
 */
static void import_revision(struct build_options *o)
{
	uint64_t major, minor;

	if (option_number(o, "CFG_OPTEE_REVISION_MAJOR", &major))
		mmp_evidence_count(o->evidence, &o->origin, ".major", major);
	if (option_number(o, "CFG_OPTEE_REVISION_MINOR", &minor))
		mmp_evidence_count(o->evidence, &o->origin, ".minor", minor);
}

/* --- memory, as generic_ram_layout.h derives it from the options --------------------- */

struct ram {
	uint64_t dram_base, dram_size, sram_base, sram_size, va_size;
	bool pager, sram;
};

static uint64_t pgdir_of(struct build_options *o)
{
	return is_on(o, "CFG_WITH_LPAE") ? 0x200000 : 0x100000;
}

static uint64_t rounded_up(uint64_t value, uint64_t size)
{
	return size ? (value + size - 1) / size * size : value;
}

/* With the pager and without SRAM on the board, part of the DRAM is used in its place. */
static void emulate_sram(struct build_options *o, struct ram *ram)
{
	uint64_t end = ram->dram_base + ram->dram_size;

	ram->sram = option_number(o, "CFG_CORE_TZSRAM_EMUL_SIZE", &ram->sram_size);
	if (!ram->sram)
		return;
	ram->sram_base = ram->dram_base;
	ram->dram_base = rounded_up(ram->sram_base + ram->sram_size, ram->va_size);
	ram->dram_size = end - ram->dram_base;
}

static bool read_ram(struct build_options *o, struct ram *ram)
{
	if (!option_number(o, "CFG_TZDRAM_START", &ram->dram_base) ||
	    !option_number(o, "CFG_TZDRAM_SIZE", &ram->dram_size))
		return false;
	ram->pager = is_on(o, "CFG_WITH_PAGER");
	ram->sram = ram->pager && option_number(o, "CFG_TZSRAM_START", &ram->sram_base) &&
		    option_number(o, "CFG_TZSRAM_SIZE", &ram->sram_size);
	if (!option_number(o, "CFG_TEE_RAM_VA_SIZE", &ram->va_size))
		ram->va_size = pgdir_of(o);
	if (ram->pager && !ram->sram)
		emulate_sram(o, ram);
	return true;
}

static void state_ram(struct build_options *o, const struct ram *ram)
{
	struct mmp_origin origin = o->origin;
	bool in_sram = ram->pager && ram->sram;

	origin.what = "CFG_TZDRAM_START, CFG_TZDRAM_SIZE";
	mmp_evidence_range(o->evidence, &origin, "trusted_dram", "base", ram->dram_base,
			   "size", ram->dram_size);
	if (ram->sram) {
		origin.what = "CFG_TZSRAM_START or CFG_CORE_TZSRAM_EMUL_SIZE";
		mmp_evidence_range(o->evidence, &origin, "trusted_sram", "base",
				   ram->sram_base, "size", ram->sram_size);
	}
	mmp_evidence_hex(o->evidence, &origin, "tee_ram.start",
			 in_sram ? ram->sram_base : ram->dram_base);
	origin.what = "CFG_TEE_RAM_VA_SIZE";
	mmp_evidence_hex(o->evidence, &origin, "tee_ram.va_size", ram->va_size);
	mmp_evidence_hex(o->evidence, &origin, "tee_ram.ph_size",
			 in_sram ? ram->sram_size : ram->va_size);
}

static void import_sdp_test(struct build_options *o)
{
	uint64_t base, size = 0x400000, start;

	if (!is_on(o, "CFG_SECURE_DATA_PATH") ||
	    option_number(o, "CFG_TEE_SDP_MEM_BASE", &base) ||
	    !option_number(o, "CFG_TZDRAM_START", &start) ||
	    !option_number(o, "CFG_TZDRAM_SIZE", &base))
		return;
	base += start;
	option_number(o, "CFG_TEE_SDP_MEM_SIZE", &size);
	mmp_evidence_range(o->evidence, &o->origin, "sdp_test_mem", "base", base - size,
			   "size", size);
}

static void import_memory(struct build_options *o)
{
	struct ram ram = { 0 };
	uint64_t start, size;
	const char *reserved = option_text(o, "CFG_CORE_RESERVED_SHM");

	if (read_ram(o, &ram))
		state_ram(o, &ram);
	if (option_number(o, "CFG_TEE_LOAD_ADDR", &start))
		mmp_evidence_hex(o->evidence, &o->origin, "tee_ram.load_addr", start);
	import_sdp_test(o);
	if (reserved && !is_on(o, "CFG_CORE_RESERVED_SHM"))
		mmp_evidence_null(o->evidence, &o->origin, "reserved_shm");
	else if (option_number(o, "CFG_SHMEM_START", &start) &&
		 option_number(o, "CFG_SHMEM_SIZE", &size))
		mmp_evidence_range(o->evidence, &o->origin, "reserved_shm", "start",
				   start, "size", size);
}

/* "vexpress" and "qemu_armv8a" */
static void import_name(struct build_options *o)
{
	const char *flavor = option_text(o, "PLATFORM_FLAVOR"), *platform;
	char name[128];

	platform = option_text(o, "PLATFORM");
	if (!platform)
		return;
	mmp_text_print(name, sizeof(name), "%.60s%s%.60s", platform, flavor ? "-" : "",
		       flavor ? flavor : "");
	mmp_evidence_text(o->evidence, &o->origin, ".name", name);
}

/* An embedded device tree may name DDR and SDP memory. The tree of the tests does not. */
static void remark_embedded_tree(struct build_options *o)
{
	const char *file = option_text(o, "CFG_EMBED_DTB_SOURCE_FILE");

	if (!is_on(o, "CFG_EMBED_DTB") || !file || strstr(file, "embedded_dtb_test"))
		return;
	mmp_evidence_remark(o->evidence,
			    "CFG_EMBED_DTB_SOURCE_FILE=%.100s has no config key: SDP "
			    "memory and DDR that this device tree names are not in the "
			    "layout",
			    file);
}

static void import_all(struct build_options *o)
{
	struct build_options look = *o;
	bool wide = is_on(&look, "CFG_ARM64_core");

	import_arch(o);
	for (const struct option_row *row = options; row->option; row++)
		/* An older name counts only if the newer one is not set. */
		if (!is_stated(o->evidence, row->key, &o->origin) &&
		    (wide || strcmp(row->key, "va_bits") != 0))
			import_option(o, row);
	import_revision(o);
	import_memory(o);
	import_name(o);
	remark_embedded_tree(o);
	for (size_t i = 0; i < sizeof(unkeyed) / sizeof(unkeyed[0]); i++)
		if (is_on(o, unkeyed[i].option))
			mmp_evidence_remark(o->evidence,
					    "%s=y has no config key: %s; the layout does "
					    "not include it",
					    unkeyed[i].option, unkeyed[i].what);
}

bool optee_owns_settings(const struct mmp_settings *settings)
{
	return mmp_setting_find(settings, "CFG_OPTEE_REVISION_MAJOR") ||
	       mmp_setting_find(settings, "CFG_TEE_CORE_NB_CORE") ||
	       mmp_setting_find(settings, "CFG_TZDRAM_START");
}

void optee_import_settings(struct mmp_evidence *evidence, struct mmp_origin origin,
			   const struct mmp_settings *settings)
{
	static const char marker[] = "# TEE version ";
	struct build_options o = { evidence, origin, settings, NULL };

	for (size_t i = 0; i < settings->comment_count; i++)
		if (strncmp(settings->comments[i], marker, strlen(marker)) == 0)
			mmp_evidence_release(evidence,
					     settings->comments[i] + strlen(marker));
	import_all(&o);
}

bool optee_import_macros(struct mmp_evidence *evidence, struct mmp_origin origin,
			 const struct mmp_linked_image *image)
{
	struct build_options o = { evidence, origin, NULL, image };

	if (!option_text(&o, "CFG_NUM_THREADS"))
		return false;
	import_all(&o);
	return true;
}
