/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_WALK_H
#define MMP_WALK_H

/*
 * The independent reader of finished tables: from bytes in memory to what the MMU will
 * do. It shares only the field tables of lib/arch with the builder. Every build is walked
 * completely and compared with the plan before it is accepted.
 *
 * Source: Arm ARM, DDI 0487 issue K.a, D8.2 (translation process), D17.2 (PAR_EL1).
 */

#include "arch/format.h"
#include "base/par.h"
#include "model/addr.h"
#include "plan/plan.h"

/* Memory that holds tables: bytes[0 .. size) are at pa. A walk may use two runs. */
struct mmp_memory {
	struct {
		uint64_t pa;
		const uint8_t *bytes;
		size_t size;
	} runs[2];
};

struct mmp_walker {
	const struct mmp_format *format;
	const struct mmp_memory *memory;
	uint64_t base_pa; /* the base table */
	uint32_t base_entries;
	int base_level;
	uint64_t pa_limit; /* output addresses from here on fault; 0: no limit */
};

enum mmp_walk_end {
	MMP_WALK_MAPPED,
	MMP_WALK_NO_ENTRY,      /* translation fault */
	MMP_WALK_BEYOND,        /* the VA is outside the base table */
	MMP_WALK_NOT_IN_MEMORY, /* a table is outside `memory` */
	MMP_WALK_ADDRESS_SIZE,  /* an address is beyond pa_limit */
	MMP_WALK_RESERVED,      /* a reserved encoding */
};

struct mmp_walk_step {
	int level;
	uint64_t table_pa;
	uint32_t index;
	uint64_t descriptor;
};

#define MMP_WALK_STEPS_MAX 4

struct mmp_walk {
	enum mmp_walk_end end;
	int level; /* of the last step */
	unsigned count;
	struct mmp_walk_step steps[MMP_WALK_STEPS_MAX];
	struct mmp_va base;   /* first address that the last entry covers */
	uint64_t size;        /* size of what it covers, bytes */
	struct mmp_pa pa;     /* of the requested address, if mapped */
	struct mmp_leaf leaf; /* if mapped */
	/*
	 * A bit is set on the way that no firmware sets: reserved, ignored, or a table's
	 * limits on what is below it.
	 */
	bool stray;
};

/* Walk one address like the MMU. The result says where and why the walk ends. */
struct mmp_walk mmp_walk(const struct mmp_walker *walker, struct mmp_va va);

/*
 * Decode a single entry. .end says whether it maps (MMP_WALK_MAPPED, with .pa the first
 * address), maps nothing (also for a table pointer), or is reserved. `pointer` is the
 * entry that points to its table, 0 for a base table; it has the security of a page in
 * the short format. leaf.nonsecure and stray are set for a table pointer too.
 */
struct mmp_walk mmp_walk_entry(const struct mmp_format *format, int level,
			       uint64_t pointer, uint64_t descriptor);

/* The PAR_EL1 that the MMU reports for an address. */
struct mmp_par mmp_walk_par(const struct mmp_walk *walk, enum mmp_probe_access access,
			    uint64_t mair);

/*
 * Compare every page that the base table covers with the plan; with `mapped` false the
 * table must map nothing. -1 if they differ: with MMP_INVALID, naming the region, if no
 * tables can hold its addresses; else with MMP_SYSTEM, a bug of ours, naming the first
 * address that differs.
 */
int mmp_walk_verify(const struct mmp_walker *walker, const struct mmp_plan *plan,
		    bool mapped, struct mmp_error *err);

#endif
