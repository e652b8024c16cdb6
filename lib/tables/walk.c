/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/walk.h"

#include <inttypes.h>

#include "base/bytes.h"
#include "base/page.h"

static const uint8_t *memory_at(const struct mmp_memory *memory, uint64_t pa, size_t size)
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t offset = pa - memory->runs[i].pa;

		if (pa >= memory->runs[i].pa && offset <= memory->runs[i].size &&
		    size <= memory->runs[i].size - offset)
			return memory->runs[i].bytes + offset;
	}
	return NULL;
}

static enum mmp_walk_end end_of_leaf(const struct mmp_walker *w, struct mmp_walk *walk,
				     uint64_t d, uint64_t va)
{
	uint64_t at = w->format->address(walk->level, d);

	if (w->pa_limit && at >= w->pa_limit)
		return MMP_WALK_ADDRESS_SIZE;
	walk->pa.at = at | (va & (walk->size - 1));
	if (w->format->read_leaf(walk->level,
				 walk->count > 1 ? walk->steps[walk->count - 2].descriptor
						 : 0,
				 d, &walk->leaf))
		walk->stray = true;
	return MMP_WALK_MAPPED;
}

struct mmp_walk mmp_walk(const struct mmp_walker *w, struct mmp_va va)
{
	struct mmp_walk walk = { .level = w->base_level };
	uint64_t table = w->base_pa, mask = UINT64_MAX;
	uint32_t entries = w->base_entries;
	unsigned bytes = w->format->descriptor_bytes;
	bool nonsecure;

	for (;; walk.level++) {
		unsigned shift = w->format->shift(walk.level);
		uint64_t index = (va.at & mask) >> shift, d;
		const uint8_t *at;

		walk.size = UINT64_C(1) << shift;
		walk.base.at = va.at & ~(walk.size - 1);
		walk.end = MMP_WALK_BEYOND;
		if (index >= entries)
			return walk;
		walk.end = MMP_WALK_NOT_IN_MEMORY;
		at = memory_at(w->memory, table + index * bytes, bytes);
		if (!at)
			return walk;
		d = mmp_load_little(at, bytes);
		walk.steps[walk.count++] =
			(struct mmp_walk_step){ walk.level, table, (uint32_t)index, d };
		walk.end = MMP_WALK_NO_ENTRY;
		switch (w->format->kind(walk.level, d)) {
		case MMP_ENTRY_INVALID:
			return walk;
		case MMP_ENTRY_LEAF:
			walk.end = w->format->leaf_allowed(walk.level)
					   ? end_of_leaf(w, &walk, d, va.at)
					   : MMP_WALK_RESERVED;
			return walk;
		case MMP_ENTRY_TABLE:
			break;
		}
		table = w->format->address(walk.level, d);
		if (w->format->read_pointer(walk.level, d, &nonsecure))
			walk.stray = true;
		walk.end = MMP_WALK_ADDRESS_SIZE;
		if (w->pa_limit && table >= w->pa_limit)
			return walk;
		entries = w->format->entries(walk.level + 1);
		mask = walk.size - 1;
	}
}

struct mmp_walk mmp_walk_entry(const struct mmp_format *format, int level,
			       uint64_t pointer, uint64_t d)
{
	struct mmp_walk walk = { .end = MMP_WALK_NO_ENTRY, .level = level };
	enum mmp_entry kind = format->kind(level, d);

	walk.size = UINT64_C(1) << format->shift(level);
	if (kind == MMP_ENTRY_TABLE)
		walk.stray = format->read_pointer(level, d, &walk.leaf.nonsecure);
	if (kind != MMP_ENTRY_LEAF)
		return walk;
	walk.end = format->leaf_allowed(level) ? MMP_WALK_MAPPED : MMP_WALK_RESERVED;
	walk.pa.at = format->address(level, d);
	if (walk.end == MMP_WALK_MAPPED)
		walk.stray = format->read_leaf(level, pointer, d, &walk.leaf);
	return walk;
}

/* clang-format off */
enum fault_status { ADDRESS_SIZE = 0x00, TRANSLATION = 0x04, ACCESS_FLAG = 0x08, PERMISSION = 0x0c };
/* clang-format on */

static struct mmp_par fault(enum fault_status status, int level)
{
	return (struct mmp_par){ .fault = true,
				 .fault_status = (uint8_t)(status | level) };
}

/* PAR_EL1.SH reports device memory and normal non-cacheable memory as outer shareable. */
static uint8_t reported_shareability(const struct mmp_walk *walk, uint8_t memory)
{
	bool device = !(memory & 0xf0), non_cacheable = memory == 0x44;

	return device || non_cacheable ? 2 : (uint8_t)walk->leaf.shareability;
}

static bool is_permitted(const struct mmp_leaf *leaf, enum mmp_probe_access access)
{
	bool writes = access == MMP_PROBE_WRITE || access == MMP_PROBE_USER_WRITE;
	bool user = access == MMP_PROBE_USER_READ || access == MMP_PROBE_USER_WRITE;

	return !(writes && leaf->read_only) && !(user && !leaf->user);
}

struct mmp_par mmp_walk_par(const struct mmp_walk *walk, enum mmp_probe_access access,
			    uint64_t mair)
{
	uint8_t memory = (uint8_t)(mair >> (8 * walk->leaf.memory));

	switch (walk->end) {
	case MMP_WALK_NO_ENTRY:
	case MMP_WALK_RESERVED:
		return fault(TRANSLATION, walk->level);
	case MMP_WALK_BEYOND:
		return fault(TRANSLATION, 0);
	case MMP_WALK_NOT_IN_MEMORY:
	case MMP_WALK_ADDRESS_SIZE:
		return fault(ADDRESS_SIZE, walk->level);
	case MMP_WALK_MAPPED:
		break;
	}
	if (!walk->leaf.accessed)
		return fault(ACCESS_FLAG, walk->level);
	if (!is_permitted(&walk->leaf, access))
		return fault(PERMISSION, walk->level);
	return (struct mmp_par){
		.pa = mmp_page_down(walk->pa.at),
		.memory = memory,
		.shareability = reported_shareability(walk, memory),
		.nonsecure = walk->leaf.nonsecure,
	};
}
