/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_H
#define MMP_RULES_TFA_H

/*
 * TF-A's xlat_tables_v2 as a rule set. A registration is a call of the library, in the
 * order of the calls; its section is the call (enum tfa_call).
 *
 * config.c has the keys, attr.c the attribute word, regions.c the list with its checks,
 * context.c the calls, map.c and pages.c the tables, descriptor.c and registers.c the
 * bits. plan.c and tables.c convert all of that to mmp's plan and tables; checks.c
 * reports problems.
 */

#include "rules/tfa/context.h"
#include "tables/layout.h"

extern const struct mmp_firmware mmp_tfa;
extern const struct mmp_rules tfa_2_15;

/*
 * The types of regions: a row for each combination of type, access, execution and space.
 */
enum { TFA_TYPES = 49 };
extern const struct mmp_memtype tfa_types[TFA_TYPES];
extern const struct mmp_section tfa_sections[TFA_CALL_COUNT];

/* Hooks of struct mmp_rules. */
int tfa_plan(struct mmp_plan *plan);
int tfa_make_tables(struct mmp_tables *tables, const struct mmp_plan *plan,
		    const struct mmp_placement *placement, struct mmp_error *err);
int tfa_pieces(const struct mmp_plan *plan, struct mmp_region **ret_pieces,
	       size_t *ret_count);
unsigned tfa_registers(const struct mmp_plan *plan, const struct mmp_tables *tables,
		       struct mmp_register *registers);
unsigned tfa_facts(const struct mmp_plan *plan, const struct mmp_ddr *ddr,
		   struct mmp_register *facts);
const char *tfa_log(const struct mmp_plan *plan, size_t n, char text[MMP_LOG_SIZE]);

/* What xlat_mmap_print() prints of a region. */
const char *tfa_log_region(const struct mmp_plan *plan, size_t n,
			   char text[MMP_LOG_SIZE]);
unsigned tfa_type(const struct mmp_rules *rules, uint32_t attr);
const struct mmp_regime *tfa_regime(const struct mmp_rules *rules,
				    const struct mmp_config *config);
void tfa_leaf(const struct mmp_rules *rules, const struct mmp_config *config,
	      const struct mmp_format *format, uint32_t attr, struct mmp_leaf *ret_leaf);
uint32_t tfa_attr_of(const struct mmp_rules *rules, const struct mmp_config *config,
		     const struct mmp_leaf *leaf);
int tfa_encode(const struct mmp_rules *rules, const struct mmp_config *config,
	       const struct mmp_format *format, int level, uint32_t attr,
	       uint64_t *ret_word, struct mmp_error *err);
uint32_t tfa_decode(const struct mmp_rules *rules, const struct mmp_config *config,
		    const struct mmp_format *format, int level, uint64_t word);

enum { TFA_MEMORY_KINDS = 3 };
extern const struct mmp_memory_kind tfa_memory_kinds[TFA_MEMORY_KINDS];

/* What tfa_plan() leaves in a plan: the calls and their results. */
struct tfa_run {
	const struct mmp_platform *platform; /* borrowed; of the ops */
	struct tfa_context context;
	struct tfa_config
		config; /* that it ran with: the platform's, or with higher limits */
	struct tfa_op *ops;
	size_t room, count;
	bool failed;       /* without a stop: err has the reason */
	bool tables_taken; /* the words of the tables are no longer in the context */
	struct mmp_error err;
};

/* The run that tfa_plan() left in a plan. */
struct tfa_run *tfa_run_of(const struct mmp_plan *plan);

/* Convert a platform's registrations to calls: as many as it has. */
void tfa_read_ops(struct tfa_op *ops, const struct mmp_platform *platform);

/* Run the calls, again or for the first time. */
void tfa_run_again(struct tfa_run *run, uint64_t base_pa, uint64_t xlat_pa);

/* Name the region of call n: its name in quotes, or "the region of call n". */
#define TFA_LABEL_SIZE 64
const char *tfa_label(const struct mmp_platform *platform, uint32_t n,
		      char label[TFA_LABEL_SIZE]);

/* Set `stop` to where the calls stopped. Returns -1. */
int tfa_note_stop(struct mmp_stop *stop, const struct tfa_run *run);

/* Whether a stop happens in the tables, not while registering. */
bool tfa_stops_at_tables(enum tfa_stop stop);

/* Convert a region of the list to an entry of a plan. */
struct mmp_region tfa_region_of(const struct tfa_region *region, uint32_t attr);

#endif
