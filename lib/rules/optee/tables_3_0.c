/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "base/page.h"
#include "rules/optee/attr.h"
#include "rules/optee/pipeline.h"
#include "tables/builder.h"

/*
 * The table builders of 3.0, which 3.1 replaced by core_mmu_map_region().
 *
 * Long descriptors: one recursive walk through the address space, init_xlation_table(). A
 * pointer to a map entry advances when that entry ends at or below the address being
 * filled, so what an earlier entry overlaps is not mapped. Short descriptors: each entry
 * in turn, map_memarea().
 */

static const struct mmp_stop_info *stop_of(unsigned which)
{
	return &optee_stops[V3_0][which];
}

static int stop_at(struct mmp_builder *b, unsigned which, uint64_t va)
{
	const struct mmp_region *r = b->region;
	struct mmp_stop *stop = &b->t->stop;

	stop->tables_used = b->t->used;
	mmp_stop_about(stop, r->type, r->pa, r->size);
	return mmp_stop_at(stop, stop_of(which),
			   "%s at 0x%" PRIx64 " size 0x%" PRIx64 ", virtual 0x%" PRIx64
			   ": %s",
			   mmp_memtype_label(b->plan->platform->rules, r->type), r->pa,
			   r->size, va, stop_of(which)->about);
}

static bool is_space(const struct mmp_region *r)
{
	return r->type == OPTEE_RES_VASPACE || r->type == OPTEE_SHM_VASPACE;
}

static uint64_t encode(const struct mmp_builder *b, int level, uint32_t attr)
{
	const struct mmp_platform *p = b->plan->platform;
	struct mmp_error err;
	uint64_t word = 0;

	optee_encode(p->rules, &p->config, b->format, level, attr, &word, &err);
	return word;
}

/* Entries are written in order. */
static void put_entry(struct mmp_builder *b, const struct table *table, uint32_t n,
		      uint64_t word)
{
	mmp_builder_fill_up_to(b, table, n);
	mmp_builder_write(b, table, n, 1, word, 0);
	if (table->xlat != NO_XLAT && b->t->xlat[table->xlat].filled <= n)
		b->t->xlat[table->xlat].filled = (uint16_t)(n + 1);
}

/* --- long descriptors ------------------------------------------------------------------ */

/* [base, base + size) of the address space. */
struct area {
	uint64_t base, size;
};

static uint64_t region_end(const struct mmp_builder *b, const struct mmp_region *r)
{
	return (r->va + r->size) & b->t->shape.va_mask;
}

static bool covers(const struct mmp_builder *b, const struct mmp_region *r,
		   const struct area *area)
{
	return r->va <= area->base && region_end(b, r) >= area->base + area->size;
}

/* mmap_region_attr(): false if entries of two kinds share the area. */
static bool is_of_one_kind(const struct mmp_builder *b, size_t n, const struct area *area)
{
	const struct mmp_region *all = b->plan->regions;
	uint32_t attr = all[n].attr;

	while (++n < b->plan->count && all[n].va < area->base + area->size)
		if (region_end(b, &all[n]) > area->base && all[n].attr != attr &&
		    !covers(b, &all[n], area))
			return false;
	return true;
}

/* The next entry that is mapped and ends above `base`. */
static size_t next_entry(const struct mmp_builder *b, size_t n, uint64_t base)
{
	const struct mmp_region *all = b->plan->regions;

	while (n < b->plan->count &&
	       (is_space(&all[n]) || region_end(b, &all[n]) <= base))
		n++;
	return n;
}

static bool is_leaf(const struct mmp_builder *b, size_t n, const struct area *area)
{
	const struct mmp_region *r = &b->plan->regions[n];

	return covers(b, r, area) && !((r->pa | optee_granule(r)) & (area->size - 1)) &&
	       is_of_one_kind(b, n, area);
}

static uint64_t leaf_word(const struct mmp_builder *b, const struct mmp_region *r,
			  int level, uint64_t base)
{
	uint64_t word = encode(b, level, r->attr);

	return word ? word | ((base - r->va + r->pa) & b->t->shape.pa_mask) : 0;
}

static int fill(struct mmp_builder *b, const struct table *at, size_t *entry);

/* Give the area of entry `n` its own table. */
static int go_deeper(struct mmp_builder *b, const struct table *table, uint32_t n,
		     uint64_t base, size_t *entry)
{
	struct mmp_xlat *x;
	struct table below;
	uint32_t xlat;

	if (mmp_builder_new_table(b, MMP_STOP_NO_TABLE, base, &xlat)) {
		/* The firmware also counts the table that it could not get. */
		b->t->stop.tables_used++;
		return -1;
	}
	x = &b->t->xlat[xlat];
	x->level = (int8_t)(table->level + 1);
	x->base_va = base;
	below = mmp_builder_table(b, xlat);
	if (fill(b, &below, entry))
		return -1;
	/* Making tables may have moved this one. */
	below = table->xlat == NO_XLAT ? *table : mmp_builder_table(b, table->xlat);
	if (n < table->entries)
		put_entry(b, &below, n, mmp_builder_pointer_to(b, xlat));
	return 0;
}

