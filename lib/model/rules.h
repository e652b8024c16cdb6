/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_H
#define MMP_RULES_H

/*
 * A rule set: the behaviour of one firmware release. All that differs between firmwares
 * and releases is data in this struct, or a function that it points to. The neutral
 * folders (model, plan, arch, tables, policy, study, doc, daemon, client) use a firmware
 * only through this struct and never name one. lib/rules/NAME/ has everything that is
 * specific to firmware NAME, and lib/rules/all.c is the only registry.
 *
 * To add a release: a struct mmp_rules in its firmware's list. To add a firmware: a
 * folder lib/rules/NAME/ with a struct mmp_firmware, and a row in lib/rules/all.c.
 *
 * The functions get their own rule set as first argument, so that releases can share code
 * and look up what differs in `release`.
 */

#include "base/error.h"
#include "model/config.h"
#include "model/leaf.h"
#include "model/stop.h"

/* A memory type of registrations. Its number is its index in the table. */
struct mmp_memtype {
	const char *name;  /* as in documents; NULL: no type has this number */
	const char *label; /* short, as the firmware's log prints it */
	uint32_t attr;     /* the firmware's attribute word */
	bool stops;        /* the firmware rejects it with "invalid type" */
	const char *about;
};

/* How a rule set uses a key of its table. */
enum mmp_key_use {
	MMP_KEY_USED,
	MMP_KEY_IGNORED, /* accepted, without effect; a finding reports it if it is set */
	MMP_KEY_OFF,     /* this release does not have it; true is refused */
};

/* The fields of a registration, as bits: which ones a section has. */
enum mmp_part {
	MMP_PART_SECTION =
		1 << 0,         /* the section's name; the key depends on the rule set */
	MMP_PART_TYPE = 1 << 1, /* name of a memory type */
	MMP_PART_NAME = 1 << 2, /* any text */
	MMP_PART_ADDR = 1 << 3, /* physical address */
	MMP_PART_VA = 1 << 4,   /* virtual address */
	MMP_PART_SIZE = 1 << 5, /* bytes */
	MMP_PART_ATTR = 1 << 6, /* attribute word, 8 digits */
	MMP_PART_WORDS =
		1
		<< 7, /* the attribute word spelled out; written, and ignored when read */
	MMP_PART_GRANULARITY = 1 << 8, /* largest block that may map it, bytes */
	MMP_PART_ORIGIN = 1 << 9,      /* where it came from; always optional */
};

/* The most fields of a registration that a firmware may have. */
#define MMP_REGISTRATION_KEYS_MAX 16

/* That a table of fields, whose last row has no name, keeps to it. */
#define MMP_REGISTRATION_KEYS_FIT(table)                                                 \
	_Static_assert(sizeof(table) / sizeof((table)[0]) <=                             \
			       MMP_REGISTRATION_KEYS_MAX + 1,                            \
		       "a registration has too many fields")

/* One field of a registration in a document, in the order of writing. */
struct mmp_registration_key {
	const char *name; /* "addr" */
	enum mmp_part part;
	bool required;     /* in the sections that have the field */
	uint64_t fallback; /* default of a number */
	const char *about;
};

/*
 * A way to register: a linker section, or a call. Its number is its index in the table.
 */
struct mmp_section {
	const char *name; /* "phys_mem_map" */
	const char *about;
	bool maps;         /* what is registered here becomes regions of the memory map */
	bool claims;       /* nothing else may use what is registered here */
	unsigned parts;    /* MMP_PART_... that it has; 0: all fields of the table */
	const char *needs; /* key that must be true for it to count; NULL: none */
};

/* Stops that the tables of any rule set can cause; the texts are the rule set's. */
enum mmp_table_stop {
	MMP_STOP_NO_TABLE,     /* no table left */
	MMP_STOP_OUTSIDE_BASE, /* the VA is beyond the base table */
	MMP_STOP_MAPPED_TWICE,
	MMP_STOP_SECURITY_MIX, /* short format: a table has only one security state */
	MMP_STOP_BROKEN_SPLIT, /* an entry on the way down does not point to a table */
	MMP_STOP_NO_L1_TABLE,  /* base level 0: none left for a core's own level 1 */
	MMP_STOP_BOOT_MEMORY,
	MMP_STOP_BOOT_MEMORY_UNEVEN, /* the allocator does not accept the length */
	MMP_STOP_NO_USER_VA,
	MMP_STOP_MAX_VA,
	MMP_STOP_PA_WIDTH,
	MMP_TABLE_STOP_COUNT
};

