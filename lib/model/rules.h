/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_H
#define MMP_RULES_H

/*
 * A rule set: whose behaviour is reproduced. All that differs from one firmware, or
 * release of it, to another is data in one of these or a function behind it. The
 * neutral floors (model, plan, arch, tables, policy, study, doc, daemon, client) reach a
 * firmware through this struct alone and never name one; lib/rules/NAME/ has everything
 * that knows firmware NAME, and lib/rules/all.c is the only registry.
 *
 * To add a release: a struct mmp_rules in its firmware's list. To add a firmware: a
 * folder lib/rules/NAME/ with a struct mmp_firmware, and a row in lib/rules/all.c.
 *
 * A function here gets its own rule set as first argument, so that releases can share
 * code and look up what differs in `release`.
 */

#include "base/error.h"
#include "model/config.h"
#include "model/leaf.h"
#include "model/stop.h"

/* A memory type: what a registration asks for. Its number is its place in the table. */
struct mmp_memtype {
	const char *name;  /* as documents spell it; NULL: no type has this number */
	const char *label; /* short, as the firmware's log prints it */
	uint32_t attr;     /* the firmware's attribute word */
	bool stops;        /* the firmware has no attributes for it: "invalid type" */
	const char *about;
};

/* What a rule set makes of a key of its table. */
enum mmp_key_use {
	MMP_KEY_USED,
	MMP_KEY_IGNORED, /* accepted, without effect; a finding says so if it is set */
	MMP_KEY_OFF,     /* this release does not have it; true is refused */
};

/* The fields of a registration, as bits: which ones a section has. */
enum mmp_part {
	MMP_PART_SECTION =
		1
		<< 0, /* the section's name; which word a document uses is the rule set's */
	MMP_PART_TYPE = 1 << 1, /* name of a memory type */
	MMP_PART_NAME = 1 << 2, /* any text */
	MMP_PART_ADDR = 1 << 3, /* physical address */
	MMP_PART_VA = 1 << 4,   /* virtual address */
	MMP_PART_SIZE = 1 << 5, /* bytes */
	MMP_PART_ATTR = 1 << 6, /* attribute word, 8 digits */
	MMP_PART_WORDS =
		1
		<< 7, /* the attribute word spelled out; written, and passed over when read */
	MMP_PART_GRANULARITY = 1 << 8, /* largest block that may map it, bytes */
	MMP_PART_ORIGIN = 1 << 9,      /* where it came from; always optional */
};

/* One field of a registration as documents have it, in the order they are written. */
struct mmp_registration_key {
	const char *name; /* "addr" */
	enum mmp_part part;
	bool required;     /* in the sections that have it */
	uint64_t fallback; /* of a number that is absent */
	const char *about;
};

/* A way to register: a linker section, or a call. Its number is its place in the table. */
struct mmp_section {
	const char *name; /* "phys_mem_map" */
	const char *about;
	bool maps;      /* what is registered here becomes regions of the memory map */
	bool claims;    /* what is registered here is not free for something else */
	unsigned parts; /* MMP_PART_... that it has; 0: every field of the table */
	const char
		*needs; /* key that must be true for it to count; NULL: it always does */
};

/* Stops that any rule set's tables can meet; the words are the rule set's. */
enum mmp_table_stop {
	MMP_STOP_NO_TABLE,     /* no table left */
	MMP_STOP_OUTSIDE_BASE, /* the VA is beyond the base table */
	MMP_STOP_MAPPED_TWICE,
	MMP_STOP_SECURITY_MIX, /* short: a table has one security */
	MMP_STOP_BROKEN_SPLIT, /* the way down leads through what is no table */
	MMP_STOP_NO_L1_TABLE,  /* base level 0: none left for a core's own level 1 */
	MMP_STOP_BOOT_MEMORY,
	MMP_STOP_BOOT_MEMORY_UNEVEN, /* a length that the allocator does not take */
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

/* An entry of a table that a live board has otherwise than boot made it. */
struct mmp_later_change {
	const struct mmp_plan *plan;
	int64_t region; /* of the plan, the first that it covers; -1: none */
	uint64_t va;
	int level;
	bool was_mapped,
		is_mapped; /* at boot, and in the dump; a table counts as mapped */
	bool is_table;     /* in the dump it leads to a table */
	bool is_user_slot; /* the entry that the firmware keeps for user mode */
};

/* What all releases of one firmware have in common. */
struct mmp_firmware {
	const char *name; /* for people */
	const struct mmp_rules *const
		*rules; /* its releases, newest first; ends with NULL */