/* One iteration of the loop: entry `n` of the table, whose area begins at `base`. */
static int fill_entry(struct mmp_builder *b, const struct table *table, uint32_t n,
		      uint64_t base, size_t *entry)
{
	const struct area area = { base, UINT64_C(1) << b->level[table->level].shift };
	const struct mmp_region *r = &b->plan->regions[*entry];
	struct table now;

	b->region = r;
	if (r->va >= area.base + area.size)
		return 0;
	if (!is_leaf(b, *entry, &area))
		return go_deeper(b, table, n, base, entry);
	now = table->xlat == NO_XLAT ? *table : mmp_builder_table(b, table->xlat);
	if (n < table->entries)
		put_entry(b, &now, n, leaf_word(b, r, table->level, base));
	return 0;
}

enum { ENTRIES = 512 };

/* init_xlation_table(): up to 512 entries, even if the base table has fewer. */
static int fill(struct mmp_builder *b, const struct table *table, size_t *entry)
{
	unsigned shift = b->level[table->level].shift;

	for (uint32_t n = 0; n < ENTRIES; n++) {
		uint64_t base = table->base_va + ((uint64_t)n << shift);

		*entry = next_entry(b, *entry, base);
		if (*entry == b->plan->count)
			return 0;
		if (fill_entry(b, table, n, base, entry))
			return -1;
	}
	return 0;
}

/* Without assertions, entries past the base table overwrite what follows it. */
static int check_base_table(struct mmp_builder *b)
{
	const struct mmp_table_shape *shape = &b->t->shape;
	uint64_t end = (uint64_t)shape->base_entries << b->level[1].shift;

	for (size_t n = 0; !shape->asserts && n < b->plan->count; n++) {
		const struct mmp_region *r = &b->plan->regions[n];

		b->region = r;
		if (!is_space(r) && r->va >= end && r->va >> 39 == 0 &&
		    region_end(b, r) > r->va)
			return stop_at(b, OPTEE_STOP_PAST_BASE, r->va);
	}
	return 0;
}

static int map_long(struct mmp_builder *b)
{
	size_t entry = 0;

	b->secure = true;
	mmp_builder_enter(b);
	if (fill(b, &b->path[b->depth], &entry))
		return -1;
	return check_base_table(b);
}

/* --- short descriptors ----------------------------------------------------------------- */

#define MIB 0x100000u

enum { MIB_SHIFT = 20 };

/*
 * Writing an entry twice is accepted if the word is the same; without assertions, always.
 */
static int put_over(struct mmp_builder *b, const struct table *table, uint32_t n,
		    uint32_t word, enum optee_stop twice, uint64_t va)
{
	uint64_t before = mmp_builder_load(b, table, n);

	if (b->t->shape.asserts && word && before && before != word)
		return stop_at(b, twice, va);
	put_entry(b, table, n, word);
	return 0;
}

/* A run of pages inside one MiB. */
struct page_run {
	uint64_t va, pa, size;
};

static int map_run(struct mmp_builder *b, const struct table *base,
		   const struct page_run *run)
{
	const struct mmp_region *r = b->region;
	uint32_t n = (uint32_t)(run->va >> MIB_SHIFT), xlat, word;
	uint64_t pointer = mmp_builder_load(b, base, n);
	uint32_t first = (uint32_t)(run->va & (MIB - 1)) >> MMP_PAGE_SHIFT;
	struct table table;

	if (pointer && b->format->kind(1, pointer) != MMP_ENTRY_TABLE)
		return stop_at(b, OPTEE_STOP_TABLE_TWICE, run->va);
	if (pointer) {
		xlat = mmp_builder_xlat_at(b, b->format->address(1, pointer));
	} else {
		if (b->t->used >= b->t->shape.max_tables)
			return stop_at(b,
				       b->t->shape.asserts ? OPTEE_STOP_NO_L2
							   : OPTEE_STOP_NO_L2_NULL,
				       run->va);
		if (mmp_builder_new_table(b, MMP_STOP_NO_TABLE, run->va, &xlat))
			return -1;
		b->t->xlat[xlat].level = 2;
		b->t->xlat[xlat].base_va = run->va & ~(uint64_t)(MIB - 1);
	}
	table = mmp_builder_table(b, xlat);
	word = (uint32_t)encode(b, 2, r->attr);
	for (uint32_t i = 0; i < run->size >> MMP_PAGE_SHIFT; i++) {
		uint32_t at = (uint32_t)(run->pa & ~(uint64_t)(MIB - 1)) +
			      ((first + i) << MMP_PAGE_SHIFT);

		if (put_over(b, &table, first + i, word ? word | at : 0,
			     OPTEE_STOP_PAGE_TWICE, run->va))
			return -1;
	}
	b->secure = r->attr & MMP_ATTR_SECURE;
	return put_over(b, base, n, (uint32_t)mmp_builder_pointer_to(b, xlat),
			OPTEE_STOP_TABLE_TWICE, run->va);
}

