/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_H
#define MMP_RULES_H

/*
 * A rule set: whose behaviour is reproduced. Everything that differs between
 * firmware versions is data in one of these, or in that rule set's planner
 * (plan/planner.h). Nothing else knows how many there are.
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

struct mmp_rules {
	const char *name;                /* "optee-4.10" */
	const char *about;               /* one line */
	const struct mmp_memtype *types; /* type_count rows */
	unsigned type_count;
	const struct mmp_key_rule *key_rules;    /* ends with a row without a key */
	const struct mmp_stop_info *table_stops; /* MMP_TABLE_STOP_COUNT rows */
	bool ndebug_keeps_message; /* without core_debug a panic still has its text */

	/* The attribute word of a type under a configuration. */
	uint32_t (*attr)(const struct mmp_config *config, unsigned type);
	struct mmp_encoding (*encoding)(const struct mmp_config *config);
	/* Defaults that hang on other keys; what was given is left alone. */
	void (*complete)(struct mmp_config *config);
	/* What the rule set demands of a configuration beyond the rows. */
	int (*check)(const struct mmp_config *config, struct mmp_error *err);
};

extern const struct mmp_rules *const mmp_rules_all[]; /* ends with NULL */

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
