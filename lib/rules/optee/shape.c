/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/attr.h"
#include "rules/optee/boot_memory.h"
#include "rules/optee/pipeline.h"

/* The layout and number of a release's tables, and how entries are mapped. */

enum { ASAN_BLOCK_SIZE = 8 };

/* Short descriptors: a level 1 table of user mode has 32 words; alloc_l2_table(). */
enum { USER_TABLE_BYTES = 128, TABLES_A_PAGE = 4 };

/* MAX_XLAT_TABLES. It includes what base level 0 needs for every core. */
static uint32_t lpae_tables(const struct optee *o, const struct mmp_table_shape *shape)
{
	const struct optee_release *r = o->release;
	const struct optee_config *c = o->config;
	uint32_t tables =
		shape->base_level ? r->lpae_tables : 8 + shape->per_core * shape->cores;

	tables += c->ns_virtualization ? r->virtualization_tables : 0;
	tables += c->aslr ? r->aslr_tables : 0;
	tables += c->kasan ? r->kasan_tables : 0;
	tables += c->dyn_config ? r->dyn_config_tables : 0;
	tables += c->sanitize_undefined ? r->sanitizer_tables : 0;
	return tables;
}

static void lpae_shape(const struct optee *o, struct mmp_table_shape *shape)
{
	const struct optee_release *r = o->release;
	const struct optee_config *c = o->config;

	shape->va_bits = c->arch == OPTEE_ARM64 ? (unsigned)c->va_bits : 32;
	shape->base_level = !r->base_level_0 || shape->va_bits < 40;
	shape->base_entries = 1u << (shape->va_bits - (shape->base_level ? 30 : 39));
	shape->cores = (uint32_t)c->nb_core;
	shape->boot_core = r->copy == OPTEE_COPY_CORE_0 ? 0 : (uint32_t)c->boot_core_pos;
	shape->copy_core = r->copy == OPTEE_COPY_BOOT_CORE ? shape->boot_core : 0;
	shape->per_core = c->unmap_core_at_el0 ? 2 : 1;
	shape->index_major = !r->core_major;
	shape->max_tables = lpae_tables(o, shape);
}

/* The copies of the level 1 table are not per core. */
static void short_shape(const struct optee *o, struct mmp_table_shape *shape)
{
	const struct optee_release *r = o->release;

	shape->va_bits = 32;
	shape->base_level = 1;
	shape->base_entries = 4096;
	shape->cores = 1;
	shape->per_core = r->short_l1_twice && o->config->unmap_core_at_el0 ? 2 : 1;
	shape->user_va_end = OPTEE_SHORT_USER_VA_END;
	shape->max_tables =
		r->short_tables + (o->config->aslr ? r->short_aslr_tables : 0);
	shape->user_table_bytes = USER_TABLE_BYTES;
	shape->tables_a_page = TABLES_A_PAGE;
}

/*
 * With CFG_DYN_CONFIG they are in boot memory, whose first byte is __vcore_free_start;
 * otherwise they are symbols in .nozi. Short descriptors, and releases before 4.6, record
 * nothing about this, so it is not known.
 */
static void set_places(const struct optee *o, struct mmp_table_shape *shape)
{
	static const struct mmp_table_places boot_memory = {
		.follow = true,
		.count = 4,
		.order = { MMP_RUN_INDEX, MMP_RUN_BASE, MMP_RUN_USER, MMP_RUN_XLAT },
	};
	static const struct mmp_table_places symbols = {
		.count = 3,
		.order = { MMP_RUN_USER, MMP_RUN_XLAT, MMP_RUN_BASE },
	};
	static const struct mmp_table_places unknown = {
		.count = 2,
		.order = { MMP_RUN_BASE, MMP_RUN_XLAT },
	};
	const struct optee_config *c = o->config;

	if (!o->lpae || !o->release->dyn_config)
		shape->places = unknown;
	else
		shape->places =
			c->dyn_config && c->layout.free.given ? boot_memory : symbols;
	shape->places.from = c->layout.free.base;
	shape->places.room = c->layout.free.size;
}

