/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/placement.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/page.h"

/* clang-format off */
/* For messages. */
static const char *const mmp_run_names[MMP_RUN_COUNT] = {
	[MMP_RUN_INDEX] = "index of level 1 tables",
	[MMP_RUN_BASE]  = "base tables",
	[MMP_RUN_USER]  = "user tables",
	[MMP_RUN_XLAT]  = "translation tables",
};
const char *const mmp_run_keys[MMP_RUN_COUNT] = {
	[MMP_RUN_INDEX] = "user_l1_idx_pa",
	[MMP_RUN_BASE]  = "base_tables_pa",
	[MMP_RUN_USER]  = "user_l2_tables_pa",
	[MMP_RUN_XLAT]  = "xlat_tables_pa",
};
/* clang-format on */

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

static uint64_t run_end(const struct mmp_run *run)
{
	return run->pa + run->size;
}

static void set_base_and_xlat(struct mmp_runs *runs, const struct mmp_tables *t)
{
	uint64_t most = t->shape.limited && t->shape.max_tables > t->used
				? t->shape.max_tables
				: t->used;

	memset(runs, 0, sizeof(*runs));
	runs->run[MMP_RUN_BASE] = (struct mmp_run){
		.size = t->base_count * t->base_bytes,
		.room = t->base_count * t->base_bytes,
		.alignment = t->base_bytes,
	};
	runs->run[MMP_RUN_XLAT] = (struct mmp_run){
		.size = t->used * t->xlat_size,
		.room = most * t->xlat_size,
		.alignment = t->xlat_size,
	};
}

void mmp_place_in_pool(struct mmp_runs *runs, const struct mmp_tables *tables,
		       uint64_t pool_pa)
{
	set_base_and_xlat(runs, tables);
	runs->run[MMP_RUN_BASE].pa = pool_pa;
	runs->run[MMP_RUN_XLAT].pa = pool_pa + mmp_tables_xlat_offset(tables);
}

static bool has_run(const struct mmp_table_places *places, enum mmp_table_run which)
{
	for (unsigned i = 0; i < places->count; i++)
		if (places->order[i] == which)
			return true;
	return false;
}

static void set_sizes(struct mmp_runs *runs, const struct mmp_tables *t)
{
	const struct mmp_table_shape *shape = &t->shape;
	uint64_t user = (uint64_t)shape->user_tables * t->xlat_size;

	set_base_and_xlat(runs, t);
	if (t->note_bytes && has_run(&shape->places, MMP_RUN_INDEX))
		runs->run[MMP_RUN_INDEX] =
			(struct mmp_run){ 0, (uint64_t)t->base_count * t->note_bytes,
					  (uint64_t)t->base_count * t->note_bytes,
					  t->note_bytes };
	if (user && has_run(&shape->places, MMP_RUN_USER))
		runs->run[MMP_RUN_USER] = (struct mmp_run){ 0, user, user, t->xlat_size };
}

static bool any_given(const struct mmp_placement_given *placing)
{
	for (unsigned i = 0; i < MMP_RUN_COUNT; i++)
		if (placing->given[i])
			return true;
	return false;
}

/* Place the runs one after another, each aligned. */
static void follow(struct mmp_runs *runs, const struct mmp_table_places *places)
{
	uint64_t at = places->from;

	for (unsigned i = 0; i < places->count; i++) {
		struct mmp_run *run = &runs->run[places->order[i]];

		if (!run->size)
			continue;
		run->pa = round_up(at, run->alignment);
		at = run_end(run);
	}
}

static int wanted(enum mmp_table_run which, struct mmp_error *err)
{
	return mmp_fail(err, MMP_INVALID,
			"placement.%s: missing; here the firmware's linker decides where "
			"its %s are, and the map file has the address",
			mmp_run_keys[which], mmp_run_names[which]);
}

/*
 * Place runs at given addresses. User tables are right below the other tables, and the
 * index is first in free memory.
 */
static int take_given(struct mmp_runs *runs, const struct mmp_table_places *places,
		      const struct mmp_placement_given *placing, struct mmp_error *err)
{
	struct mmp_run *user = &runs->run[MMP_RUN_USER];
	const struct mmp_run *xlat = &runs->run[MMP_RUN_XLAT];

	if (places->known) {
		runs->run[MMP_RUN_BASE].pa = places->base_pa;
		runs->run[MMP_RUN_XLAT].pa = places->xlat_pa;
	}
	for (unsigned i = 0; i < MMP_RUN_COUNT; i++)
		if (placing->given[i])
			runs->run[i].pa = placing->pa[i];
	if (!placing->given[MMP_RUN_BASE] && !places->known)
		return wanted(MMP_RUN_BASE, err);
	if (!placing->given[MMP_RUN_XLAT] && !places->known)
		return wanted(MMP_RUN_XLAT, err);
	if (!xlat->pa)
		return mmp_fail(err, MMP_INVALID,
				"placement.xlat_tables_pa: 0x0; tables at 0x1000 or "
				"above can be built");
	if (!placing->given[MMP_RUN_INDEX])
		runs->run[MMP_RUN_INDEX].pa = places->from;
	if (!placing->given[MMP_RUN_USER])
		user->pa = xlat->pa - user->size;
	if (user->size && !placing->given[MMP_RUN_USER] && user->size > xlat->pa)
		return mmp_fail(err, MMP_INVALID,
				"placement.xlat_tables_pa: 0x%" PRIx64
				" leaves no room for the user tables below; 0x%" PRIx64
				" does",
				xlat->pa, user->size);
	return 0;
}

