/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EVIDENCE_H
#define MMP_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"

/*
 * What files of foreign formats say about one platform: values for config keys and
 * lists of registrations, each with the file and the place in it that they come from.
 * Readers add to it (lib/import), and so do the rule sets' own importers
 * (model/importer.h); lib/import/merge.h decides which of several values counts.
 */

struct mmp_rules; /* model/rules.h */

/* How much a statement is worth, the least first. */
enum mmp_rank {
	MMP_RANK_DEFAULT,  /* nobody said anything */
	MMP_RANK_CORE,     /* the table of CPU cores */
	MMP_RANK_DOCUMENT, /* a platform document that is merged with */
	MMP_RANK_TREE,     /* a device tree */
	MMP_RANK_SETTINGS, /* the configuration of a build */
	MMP_RANK_IMAGE,    /* the linked image */
	MMP_RANK_BOARD,    /* measured by the board: its log */
	MMP_RANK_COUNT
};

extern const char *const mmp_rank_names[MMP_RANK_COUNT];

enum mmp_fact_form {
	MMP_FACT_FLAG,  /* 0 or 1 */
	MMP_FACT_COUNT, /* written as a JSON number */
	MMP_FACT_HEX,   /* an address or a size */
	MMP_FACT_TEXT,  /* one of a key's words: "arm64" */
	MMP_FACT_NULL,  /* the key is null */
};

/* Where a statement comes from. */
struct mmp_origin {
	unsigned file; /* in evidence->files */
	enum mmp_rank rank;
	const char *what; /* symbol, option or node; NULL: the file as a whole */
	unsigned line;    /* of a text file, from 1; 0: not a text */
};

struct mmp_fact {
	char *key; /* of a config: "tee_ram.start" */
	enum mmp_fact_form form;
	uint64_t value;
	char *text; /* of MMP_FACT_TEXT */
	struct mmp_origin origin;
};

/* A registration by the words of a document, as numbers differ by release. */
struct mmp_claim {
	char *section; /* "phys_mem_map" */
	char *type;    /* name of a memory type; "" if the section has no types */
	char *name;
	uint64_t addr, size;
	uint64_t va, granularity; /* where the section has them */
	uint32_t attr;            /* the same */
	struct mmp_origin origin;
};

/* What a board prints while it makes its map. */
enum mmp_boot_kind {
	MMP_BOOT_ADDED, /* a range is added: name, type, a = address, b = size */
	MMP_BOOT_SPACE, /* a virtual space: type, b = size */
	MMP_BOOT_MERGE, /* two ranges a..b and c..d, all inclusive, become one */
	MMP_BOOT_MAPPED, /* an entry of the map: type, a = VA, b = PA, c = size, d = granule */
	MMP_BOOT_TRIED, /* a base of address randomisation: a; b = 1: taken, c = its offset */
	MMP_BOOT_TABLES,  /* a tables are in use, of b; b = 0: not said */
	MMP_BOOT_DDR,     /* the normal world's memory: a = address, b = size */
	MMP_BOOT_SPECIAL, /* a range with a purpose: name, a = address, b = size */
	MMP_BOOT_STOP,    /* name is what a panic or an assertion says */
	MMP_BOOT_KIND_COUNT
};

struct mmp_boot_row {
	enum mmp_boot_kind kind;
	char *type; /* name of a memory type; NULL if the kind has none */
	char *name; /* the same */
	uint64_t a, b, c, d;
	unsigned file, line;
};

/* A range that is DRAM, and whose it is. */
struct mmp_dram {
	uint64_t base, size;
	char *note;
	struct mmp_origin origin;
};

struct mmp_file {
	char *name;       /* as it was given, without the folders that all share */
	const char *kind; /* of the reader */
	struct mmp_digest digest;
};

/* Something that the person must hear: a doubt, a thing that is missing. */
struct mmp_remark {
	char *text;
};

struct mmp_evidence {
	size_t file_count, file_capacity;
	struct mmp_file *files;
	size_t fact_count, fact_capacity;
	struct mmp_fact *facts;
	size_t claim_count, claim_capacity;
	struct mmp_claim *claims;
	size_t boot_count, boot_capacity;
	struct mmp_boot_row *boot; /* of one boot, in the order of the log */
	size_t dram_count, dram_capacity;
	struct mmp_dram *dram;
	size_t remark_count, remark_capacity;
	struct mmp_remark *remarks;
	const struct mmp_rules *rules; /* that were asked for; NULL: as the inputs say */
	const char *needs; /* what to add where something is missing; NULL: the usual */
	char *release;     /* of the firmware, "4.10.0-257-gd5001fe0a"; NULL: not said */
	unsigned context;  /* of a log with several: the one to read, from 0 */
	unsigned contexts; /* how many the inputs have; 0 or 1: no choice */
	bool failed;       /* memory ran out; nothing more is taken */
};

/* No facts and no claims yet; _done frees what was added. */
void mmp_evidence_init(struct mmp_evidence *evidence);
void mmp_evidence_done(struct mmp_evidence *evidence);

/* The number of the new file; names are copied. */
unsigned mmp_evidence_file(struct mmp_evidence *evidence, const char *name,
			   const char *kind, struct mmp_digest digest);

/*
 * State something; texts are copied. Over MMP_IMPORT_VALUES_MAX, MMP_REGISTRATIONS_MAX and so
 * on a statement is dropped and `failed` is set: one check at the end does.
 */
void mmp_evidence_flag(struct mmp_evidence *evidence, const struct mmp_origin *origin,
		       const char *key, bool on);
void mmp_evidence_count(struct mmp_evidence *evidence, const struct mmp_origin *origin,
			const char *key, uint64_t value);
void mmp_evidence_hex(struct mmp_evidence *evidence, const struct mmp_origin *origin,
		      const char *key, uint64_t value);
void mmp_evidence_text(struct mmp_evidence *evidence, const struct mmp_origin *origin,
		       const char *key, const char *text);
void mmp_evidence_null(struct mmp_evidence *evidence, const struct mmp_origin *origin,
		       const char *key);
/* Two keys of one object: "tee_dram" with "base" and "size". */
void mmp_evidence_range(struct mmp_evidence *evidence, const struct mmp_origin *origin,
			const char *object, const char *first, uint64_t one,
			const char *second, uint64_t other);
void mmp_evidence_claim(struct mmp_evidence *evidence, const struct mmp_origin *origin,
			const char *section, const char *type, const char *name,
			uint64_t addr, uint64_t size);
/* The same with all that a registration may have; texts are copied. */
void mmp_evidence_claim_all(struct mmp_evidence *evidence, const struct mmp_claim *given);
void mmp_evidence_boot(struct mmp_evidence *evidence, const struct mmp_boot_row *row);
/* Drop the rows of a boot: the log goes on with another. */
void mmp_evidence_reboot(struct mmp_evidence *evidence);
void mmp_evidence_dram(struct mmp_evidence *evidence, const struct mmp_origin *origin,
		       uint64_t base, uint64_t size, const char *note);
void mmp_evidence_remark(struct mmp_evidence *evidence, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void mmp_evidence_release(struct mmp_evidence *evidence, const char *release);

/* The fact of a key with the highest rank, the first of equals; NULL: none. */
const struct mmp_fact *mmp_evidence_best(const struct mmp_evidence *evidence,
					 const char *key);
/* Its value as a number, or `fallback`. */
uint64_t mmp_evidence_value(const struct mmp_evidence *evidence, const char *key,
			    uint64_t fallback);

#endif