static int map_pages(struct mmp_builder *b, const struct table *base)
{
	const struct mmp_region *r = b->region;
	struct page_run run = { r->va, r->pa, 0 };

	for (uint64_t left = r->size; left; left -= run.size) {
		run.size = MIB - (run.va & (MIB - 1));
		if (run.size > left)
			run.size = left;
		if (map_run(b, base, &run))
			return -1;
		run.pa += run.size;
		run.va = (run.va + run.size) & b->t->shape.va_mask;
	}
	return 0;
}

static int map_sections(struct mmp_builder *b, const struct table *base)
{
	const struct mmp_region *r = b->region;
	uint32_t word = (uint32_t)encode(b, 1, r->attr);

	for (uint64_t done = 0; done < r->size; done += MIB) {
		uint64_t n = (r->va + done) >> MIB_SHIFT;

		if (n >= base->entries)
			return stop_at(b, OPTEE_STOP_PAST_BASE, r->va);
		if (put_over(b, base, (uint32_t)n,
			     word ? word | (uint32_t)(r->pa + done) : 0,
			     OPTEE_STOP_SECTION_TWICE, r->va + done))
			return -1;
	}
	return 0;
}

/* map_memarea(). */
static int map_short(struct mmp_builder *b)
{
	const struct table *base;

	mmp_builder_enter(b);
	base = &b->path[b->depth];
	for (size_t n = 0; n < b->plan->count; n++) {
		const struct mmp_region *r = &b->plan->regions[n];
		uint64_t bits = r->va | r->pa | r->size | optee_granule(r);

		b->region = r;
		if (is_space(r))
			continue;
		if (r->va < OPTEE_SHORT_USER_VA_END)
			return stop_at(b, OPTEE_STOP_USER_VA, r->va);
		if (bits & MMP_PAGE_MASK)
			return stop_at(b, OPTEE_STOP_UNMAPPABLE, r->va);
		if (bits & (MIB - 1) ? map_pages(b, base) : map_sections(b, base))
			return -1;
	}
	return 0;
}

int optee_map_3_0(struct mmp_builder *b)
{
	return b->t->shape.regime != &mmp_regime_pl1_short ? map_long(b) : map_short(b);
}

/* --- what is mapped -------------------------------------------------------------------- */

/* What the walk maps of an entry: the part after the end of earlier entries. */
static bool cut_long(const struct mmp_plan *plan, struct mmp_region *r, uint64_t from)
{
	uint64_t end = (r->va + r->size) & plan->shape.va_mask, past;

	if (is_space(r) || end <= r->va || end <= from || r->va >> 39)
		return false;
	past = from > r->va ? from - r->va : 0;
	r->va += past;
	r->pa += past;
	r->size -= past;
	if (end > UINT64_C(1) << 39)
		r->size = (UINT64_C(1) << 39) - r->va;
	return true;
}

/* Pages are mapped to the MiB that contains the entry's physical address. */
static bool cut_short(struct mmp_region *r)
{
	uint64_t bits = r->va | r->pa | r->size | optee_granule(r);

	if (is_space(r))
		return false;
	if (bits & (MIB - 1))
		r->pa = (r->pa & ~(uint64_t)(MIB - 1)) | (r->va & (MIB - 1));
	return true;
}

int optee_pieces_3_0(const struct mmp_plan *plan, struct mmp_region **ret_pieces,
		     size_t *ret_count)
{
	bool lpae = plan->shape.regime != &mmp_regime_pl1_short;
	struct mmp_region *pieces = malloc((plan->count + 1) * sizeof(*pieces));
	uint64_t from = 0;
	size_t count = 0;

	if (!pieces)
		return -1;
	for (size_t n = 0; n < plan->count; n++) {
		pieces[count] = plan->regions[n];
		if (!(lpae ? cut_long(plan, &pieces[count], from)
			   : cut_short(&pieces[count])))
			continue;
		from = pieces[count].va + pieces[count].size;
		count++;
	}
	*ret_pieces = pieces;
	*ret_count = count;
	return 0;
}
