/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "rules/optee/import.h"

/* The first release that byte-swaps the seed (its fdt64_ld()). */
enum { SEED_SWAPPED = 403 };

static uint64_t swapped(uint64_t value)
{
	uint64_t made = 0;

	for (unsigned i = 0; i < 8; i++)
		made |= (value >> 8 * i & 0xff) << 8 * (7 - i);
	return made;
}

static void import_memory(struct mmp_evidence *evidence, struct mmp_origin *origin,
			  const struct mmp_tree *tree)
{
	for (size_t i = 0; i < tree->memory_count; i++) {
		const struct mmp_tree_range *m = &tree->memory[i];

		origin->what = m->path;
		if (m->okay && m->secure_okay && m->size)
			mmp_evidence_dram(evidence, origin, m->base, m->size,
					  "DDR of the normal world");
		else if (m->secure_okay && m->size)
			mmp_evidence_dram(evidence, origin, m->base, m->size,
					  "secure memory");
	}
	if (tree->has_empty_memory)
		mmp_evidence_remark(
			evidence, "the device tree has a memory node of size 0: the boot "
				  "loader fills it in, so how much DDR there is comes "
				  "from the board (its /sys/firmware/fdt)");
}

/*
 * Secure heaps are SDP memory, but the firmware only reads them from its own embedded
 * tree. So they are mentioned, but not registered.
 */
static void import_reserved(struct mmp_evidence *evidence, const struct mmp_tree *tree)
{
	for (size_t i = 0; i < tree->reserved_count; i++) {
		const struct mmp_tree_range *m = &tree->reserved[i];

		if (strcmp(m->compatible, "linaro,secure-heap") == 0)
			mmp_evidence_remark(evidence,
					    "%.100s is a secure heap (SDP memory) at "
					    "0x%llx+0x%llx; the firmware maps it where "
					    "CFG_TEE_SDP_MEM_BASE or an embedded device "
					    "tree says so",
					    m->path, (unsigned long long)m->base,
					    (unsigned long long)m->size);
	}
}

void optee_import_tree(struct mmp_evidence *evidence, struct mmp_origin origin,
		       const struct mmp_tree *tree)
{
	const struct mmp_rules *rules;
	unsigned version = 999, commits;

	import_memory(evidence, &origin, tree);
	import_reserved(evidence, tree);
	if (!tree->seed_known)
		return;
	rules = optee_choose_release(evidence);
	if (rules)
		version = optee_version_of(rules, &commits);
	origin.what = "/secure-chosen/kaslr-seed";
	mmp_evidence_hex(evidence, &origin, "aslr_seed",
			 version >= SEED_SWAPPED ? swapped(tree->seed) : tree->seed);
}
