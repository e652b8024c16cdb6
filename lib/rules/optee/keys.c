/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "rules/optee/pipeline.h"

/* Which releases have which configuration key. Keys of all releases are not listed. */

/* clang-format off */
static const struct {
	const char *key;
	enum optee_version from;
	enum mmp_key_use before; /* how earlier releases use it */
} rows[] = {
	{ "reserved_vaspace_size", V3_1,      MMP_KEY_IGNORED },
	{ "ns_virtualization",     V3_5,      MMP_KEY_OFF },
	{ "layout.nex_rw",         V3_5,      MMP_KEY_IGNORED },
	{ "aslr",                  V3_8,      MMP_KEY_OFF },
	{ "aslr_seed",             V3_8,      MMP_KEY_IGNORED },
	{ "pa_bits",               V3_8,      MMP_KEY_IGNORED },
	{ "layout.identity_map",   V3_8,      MMP_KEY_IGNORED },
	{ "bti",                   V3_16,     MMP_KEY_OFF },
	{ "cpu",                   V3_16,     MMP_KEY_IGNORED },
	{ "map_ext_dt_secure",     V3_17,     MMP_KEY_IGNORED },
	{ "memtag",                V3_18,     MMP_KEY_OFF },
	{ "phys_relocatable",      V3_22,     MMP_KEY_IGNORED },
	{ "auto_max_pa_bits",      V4_1,      MMP_KEY_IGNORED },
	{ "layout.free",           V4_5,      MMP_KEY_IGNORED },
	{ "boot_mem_size",         V4_5,      MMP_KEY_IGNORED },
	{ "dyn_config",            V4_6,      MMP_KEY_OFF },
	{ "nex_dyn_vaspace_size",  V4_6,      MMP_KEY_IGNORED },
	{ "tee_dyn_vaspace_size",  V4_6,      MMP_KEY_IGNORED },
	{ "sanitize_undefined",    V4_10_257, MMP_KEY_IGNORED },
};
/* clang-format on */

enum mmp_key_use optee_key_use(const struct mmp_rules *rules,
			       const struct mmp_config_key *key)
{
	if (optee_release_of(rules)->version == OPTEE_VERSION_COUNT - 1)
		return MMP_KEY_USED; /* the newest release has all keys */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].key, key->name))
			return optee_release_of(rules)->version < rows[i].from
				       ? rows[i].before
				       : MMP_KEY_USED;
	return MMP_KEY_USED;
}
