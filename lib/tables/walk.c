/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/walk.h"

#include <inttypes.h>

#include "arch/lpae.h"
#include "arch/short_desc.h"

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

static uint64_t little_endian(const uint8_t *at, unsigned bytes)
{
	uint64_t word = 0;

	while (bytes--)
		word = word << 8 | at[bytes];
	return word;
}

static void read_lpae(struct mmp_walk *walk, uint64_t d)
{
	static const enum lpae_leaf_field unused[] = {
		LPAE_LOW_RES0,   LPAE_NT,       LPAE_BLOCK_RES0, LPAE_RES0,    LPAE_DBM,
		LPAE_CONTIGUOUS, LPAE_SOFTWARE, LPAE_PBHA,       LPAE_IGNORED,
	};
	const struct mmp_field *f = mmp_lpae_leaf[walk->level];

	walk->kind = (unsigned)mmp_field_get(&f[LPAE_ATTR_INDEX], d);
	walk->nonsecure = mmp_field_get(&f[LPAE_NS], d);
	walk->user = mmp_field_get(&f[LPAE_AP1], d);
	walk->read_only = mmp_field_get(&f[LPAE_AP2], d);
	walk->shareability = (unsigned)mmp_field_get(&f[LPAE_SH], d);
	walk->accessed = mmp_field_get(&f[LPAE_AF], d);
	walk->not_global = mmp_field_get(&f[LPAE_NG], d);
	walk->pxn = mmp_field_get(&f[LPAE_PXN], d);
	walk->uxn = mmp_field_get(&f[LPAE_UXN], d);
	walk->guarded = mmp_field_get(&f[LPAE_GP], d);
	for (size_t i = 0; i < sizeof(unused) / sizeof(unused[0]); i++)
		if (f[unused[i]].width && mmp_field_get(&f[unused[i]], d))
			walk->stray = true;
}

static void read_section(struct mmp_walk *walk, uint64_t d)
{
	const struct mmp_field *f = mmp_short_section;

	walk->kind = (unsigned)(mmp_field_get(&f[SHORT_SECTION_B], d) |
				mmp_field_get(&f[SHORT_SECTION_C], d) << 1 |
				(mmp_field_get(&f[SHORT_SECTION_TEX], d) & 1) << 2);
	walk->nonsecure = mmp_field_get(&f[SHORT_SECTION_NS], d);
	walk->user = mmp_field_get(&f[SHORT_SECTION_AP1], d);
	walk->read_only = mmp_field_get(&f[SHORT_SECTION_AP2], d);
	walk->shareability = mmp_field_get(&f[SHORT_SECTION_S], d) ? 2 : 0;
	walk->accessed = mmp_field_get(&f[SHORT_SECTION_AF], d);
	walk->not_global = mmp_field_get(&f[SHORT_SECTION_NG], d);
	walk->uxn = mmp_field_get(&f[SHORT_SECTION_XN], d);
	walk->pxn = walk->uxn || mmp_field_get(&f[SHORT_SECTION_PXN], d);
}

static void read_page(struct mmp_walk *walk, uint64_t d)
{
	const struct mmp_field *f = mmp_short_page;
	uint64_t pointer = walk->steps[0].descriptor;

	walk->kind = (unsigned)(mmp_field_get(&f[SHORT_PAGE_B], d) |
				mmp_field_get(&f[SHORT_PAGE_C], d) << 1 |
				(mmp_field_get(&f[SHORT_PAGE_TEX], d) & 1) << 2);
	walk->nonsecure = mmp_field_get(&mmp_short_table[SHORT_TABLE_NS], pointer);
	walk->user = mmp_field_get(&f[SHORT_PAGE_AP1], d);
	walk->read_only = mmp_field_get(&f[SHORT_PAGE_AP2], d);
	walk->shareability = mmp_field_get(&f[SHORT_PAGE_S], d) ? 2 : 0;
	walk->accessed = mmp_field_get(&f[SHORT_PAGE_AF], d);
	walk->not_global = mmp_field_get(&f[SHORT_PAGE_NG], d);
	walk->uxn = mmp_field_get(&f[SHORT_PAGE_XN], d);
	walk->pxn =
		walk->uxn || mmp_field_get(&mmp_short_table[SHORT_TABLE_PXN], pointer);
}

static void read_leaf(struct mmp_walk *walk, const struct mmp_format *format, uint64_t d)
{
	if (format == &mmp_format_lpae)
		read_lpae(walk, d);
	else if (walk->level == 1)
		read_section(walk, d);
	else
		read_page(walk, d);
}

