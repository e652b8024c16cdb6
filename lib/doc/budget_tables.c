/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/budget_private.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

static const char *label_of(const struct mmp_budget *b, size_t region)
{
	return mmp_memtype_label(b->layout.platform->rules,
				 b->layout.plan.regions[region].type);
}

/* Sizes in bytes, for tables that come from boot memory. */
static void write_boot_memory(struct mmp_writer *w, const struct mmp_budget *b)
{
	const struct mmp_table_shape *shape = &b->layout.plan.shape;
	uint64_t there = mmp_boot_memory_there(shape);

	if (shape->limited) {
		mmp_member_null(w, "boot_memory");
		return;
	}
	mmp_member_begin(w, "boot_memory", '{');
	mmp_member_hex(w, "needed", mmp_boot_memory_needed(shape, &b->layout.tables), 1);
	if (there == UINT64_MAX)
		mmp_member_null(w, "limit");
	else
		mmp_member_hex(w, "limit", there, 1);
	mmp_member_count(w, "spare", mmp_budget_bytes_spare(b));
	mmp_member_number(w, "short", (int64_t)mmp_budget_bytes_short(b));
	mmp_writer_end(w, '}');
}

const char *budget_limited_by(const struct mmp_known_keys *known,
			      const struct mmp_table_shape *shape)
{
	const char *key;

	if (shape->limited)
		return known->tables_max ? known->tables_max : "tables";
	if (mmp_boot_memory_there(shape) == UINT64_MAX)
		return "memory";
	key = shape->boot_memory != UINT64_MAX ? known->boot_memory : known->free_range;
	return key ? key : "memory";
}

void budget_write_counts(struct mmp_writer *w, const struct mmp_budget *b)
{
	const struct mmp_tables *t = &b->layout.tables;

	mmp_member_begin(w, "tables", '{');
	mmp_member_number(w, "base_level", t->shape.base_level);
	mmp_member_number(w, "base", t->base_count);
	mmp_member_number(w, "base_bytes", (int64_t)(t->base_count * t->base_bytes));
	mmp_member_number(w, "needed", t->used);
	mmp_member_count(w, "limit", mmp_budget_limit(b));
	mmp_member_count(w, "spare", mmp_budget_spare(b));
	mmp_member_number(w, "short", (int64_t)mmp_budget_short(b));
	mmp_member_text(w, "limited_by",
			budget_limited_by(&b->layout.platform->rules->known,
					  &b->layout.plan.shape));
	mmp_member_number(w, "bytes", (int64_t)(t->used * t->xlat_size));
	write_boot_memory(w, b);
	mmp_writer_end(w, '}');
}

static void say_span(struct mmp_buffer *text, const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_xlat *x = &b->layout.tables.xlat[n];

	mmp_buffer_printf(text, "level %d table of 0x%" PRIx64 "-0x%" PRIx64, x->level,
			  x->base_va, x->base_va + (b->tables[n].size - 1));
}

/* The numbers behind a reason, such as "PA 0x..., VA 0x...: they differ modulo 2M". */
static void say_reason(struct mmp_buffer *text, const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_xlat *x = &b->layout.tables.xlat[n];
	const struct mmp_region *r;
	char block[MMP_SIZE_TEXT_SIZE], most[MMP_SIZE_TEXT_SIZE];

	if (x->region == MMP_NO_REGION) {
		mmp_buffer_printf(text, "base level 0 gives each base table one");
		return;
	}
	r = &b->layout.plan.regions[x->region];
	mmp_size_print(b->tables[n].size, block);
	mmp_size_print(UINT64_C(1) << r->max_block_shift, most);
	if (x->level < b->layout.tables.format->last_level)
		mmp_buffer_text(text, "the first region there: ");
	switch (b->tables[n].reason) {
	case MMP_TABLE_UNITS:
		if (b->layout.tables.format->leaf_allowed(x->level - 1))
			mmp_buffer_printf(
				text,
				"it is mapped in blocks of at most %s at any address",
				most);
		else
			mmp_buffer_printf(text, "there are no blocks of %s", block);
		break;
	case MMP_TABLE_SHIFTED:
		mmp_buffer_printf(text,
				  "its PA 0x%" PRIx64 " and VA 0x%" PRIx64
				  " are not congruent modulo %s",
				  r->pa, r->va, block);
		break;
	case MMP_TABLE_PART:
		mmp_buffer_printf(text, "it begins and ends within %s", block);
		break;
	case MMP_TABLE_BEGINS:
		mmp_buffer_printf(
			text, "it begins at 0x%" PRIx64 ", which is not a multiple of %s",
			r->va, block);
		break;
	case MMP_TABLE_ENDS:
		mmp_buffer_printf(
			text, "it ends at 0x%" PRIx64 ", not at the end of a block of %s",
			r->va + (r->size - 1), block);
		break;
	case MMP_TABLE_OF_CORE:
	case MMP_TABLE_REASON_COUNT:
		break;
	}
}

void budget_say_table(struct mmp_buffer *text, const struct mmp_budget *b, uint32_t n)
{
	say_span(text, b, n);
	mmp_buffer_printf(text, ": ");
	say_reason(text, b, n);
}

/*
 * Regions with entries in a table; the one that the table was allocated for comes
 * first.
 */
static void write_users(struct mmp_writer *w, const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_table_cost *cost = &b->tables[n];

	mmp_member_begin(w, "regions", '[');
	for (size_t i = cost->first; i < cost->first + cost->count; i++)
		if (b->layout.plan.regions[i].mapping != MMP_MAP_NOTHING &&
		    b->layout.plan.regions[i].size)
			mmp_writer_number(w, (int64_t)i);
	mmp_writer_end(w, ']');
}

static void write_table(struct mmp_writer *w, const struct mmp_budget *b, uint32_t n)
{
	const struct mmp_xlat *x = &b->layout.tables.xlat[n];
	struct mmp_buffer text = { 0 };

	mmp_writer_begin(w, '{');
	mmp_member_number(w, "table", n);
	mmp_member_number(w, "level", x->level);
	mmp_member_hex(w, "va", x->base_va, 1);
	mmp_member_hex(w, "size", b->tables[n].size, 1);
	if (x->region == MMP_NO_REGION) {
		mmp_member_null(w, "region");
		mmp_member_null(w, "type");
	} else {
		mmp_member_number(w, "region", x->region);
		mmp_member_text(w, "type", label_of(b, x->region));
	}
	mmp_member_text(w, "reason", mmp_table_reason_names[b->tables[n].reason]);
	say_reason(&text, b, n);
	budget_take_text(w, "why", &text);
	write_users(w, b, n);
	mmp_writer_end(w, '}');
}

void budget_write_made(struct mmp_writer *w, const struct mmp_budget *b)
{
	mmp_member_begin(w, "made", '[');
	for (uint32_t n = 0; n < b->layout.tables.used; n++)
		write_table(w, b, n);
	mmp_writer_end(w, ']');
}
