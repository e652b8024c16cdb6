/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/page.h"
#include "base/search.h"

void mmp_tables_init(struct mmp_tables *tables)
{
	memset(tables, 0, sizeof(*tables));
}

void mmp_tables_done(struct mmp_tables *tables)
{
	free(tables->base);
	free(tables->xlat_bytes);
	free(tables->xlat);
	free(tables->notes);
	free(tables->shown);
	mmp_tables_init(tables);
}

size_t mmp_tables_xlat_offset(const struct mmp_tables *tables)
{
	size_t base = tables->base_count * tables->base_bytes;

	return mmp_page_up(base);
}

uint64_t mmp_boot_memory_needed(const struct mmp_table_shape *shape,
				const struct mmp_tables *tables)
{
	uint64_t needed = tables->boot_memory_used + shape->boot_memory_tmp;

	if (shape->boot_memory != UINT64_MAX) /* a given limit is for these alone */
		return needed;
	return needed + shape->boot_room_before + shape->boot_room_after;
}

uint64_t mmp_boot_memory_there(const struct mmp_table_shape *shape)
{
	if (shape->limited)
		return UINT64_MAX;
	return shape->boot_memory != UINT64_MAX ? shape->boot_memory : shape->boot_room;
}

bool mmp_tables_lost(const struct mmp_tables *tables)
{
	return tables->shape.copy_core != tables->shape.boot_core;
}

uint32_t mmp_tables_count(const struct mmp_tables *tables)
{
	return tables->base_count +
	       (tables->some_free ? tables->shown_count : tables->used);
}

static struct mmp_table_view base_view(const struct mmp_tables *tables, uint32_t id)
{
	const struct mmp_table_shape *shape = &tables->shape;
	uint32_t core = id / shape->per_core, index = id % shape->per_core;
	size_t at = mmp_base_place(shape, core, index);

	return (struct mmp_table_view){
		.is_base = true,
		.core = core,
		.index = index,
		.level = (int)shape->base_level,
		.pa = tables->placement.base_pa + at * tables->base_bytes,
		.entries = shape->base_entries,
		.bytes = tables->base + at * tables->base_bytes,
	};
}

struct mmp_table_view mmp_tables_view(const struct mmp_tables *tables, uint32_t id)
{
	uint32_t n = id - tables->base_count;

	if (id < tables->base_count)
		return base_view(tables, id);
	if (tables->some_free)
		n = tables->shown[n];
	return (struct mmp_table_view){
		.lost = mmp_tables_lost(tables),
		.xlat_index = n,
		.level = tables->xlat[n].level,
		.regions = tables->xlat[n].regions,
		.base_va = tables->xlat[n].base_va,
		.pa = tables->placement.xlat_pa + n * tables->xlat_size,
		.entries = tables->format->entries(tables->xlat[n].level),
		.bytes = tables->xlat_bytes + n * tables->xlat_size,
	};
}

uint64_t mmp_descriptor_at(const struct mmp_format *format, const uint8_t *bytes,
			   uint32_t n)
{
	return mmp_load_little(bytes + (size_t)n * format->descriptor_bytes,
			       format->descriptor_bytes);
}

/* The id of table n of the others, or -1 if it is free. */
static int64_t id_of(const struct mmp_tables *tables, uint32_t n)
{
	size_t low = MMP_LOWER_BOUND(i, 0, tables->shown_count, tables->shown[i] < n);

	if (!tables->some_free)
		return tables->base_count + (int64_t)n;
	if (low == tables->shown_count || tables->shown[low] != n)
		return -1;
	return tables->base_count + (int64_t)low;
}

int64_t mmp_tables_id_at(const struct mmp_tables *tables, uint64_t pa)
{
	uint64_t offset = pa - tables->placement.xlat_pa;

	if (pa >= tables->placement.xlat_pa && offset % tables->xlat_size == 0 &&
	    offset / tables->xlat_size < tables->used)
		return id_of(tables, (uint32_t)(offset / tables->xlat_size));
	for (uint32_t id = 0; id < tables->base_count; id++)
		if (base_view(tables, id).pa == pa)
			return id;
	return -1;
}
