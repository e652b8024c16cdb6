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
#include "model/encoding.h"
#include "model/stop.h"

/* A memory type: what a registration asks for. Its number is its place in the table. */
struct mmp_memtype {
	const char *name;  /* "MEM_AREA_IO_SEC"; NULL: no type has this number */
	const char *label; /* "IO_SEC", as the firmware's log prints it */
	uint32_t attr;     /* MMP_ATTR_*; without VALID_BLOCK it maps nothing */
	bool panics;       /* the firmware has no attributes for it: "invalid type" */
	const char *about;
};

enum mmp_key_use {
	MMP_KEY_FALLBACK,    /* this rule set has another default */
	MMP_KEY_IGNORED,     /* accepted, without effect; noted in a finding */
	MMP_KEY_MUST_BE_OFF, /* the firmware has no such thing; true is refused */
	MMP_KEY_ALSO_REQUIRED,
};

/* How a rule set departs from mmp_config_keys. */
struct mmp_key_rule {
	const char *key;
	enum mmp_key_use use;
	uint64_t fallback;
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
	MMP_STOP_NO_USER_VA,
	MMP_STOP_MAX_VA,
	MMP_STOP_PA_WIDTH,
	MMP_TABLE_STOP_COUNT
};

struct mmp_rules;
struct mmp_plan;   /* plan/plan.h */
struct mmp_ddr;    /* plan/plan.h */
struct mmp_policy; /* policy/policy.h */

/* What all releases of one firmware have in common. */
struct mmp_firmware {
	const char *name; /* "OP-TEE", for people */
	const struct mmp_rules *const
		*rules; /* its releases, newest first; ends with NULL */
};

struct mmp_rules {
	const char *name;  /* "optee-4.10" */
	const char *about; /* one line */
	const struct mmp_firmware *firmware;
	const void *release; /* the rule set's own: its row of what differs by release */

	/* --- what a document may say --- */
	const struct mmp_memtype *types; /* type_count rows */
	unsigned type_count;
	const struct mmp_key_rule *key_rules; /* ends with a row without a key */
	/* Fill in defaults that depend on other keys; values that were given stay. */
	void (*complete)(const struct mmp_rules *rules, struct mmp_config *config);
	/* What the rule set demands of a configuration beyond its rows. */
	int (*check)(const struct mmp_rules *rules, const struct mmp_config *config,
		     struct mmp_error *err);

	/* --- what the firmware makes of it --- */

	/* The attribute word of a type under a configuration. */
	uint32_t (*attr)(const struct mmp_rules *rules, const struct mmp_config *config,
			 unsigned type);
	struct mmp_encoding (*encoding)(const struct mmp_rules *rules,
					const struct mmp_config *config);
	/*
	 * Fill a plan whose platform is set. 0; or -1 with plan->stop noted, or without a
	 * stop if memory ran out.
	 */
	int (*plan)(struct mmp_plan *plan);
	/* The normal world's DDR, from a finished plan; the same results, in ddr->stop. */
	int (*discover)(struct mmp_ddr *ddr, const struct mmp_plan *plan);

	/* --- what is said about it --- */
	const struct mmp_stop_info *table_stops; /* MMP_TABLE_STOP_COUNT rows */
	bool ndebug_keeps_message; /* without core_debug a panic still has its text */
	const struct mmp_policy
		*policy; /* its checks and stops; NULL: only the common ones */
	/*
	 * Names of the types of virtual space that the firmware maps into at run time: pages
	 * of shared memory, and devices in blocks. NULL: it has none.
	 */
	const char *pages_window, *blocks_window;
};

/* Every firmware there is; ends with NULL (lib/rules/all.c). */
extern const struct mmp_firmware *const mmp_firmwares[];

/* Rule set number n of all firmwares, in the order of the registry; NULL past the last. */
const struct mmp_rules *mmp_rules_at(size_t n);

/* A configuration in which nothing was given: the rule set's defaults. */
void mmp_rules_defaults(const struct mmp_rules *rules, struct mmp_config *config);

/* MMP_INVALID naming the known ones where there is none of that name. */
int mmp_rules_find(const char *name, const struct mmp_rules **ret_rules,
		   struct mmp_error *err);

/*
 * What every rule set of OP-TEE demands of a configuration: a booting core that there
 * is, and addresses and sizes that the firmware's types can hold.
 */
int mmp_config_check(const struct mmp_config *config, struct mmp_error *err);

/* The number of a type by its name ("MEM_AREA_IO_SEC"), or MMP_INVALID naming the nearest. */
int mmp_memtype_find(const struct mmp_rules *rules, const char *name, unsigned *ret_type,
		     struct mmp_error *err);

const struct mmp_key_rule *mmp_key_rule_find(const struct mmp_rules *rules,
					     const char *key, enum mmp_key_use use);

/* "IO_SEC", or "type 31" where the number has no name. Borrowed; for messages. */
const char *mmp_memtype_label(const struct mmp_rules *rules, int type);

#endif