/*
 * Up to 4.3 core_mmu_add_mapping() uses the entries that boot has left, and finally the
 * entry of RES_VASPACE itself. Then core_mmu_save_mem_map() moves the map to the heap,
 * with five more entries.
 */
static void set_room(struct optee *o)
{
	struct mmp_map_room *room = &o->plan->map;

	room->entries = (size_t)o->config->mmap_regions;
	if (o->release->capacity == OPTEE_CAPACITY_DOUBLES) {
		room->allocated = o->entries;
		room->late = 5;
		return;
	}
	room->limited = true;
	room->allocated = o->slots == SIZE_MAX   ? room->entries
			  : o->limit == SIZE_MAX ? o->slots
						 : o->limit;
	room->late = o->plan->count > room->allocated
			     ? 0
			     : room->allocated - o->plan->count + 1;
}

void optee_set_shape(struct optee *o)
{
	const struct optee_config *c = o->config;
	struct mmp_table_shape *shape = &o->plan->shape;

	if (o->lpae)
		lpae_shape(o, shape);
	else
		short_shape(o, shape);
	shape->limited = !(o->release->dyn_config && c->dyn_config);
	if (c->max_xlat_tables_given)
		shape->max_tables = (uint32_t)c->max_xlat_tables;
	shape->boot_memory =
		c->boot_mem_size_given ? c->boot_mem_size & ~UINT64_C(7) : UINT64_MAX;
	shape->boot_memory_tmp = o->boot_memory_tmp;
	shape->user_tables = (uint32_t)c->num_threads;
	shape->boot_alignment = c->kasan ? ASAN_BLOCK_SIZE : 0;
	shape->asserts = c->core_debug;
	shape->pa_mask = o->widths.pa;
	shape->va_mask = o->widths.va;
	set_places(o, shape);
	set_room(o);
	optee_set_boot_room(shape, o->plan->platform);
}

/*
 * How core_mmu_map_region() maps an entry. It counts down in ssize_t, so a size with the
 * sign bit set maps nothing. An attribute word that is not valid gives an empty
 * descriptor, into which the address is still ORed.
 */
static enum mmp_mapping mapping_of(const struct optee *o, const struct mmp_region *r)
{
	if (r->size > o->widths.size / 2)
		return MMP_MAP_NOTHING;
	if (o->release->va_spaces_mapped) {
		if (!r->pa)
			return MMP_MAP_EMPTY;
	} else if (r->type == OPTEE_RES_VASPACE || r->type == OPTEE_SHM_VASPACE) {
		return MMP_MAP_NOTHING;
	}
	if (r->attr & MMP_ATTR_VALID_BLOCK)
		return MMP_MAP_BLOCKS;
	return o->release->builder == OPTEE_BUILDER_3_0 ? MMP_MAP_EMPTY : MMP_MAP_COUNTER;
}

/* The pager maps the core page by page. */
static bool is_paged(const struct optee *o, const struct mmp_region *r)
{
	return optee_is_tee_ram(r->type) || (r->type == OPTEE_PAGER_VASPACE &&
					     o->release->block_cap != OPTEE_BLOCKS_ANY);
}

void optee_set_mappings(struct optee *o)
{
	bool pager = o->config->pager;
	bool by_granule = o->release->builder == OPTEE_BUILDER_3_0 ||
			  o->release->block_cap == OPTEE_BLOCKS_REGION_SIZE;

	for (size_t n = 0; n < o->plan->count; n++) {
		struct mmp_region *r = &o->plan->regions[n];

		r->max_block_shift = pager && is_paged(o, r) ? 12
				     : by_granule            ? r->granule_shift
							     : 30;
		r->mapping = (uint8_t)mapping_of(o, r);
	}
}
