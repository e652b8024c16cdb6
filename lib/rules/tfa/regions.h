/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_REGIONS_H
#define MMP_RULES_TFA_REGIONS_H

/*
 * The region list of a context (ctx->mmap), with the checks that a region must pass
 * before it is inserted. Regions may be inside one another, but never overlap partly, so
 * they form trees: each knows the smallest region around it, and a check compares a new
 * region only with the outermost regions inside it and the innermost region around it.
 *
 * Source: TF-A 2.15, lib/xlat_tables_v2/xlat_tables_core.c, mmap_add_region_check() and
 * mmap_add_region_ctx().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/tfa/config.h"

struct tfa_region {
	uint64_t pa, va, size; /* bytes; size > 0 once it is in the list */
	uint64_t granularity;  /* bytes: no larger block maps it */
	uint32_t attr;         /* the firmware's word, attr.h */
	uint32_t op;           /* index of the operation that added it */
};

/* Why a call is refused. Each has its own text (words.c). */
enum tfa_rule {
	TFA_ACCEPTED,
	TFA_PA_UNALIGNED, /* check 1 */
	TFA_VA_UNALIGNED,
	TFA_SIZE_UNALIGNED,
	TFA_GRANULARITY, /* check 2 */
	TFA_PA_WRAPS,    /* check 3 */
	TFA_VA_WRAPS,
	TFA_VA_SPACE,     /* check 4 */
	TFA_PA_SPACE,     /* check 5 */
	TFA_LIST_FULL,    /* check 6 */
	TFA_DYNAMIC_NEST, /* check 7: one inside the other, and one of them is dynamic */
	TFA_OTHER_OFFSET, /* one inside the other, with another VA - PA */
	TFA_SAME_RANGE,   /* the same VA range twice */
	TFA_VA_PARTIAL,   /* the VA ranges overlap in part */
	TFA_PA_SHARED,    /* the PA ranges overlap, the VA ranges do not */
	TFA_NO_VA,        /* dynamic alloc_va: no VA is left above max_va */
	TFA_NO_TABLE,     /* dynamic: no table is left */
	TFA_NOT_FOUND,    /* remove: no region has this VA and size */
	TFA_STATIC,       /* remove: a static region */
	TFA_NOT_MAPPED,   /* get, change */
	TFA_BEYOND_BASE,  /* get, change: the base table has no entry for it */
	TFA_CHANGE_VA_UNALIGNED,
	TFA_CHANGE_SIZE_ZERO,
	TFA_CHANGE_SIZE_UNALIGNED,
	TFA_CHANGE_WRITE_EXECUTE,
	TFA_CHANGE_BLOCK,          /* mapped by a block, not by a page */
	TFA_CHANGE_DEVICE_EXECUTE, /* device memory would become executable */
	TFA_RULE_COUNT
};

/* What is known about each rule. */
struct tfa_rule_info {
	int code;         /* what the firmware returns: 0, -1, -12, -22 or -34 */
	const char *name; /* of the finding: "tfa-overlap"; NULL for TFA_ACCEPTED */
	const char *rule; /* what the firmware requires, one sentence without a stop */
};

extern const struct tfa_rule_info tfa_rules[TFA_RULE_COUNT]; /* rules.c */

/* "0", "-EPERM", "-ENOMEM", "-EINVAL" or "-ERANGE". */
const char *tfa_code_name(enum tfa_rule rule);

#define TFA_NO_REGION UINT32_MAX

struct tfa_sorted;

struct tfa_list {
	struct tfa_region *regions; /* by id; ids of removed regions are reused */
	uint32_t *around; /* by id: the smallest region around it, or NO_REGION */
	uint32_t
		*order; /* ids, ascending by last VA, then by size: the firmware's list */
	uint32_t *by_pa;           /* the same by PA; only used while offsets differ */
	struct tfa_sorted *sorted; /* scratch of tfa_list_fill */
	uint32_t count, ids, capacity;
	uint32_t most;    /* the most regions at a time so far */
	uint32_t free_id; /* an id to reuse; `around` has the next one */
	uint64_t offset;  /* VA - PA of every region, unless offsets differ */
	bool offsets_differ;
	uint64_t max_pa, max_va; /* of the context, initially 0 */
};

/* Initialise an empty list; tfa_list_done frees it. */
void tfa_list_init(struct tfa_list *list);
void tfa_list_done(struct tfa_list *list);

/* Remove all regions, but keep the memory. */
void tfa_list_clear(struct tfa_list *list);

/* Region n of the list, in its final order. */
static inline const struct tfa_region *tfa_list_at(const struct tfa_list *list,
						   uint32_t place)
{
	return &list->regions[list->order[place]];
}

/*
 * Run checks 1 to 7 in the firmware's order. Returns TFA_ACCEPTED or the first that
 * fails. For check 7, *ret_other is the id of a region that it conflicts with, else
 * TFA_NO_REGION.
 */
enum tfa_rule tfa_list_check(const struct tfa_list *list, const struct tfa_config *config,
			     const struct tfa_region *region, uint32_t *ret_other);

/* Insert a region that passed the checks. -1: out of memory, and nothing has changed. */
int tfa_list_insert(struct tfa_list *list, const struct tfa_region *region,
		    uint32_t *ret_id);

/* Raise max_pa and max_va to the end of a region that was added successfully. */
void tfa_list_raise(struct tfa_list *list, const struct tfa_region *region);

/*
 * Insert regions[0 .. count) into the empty list at once, provided that each passes the
 * checks in turn. They are sorted once, which is faster than one by one. Returns how many
 * were inserted, from the first on: all, or fewer if the next one would be refused (then
 * call tfa_list_check), or -1 if memory runs out.
 */
int64_t tfa_list_fill(struct tfa_list *list, const struct tfa_config *config,
		      const struct tfa_region *regions, uint32_t count);

/* The id of the region with exactly this VA and size, or TFA_NO_REGION. */
uint32_t tfa_list_find(const struct tfa_list *list, uint64_t va, uint64_t size);

/* Remove a dynamic region; max_pa and max_va do not change. */
void tfa_list_remove(struct tfa_list *list, uint32_t id);

/*
 * After a removal: if max_pa or max_va was that of `removed`, compute it from the list.
 */
void tfa_list_lower(struct tfa_list *list, const struct tfa_region *removed);

#endif
