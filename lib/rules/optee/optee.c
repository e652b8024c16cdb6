/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/optee.h"

#include <string.h>

#include "rules/optee/import.h"

/* clang-format off */
const struct mmp_section mmp_optee_sections[OPTEE_SECTION_COUNT] = {
	[OPTEE_SECTION_PHYS_MEM_MAP] = { "phys_mem_map", "register_phys_mem() and its _ul and pgdir forms", true, true, 0, NULL },
	[OPTEE_SECTION_SDP_MEM]      = { "sdp_mem",      "register_sdp_mem()", false, true, 0, "secure_data_path" },
	[OPTEE_SECTION_NSEC_DDR]     = { "nsec_ddr",     "register_dynamic_shm(), deprecated in 4.x", false, false, 0, NULL },
	[OPTEE_SECTION_DDR_OVERALL]  = { "ddr_overall",  "register_ddr()", false, false, 0, "dyn_shm" },
};

/* struct core_mmu_phys_mem */
const struct mmp_registration_key mmp_optee_registration_keys[] = {
	{ "section", MMP_PART_SECTION, true,  0, "the linker section that it is registered in" },
	{ "type",    MMP_PART_TYPE,    true,  0, "memory type, such as MEM_AREA_IO_SEC" },
	{ "name",    MMP_PART_NAME,    true,  0, "any text; may be empty and may repeat" },
	{ "addr",    MMP_PART_ADDR,    true,  0, "physical address" },
	{ "size",    MMP_PART_SIZE,    true,  0, "bytes" },
	{ "origin",  MMP_PART_ORIGIN,  false, 0, "the file it comes from" },
	{ 0 },
};
/* clang-format on */

MMP_REGISTRATION_KEYS_FIT(mmp_optee_registration_keys);

/* Newest first. */
#define RELEASE(v) [OPTEE_NEWEST - (v)] = &optee_rules[v],

static const struct mmp_rules *const releases[OPTEE_VERSION_COUNT + 1] = {
	OPTEE_EACH_VERSION(RELEASE)
};

/* Recordings name the release ("3.12.0") unless it is the newest. */
static const char *rules_of_version(const char *version)
{
	for (const struct mmp_rules *const *r = releases; version && *r; r++) {
		const char *name = strchr((*r)->name, '-') + 1;
		size_t length = strlen(name);

		if (!strncmp(version, name, length) && !strcmp(version + length, ".0"))
			return (*r)->name;
	}
	return version ? NULL : releases[0]->name;
}

static const char example[] =
	"{\n"
	"  \"format\": \"mmp-platform-1\", \"name\": \"board\", \"rules\": "
	"\"optee-4.10\",\n"
	"  \"config\": {\n"
	"    \"trusted_dram\": { \"base\": \"0xe100000\", \"size\": \"15M\" },\n"
	"    \"tee_ram\": { \"start\": \"0xe100000\", \"ph_size\": \"2M\", \"va_size\": "
	"\"2M\" },\n"
	"    \"layout\": {\n"
	"      \"unpg_rx\": { \"start\": \"0xe100000\", \"size\": \"0x8d000\" },\n"
	"      \"unpg_rw\": { \"start\": \"0xe18d000\", \"size\": \"0x52000\" },\n"
	"      \"free\": { \"start\": \"0xe1df000\", \"size\": \"0x121000\" }\n"
	"    }\n"
	"  },\n"
	"  \"registrations\": [\n"
	"    { \"section\": \"phys_mem_map\", \"type\": \"MEM_AREA_IO_SEC\", \"name\": "
	"\"UART\",\n"
	"      \"addr\": \"0x9000000\", \"size\": \"4K\" }\n"
	"  ]\n"
	"}\n";

const struct mmp_firmware mmp_optee = {
	.name = "OP-TEE",
	.rules = releases,
	.vector_format = "optee-map-vector-1",
	.vector_version = "optee_version",
	.rules_of_version = rules_of_version,
	.granule_key = "region_size",
	.rounds_with = "register_phys_mem_pgdir()",
	.type_prefix = "MEM_AREA_",
	.example = example,
	.importer = &optee_importer,
};