	/* Recordings of this firmware, which can be given in place of a document. */
	const char *vector_format;  /* the `format` of one; NULL: there are none */
	const char *vector_version; /* the key that names the release recorded */
	/* The name of the rule set for that version; `version` NULL: the key is absent. */
	const char *(*rules_of_version)(const char *version);

	/* What a region's granule is called in its memory map: "region_size". */
	const char *granule_key;
	const char *rounds_with; /* the call that registers whole blocks, or NULL */
	const char *type_prefix; /* what a type's name may be shortened by, or NULL */
	const char *example;     /* a small platform document, for the manual */

	const struct mmp_importer *importer; /* model/importer.h; NULL: it has none */
};

/* The widths of the firmware's types, as masks, and of the blocks it rounds to. */
struct mmp_widths {
	uint64_t pa, va, size;
	uint64_t pgdir; /* bytes that an entry one level above the pages maps */
};

/* A kind of memory, as the number in a leaf stands for it. */
struct mmp_memory_kind {
	const char *name; /* "device-nGnRE" */
	bool device, cached;
};

/* How much of a stop a build of the firmware tells. */
enum mmp_stop_detail {
	MMP_STOP_TELLS_ALL,     /* message, function, file and line */
	MMP_STOP_TELLS_MESSAGE, /* no function, file and line */
	MMP_STOP_TELLS_NOTHING,
};

/*
 * The keys that neutral code asks for by what they mean, since each firmware has names of
 * its own for them. NULL: the firmware has no such key.
 */
struct mmp_known_keys {
	const char *tables_max;  /* how many tables it may make */
	const char *boot_memory; /* bytes of memory that it makes its map and tables in */
	const char *free_range;  /* where that memory is, where no key has its size */
	const char *dynamic_shm; /* it maps memory of the normal world at run time */
	const char *run_time_space; /* bytes of virtual space for mappings at run time */
	const char *va_bits;        /* width of virtual addresses, bits */
	const char *random_base;    /* its base is random */
	const char *seed;           /* what that base is made from */
	const char *long_descriptors; /* false: short descriptors */
};

#define MMP_SECURE_RANGES_MAX 2
#define MMP_WORDS_SIZE        320
#define MMP_LOG_SIZE          256

struct mmp_rules {
	const char *name;  /* FIRMWARE-RELEASE, as documents spell it */
	const char *about; /* one line */
	const struct mmp_firmware *firmware;
	const void *release; /* the rule set's own: its row of what differs by release */

	/* --- what a document may say --- */
	const struct mmp_config_key *keys; /* ends with a row without a name */
	struct mmp_known_keys known;
	const struct mmp_section *sections; /* section_count rows */
	unsigned section_count;
	const struct mmp_registration_key *registration_keys; /* ends without a name */
	const struct mmp_memtype *types;                      /* type_count rows */
	unsigned type_count;
	/* What this release makes of a key; NULL: all are used. */
	enum mmp_key_use (*key_use)(const struct mmp_rules *rules,
				    const struct mmp_config_key *key);
	/* Defaults that this release has otherwise than the key table; or NULL. */
	void (*defaults)(const struct mmp_rules *rules, struct mmp_config *config);
	/* Fill in defaults that depend on other keys; values that were given stay. Or NULL. */
	void (*complete)(const struct mmp_rules *rules, struct mmp_config *config);
	/* What the rule set demands of a configuration beyond its rows; or NULL. */
	int (*check)(const struct mmp_rules *rules, const struct mmp_config *config,
		     struct mmp_error *err);
	/*
	 * Fill an empty platform with one of another rule set of the firmware, without what
	 * this one does not have (mmp_platform_lacks). Or NULL.
	 */
	int (*adopt)(struct mmp_platform *to, const struct mmp_platform *from,
		     struct mmp_error *err);
	/* Demands on a registration of a document beyond its fields, such as a width; or NULL. */
	int (*check_registration)(const struct mmp_rules *rules,
				  const struct mmp_config *config,
				  const struct mmp_registration *one,
				  struct mmp_error *err);

