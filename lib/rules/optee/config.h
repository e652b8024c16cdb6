/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_CONFIG_H
#define MMP_OPTEE_CONFIG_H

/*
 * The configuration of OP-TEE for all releases: one struct, and one key table with
 * offsets into it (mmp_optee_keys, config.c). A new key is a member here and a row there.
 */

#include "model/platform.h"

enum optee_arch { OPTEE_ARM64, OPTEE_ARM32, OPTEE_ARCH_COUNT };

struct __attribute__((may_alias)) optee_config {
	unsigned arch; /* enum optee_arch */
	bool lpae;
	uint64_t va_bits, pa_bits;
	bool auto_max_pa_bits;
	uint64_t nb_core, num_threads, boot_core_pos;

	bool rwdata_noexec, pager, aslr, unmap_core_at_el0, ns_virtualization;
	bool dyn_config, kasan, sanitize_undefined, core_debug, bti, memtag;
	bool dyn_config_given; /* false: the rule set decides */
	bool map_ext_dt_secure, dyn_shm, secure_data_path, phys_relocatable;
	bool large_phys_addr, no_smp, hwsupp_mem_perm_pxn;
	uint64_t aslr_seed;

	struct mmp_range trusted_sram, trusted_dram, reserved_shm, sdp_test_mem;
	struct mmp_range ta_ram;
	struct {
		uint64_t start, ph_size, va_size;
		uint64_t load_addr;
		bool load_addr_given;
	} tee_ram;
	struct {
		struct mmp_range unpg_rx, unpg_ro, unpg_rw, nex_rw, free, asan_map;
		struct mmp_range init_rx, init_ro;
		struct {
			uint64_t start, end; /* end is exclusive */
			bool given;
		} identity_map;
	} layout;

	uint64_t reserved_vaspace_size, nex_dyn_vaspace_size, tee_dyn_vaspace_size;
	uint64_t mmap_regions;
	uint64_t max_xlat_tables; /* if max_xlat_tables_given */
	bool max_xlat_tables_given;
	uint64_t boot_mem_size; /* where boot_mem_size_given, else without limit */
	bool boot_mem_size_given;
	struct {
		uint64_t parange;
		bool bti, mte;
	} cpu;
};

/* The configuration of a platform with OP-TEE rules. */
static inline const struct optee_config *optee_config(const struct mmp_platform *platform)
{
	return (const struct optee_config *)(const void *)platform->config.bytes;
}

/* The same for a configuration without a platform. */
static inline const struct optee_config *optee_config_of(const struct mmp_config *config)
{
	return (const struct optee_config *)(const void *)config->bytes;
}

/* The same, for writing. */
static inline struct optee_config *optee_edit(struct mmp_config *config)
{
	return (struct optee_config *)(void *)config->bytes;
}

extern const struct mmp_config_key mmp_optee_keys[];

/*
 * Check what every release requires of a configuration: the boot core exists, and the
 * firmware's types can hold its addresses and sizes.
 */
int optee_config_check(const struct optee_config *config, struct mmp_error *err);

/* The hooks of struct mmp_rules that are the same in every release. */
struct mmp_widths optee_widths(const struct mmp_rules *rules,
			       const struct mmp_config *config);
unsigned optee_secure(const struct mmp_rules *rules, const struct mmp_config *config,
		      struct mmp_range ranges[MMP_SECURE_RANGES_MAX]);
uint64_t optee_own_bytes(const struct mmp_rules *rules, const struct mmp_config *config);
unsigned optee_va_bits(const struct mmp_rules *rules, const struct mmp_config *config);
void optee_set_seed(const struct mmp_rules *rules, struct mmp_config *config,
		    uint64_t seed);
/* mmp_rules.later: what the firmware changes itself after boot (later.c). */
const char *optee_later(const struct mmp_later_change *change);
bool optee_follow(const struct mmp_rules *rules, struct mmp_config *config,
		  const struct mmp_registration *from, uint64_t to);

#endif
