/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/optee.h"

#include <string.h>

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

static const struct mmp_rules *const releases[] = {
	&mmp_optee_4_10,
	&mmp_optee_3_4,
	NULL,
};

/* Recordings name the release where it is not the newest. */
static const char *rules_of_version(const char *version)
{
	return version && !strcmp(version, "3.4.0") ? "optee-3.4" : "optee-4.10";
}

const struct mmp_firmware mmp_optee = {
	.name = "OP-TEE",
	.rules = releases,
	.vector_format = "optee-map-vector-1",
	.vector_version = "optee_version",
	.rules_of_version = rules_of_version,
	.granule_key = "region_size",
	.type_prefix = "MEM_AREA_",
};