struct mmp_rules;
struct mmp_regime;       /* arch/regime.h */
struct mmp_format;       /* arch/format.h */
struct mmp_tables;       /* tables/tables.h */
struct mmp_register;     /* model/registers.h */
struct mmp_registration; /* model/platform.h */
struct mmp_platform;     /* model/platform.h */
struct mmp_plan;         /* plan/plan.h */
struct mmp_region;       /* plan/plan.h */
struct mmp_ddr;          /* plan/plan.h */
struct mmp_policy;       /* policy/policy.h */
struct mmp_builder;      /* tables/builder.h */
struct table;            /* tables/builder.h */
struct mmp_placement;    /* tables/tables.h */
struct mmp_importer;     /* model/importer.h */

/* A table entry that differs between a live board and the tables at boot. */
struct mmp_later_change {
	const struct mmp_plan *plan;
	int64_t region; /* index in the plan of the first it covers; -1: none */
	uint64_t va;
	int level;
	bool was_mapped,
		is_mapped; /* at boot, and in the dump; true for a table as well */
	bool is_table;     /* in the dump it points to a table */
	bool is_user_slot; /* the entry that the firmware reserves for user mode */
};

/* What all releases of a firmware share. */
struct mmp_firmware {
	const char *name; /* for people */
	const struct mmp_rules *const
		*rules; /* its releases, newest first; ends with NULL */

	/*
	 * Recorded test vectors of this firmware, which can be given instead of a
	 * document.
	 */
	const char *vector_format;  /* value of their `format`; NULL: there are none */
	const char *vector_version; /* the key with the recorded release */
	/*
	 * The rule set's name for that version; `version` is NULL if the key is absent.
	 */
	const char *(*rules_of_version)(const char *version);

	/* The name of a region's granule in the firmware's memory map: "region_size". */
	const char *granule_key;
	const char *rounds_with; /* prefix that may be left off a type's name, or NULL */
	const char *type_prefix; /* what a type's name may be shortened by, or NULL */
	const char *example;     /* a small platform document, for the manual */

	const struct mmp_importer *importer; /* model/importer.h; NULL: it has none */
};

/* The widths of the firmware's types, as masks, and the blocks it rounds to. */
struct mmp_widths {
	uint64_t pa, va, size;
	uint64_t pgdir; /* bytes that an entry one level above the pages maps */
};

/* A kind of memory, indexed by the memory number of a leaf. */
struct mmp_memory_kind {
	const char *name; /* "device-nGnRE" */
	bool device, cached;
};

/* How much a build of the firmware prints about a stop. */
enum mmp_stop_detail {
	MMP_STOP_TELLS_ALL,     /* message, function, file and line */
	MMP_STOP_TELLS_MESSAGE, /* without function, file and line */
	MMP_STOP_TELLS_NOTHING,
};

/*
 * Keys that neutral code looks up by their meaning, since each firmware has its own names
 * for them. NULL: the firmware has no such key.
 */
struct mmp_known_keys {
	const char *tables_max;     /* how many tables the firmware may make */
	const char *boot_memory;    /* bytes in which it makes its map and tables */
	const char *free_range;     /* where that memory is, if no key has its size */
	const char *dynamic_shm;    /* it maps memory of the normal world at run time */
	const char *run_time_space; /* bytes of virtual space for mappings at run time */
	const char *va_bits;        /* width of virtual addresses, bits */
	const char *random_base;    /* the base of its map is random */
	const char *seed;           /* the seed of that base */
	const char *long_descriptors; /* false: short descriptors */
};

#define MMP_SECURE_RANGES_MAX      2
#define MMP_APPLICATION_RANGES_MAX 8
#define MMP_WORDS_SIZE             320
#define MMP_LOG_SIZE               256

struct mmp_rules {
	const char *name;  /* FIRMWARE-RELEASE, as in documents */
	const char *about; /* one line */
	const struct mmp_firmware *firmware;
	const void *release; /* the rule set's own row of what differs by release */