static int check_alignment(const struct mmp_runs *runs, unsigned bits,
			   struct mmp_error *err)
{
	for (unsigned i = 0; i < MMP_RUN_COUNT; i++) {
		const struct mmp_run *run = &runs->run[i];

		if (!run->size)
			continue;
		if (run->pa % run->alignment)
			return mmp_fail(err, MMP_INVALID,
					"placement.%s: 0x%" PRIx64
					" is not a multiple of 0x%" PRIx64 "; 0x%" PRIx64
					" is",
					mmp_run_keys[i], run->pa, run->alignment,
					round_up(run->pa, run->alignment));
		if (run->room > UINT64_C(1) << bits ||
		    run->pa > (UINT64_C(1) << bits) - run->room)
			return mmp_fail(
				err, MMP_INVALID,
				"placement.%s: 0x%" PRIx64 " size 0x%" PRIx64
				" goes past the %u bits that the address of a table has",
				mmp_run_keys[i], run->pa, run->room, bits);
	}
	return 0;
}

static int check_overlap(const struct mmp_runs *runs, struct mmp_error *err)
{
	for (unsigned i = 0; i < MMP_RUN_COUNT; i++)
		for (unsigned k = i + 1; k < MMP_RUN_COUNT; k++) {
			const struct mmp_run *a = &runs->run[i], *b = &runs->run[k];

			if (!a->size || !b->size || a->pa >= b->pa + b->room ||
			    b->pa >= a->pa + a->room)
				continue;
			return mmp_fail(err, MMP_INVALID,
					"placement: the %s at 0x%" PRIx64
					" size 0x%" PRIx64 " overlap the %s at 0x%" PRIx64
					" size 0x%" PRIx64 "; %s 0x%" PRIx64 " would do",
					mmp_run_names[i], a->pa, a->room,
					mmp_run_names[k], b->pa, b->room, mmp_run_keys[i],
					round_up(b->pa + b->room, a->alignment));
		}
	return 0;
}

/* Boot memory is counted as everywhere else: it holds more than the tables. */
static int check_room(const struct mmp_tables *tables, struct mmp_error *err)
{
	uint64_t needed = mmp_boot_memory_needed(&tables->shape, tables);
	uint64_t there = mmp_boot_memory_there(&tables->shape);

	if (needed <= there)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"placement: map and tables take 0x%" PRIx64
			" bytes of boot memory from 0x%" PRIx64
			", but there are 0x%" PRIx64,
			needed, tables->shape.places.from, there);
}

int mmp_place_as_firmware(struct mmp_runs *runs, const struct mmp_tables *tables,
			  const struct mmp_placement_given *placing,
			  struct mmp_error *err)
{
	const struct mmp_table_places *places = &tables->shape.places;
	bool given = any_given(placing);
	unsigned bits = tables->shape.va_mask > UINT32_MAX ? 48 : 32;

	set_sizes(runs, tables);
	if (places->follow && !given)
		follow(runs, places);
	else if (take_given(runs, places, placing, err))
		return -1;
	if (check_alignment(runs, bits, err) || check_overlap(runs, err))
		return -1;
	return places->follow && !given ? check_room(tables, err) : 0;
}

struct mmp_range mmp_runs_span(const struct mmp_runs *runs)
{
	uint64_t first = UINT64_MAX, end = 0;

	for (unsigned i = 0; i < MMP_RUN_COUNT; i++) {
		const struct mmp_run *run = &runs->run[i];

		if (!run->size)
			continue;
		first = run->pa < first ? run->pa : first;
		end = run_end(run) > end ? run_end(run) : end;
	}
	first = mmp_page_down(first);
	return (struct mmp_range){ first, round_up(end, MMP_PAGE) - first, true };
}

struct mmp_placement mmp_runs_placement(const struct mmp_runs *runs)
{
	return (struct mmp_placement){ runs->run[MMP_RUN_BASE].pa,
				       runs->run[MMP_RUN_XLAT].pa };
}

static void fill(const struct mmp_run *run, const void *from, uint64_t pa, uint8_t *bytes,
		 size_t length)
{
	assert(run->pa >= pa && run->pa - pa + run->size <= length);
	if (run->size)
		memcpy(bytes + (run->pa - pa), from, run->size);
}

void mmp_runs_fill(const struct mmp_runs *runs, const struct mmp_tables *tables,
		   uint64_t pa, uint8_t *bytes, size_t length)
{
	const struct mmp_run *index = &runs->run[MMP_RUN_INDEX];

	memset(bytes, 0, length);
	fill(&runs->run[MMP_RUN_BASE], tables->base, pa, bytes, length);
	fill(&runs->run[MMP_RUN_XLAT], tables->xlat_bytes, pa, bytes, length);
	for (uint32_t i = 0; i < index->size; i++)
		bytes[index->pa - pa + i] =
			(uint8_t)(tables->notes[i / tables->note_bytes] >>
				  8 * (i % tables->note_bytes));
}
