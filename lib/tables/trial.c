/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "arch/regime.h"
#include "base/limits.h"
#include "base/page.h"
#include "tables/probe.h"

/*
 * What may be executed. Source: Arm ARM, DDI 0487 issue K.a, D8.4.1 (access permissions),
 * D8.4.2 (execute-never) and D8.4.5 (SCTLR_ELx.WXN).
 */

enum { PERMISSION = 0x0c, LEVELS = 2 };

struct trying {
	const struct mmp_layout *layout;
	struct mmp_walker walker;
	uint64_t mair;
	struct mmp_trial *trials;
	size_t count;
};

static bool writable(const struct mmp_leaf *leaf, unsigned level)
{
	return !leaf->read_only && (level == 1 || leaf->user);
}

/* EL1 never executes what EL0 may write. */
static bool executable(const struct mmp_leaf *leaf, unsigned level)
{
	if (level == 0)
		return !leaf->uxn;
	return !leaf->pxn && !(leaf->user && !leaf->read_only);
}

/* Whether this kind of trial gives another result than the plain one. */
static bool tells(const struct mmp_leaf *leaf, unsigned level, enum mmp_trial_kind kind)
{
	if (kind == MMP_TRIAL_PLAIN)
		return true;
	return executable(leaf, level) &&
	       (kind == MMP_TRIAL_BRANCHED || writable(leaf, level));
}

static bool runs(const struct mmp_leaf *leaf, unsigned level, enum mmp_trial_kind kind)
{
	return executable(leaf, level) &&
	       !(kind == MMP_TRIAL_BRANCHED && leaf->guarded) && kind != MMP_TRIAL_WXN;
}

static void add(struct trying *t, uint32_t region, const struct mmp_walk walks[2],
		unsigned level, enum mmp_trial_kind kind)
{
	const struct mmp_leaf *leaf = &walks[0].leaf;
	const struct mmp_region *r = &t->layout->plan.regions[region];
	struct mmp_trial *trial = &t->trials[t->count++];

	*trial = (struct mmp_trial){
		.region = region,
		.level = (uint8_t)level,
		.kind = kind,
		.device = !(t->mair >> 8 * leaf->memory & 0xf0),
		.nonsecure = leaf->nonsecure,
		.runs = runs(leaf, level, kind),
	};
	for (unsigned i = 0; i < 2; i++) {
		trial->pages[i].va = i ? r->va + r->size - MMP_PAGE : r->va;
		trial->pages[i].pa = mmp_page_down(walks[i].pa.at);
		if (!trial->runs && kind != MMP_TRIAL_BRANCHED)
			trial->pages[i].fault_status =
				(uint8_t)(PERMISSION | walks[i].level);
	}
}

/* First and last page differ at most in the level; a small region has one page. */
static void try_region(struct trying *t, uint32_t region)
{
	const struct mmp_region *r = &t->layout->plan.regions[region];
	struct mmp_walk walks[2];

	if (r->mapping != MMP_MAP_BLOCKS || r->size < MMP_PAGE)
		return;
	walks[0] = mmp_walk(&t->walker, (struct mmp_va){ r->va });
	walks[1] = mmp_walk(&t->walker, (struct mmp_va){ r->va + r->size - MMP_PAGE });
	if (walks[0].end != MMP_WALK_MAPPED || walks[1].end != MMP_WALK_MAPPED ||
	    !walks[0].leaf.accessed)
		return;
	for (unsigned level = 0; level < LEVELS; level++)
		for (enum mmp_trial_kind kind = 0; kind < MMP_TRIAL_KIND_COUNT; kind++)
			if (tells(&walks[0].leaf, level, kind) &&
			    t->count < MMP_TRIALS_MAX)
				add(t, region, walks, level, kind);
}

struct mmp_trial *mmp_trial_make(const struct mmp_layout *layout,
				 const struct mmp_memory *memory, size_t *ret_count)
{
	size_t most = layout->plan.count * LEVELS * MMP_TRIAL_KIND_COUNT + 1;
	struct trying t = { .layout = layout,
			    .walker = mmp_layout_walker(layout, memory, 0),
			    .mair = mmp_layout_register_for(layout, MMP_REGISTER_MAIR) };

	t.walker.pa_limit = mmp_probe_pa_limit(layout);
	t.trials =
		calloc(most < MMP_TRIALS_MAX ? most : MMP_TRIALS_MAX, sizeof(*t.trials));
	for (uint32_t n = 0; t.trials && n < layout->plan.count; n++)
		try_region(&t, n);
	*ret_count = t.count;
	return t.trials;
}