static enum mmp_walk_end end_of_leaf(const struct mmp_walker *w, struct mmp_walk *walk,
				     uint64_t d, uint64_t va)
{
	uint64_t at = w->format->address(walk->level, d);

	if (w->pa_limit && at >= w->pa_limit)
		return MMP_WALK_ADDRESS_SIZE;
	walk->pa.at = at | (va & (walk->size - 1));
	read_leaf(walk, w->format, d);
	return MMP_WALK_MAPPED;
}

/* Besides the address: that it is a pointer, and its security where it says so. */
static uint64_t allowed_in_pointer(const struct mmp_format *format)
{
	const struct mmp_field *ns = &mmp_short_table[SHORT_TABLE_NS];

	return format == &mmp_format_lpae ? 3 : 1 | mmp_field_set(ns, 0, 1);
}

static bool is_stray(const struct mmp_format *format, uint64_t pointer, uint64_t table)
{
	return pointer & ~(table | allowed_in_pointer(format));
}

struct mmp_walk mmp_walk(const struct mmp_walker *w, struct mmp_va va)
{
	struct mmp_walk walk = { .level = w->base_level };
	uint64_t table = w->base_pa, mask = UINT64_MAX;
	uint32_t entries = w->base_entries;
	unsigned bytes = w->format->descriptor_bytes;

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
		d = little_endian(at, bytes);
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
		if (is_stray(w->format, d, table))
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
	walk.steps[0].descriptor = pointer;
	if (kind == MMP_ENTRY_TABLE) {
		walk.stray = is_stray(format, d, format->address(level, d));
		walk.nonsecure = mmp_field_get(format == &mmp_format_lpae
						       ? &mmp_lpae_table[LPAE_NS_TABLE]
						       : &mmp_short_table[SHORT_TABLE_NS],
					       d);
	}
	if (kind != MMP_ENTRY_LEAF)
		return walk;
	walk.end = format->leaf_allowed(level) ? MMP_WALK_MAPPED : MMP_WALK_RESERVED;
	walk.pa.at = format->address(level, d);
	if (walk.end == MMP_WALK_MAPPED)
		read_leaf(&walk, format, d);
	return walk;
}

uint32_t mmp_walk_attr(const struct mmp_walk *w)
{
	uint32_t attr = MMP_ATTR_VALID_BLOCK | (uint32_t)w->kind << MMP_ATTR_KIND_SHIFT;

	if (w->accessed)
		attr |= MMP_ATTR_PR | (w->user ? MMP_ATTR_UR : 0);
	if (!w->read_only)
		attr |= MMP_ATTR_PW | (w->user ? MMP_ATTR_UW : 0);
	if (!w->pxn)
		attr |= MMP_ATTR_PX;
	if (!w->uxn && w->user)
		attr |= MMP_ATTR_UX;
	if (!w->not_global)
		attr |= MMP_ATTR_GLOBAL;
	if (!w->nonsecure)
		attr |= MMP_ATTR_SECURE;
	return w->guarded ? attr | MMP_ATTR_GUARDED : attr;
}

/* clang-format off */
enum fault_status { ADDRESS_SIZE = 0x00, TRANSLATION = 0x04, ACCESS_FLAG = 0x08, PERMISSION = 0x0c };
/* clang-format on */

static struct mmp_par fault(enum fault_status status, int level)
{
	return (struct mmp_par){ .fault = true, .status = (uint8_t)(status | level) };
}

/* PAR_EL1.SH of device memory and of normal non-cacheable memory is outer shareable. */
static uint8_t reported_shareability(const struct mmp_walk *walk, uint8_t memory)
{
	bool device = !(memory & 0xf0), non_cacheable = memory == 0x44;

	return device || non_cacheable ? 2 : (uint8_t)walk->shareability;
}

struct mmp_par mmp_walk_par(const struct mmp_walk *walk, bool write, uint64_t mair)
{
	uint8_t memory = (uint8_t)(mair >> (8 * walk->kind));

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
	if (!walk->accessed)
		return fault(ACCESS_FLAG, walk->level);
	if (write && walk->read_only)
		return fault(PERMISSION, walk->level);
	return (struct mmp_par){
		.pa = walk->pa.at & ~UINT64_C(0xfff),
		.memory = memory,
		.shareability = reported_shareability(walk, memory),
		.nonsecure = walk->nonsecure,
	};
}