	/* --- what a document may contain --- */
	const struct mmp_config_key *keys; /* ends with a row without a name */
	struct mmp_known_keys known;
	const struct mmp_section *sections; /* section_count rows */
	unsigned section_count;
	/* Ends without a name; MMP_REGISTRATION_KEYS_FIT. */
	const struct mmp_registration_key *registration_keys;
	const struct mmp_memtype *types; /* type_count rows */
	unsigned type_count;
	/* How this release uses a key; NULL: all keys are used. */
	enum mmp_key_use (*key_use)(const struct mmp_rules *rules,
				    const struct mmp_config_key *key);
	/* Set defaults of this release that differ from the key table; or NULL. */
	void (*defaults)(const struct mmp_rules *rules, struct mmp_config *config);
	/*
	 * Fill in defaults that depend on other keys. Values that were given do not
	 * change. Or NULL.
	 */
	void (*complete)(const struct mmp_rules *rules, struct mmp_config *config);
	/* Check a configuration beyond the rows of the key table; or NULL. */
	int (*check)(const struct mmp_rules *rules, const struct mmp_config *config,
		     struct mmp_error *err);
	/*
	 * Fill an empty platform from one of another rule set of the firmware. What this
	 * rule set does not have is left out (mmp_platform_lacks). Or NULL.
	 */
	int (*adopt)(struct mmp_platform *to, const struct mmp_platform *from,
		     struct mmp_error *err);
	/*
	 * Check a registration of a document beyond its fields, such as its width; or
	 * NULL.
	 */
	int (*check_registration)(const struct mmp_rules *rules,
				  const struct mmp_config *config,
				  const struct mmp_registration *one,
				  struct mmp_error *err);

	/* --- what the firmware computes from it --- */

