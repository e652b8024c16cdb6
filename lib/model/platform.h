/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PLATFORM_H
#define MMP_PLATFORM_H

/*
 * A platform as registered: name, rule set, configuration, and the registrations in link
 * order. Nothing is checked: ranges may be empty, overlap or wrap, as the firmware
 * accepts such ranges. Built once by adding, then const.
 */

#include "model/rules.h"

struct mmp_registration {
	unsigned section; /* index in the rule set's table */
	unsigned type;    /* index in the rule set's table; 0 if sections have no types */
	uint64_t addr, size; /* physical; bytes */
	const char *name;    /* UTF-8; may be empty and may repeat */
	const char *origin;  /* "platform", or the file it came from */
	uint64_t va;         /* 0 unless the section has it, like the fields below */
	uint32_t attr;
	uint64_t granularity; /* bytes */
};

/* A range that a document declares as DRAM. */
struct mmp_dram_range {
	uint64_t base, size; /* bytes */
	const char *note;    /* "" for none */
};

struct mmp_platform {
	char *name;
	const struct mmp_rules *rules;
	struct mmp_config config; /* contains the rule set's own struct */
	size_t count, capacity;
	struct mmp_registration *registrations;
	/*
	 * Members of the document that do not affect the computation, such as its
	 * waivers: a JSON object as text, stored and written back unchanged. NULL: none.
	 */
	char *notes;
	size_t dram_count; /* 0: the document does not declare DRAM */
	struct mmp_dram_range *dram;
	/* What was left out since its rules do not have it, one line each. */
	char **lacks;
	size_t lack_count;
};

/*
 * Make a platform with the rule set's default configuration; the name is copied. NULL if
 * memory runs out.
 */
struct mmp_platform *mmp_platform_new(const char *name, const struct mmp_rules *rules);
void mmp_platform_free(struct mmp_platform *platform); /* NULL is fine */

/*
 * Append a registration; texts are copied. More than MMP_REGISTRATIONS_MAX are
 * MMP_TOO_LARGE.
 */
int mmp_platform_add(struct mmp_platform *platform, const struct mmp_registration *one,
		     struct mmp_error *err);

/*
 * Declare a range as DRAM; the note is copied. More than MMP_DRAM_MAX are MMP_TOO_LARGE.
 */
int mmp_platform_add_dram(struct mmp_platform *platform, const struct mmp_dram_range *one,
			  struct mmp_error *err);

/*
 * Add a line about something that the rules do not have. Returns 0, or -1 with
 * MMP_SYSTEM.
 */
int mmp_platform_lacks(struct mmp_platform *platform, struct mmp_error *err,
		       const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Convert a platform to another rule set of the same firmware. What that rule set does
 * not have is left out and noted in `lacks`; a finding reports each. A rule set of
 * another firmware is MMP_INVALID.
 */
int mmp_platform_under(const struct mmp_platform *platform, const struct mmp_rules *rules,
		       struct mmp_platform **ret_platform, struct mmp_error *err);

/* Remove the registration at `ordinal`; the later ones move up. */
int mmp_platform_remove(struct mmp_platform *platform, size_t ordinal,
			struct mmp_error *err);

/*
 * The total size of its mapped ranges in bytes, UINT64_MAX if it exceeds 64 bits. The
 * number of tables they may take is proportional to it.
 */
uint64_t mmp_platform_bytes(const struct mmp_platform *platform);

/*
 * Check the name of a platform or board: 1 to MMP_NAME_MAX bytes of UTF-8 without control
 * characters and '/'. It must not be "." or "..", and must not look like an option
 * ("-...") or a file ("....json") on a command line.
 */
int mmp_name_check(const char *what, const char *name, struct mmp_error *err);

/* The value of a configuration key by its name; 0 if the rule set has no such key. */
uint64_t mmp_platform_value(const struct mmp_platform *platform, const char *key);

#endif
