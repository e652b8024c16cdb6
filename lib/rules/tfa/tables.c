/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "rules/tfa/registers.h"
#include "rules/tfa/tfa.h"

/* Convert the tables that the calls made to mmp's tables. */

/* The stops while registering come first (stops.h). */
bool tfa_stops_at_tables(enum tfa_stop stop)
{
	return stop > TFA_STOP_ALLOC_WRAPS;
}

static void swap(void *one, void *other)
{
	void *kept = *(void **)one;

	*(void **)one = *(void **)other;
	*(void **)other = kept;
}

/* Make room for as many tables as the words to be taken over have. */
static int reserve_pool(struct mmp_tables *to, uint32_t count)
{
	struct mmp_xlat *xlat;
	uint32_t *shown;

	if (count == to->capacity && to->shown)
		return 0;
	xlat = realloc(to->xlat, (count + 1) * sizeof(*xlat));
	if (!xlat)
		return -1;
	to->xlat = xlat;
	shown = realloc(to->shown, (count + 1) * sizeof(*shown));
	if (!shown)
		return -1;
	to->shown = shown;
	return 0;
}

static bool is_zero(const uint64_t *words)
{
	for (unsigned n = 0; n < TFA_ENTRIES; n++)
		if (words[n])
			return false;
	return true;
}

/* Tables that are counted, linked or not zero are shown; the others are free. */
static void show_tables(struct mmp_tables *to, const struct tfa_context *x)
{
	const struct tfa_tables *t = &x->tables;

	to->shown_count = 0;
	for (uint32_t n = 0; n < t->touched; n++)
		if (!x->config->dynamic || t->counts[n] > 0 || t->level[n] >= 0 ||
		    !is_zero(t->words + (size_t)n * TFA_ENTRIES))
			to->shown[to->shown_count++] = n;
	to->some_free = to->shown_count < t->touched;
	to->has_regions = x->config->dynamic;
}

/* Take over the memory of the words, and give the old memory to the next run. */
static void take_words(struct mmp_tables *to, struct tfa_context *x,
		       const uint32_t *places)
{
	struct tfa_tables *t = &x->tables;
	uint32_t room = to->capacity;

	swap(&to->xlat_bytes, &t->words);
	to->capacity = t->words_room;
	t->words_room = room;
	to->xlat_size = TFA_TABLE_BYTES;
	to->used = t->touched;
	to->in_use = tfa_tables_used(x);
	for (uint32_t n = 0; n < t->touched; n++)
		to->xlat[n] = (struct mmp_xlat){ .base_va = t->base_va[n],
						 .filled = TFA_ENTRIES,
						 .level = t->level[n],
						 .regions = t->counts[n],
						 .region = places[t->made_for[n]] };
}

/* The index in the map of the region of each call; MMP_NO_REGION: it was removed. */
static uint32_t *places_of_calls(const struct tfa_run *run)
{
	const struct tfa_list *list = &run->context.list;
	uint32_t *places = malloc((run->count + 1) * sizeof(*places));

	for (size_t n = 0; places && n < run->count; n++)
		places[n] = MMP_NO_REGION;
	for (uint32_t n = 0; places && n < list->count; n++)
		places[tfa_list_at(list, n)->op] = n;
	return places;
}

static int take_base(struct mmp_tables *to, const struct tfa_tables *t)
{
	size_t bytes = t->base_entries * sizeof(*t->base);
	uint8_t *base = to->base;

	if (bytes > to->base_room) {
		base = realloc(to->base, bytes);
		if (!base)
			return -1;
		to->base = base;
		to->base_room = bytes;
	}
	to->base_count = 1;
	to->base_bytes = bytes;
	memcpy(base, t->base, bytes);
	return 0;
}

/* Update the limits from the shape, as they may have been lifted since the calls ran. */
static bool set_limits(struct tfa_run *run, const struct mmp_table_shape *shape)
{
	uint64_t most =
		shape->max_tables < MMP_TABLES_MAX ? shape->max_tables : MMP_TABLES_MAX;
	bool same = run->config.max_xlat_tables == most &&
		    run->config.debug == shape->asserts;

	run->config.max_xlat_tables = most;
	run->config.debug = shape->asserts;
	return same;
}

int tfa_make_tables(struct mmp_tables *tables, const struct mmp_plan *plan,
		    const struct mmp_placement *placement, struct mmp_error *err)
{
	const struct tfa_config *c = tfa_config(plan->platform);
	struct tfa_run *run = tfa_run_of(plan);
	struct tfa_context *x = &run->context;
	struct mmp_placement at = { c->base_table, c->xlat_tables };
	bool same = set_limits(run, &plan->shape);
	uint32_t *places;

	if (placement)
		at = *placement;
	tables->placement = at;
	if (!at.xlat_pa)
		at.xlat_pa = at.base_pa + 4096;
	tables->placement = at;
	if (!same || run->tables_taken || x->tables.base_pa != at.base_pa ||
	    x->tables.xlat_pa != at.xlat_pa)
		tfa_run_again(run, at.base_pa, at.xlat_pa);
	if (run->failed) {
		*err = run->err;
		return -1;
	}
	if (x->stop != TFA_NO_STOP)
		return tfa_note_stop(&tables->stop, run);
	places = places_of_calls(run);
	if (!places || reserve_pool(tables, x->tables.words_room) ||
	    take_base(tables, &x->tables)) {
		free(places);
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	}
	show_tables(tables, x);
	take_words(tables, x, places);
	free(places);
	run->tables_taken = true;
	return 0;
}

unsigned tfa_registers(const struct mmp_plan *plan, const struct mmp_tables *tables,
		       struct mmp_register *registers)
{
	const struct tfa_context *x = &tfa_run_of(plan)->context;
	bool arm32 = x->config->arch == TFA_ARM32;
	enum mmp_register_form form = arm32 ? MMP_REGISTER_32 : MMP_REGISTER_64;
	struct tfa_registers r;
	unsigned n = 0;

	(void)tables;
	if (!x->initialized)
		return 0;
	r = tfa_registers_of(x);
	registers[n++] = (struct mmp_register){ "mair", form, r.mair, MMP_REGISTER_MAIR };
	registers[n++] = (struct mmp_register){ "tcr", form, r.tcr, MMP_REGISTER_TCR };
	registers[n++] = (struct mmp_register){ "ttbr0", MMP_REGISTER_64, r.ttbr0,
						MMP_REGISTER_BASE };
	registers[n++] = (struct mmp_register){ "ttbr0_table", MMP_REGISTER_NUMBER, 0,
						MMP_REGISTER_BASE_TABLE };
	registers[n++] = (struct mmp_register){ "sctlr_set", MMP_REGISTER_HEX,
						r.sctlr_set, MMP_REGISTER_OTHER };
	registers[n++] = (struct mmp_register){ "sctlr_clear", MMP_REGISTER_HEX,
						r.sctlr_clear, MMP_REGISTER_OTHER };
	return n;
}
