/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PLATFORM_H
#define MMP_PLATFORM_H

/*
 * A platform as registered: name, rule set, configuration, and the registrations in
 * link order. Raw on purpose: ranges may be empty, overlap and wrap, as the firmware
 * takes them so. Built once by adding, then const.
 */

#include "model/rules.h"

struct mmp_registration {
	unsigned section; /* number in the rule set's table */
	unsigned type; /* number in the rule set's table; 0 if sections have no types */
	uint64_t addr, size; /* physical; bytes */
	const char *name;    /* UTF-8; may be empty and may repeat */
	const char *origin;  /* "platform", or the file it came from */
	uint64_t va;         /* what follows only where the section has it, else 0 */
	uint32_t attr;
	uint64_t granularity; /* bytes */
};

/* Memory that a document says is DRAM, and whose it is. */
struct mmp_dram_range {
	uint64_t base, size; /* bytes */
	const char *note;    /* "" for none */
};

struct mmp_platform {
	char *name;
	const struct mmp_rules *rules;
	struct mmp_config config; /* the rule set's own struct is inside */
	size_t count, capacity;
	struct mmp_registration *registrations;
	/*
	 * What a document says that nothing is computed from, such as its waivers: JSON
	 * text, an object, kept and written back as it is. NULL: nothing.
	 */
	char *notes;
	size_t dram_count; /* 0: the document does not say what is DRAM */
	struct mmp_dram_range *dram;
	/* What it said that its rules do not have, and so was left out: a line each. */
	char **lacks;
	size_t lack_count;
};

/* Copies the name. NULL if memory ran out. Configuration: the rule set's defaults. */
struct mmp_platform *mmp_platform_new(const char *name, const struct mmp_rules *rules);
void mmp_platform_free(struct mmp_platform *platform); /* NULL is fine */

/* Append; texts are copied. MMP_TOO_LARGE over MMP_REGISTRATIONS_MAX. */
int mmp_platform_add(struct mmp_platform *platform, const struct mmp_registration *one,
		     struct mmp_error *err);

/* Say that a range is DRAM; the note is copied. MMP_TOO_LARGE over MMP_DRAM_MAX. */
int mmp_platform_add_dram(struct mmp_platform *platform, const struct mmp_dram_range *one,
			  struct mmp_error *err);

/* Note that its rules do not have something, in a line. 0 or MMP_SYSTEM. */
int mmp_platform_lacks(struct mmp_platform *platform, struct mmp_error *err,
		       const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * The same platform under another rule set of its firmware. What that does not have is left
 * out, and noted in `lacks`; a finding says each. MMP_INVALID: of another firmware.
 */
int mmp_platform_under(const struct mmp_platform *platform, const struct mmp_rules *rules,
		       struct mmp_platform **ret_platform, struct mmp_error *err);

/* Take out the registration at `ordinal`; those after it move up. */
int mmp_platform_remove(struct mmp_platform *platform, size_t ordinal,
			struct mmp_error *err);

/*
 * Bytes that its mapped ranges have together, UINT64_MAX if that is more than 64 bits
 * hold: how many tables they may take is in proportion.
 */
uint64_t mmp_platform_bytes(const struct mmp_platform *platform);

/*
 * The name of a platform or a board: 1 to MMP_NAME_MAX bytes of UTF-8 without
 * control characters and '/'; not "." or "..", nor what a command line takes for something
 * else: "-..." and "....json".
 */
int mmp_name_check(const char *what, const char *name, struct mmp_error *err);

/* The value of a configuration key by its name; 0 if the rule set has no such key. */
uint64_t mmp_platform_value(const struct mmp_platform *platform, const char *key);

#endif
