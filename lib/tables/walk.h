/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_WALK_H
#define MMP_WALK_H

/*
 * The independent reader of finished tables: from bytes in memory back to what the
 * MMU will do. It shares the field tables of lib/arch with the builder and nothing
 * else. Every build is walked in full and compared with the plan before it counts.
 *
 * Source: Arm ARM, DDI 0487 issue K.a, D8.2 (translation process), D17.2 (PAR_EL1).
 */

#include "arch/format.h"
#include "base/par.h"
#include "model/addr.h"
#include "plan/plan.h"

/* Memory that holds tables: bytes[0 .. size) are at pa. A walk may span two runs. */
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
	struct mmp_va base;   /* where the last entry begins ... */
	uint64_t size;        /* ... and what it covers, bytes */
	struct mmp_pa pa;     /* of the address asked for, where mapped */
	struct mmp_leaf leaf; /* where mapped */
	/* A bit is set on the way that no firmware sets: reserved, ignored, or a table's
	 * own limits on what is below. */
	bool stray;
};

/* Walk one address, as the MMU would; says where and why it ends. */
struct mmp_walk mmp_walk(const struct mmp_walker *walker, struct mmp_va va);

/*
 * A single entry read in the same way: .end says whether it maps (MMP_WALK_MAPPED, with
 * .pa the first address), maps nothing (a table pointer too), or is reserved. `pointer`
 * is the entry that leads to its table, 0 for a base table: a page of the short format
 * has its security from there. leaf.nonsecure and stray are said of a table pointer too.
 */
struct mmp_walk mmp_walk_entry(const struct mmp_format *format, int level,
			       uint64_t pointer, uint64_t descriptor);

/* What PAR_EL1 says of an address. */
struct mmp_par mmp_walk_par(const struct mmp_walk *walk, enum mmp_probe_access access,
			    uint64_t mair);

/*
 * Compare every page that the base table reaches with the plan; `mapped` false: the
 * table must map nothing. -1 if they differ: with MMP_INVALID naming the region of the
 * platform whose addresses no tables can hold, else, as a bug of ours, with MMP_SYSTEM
 * naming the first address that differs.
 */
int mmp_walk_verify(const struct mmp_walker *walker, const struct mmp_plan *plan,
		    bool mapped, struct mmp_error *err);

#endif
