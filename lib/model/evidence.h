/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EVIDENCE_H
#define MMP_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"

/*
 * What foreign files say about one platform: values for config keys and lists of
 * registrations, each with its file and its place in the file. The readers (lib/import)
 * and the rule sets' own importers (model/importer.h) add to it; lib/import/merge.h
 * decides which of several values wins.
 */

struct mmp_rules; /* model/rules.h */

/* How reliable a statement is, the least first. */
enum mmp_rank {
	MMP_RANK_DEFAULT,  /* a default: no input states a value */
	MMP_RANK_CORE,     /* the table of CPU cores */
	MMP_RANK_DOCUMENT, /* a platform document to be merged with */
	MMP_RANK_TREE,     /* a device tree */
	MMP_RANK_SETTINGS, /* the configuration of a build */
	MMP_RANK_IMAGE,    /* the linked image */
	MMP_RANK_BOARD,    /* measured on the board: its log */
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
	const char *what; /* symbol, option or node; NULL: the whole file */
	unsigned line;    /* of a text file, from 1; 0: not a text file */
};

struct mmp_fact {
	char *key; /* config key: "tee_ram.start" */
	enum mmp_fact_form form;
	uint64_t value;
	char *text; /* of MMP_FACT_TEXT */
	struct mmp_origin origin;
};

/* A registration in a document's words, as the numbers of types differ by release. */
struct mmp_claim {
	char *section; /* "phys_mem_map" */
	char *type;    /* name of a memory type; "" if the section has no types */
	char *name;
	uint64_t addr, size;
	uint64_t va, granularity; /* only if the section has them */
	uint32_t attr;            /* only if the section has it */
	struct mmp_origin origin;
};

/* What a firmware's boot log reports about its map. */
enum mmp_boot_kind {
	MMP_BOOT_ADDED, /* a range is added: name, type, a = address, b = size */
	MMP_BOOT_SPACE, /* a virtual space: type, b = size */
	MMP_BOOT_MERGE, /* two ranges a..b and c..d, inclusive, are merged */
	MMP_BOOT_MAPPED, /* an entry of the map: type, a = VA, b = PA, c = size, d = granule */
	MMP_BOOT_TRIED,   /* ASLR tries base a; b = 1: it was taken, c = its offset */
	MMP_BOOT_TABLES,  /* a tables are in use, of b; b = 0: not printed */
	MMP_BOOT_DDR,     /* the normal world's memory: a = address, b = size */
	MMP_BOOT_SPECIAL, /* a range with a purpose: name, a = address, b = size */
	MMP_BOOT_STOP,    /* name is the message of a panic or an assertion */
	MMP_BOOT_KIND_COUNT
};

struct mmp_boot_row {
	enum mmp_boot_kind kind;
	char *type; /* name of a memory type, or NULL */
	char *name; /* or NULL */
	uint64_t a, b, c, d;
	unsigned file, line;
};

/* A range that is DRAM, and which world owns it. */
struct mmp_dram {
	uint64_t base, size;
	char *note;
	struct mmp_origin origin;
};

struct mmp_file {
	char *name;       /* as given, without the folders that all files share */
	const char *kind; /* kind of file, from the reader */
	struct mmp_digest digest;
};

/* A message for the user: a doubt, or something that is missing. */
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
	struct mmp_boot_row *boot; /* of one boot, in log order */
	size_t dram_count, dram_capacity;
	struct mmp_dram *dram;
	size_t remark_count, remark_capacity;
	struct mmp_remark *remarks;
	const struct mmp_rules *rules; /* requested; NULL: the inputs decide */
	const char *needs; /* what to add if it is missing; NULL: usual text */
	char *release;     /* of the firmware, "4.10.0-257-gd5001fe0a"; NULL: not known */
	unsigned context;  /* which one of a log with several to read, from 0 */
	unsigned contexts; /* how many the inputs have; 0 or 1: no choice */
	bool failed;       /* memory ran out; further additions are ignored */
};

/* Initialise without facts and claims; _done frees what was added. */
void mmp_evidence_init(struct mmp_evidence *evidence);
void mmp_evidence_done(struct mmp_evidence *evidence);

/* Add a file, copying its name. Returns its number. */
unsigned mmp_evidence_file(struct mmp_evidence *evidence, const char *name,
			   const char *kind, struct mmp_digest digest);

/*
 * Add a statement, copying the texts. Statements over MMP_IMPORT_VALUES_MAX,
 * MMP_REGISTRATIONS_MAX and the like are dropped and set `failed`, so one check at the
 * end is enough.
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
/* Set two keys of an object, such as "base" and "size" of "tee_dram". */
void mmp_evidence_range(struct mmp_evidence *evidence, const struct mmp_origin *origin,
			const char *object, const char *first, uint64_t one,
			const char *second, uint64_t other);
void mmp_evidence_claim(struct mmp_evidence *evidence, const struct mmp_origin *origin,
			const char *section, const char *type, const char *name,
			uint64_t addr, uint64_t size);
/* Add a registration with all of its fields; texts are copied. */
void mmp_evidence_claim_all(struct mmp_evidence *evidence, const struct mmp_claim *given);
void mmp_evidence_boot(struct mmp_evidence *evidence, const struct mmp_boot_row *row);
/* Drop the rows of an earlier boot: the log continues with another one. */
void mmp_evidence_reboot(struct mmp_evidence *evidence);
void mmp_evidence_dram(struct mmp_evidence *evidence, const struct mmp_origin *origin,
		       uint64_t base, uint64_t size, const char *note);
void mmp_evidence_remark(struct mmp_evidence *evidence, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void mmp_evidence_release(struct mmp_evidence *evidence, const char *release);

/*
 * The fact of a key with the highest rank, or the first of several such; NULL if there is
 * none.
 */
const struct mmp_fact *mmp_evidence_best(const struct mmp_evidence *evidence,
					 const char *key);
/* The value of the best fact as a number, or `fallback`. */
uint64_t mmp_evidence_value(const struct mmp_evidence *evidence, const char *key,
			    uint64_t fallback);

#endif
