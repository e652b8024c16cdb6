/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORTER_H
#define MMP_IMPORTER_H

#include "model/evidence.h"
#include "model/image.h"
#include "model/rules.h"
#include "model/settings.h"

/*
 * How a firmware's files are interpreted. lib/import reads the formats into neutral
 * values (settings, an image, the lines of a log, a device tree). A firmware's importer
 * knows which of its options is which config key, the names of its symbols and the form
 * of its log lines, and adds what it finds as evidence.
 *
 * Each function may be NULL. `origin` names the file and how reliable it is.
 */

/* One line of a log, without line end, colours and control characters. */
struct mmp_log_line {
	const char *text; /* ends with a NUL */
	unsigned number;  /* from 1 */
};

struct mmp_log {
	size_t count;
	struct mmp_log_line *lines;
	char *text;
};

/* A named range of a device tree. */
struct mmp_tree_range {
	const char *path;
	uint64_t base, size;
	bool okay, secure_okay; /* usable by the normal and by the secure world */
	bool no_map, reusable;  /* of a reserved range */
	bool dynamic;           /* it has a size but no address: Linux chooses it */
	const char *compatible; /* the first one; "" if it has none */
};

struct mmp_tree {
	size_t memory_count, reserved_count;
	struct mmp_tree_range *memory, *reserved;
	bool has_empty_memory; /* a memory node has size 0: the boot loader fills it in */
	bool seed_known;
	uint64_t seed; /* /secure-chosen/kaslr-seed, big endian */
	const char
		*firmware; /* compatible of the first child of /firmware that is okay */
	char *text;        /* owns the texts */
};

struct mmp_importer {
	/*
	 * Prefixes of the names of reserved-memory nodes for this firmware; ends with
	 * NULL.
	 */
	const char *const *reserved_names;
	/* Whether the file is of this firmware. */
	bool (*owns_settings)(const struct mmp_settings *settings);
	bool (*owns_image)(const struct mmp_linked_image *image);
	/* How many of the lines look like this firmware's. */
	size_t (*owns_log)(const struct mmp_log *log);

	void (*settings)(struct mmp_evidence *evidence, struct mmp_origin origin,
			 const struct mmp_settings *settings);
	void (*image)(struct mmp_evidence *evidence, struct mmp_origin origin,
		      const struct mmp_linked_image *image);
	void (*log)(struct mmp_evidence *evidence, struct mmp_origin origin,
		    const struct mmp_log *log);
	void (*tree)(struct mmp_evidence *evidence, struct mmp_origin origin,
		     const struct mmp_tree *tree);
	/*
	 * Choose the rule set for the release that the evidence names. Adds remarks if
	 * the choice is not certain.
	 */
	const struct mmp_rules *(*choose)(struct mmp_evidence *evidence);
	/* Once everything is read: add what follows from several statements together. */
	void (*conclude)(struct mmp_evidence *evidence, const struct mmp_rules *rules);
};

#endif
