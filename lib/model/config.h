/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CONFIG_H
#define MMP_CONFIG_H

/*
 * What a platform's firmware was configured with: the `config` of a platform
 * document. One table names each key, its type, unit, default, the firmware's own
 * option and a line of help; the parser, the writer, `mmpctl config keys`, the man
 * page and every error message read that table.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mmp_arch { MMP_ARM64, MMP_ARM32, MMP_ARCH_COUNT };

extern const char *const mmp_arch_names[MMP_ARCH_COUNT];

/* A range of a configuration, raw: it may be empty, and it may wrap. */
struct mmp_range {
	uint64_t base, size; /* bytes */
	bool given;          /* false: the key is null or absent */
};

#define MMP_CONFIG_KEYS_MAX 128

struct mmp_config {
	enum mmp_arch arch;
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
	uint64_t max_xlat_tables; /* where max_xlat_tables_given */
	bool max_xlat_tables_given;
	uint64_t boot_mem_size; /* where boot_mem_size_given, else without limit */
	bool boot_mem_size_given;
	struct {
		uint64_t parange;
		bool bti, mte;
	} cpu;
	/* A bit for each key that the rule set has not and the document neither. */
	uint64_t left_out[MMP_CONFIG_KEYS_MAX / 64];
};

enum mmp_key_type {
	MMP_KEY_OBJECT,  /* holds the keys behind it whose names begin with "its-name." */
	MMP_KEY_CHOICE,  /* a text of mmp_arch_names; offset of an enum mmp_arch */
	MMP_KEY_FLAG,    /* true or false; offset of a bool */
	MMP_KEY_COUNT,   /* a number between min and max; offset of a uint64_t */
	MMP_KEY_SIZE,    /* bytes, written in hex; offset of a uint64_t */
	MMP_KEY_ADDRESS, /* likewise */
};

struct mmp_config_key {
	const char *name; /* "tee_ram.start", as errors and help print it */
	enum mmp_key_type type;
	uint16_t offset; /* in struct mmp_config, of the type's member */
	uint16_t
		given_offset; /* of a bool that says whether it was given; 0: none is kept */
	bool nullable, required;
	uint64_t fallback, min, max; /* default; bounds of a COUNT, both allowed */
	const char *option;          /* the firmware's name for it */
	const char *about;
};

extern const struct mmp_config_key mmp_config_keys[]; /* ends with a row without a name */
extern const size_t mmp_config_key_count;

/* The default of every key; rule sets change some of them (model/rules.h). */
void mmp_config_init(struct mmp_config *config);

const struct mmp_config_key *mmp_config_key_find(const char *name);

/* The value of a key, whatever its type; an OBJECT has none. */
void mmp_config_set(struct mmp_config *config, const struct mmp_config_key *key,
		    uint64_t value);
uint64_t mmp_config_get(const struct mmp_config *config,
			const struct mmp_config_key *key);

/* Whether a nullable key (or range) was given; NULL for keys that always have a value. */
bool *mmp_config_given(struct mmp_config *config, const struct mmp_config_key *key);

/*
 * Keys of other rule sets are left out of what is written, unless they were given. So
 * a document reads back as it was, and whether one was given can be asked.
 */
void mmp_config_leave_out(struct mmp_config *config, const struct mmp_config_key *key,
			  bool left_out);
bool mmp_config_left_out(const struct mmp_config *config,
			 const struct mmp_config_key *key);

#endif