	/* --- what the firmware makes of it --- */

	/* The widths of its types; NULL: 64 bits, and blocks of 2 MiB. */
	struct mmp_widths (*widths)(const struct mmp_rules *rules,
				    const struct mmp_config *config);
	/* Memory that only the secure world has; returns how many; or NULL: none known. */
	unsigned (*secure)(const struct mmp_rules *rules, const struct mmp_config *config,
			   struct mmp_range ranges[MMP_SECURE_RANGES_MAX]);
	/* Bytes that it maps besides its registrations; or NULL. */
	uint64_t (*own_bytes)(const struct mmp_rules *rules,
			      const struct mmp_config *config);
	/* Width of its virtual addresses under a configuration, bits; or NULL: 64. */
	unsigned (*va_bits)(const struct mmp_rules *rules,
			    const struct mmp_config *config);
	/* Turn on address randomization with a seed; NULL: the firmware has none. */
	void (*set_seed)(const struct mmp_rules *rules, struct mmp_config *config,
			 uint64_t seed);
	/* Let ranges of the configuration follow a registration that moves; returns whether
	 * there was one. Or NULL. */
	bool (*follow)(const struct mmp_rules *rules, struct mmp_config *config,
		       const struct mmp_registration *from, uint64_t to);
	/* The attribute word of a type under a configuration. */
	uint32_t (*attr)(const struct mmp_rules *rules, const struct mmp_config *config,
			 unsigned type);
	/* The type of a registration that has an attribute word instead; NULL: it has a type. */
	unsigned (*type_of)(const struct mmp_rules *rules, uint32_t attr);
	/* The attribute word of a registration spelled out, words with a blank between. Or NULL. */
	const char *(*attr_words)(const struct mmp_rules *rules, uint32_t attr,
				  char text[MMP_WORDS_SIZE]);
	/* The same as a phrase for people. Or NULL. */
	const char *(*attr_text)(const struct mmp_rules *rules, uint32_t attr,
				 char text[MMP_WORDS_SIZE]);
	/* Bits that an attribute word needs to map something. */
	uint32_t valid;
	/* What a word says that maps nothing, as a phrase: "paged out, clean". Or NULL. */
	const char *(*unmapped)(uint32_t attr);
	/* The kinds of memory, by the number that a leaf has: memory_count rows. */
	const struct mmp_memory_kind *memory;
	unsigned memory_count;
	/* The translation regime that the tables are for. */
	const struct mmp_regime *(*regime)(const struct mmp_rules *rules,
					   const struct mmp_config *config);
	/* The rights of memory that is mapped with an attribute word, and back. */
	struct mmp_leaf (*leaf)(const struct mmp_rules *rules,
				const struct mmp_config *config,
				const struct mmp_format *format, uint32_t attr);
	uint32_t (*attr_of)(const struct mmp_rules *rules,
			    const struct mmp_config *config, const struct mmp_leaf *leaf);
	/*
	 * The firmware's own two functions, for any word and level: the descriptor of an
	 * attribute word, without address, or MMP_INVALID where it makes none; and the
	 * attribute word that it reads out of a descriptor, 0 for none.
	 */
	int (*encode)(const struct mmp_rules *rules, const struct mmp_config *config,
		      const struct mmp_format *format, int level, uint32_t attr,
		      uint64_t *ret_word, struct mmp_error *err);
	uint32_t (*decode)(const struct mmp_rules *rules, const struct mmp_config *config,
			   const struct mmp_format *format, int level, uint64_t word);
	/*
	 * Fill a plan whose platform is set. 0; or -1 with plan->stop noted, or without a
	 * stop if memory ran out.
	 */
	int (*plan)(struct mmp_plan *plan);
	/*
	 * Make, with malloc(), what the tables of a finished plan must map, by VA and without
	 * overlaps (mmp_pieces_make). -1: out of memory. NULL: the plan's regions are that.
	 */
	int (*pieces)(const struct mmp_plan *plan, struct mmp_region **ret_pieces,
		      size_t *ret_count);
	/*
	 * Make the tables of a finished plan into `tables`, which were made before or are
	 * empty, as mmp_tables_make() says: 0, or -1 with tables->stop noted or *err filled in.
	 * The plan's shape has the limits. NULL: tables/build.c makes them.
	 */
	int (*make_tables)(struct mmp_tables *tables, const struct mmp_plan *plan,
			   const struct mmp_placement *placement, struct mmp_error *err);
	/*
	 * Map a finished plan into base tables that are there and empty, where
	 * tables/build.c does the rest (tables/builder.h): 0, or -1 with the stop noted. NULL:
	 * region by region.
	 */
	int (*map_regions)(struct mmp_builder *builder);
	/*
	 * What the firmware takes before its first table, where tables/build.c does the rest:
	 * mmp_builder_take_notes(). 0, or -1 with the stop noted. Or NULL.
	 */
	int (*begin_tables)(struct mmp_builder *builder);
	/* Note in `stop` what the firmware traces when no table is left; NULL: nothing. */
	void (*trace_no_table)(const struct mmp_plan *plan, struct mmp_stop *stop);
	/*
	 * Whether a region's PA that wraps to 0 counts no further, as the firmware maps
	 * nothing at PA 0; NULL: it counts on.
	 */
	bool (*pa_stays_zero)(const struct mmp_plan *plan);
	/*
	 * A word that is no pointer to a table is in the way of a region, in entry n of a
	 * table: make *ret_xlat the table to go on in, or stop, -1. NULL: mapped twice.
	 */
	int (*divide)(struct mmp_builder *builder, struct table *table, uint32_t n,
		      int level, uint64_t va, uint32_t *ret_xlat);
	/* What the firmware does with its tables once all is mapped: 0, or -1 with the stop
	 * noted. Or NULL. */
	int (*finish_tables)(struct mmp_builder *builder);
	/* The registers that go with made tables, at most MMP_REGISTERS_MAX; returns how many. */
	unsigned (*registers)(const struct mmp_plan *plan,
			      const struct mmp_tables *tables,
			      struct mmp_register *registers);
	/* More that an answer says of a layout, at most MMP_FACTS_MAX; or NULL. */
	unsigned (*facts)(const struct mmp_plan *plan, struct mmp_register *facts);
	/* What call `n` prints, a line each with its line feed, into text; or NULL. */
	const char *(*log)(const struct mmp_plan *plan, size_t n,
			   char text[MMP_LOG_SIZE]);
	/* How the firmware's own log prints region `n` of its map, with line feed; or NULL. */
	const char *(*log_region)(const struct mmp_plan *plan, size_t n,
				  char text[MMP_LOG_SIZE]);
	/* The normal world's DDR, from a finished plan; the same results, in ddr->stop. Or NULL. */
	int (*discover)(struct mmp_ddr *ddr, const struct mmp_plan *plan);