	/* The widths of its types; NULL: 64 bits, and blocks of 2 MiB. */
	struct mmp_widths (*widths)(const struct mmp_rules *rules,
				    const struct mmp_config *config);
	/*
	 * Memory that only the secure world may access. Returns the number of ranges.
	 * NULL: not known.
	 */
	unsigned (*secure)(const struct mmp_rules *rules, const struct mmp_config *config,
			   struct mmp_range ranges[MMP_SECURE_RANGES_MAX]);
	/*
	 * Secure memory that is left for trusted applications once a plan is made; returns
	 * how many ranges, or -1: not known. Or NULL: the firmware has no such applications.
	 */
	int (*application_memory)(const struct mmp_plan *plan,
				  struct mmp_range ranges[MMP_APPLICATION_RANGES_MAX]);
	/* Bytes that it maps besides its registrations; or NULL. */
	uint64_t (*own_bytes)(const struct mmp_rules *rules,
			      const struct mmp_config *config);
	/* Width of virtual addresses under a configuration, bits; NULL: 64. */
	unsigned (*va_bits)(const struct mmp_rules *rules,
			    const struct mmp_config *config);
	/*
	 * Enable address randomization with a seed; NULL: the firmware does not have it.
	 */
	void (*set_seed)(const struct mmp_rules *rules, struct mmp_config *config,
			 uint64_t seed);
	/*
	 * Adjust ranges of the configuration that depend on a registration that moves.
	 * Returns whether there was one. Or NULL.
	 */
	bool (*follow)(const struct mmp_rules *rules, struct mmp_config *config,
		       const struct mmp_registration *from, uint64_t to);
	/* The attribute word of a type under a configuration. */
	uint32_t (*attr)(const struct mmp_rules *rules, const struct mmp_config *config,
			 unsigned type);
	/*
	 * The type of a registration that has only an attribute word; NULL: registrations
	 * have types.
	 */
	unsigned (*type_of)(const struct mmp_rules *rules, uint32_t attr);
	/* The attribute word of a registration as words separated by blanks; or NULL. */
	const char *(*attr_words)(const struct mmp_rules *rules, uint32_t attr,
				  char text[MMP_WORDS_SIZE]);
	/* The same as a phrase for people; or NULL. */
	const char *(*attr_text)(const struct mmp_rules *rules, uint32_t attr,
				 char text[MMP_WORDS_SIZE]);
	/* Bits that must be set in an attribute word for it to map anything. */
	uint32_t valid;
	/*
	 * What an attribute word that maps nothing means, as a phrase: "paged out,
	 * clean". Or NULL.
	 */
	const char *(*unmapped)(uint32_t attr);
	/*
	 * The kinds of memory, indexed by the memory number of a leaf: memory_count rows.
	 */
	const struct mmp_memory_kind *memory;
	unsigned memory_count;
	/* The translation regime that the tables are for. */
	const struct mmp_regime *(*regime)(const struct mmp_rules *rules,
					   const struct mmp_config *config);
	/* Convert an attribute word to rights, and rights to an attribute word. */
	void (*leaf)(const struct mmp_rules *rules, const struct mmp_config *config,
		     const struct mmp_format *format, uint32_t attr,
		     struct mmp_leaf *ret_leaf);
	uint32_t (*attr_of)(const struct mmp_rules *rules,
			    const struct mmp_config *config, const struct mmp_leaf *leaf);
	/*
	 * The firmware's own two conversions, for any word and level. encode: the
	 * descriptor of an attribute word, without address; MMP_INVALID if it has none.
	 * decode: the attribute word of a descriptor, 0 if it has none.
	 */
	int (*encode)(const struct mmp_rules *rules, const struct mmp_config *config,
		      const struct mmp_format *format, int level, uint32_t attr,
		      uint64_t *ret_word, struct mmp_error *err);
	uint32_t (*decode)(const struct mmp_rules *rules, const struct mmp_config *config,
			   const struct mmp_format *format, int level, uint64_t word);
	/*
	 * Fill a plan whose platform is set. Returns 0, or -1 with plan->stop set;
	 * without a stop, memory ran out.
	 */
	int (*plan)(struct mmp_plan *plan);
	/*
	 * Allocate with malloc() what the tables of a finished plan must map, sorted by
	 * VA and without overlaps (mmp_pieces_make). -1: out of memory. NULL: it is the
	 * plan's regions.
	 */
	int (*pieces)(const struct mmp_plan *plan, struct mmp_region **ret_pieces,
		      size_t *ret_count);
	/*
	 * Make the tables of a finished plan in `tables`, which may be empty or have
	 * earlier tables, as mmp_tables_make(): 0, or -1 with tables->stop set or *err
	 * filled in. The limits are in the plan's shape. NULL: tables/build.c makes them.
	 */
	int (*make_tables)(struct mmp_tables *tables, const struct mmp_plan *plan,
			   const struct mmp_placement *placement, struct mmp_error *err);
	/*
	 * Map a finished plan into existing, empty base tables; tables/build.c does the
	 * rest (tables/builder.h). 0, or -1 with the stop set. NULL: region by region.
	 */
	int (*map_regions)(struct mmp_builder *builder);
	/*
	 * Reserve what the firmware takes before its first table, if tables/build.c does
	 * the rest: mmp_builder_take_notes(). 0, or -1 with the stop set. Or NULL.
	 */
	int (*begin_tables)(struct mmp_builder *builder);
	/* Add to `stop` what the firmware prints when no table is left; NULL: nothing. */
	void (*trace_no_table)(const struct mmp_plan *plan, struct mmp_stop *stop);
	/*
	 * Whether the PA of a region stays 0 once it wraps to 0, as the firmware maps
	 * nothing at PA 0. NULL: it continues to count.
	 */
	bool (*pa_stays_zero)(const struct mmp_plan *plan);
	/*
	 * Entry n of a table is in the way of a region and does not point to a table.
	 * Make *ret_xlat the table to continue in, or return -1 with the stop set. NULL:
	 * the stop is MMP_STOP_MAPPED_TWICE.
	 */
	int (*divide)(struct mmp_builder *builder, struct table *table, uint32_t n,
		      int level, uint64_t va, uint32_t *ret_xlat);
	/*
	 * What the firmware does with its tables once everything is mapped: 0, or -1 with
	 * the stop set. Or NULL.
	 */
	int (*finish_tables)(struct mmp_builder *builder);
	/*
	 * The registers for finished tables, at most MMP_REGISTERS_MAX. Returns how many.
	 */
	unsigned (*registers)(const struct mmp_plan *plan,
			      const struct mmp_tables *tables,
			      struct mmp_register *registers);
	/*
	 * Additional values for the answer about a layout, from its plan and the DDR that
	 * was discovered, at most MMP_FACTS_MAX; returns how many. Or NULL.
	 */
	unsigned (*facts)(const struct mmp_plan *plan, const struct mmp_ddr *ddr,
			  struct mmp_register *facts);
	/* Write to `text` what call `n` prints, each line with its line feed; or NULL. */
	const char *(*log)(const struct mmp_plan *plan, size_t n,
			   char text[MMP_LOG_SIZE]);
	/*
	 * How the firmware's log prints region `n` of its map, with line feed; or NULL.
	 */
	const char *(*log_region)(const struct mmp_plan *plan, size_t n,
				  char text[MMP_LOG_SIZE]);
	/*
	 * Compute the normal world's DDR from a finished plan; returns as `plan`, with
	 * the stop in ddr->stop. Or NULL.
	 */
	int (*discover)(struct mmp_ddr *ddr, const struct mmp_plan *plan);

