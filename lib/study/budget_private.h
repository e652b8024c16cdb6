/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BUDGET_PRIVATE_H
#define MMP_BUDGET_PRIVATE_H

#include "study/budget.h"
#include "study/measure.h"

/* Internal to the budget. */

/* First and last byte of a VA range. */
struct mmp_va_extent {
	uint64_t first, last;
};

/* Make an extent; false if it is empty or wraps. */
static inline bool mmp_va_extent_of(const struct mmp_layout *l, uint64_t va,
				    uint64_t size, struct mmp_va_extent *ret_extent)
{
	uint64_t last = (va + size - 1) & l->plan.shape.va_mask;

	*ret_extent = (struct mmp_va_extent){ va, last };
	return size && last >= va;
}

/* Whether two extents have an address in common. */
static inline bool mmp_va_extents_meet(const struct mmp_va_extent *a,
				       const struct mmp_va_extent *b)
{
	return a->first <= b->last && b->first <= a->last;
}

/* The addresses that table n has entries for. */
static inline struct mmp_va_extent mmp_va_extent_of_table(const struct mmp_layout *l,
							  uint32_t n)
{
	const struct mmp_format *format = l->tables.format;
	const struct mmp_xlat *x = &l->tables.xlat[n];
	uint64_t entries = format->entries(x->level);

	return (struct mmp_va_extent){
		x->base_va, x->base_va + ((entries << format->shift(x->level)) - 1)
	};
}

/* What mappings at run time need and have; budget->layout must be made. */
void mmp_budget_look_ahead(struct mmp_budget *budget, uint64_t shm);

/*
 * Compute the platform again without each region, for its price, and with each promising
 * change, for the suggestions. The rest of the budget must be made. -1 is MMP_SYSTEM.
 */
int mmp_budget_try(struct mmp_budget *budget, struct mmp_error *err);

/* --- a changed platform that is computed again -------------------------------------- */

struct mmp_claims; /* budget_claims.c */

struct mmp_trying {
	struct mmp_budget *budget;
	const struct mmp_platform *platform;
	struct mmp_platform copy; /* it owns its registrations and borrows the texts */
	size_t *changed;          /* indexes of changed registrations in the copy */
	size_t changed_count;
	struct mmp_claims *claims;
	struct mmp_layout layout;
	struct mmp_measure now, strict; /* of the unchanged platform */
	uint64_t work,
		most; /* entries and tables computed, and what may be: MMP_BUDGET_WORK */
	uint64_t mask, pgdir; /* of PAs; bytes of a block one level above pages */
	struct mmp_error *err;
};

/* Reset the copy to the platform; get a registration of it to change. */
void mmp_try_reset(struct mmp_trying *t);
struct mmp_registration *mmp_try_change(struct mmp_trying *t, size_t ordinal);
void mmp_try_without(struct mmp_trying *t, size_t ordinal);

/* Whether the work limit of the budget is not reached. */
bool mmp_try_may_go_on(const struct mmp_trying *t);

/*
 * Compute the copy. If it saves something and has no new stop, add the suggestion, with
 * what it saves.
 */
int mmp_try_suggest(struct mmp_trying *t, struct mmp_suggestion *suggestion,
		    bool *ret_taken);

/* Try every change. */
int mmp_try_changes(struct mmp_trying *t);

/* The physical memory that registrations use. NULL if memory runs out. */
struct mmp_claims *mmp_claims_new(const struct mmp_platform *platform, uint64_t mask);

/*
 * Whether a registration of another type uses part of [addr, addr + size). *work grows by
 * the work this takes.
 */
bool mmp_claims_meet(const struct mmp_claims *claims, unsigned type, uint64_t addr,
		     uint64_t size, uint64_t *work);

#endif