	/* --- what is said about it --- */
	const struct mmp_stop_info *table_stops; /* MMP_TABLE_STOP_COUNT rows */
	/* The other stops: stop_count rows; those that this release does not have, without id. */
	const struct mmp_stop_info *stops;
	unsigned stop_count;
	/* How much a stop tells under a configuration; NULL: all. */
	enum mmp_stop_detail (*stop_detail)(const struct mmp_rules *rules,
					    const struct mmp_config *config);
	const struct mmp_policy
		*policy; /* its checks and stops; NULL: only the common ones */
	/*
	 * Names of the types of virtual space that the firmware maps into at run time: pages
	 * of shared memory, and devices in blocks. NULL: it has none.
	 */
	const char *pages_window, *blocks_window;
	/*
	 * Why the firmware changes such an entry itself once it has booted, in a few words
	 * (not freed); NULL: it does not. The hook may be NULL: it changes nothing.
	 */
	const char *(*later)(const struct mmp_later_change *change);
};

/* Every firmware there is; ends with NULL (lib/rules/all.c). */
extern const struct mmp_firmware *const mmp_firmwares[];

/* Rule set number n of all firmwares, in the order of the registry; NULL past the last. */
const struct mmp_rules *mmp_rules_at(size_t n);

/* What a name that no rule set has was most likely meant to be, or NULL. */
const char *mmp_rules_nearest(const char *name);

/* The rule set of a name, or MMP_INVALID naming the nearest of the known ones. */
int mmp_rules_find(const char *name, const struct mmp_rules **ret_rules,
		   struct mmp_error *err);

/* A configuration in which nothing was given: the rule set's defaults. */
void mmp_rules_defaults(const struct mmp_rules *rules, struct mmp_config *config);

/* The row of a key by its name ("tee_ram.start"), or NULL; `name` may be NULL. */
const struct mmp_config_key *mmp_config_key_find(const struct mmp_rules *rules,
						 const char *name);

/* The value of a key by its name; 0 if the rule set has no such key. */
uint64_t mmp_config_value(const struct mmp_rules *rules, const struct mmp_config *config,
			  const char *name);

/* Whether a key, or one inside of an object, has another value than its row's default. */
bool mmp_config_is_set(const struct mmp_rules *rules, const struct mmp_config *config,
		       const struct mmp_config_key *key);

/* What a rule set makes of a key of its table. */
enum mmp_key_use mmp_key_use(const struct mmp_rules *rules,
			     const struct mmp_config_key *key);

/*
 * The oldest and the newest rule set of the same firmware that use the key; NULL where
 * that is the oldest, or the newest, there is.
 */
const struct mmp_rules *mmp_key_since(const struct mmp_rules *rules,
				      const struct mmp_config_key *key);
const struct mmp_rules *mmp_key_until(const struct mmp_rules *rules,
				      const struct mmp_config_key *key);

/* The widths of a rule set's types: what its hook says, or 64 bits and blocks of 2 MiB. */
struct mmp_widths mmp_widths_of(const struct mmp_rules *rules,
				const struct mmp_config *config);

/* The number of a type by its name, short or long, or MMP_INVALID naming the nearest. */
int mmp_memtype_find(const struct mmp_rules *rules, const char *name, unsigned *ret_type,
		     struct mmp_error *err);

/*
 * The number that the firmware gives a type: its place among those that the rule set has,
 * where the table has rows for types that it does not have.
 */
unsigned mmp_memtype_number(const struct mmp_rules *rules, unsigned type);

/* What a message calls a type: its label, or "unknown type". Borrowed. */
const char *mmp_memtype_label(const struct mmp_rules *rules, int type);

/* The number of a section by its name, or MMP_INVALID naming those there are. */
int mmp_section_find(const struct mmp_rules *rules, const char *name,
		     unsigned *ret_section, struct mmp_error *err);

/* The kind of memory that a leaf is of; NULL where the rule set has no such number. */
static inline const struct mmp_memory_kind *mmp_memory_of(const struct mmp_rules *rules,
							  const struct mmp_leaf *leaf)
{
	return leaf->memory < rules->memory_count ? &rules->memory[leaf->memory] : NULL;
}

/* Whether a leaf is of device memory, or of memory that caches hold. */
static inline bool mmp_leaf_is_device(const struct mmp_rules *rules,
				      const struct mmp_leaf *leaf)
{
	const struct mmp_memory_kind *kind = mmp_memory_of(rules, leaf);

	return kind && kind->device;
}

/* The other of the two. */
static inline bool mmp_leaf_is_cached(const struct mmp_rules *rules,
				      const struct mmp_leaf *leaf)
{
	const struct mmp_memory_kind *kind = mmp_memory_of(rules, leaf);

	return kind && kind->cached;
}

#endif
