/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/limits.h"
#include "base/page.h"
#include "tables/builder.h"

/* Room for these at first: enough for most platforms, as what grows is copied. */
enum { FIRST_TABLES = 64 };

static int grow(struct mmp_builder *b)
{
	struct mmp_tables *t = b->t;
	uint32_t capacity = t->capacity ? 2 * t->capacity : FIRST_TABLES;
	struct mmp_xlat *xlat;
	uint8_t *bytes;

	xlat = realloc(t->xlat, capacity * sizeof(*xlat));
	if (!xlat)
		return mmp_builder_no_memory(b);
	t->xlat = xlat;
	bytes = aligned_alloc(MMP_PAGE, capacity * t->xlat_size);
	if (!bytes)
		return mmp_builder_no_memory(b);
	if (t->used)
		memcpy(bytes, t->xlat_bytes, t->used * t->xlat_size);
	free(t->xlat_bytes);
	t->xlat_bytes = bytes;
	for (int level = (int)t->shape.base_level + 1; level <= b->depth; level++)
		b->path[level].bytes = bytes + b->path[level].xlat * t->xlat_size;
	t->capacity = capacity;
	return 0;
}

/* Take `bytes` of boot memory, aligned. A rule set without boot memory has no limit. */
static int take_boot_memory(struct mmp_builder *b, uint64_t bytes, uint64_t alignment)
{
	const struct mmp_table_shape *shape = &b->t->shape;
	uint64_t at;

	if (shape->limited)
		return 0;
	if (alignment < shape->boot_alignment)
		alignment = shape->boot_alignment;
	if (shape->asserts && bytes & (alignment - 1))
		return mmp_builder_stop(b, MMP_STOP_BOOT_MEMORY_UNEVEN, 0);
	at = (b->t->boot_memory_used + alignment - 1) & ~(alignment - 1);
	b->t->boot_memory_used = at + bytes;
	if (shape->boot_memory != UINT64_MAX &&
	    at + bytes + shape->boot_memory_tmp > shape->boot_memory)
		return mmp_builder_stop(b, MMP_STOP_BOOT_MEMORY,
					b->region ? b->region->va : 0);
	return 0;
}

/* Take memory for a table. If tables share a page, the first one takes the whole page. */
static int take_table(struct mmp_builder *b)
{
	uint32_t shared = b->t->shape.tables_a_page;
	uint64_t bytes = b->t->xlat_size * (shared ? shared : 1);

	return shared && b->t->used % shared ? 0 : take_boot_memory(b, bytes, bytes);
}

static uint32_t region_number(const struct mmp_builder *b)
{
	return b->region ? (uint32_t)(b->region - b->plan->regions) : MMP_NO_REGION;
}

int mmp_builder_new_table(struct mmp_builder *b, enum mmp_table_stop when_none,
			  uint64_t va, uint32_t *ret_xlat)
{
	struct mmp_tables *t = b->t;

	if (t->shape.limited && t->used >= t->shape.max_tables) {
		const struct mmp_rules *rules = b->plan->platform->rules;

		if (rules->trace_no_table)
			rules->trace_no_table(b->plan, &t->stop);
		return mmp_builder_stop(b, when_none, va);
	}
	if (take_table(b))
		return -1;
	if (t->used >= MMP_TABLES_MAX)
		return mmp_builder_no_memory(b);
	if (t->used == t->capacity && grow(b))
		return -1;
	t->xlat[t->used] = (struct mmp_xlat){ .region = region_number(b) };
	*ret_xlat = t->used++;
	return 0;
}

/* Tables of another format have another size, so their memory cannot be reused. */
static void set_xlat_size(struct mmp_tables *t, size_t size)
{
	if (t->xlat_size == size)
		return;
	free(t->xlat_bytes);
	free(t->xlat);
	t->xlat_bytes = NULL;
	t->xlat = NULL;
	t->capacity = 0;
	t->xlat_size = size;
}

static int reserve_tables(struct mmp_builder *b)
{
	struct mmp_tables *t = b->t;
	size_t bytes;

	t->base_count = t->shape.cores * t->shape.per_core;
	t->base_bytes = (size_t)t->shape.base_entries * b->format->descriptor_bytes;
	set_xlat_size(t, (size_t)b->format->entries(b->format->last_level) *
				 b->format->descriptor_bytes);
	bytes = t->base_count * t->base_bytes;
	if (bytes > t->base_room) {
		free(t->base);
		t->base_room = 0;
		t->base = aligned_alloc(MMP_PAGE, mmp_page_up(bytes));
		if (!t->base)
			return mmp_builder_no_memory(b);
		t->base_room = bytes;
	}
	memset(t->base, 0, bytes);
	return 0;
}

int mmp_builder_take_notes(struct mmp_builder *b, unsigned bytes)
{
	struct mmp_tables *t = b->t;

	if (t->base_count > t->notes_room) {
		free(t->notes);
		t->notes_room = 0;
		t->notes = malloc(t->base_count * sizeof(*t->notes));
		if (!t->notes)
			return mmp_builder_no_memory(b);
		t->notes_room = t->base_count;
	}
	t->note_bytes = bytes;
	return take_boot_memory(b, (uint64_t)t->base_count * bytes, bytes);
}

/* Reserve what comes from boot memory before the first table, in the firmware's order. */
int mmp_builder_reserve(struct mmp_builder *b)
{
	const struct mmp_rules *rules = b->plan->platform->rules;
	struct mmp_tables *t = b->t;
	uint64_t user;

	if (reserve_tables(b) || (rules->begin_tables && rules->begin_tables(b)) ||
	    take_boot_memory(b, t->base_count * t->base_bytes, t->base_bytes))
		return -1;
	user = t->shape.user_table_bytes ? t->shape.user_table_bytes : t->xlat_size;
	return take_boot_memory(b, t->shape.user_tables * user, user);
}