	/* --- what we report about it --- */
	const struct mmp_stop_info *table_stops; /* MMP_TABLE_STOP_COUNT rows */
	/*
	 * The other stops: stop_count rows. Stops that this release does not have have no
	 * id.
	 */
	const struct mmp_stop_info *stops;
	unsigned stop_count;
	/*
	 * How much the firmware prints about a stop under a configuration; NULL:
	 * everything.
	 */
	enum mmp_stop_detail (*stop_detail)(const struct mmp_rules *rules,
					    const struct mmp_config *config);
	const struct mmp_policy
		*policy; /* its checks and stops; NULL: only the common checks */
	/*
	 * Type names of the virtual spaces into which the firmware maps at run time:
	 * pages of shared memory, and devices in blocks. NULL: it has none.
	 */
	const char *pages_window, *blocks_window;
	/*
	 * Why the firmware itself changes this entry after boot, in a few words (not to
	 * be freed); NULL if it does not. The hook may be NULL: it changes none.
	 */
	const char *(*later)(const struct mmp_later_change *change);
};

/* All firmwares; ends with NULL (lib/rules/all.c). */
extern const struct mmp_firmware *const mmp_firmwares[];

/* Rule set number n of all firmwares, in registry order; NULL past the last. */
const struct mmp_rules *mmp_rules_at(size_t n);

/* The rule set whose name is nearest to an unknown name, or NULL. */
const char *mmp_rules_nearest(const char *name);

/* Find the rule set of a name. MMP_INVALID names the nearest known one. */
int mmp_rules_find(const char *name, const struct mmp_rules **ret_rules,
		   struct mmp_error *err);

/* Set a configuration to the rule set's defaults. */
void mmp_rules_defaults(const struct mmp_rules *rules, struct mmp_config *config);

/* The row of a key by its name ("tee_ram.start"), or NULL; `name` may be NULL. */
const struct mmp_config_key *mmp_config_key_find(const struct mmp_rules *rules,
						 const char *name);

/* The value of a key by its name; 0 if the rule set has no such key. */
uint64_t mmp_config_value(const struct mmp_rules *rules, const struct mmp_config *config,
			  const char *name);

/* Whether a key, or any key inside an object, differs from its row's default. */
bool mmp_config_is_set(const struct mmp_rules *rules, const struct mmp_config *config,
		       const struct mmp_config_key *key);

/* How a rule set uses a key of its table. */
enum mmp_key_use mmp_key_use(const struct mmp_rules *rules,
			     const struct mmp_config_key *key);

/*
 * The oldest and the newest rule set of the same firmware that use the key; NULL if that
 * is the oldest, or newest, rule set of all.
 */
const struct mmp_rules *mmp_key_since(const struct mmp_rules *rules,
				      const struct mmp_config_key *key);
const struct mmp_rules *mmp_key_until(const struct mmp_rules *rules,
				      const struct mmp_config_key *key);

/* The widths of a rule set's types: from its hook, or 64 bits and blocks of 2 MiB. */
struct mmp_widths mmp_widths_of(const struct mmp_rules *rules,
				const struct mmp_config *config);

/* The number of a type by its short or long name. MMP_INVALID names the nearest. */
int mmp_memtype_find(const struct mmp_rules *rules, const char *name, unsigned *ret_type,
		     struct mmp_error *err);

/*
 * The number that the firmware gives a type. It counts only the types that the rule set
 * has, while the table also has rows for others.
 */
unsigned mmp_memtype_number(const struct mmp_rules *rules, unsigned type);

/* The label of a type for messages, or "unknown type". Borrowed. */
const char *mmp_memtype_label(const struct mmp_rules *rules, int type);

/* The number of a section by its name. MMP_INVALID lists the known ones. */
int mmp_section_find(const struct mmp_rules *rules, const char *name,
		     unsigned *ret_section, struct mmp_error *err);

/* The kind of memory of a leaf; NULL if the rule set has no such number. */
static inline const struct mmp_memory_kind *mmp_memory_of(const struct mmp_rules *rules,
							  const struct mmp_leaf *leaf)
{
	return leaf->memory < rules->memory_count ? &rules->memory[leaf->memory] : NULL;
}

/* Whether a leaf is device memory. */
static inline bool mmp_leaf_is_device(const struct mmp_rules *rules,
				      const struct mmp_leaf *leaf)
{
	const struct mmp_memory_kind *kind = mmp_memory_of(rules, leaf);

	return kind && kind->device;
}

/* Whether a leaf is cached memory. */
static inline bool mmp_leaf_is_cached(const struct mmp_rules *rules,
				      const struct mmp_leaf *leaf)
{
	const struct mmp_memory_kind *kind = mmp_memory_of(rules, leaf);

	return kind && kind->cached;
}

#endif
