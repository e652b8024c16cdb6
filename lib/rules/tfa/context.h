/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_CONTEXT_H
#define MMP_RULES_TFA_CONTEXT_H

/*
 * One translation context of TF-A (xlat_ctx_t) and the calls that change it, from the
 * first registration to the last change at run time.
 *
 * Source: TF-A 2.15, lib/xlat_tables_v2.
 */

#include "base/error.h"
#include "rules/tfa/regions.h"
#include "rules/tfa/stops.h"

enum tfa_call {
	TFA_ADD,          /* mmap_add_region(), mmap_add() */
	TFA_ADD_ALLOC_VA, /* mmap_add_region_alloc_va() */
	TFA_INIT,         /* init_xlat_tables() */
	TFA_ADD_DYNAMIC,  /* mmap_add_dynamic_region() */
	TFA_ADD_DYNAMIC_ALLOC_VA,
	TFA_REMOVE_DYNAMIC,    /* mmap_remove_dynamic_region() */
	TFA_CHANGE_ATTRIBUTES, /* xlat_change_mem_attributes() */
	TFA_GET_ATTRIBUTES,    /* xlat_get_mem_attributes() */
	TFA_CALL_COUNT
};

/* One call; fields that it does not use are 0. */
struct tfa_op {
	enum tfa_call call;
	uint64_t pa, va, size, granularity; /* bytes */
	uint32_t attr;
};

/* What a call returned. */
struct tfa_result {
	enum tfa_rule rule; /* why it was refused; its number: tfa_rule_code() */
	uint32_t other;     /* the op of the region it conflicts with, or TFA_NO_REGION */
	uint64_t va; /* the VA of an alloc_va call; for a refused get or change: where */
	uint32_t attr; /* result of get_attributes, if it succeeds */
	int8_t level;  /* level of the descriptor it was read from */
};

enum { TFA_ENTRIES = 512, TFA_TABLE_BYTES = 4096 };

/* The most table entries that the calls of one platform may visit: a second or two. */
#define TFA_WORK_MAX (UINT64_C(1) << 28)

/* The tables of a context. */
struct tfa_tables {
	uint64_t base_pa, xlat_pa; /* where they are */
	int base_level;
	uint32_t base_entries, base_room;
	uint64_t *base;
	uint64_t *words;    /* TFA_ENTRIES per table, the tables in the array's order */
	int32_t *counts;    /* dynamic: regions in each table */
	uint16_t *filled;   /* entries from here on are known to be 0 */
	int8_t *level;      /* of each table; -1: nothing points to it */
	uint64_t *base_va;  /* of its entry 0 */
	uint32_t *made_for; /* the op of the region that it was made for */
	uint32_t touched, capacity; /* number of tables ever taken, and room for them */
	uint32_t words_room;        /* of `words`, which can be taken away */
	uint32_t taken;             /* static: the firmware's next_table */
	uint32_t free_hint;         /* dynamic: no table below it is free */
	uint64_t work;              /* entries visited so far */
};

struct tfa_context {
	const struct tfa_config *config; /* borrowed while it runs */
	struct tfa_list list;
	struct tfa_tables tables;
	struct tfa_result *results; /* one per op that returned */
	uint32_t result_count, room;
	struct tfa_region *batch; /* scratch: the regions of the first adds */
	bool initialized;
	enum tfa_stop stop; /* TFA_NO_STOP: the firmware continues */
	uint32_t stop_call; /* the op, or TFA_NO_CALL: when the MMU is switched on */
	struct tfa_region stop_region; /* the region it is about; size 0: none */
	struct tfa_result stop_reason; /* for a refused static region */
	uint32_t stop_tables;          /* tables in use at that time */
};

#define TFA_NO_CALL UINT32_MAX

/*
 * Initialise a context without calls; tfa_context_done frees what running it allocates.
 */
void tfa_context_init(struct tfa_context *context);
void tfa_context_done(struct tfa_context *context);

/*
 * Run the calls in order, from an empty context; the memory of an earlier run is reused.
 * `config` and what it points to must outlive the results. Returns 0, even if the
 * firmware stops (context->stop), or -1 with MMP_SYSTEM if memory runs out, or
 * MMP_TOO_LARGE over MMP_TABLES_MAX or TFA_WORK_MAX.
 */
int tfa_context_run(struct tfa_context *context, const struct tfa_config *config,
		    const struct tfa_op *ops, uint32_t count, uint64_t base_pa,
		    uint64_t xlat_pa, struct mmp_error *err);

/*
 * The number of tables in use: those taken if static, those with a count above 0 if
 * dynamic.
 */
uint32_t tfa_tables_used(const struct tfa_context *context);

/* --- map.c --------------------------------------------------------------------------- */

/* Zero the base table and, at a second init, the other tables. -1: MMP_SYSTEM. */
int tfa_tables_start(struct tfa_context *context, struct mmp_error *err);

enum tfa_map_end { TFA_MAPPED, TFA_TABLES_OUT, TFA_ENDED };

/*
 * Map a region. TABLES_OUT: no table is left, and *ret_va is the firmware's "failed at".
 * ENDED: the firmware stops (context->stop), or err is filled in.
 */
enum tfa_map_end tfa_map(struct tfa_context *context, const struct tfa_region *region,
			 uint64_t *ret_va, struct mmp_error *err);
void tfa_unmap(struct tfa_context *context, uint64_t va, uint64_t size);

/*
 * Find the levels and addresses of tables by what points to them, after dynamic changes.
 */
void tfa_tables_find_levels(struct tfa_context *context);

/*
 * Whether a word of a table points to another table, and to which one. A page left over
 * in a table that was freed and reused at a lower level does not count as a pointer:
 * there the firmware would follow an invalid address.
 */
static inline bool tfa_points(const struct tfa_tables *t, int level, uint64_t word,
			      uint32_t *ret_table)
{
	uint64_t at = (word & UINT64_C(0xfffffffff000)) - t->xlat_pa;

	if (level == 3 || (word & 3) != 3 || at / TFA_TABLE_BYTES >= t->touched)
		return false;
	*ret_table = (uint32_t)(at / TFA_TABLE_BYTES);
	return true;
}

/* An entry of that level maps 1 << shift bytes. */
static inline unsigned tfa_shift(int level)
{
	return 39 - 9 * (unsigned)level;
}

/* --- pages.c: changes at run time ------------------------------------------------------ */

/* Returns -1 if the firmware stops. */
int tfa_get_attributes(struct tfa_context *context, uint64_t va,
		       struct tfa_result *result);
int tfa_change_attributes(struct tfa_context *context, const struct tfa_op *op,
			  struct tfa_result *result);

/* --- descriptor.c ---------------------------------------------------------------------- */

/*
 * Make the descriptor of an attribute word at a level, without address. Returns
 * TFA_NO_STOP, or the stop while making it.
 */
enum tfa_stop tfa_descriptor(const struct tfa_config *config, uint32_t attr, int level,
			     uint64_t *ret_word);

/* What xlat_get_mem_attributes() decodes from a block or page. */
uint32_t tfa_read_back(const struct tfa_config *config, uint64_t word);

#endif
