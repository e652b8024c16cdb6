/* SPDX-License-Identifier: BSD-2-Clause */
#include "study/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/search.h"

/* clang-format off */
const struct mmp_alarm_info mmp_alarms[MMP_ALARM_COUNT] = {
	[MMP_ALARM_HOLE]      = { "mapped-hole", "something is mapped where the plan has nothing" },
	[MMP_ALARM_WX]        = { "write-and-execute", "has become writable and executable at once" },
	[MMP_ALARM_SECURITY]  = { "security-flip", "has changed between secure and non-secure" },
	[MMP_ALARM_USER]      = { "user-access", "has been opened to user mode" },
	[MMP_ALARM_WRITABLE]  = { "made-writable", "was read-only and is writable" },
	[MMP_ALARM_UNMAPPED]  = { "unmapped", "was mapped and is not" },
	[MMP_ALARM_ELSEWHERE] = { "other-address", "maps another physical address" },
	[MMP_ALARM_TABLE]     = { "other-table", "leads to another table, or to a table where there was none" },
	[MMP_ALARM_RESERVED]  = { "reserved", "has an encoding or bits that no firmware writes" },
};
/* clang-format on */

struct dump_comparison {
	struct mmp_comparison *to;
	const struct mmp_layout *layout;
	const struct mmp_format *format;
	const struct mmp_dump *dumps;
	size_t dump_count;
	uint32_t table;
	struct mmp_table_view view;
	uint64_t pointer; /* the build's entry that points to it */
	bool failed;      /* memory ran out */
};

void mmp_comparison_done(struct mmp_comparison *comparison)
{
	free(comparison->differences);
	free(comparison->uncovered);
	memset(comparison, 0, sizeof(*comparison));
}

static void *grown(void *all, size_t count, size_t *capacity, size_t size)
{
	size_t more = *capacity ? 2 * *capacity : 16;

	if (count < *capacity)
		return all;
	all = realloc(all, more * size);
	if (all)
		*capacity = more;
	return all;
}

static uint64_t entry_size(const struct dump_comparison *c)
{
	return UINT64_C(1) << c->format->shift(c->view.level);
}

/* The first region that overlaps [va, va + size), or -1. */
static int64_t region_in(const struct mmp_plan *plan, uint64_t va, uint64_t size)
{
	size_t from = MMP_LOWER_BOUND(n, 0, plan->count,
				      plan->regions[n].va + plan->regions[n].size <= va);

	if (from == plan->count)
		return -1;
	if (plan->regions[from].va > va && plan->regions[from].va - va >= size)
		return -1;
	return (int64_t)from;
}

/* Whether the plan maps nothing there, or nothing in this base table at all. */
static bool is_hole(const struct dump_comparison *c, int64_t region)
{
	return region < 0 || (c->view.is_base && c->view.index > 0);
}

static bool mapped(enum mmp_entry kind)
{
	return kind != MMP_ENTRY_INVALID;
}

static unsigned leaf_alarms(const struct dump_comparison *c, uint64_t expected,
			    uint64_t found)
{
	struct mmp_walk was =
		mmp_walk_entry(c->format, c->view.level, c->pointer, expected);
	struct mmp_walk is = mmp_walk_entry(c->format, c->view.level, c->pointer, found);
	bool was_x = !was.leaf.uxn || !was.leaf.pxn, is_x = !is.leaf.uxn || !is.leaf.pxn;
	bool was_mapped = was.end == MMP_WALK_MAPPED;
	unsigned alarms = 0;

	if (is.end == MMP_WALK_RESERVED || is.stray)
		alarms |= 1u << MMP_ALARM_RESERVED;
	if (is.end != MMP_WALK_MAPPED)
		return alarms;
	if (!is.leaf.read_only && is_x && !(was_mapped && !was.leaf.read_only && was_x))
		alarms |= 1u << MMP_ALARM_WX;
	if (is.leaf.user && !(was_mapped && was.leaf.user))
		alarms |= 1u << MMP_ALARM_USER;
	if (!was_mapped)
		return alarms;
	if (was.leaf.nonsecure != is.leaf.nonsecure)
		alarms |= 1u << MMP_ALARM_SECURITY;
	if (was.leaf.read_only && !is.leaf.read_only)
		alarms |= 1u << MMP_ALARM_WRITABLE;
	if (was.pa.at != is.pa.at)
		alarms |= 1u << MMP_ALARM_ELSEWHERE;
	return alarms;
}

/* The attributes of a pointer apply to everything below it. */
static unsigned table_alarms(const struct dump_comparison *c, uint64_t expected,
			     uint64_t found)
{
	int level = c->view.level;
	struct mmp_walk was = mmp_walk_entry(c->format, level, 0, expected);
	struct mmp_walk is = mmp_walk_entry(c->format, level, 0, found);
	unsigned alarms = 0;

	if (c->format->address(level, expected) != c->format->address(level, found))
		alarms |= 1u << MMP_ALARM_TABLE;
	if (was.leaf.nonsecure != is.leaf.nonsecure)
		alarms |= 1u << MMP_ALARM_SECURITY;
	if (is.stray)
		alarms |= 1u << MMP_ALARM_RESERVED;
	return alarms;
}

static unsigned alarms_of(const struct dump_comparison *c, int64_t region,
			  uint64_t expected, uint64_t found)
{
	enum mmp_entry was = c->format->kind(c->view.level, expected);
	enum mmp_entry is = c->format->kind(c->view.level, found);
	unsigned alarms = 0;

	if (was == MMP_ENTRY_TABLE && is == MMP_ENTRY_TABLE)
		return table_alarms(c, expected, found);
	if (!mapped(was) && mapped(is) && is_hole(c, region))
		alarms |= 1u << MMP_ALARM_HOLE;
	if (mapped(was) && !mapped(is))
		alarms |= 1u << MMP_ALARM_UNMAPPED;
	if (is == MMP_ENTRY_TABLE)
		return alarms | 1u << MMP_ALARM_TABLE;
	if (was == MMP_ENTRY_TABLE)
		expected = 0;
	return is == MMP_ENTRY_LEAF ? alarms | leaf_alarms(c, expected, found) : alarms;
}

/* The word without its address, if it has one. */
static uint64_t rest_of(const struct dump_comparison *c, uint64_t word)
{
	if (!mapped(c->format->kind(c->view.level, word)))
		return word;
	return word & ~c->format->address(c->view.level, word);
}

static uint64_t address_of(const struct dump_comparison *c, uint64_t word)
{
	return mapped(c->format->kind(c->view.level, word))
		       ? c->format->address(c->view.level, word)
		       : 0;
}

/* Whether the entry continues `run` in the same way. */
static bool continues(const struct dump_comparison *c, const struct mmp_difference *run,
		      const struct mmp_difference *next)
{
	uint64_t moved = address_of(c, next->found) - address_of(c, next->expected);
	uint64_t before = address_of(c, run->found) - address_of(c, run->expected);

	return run->level == next->level && run->region == next->region &&
	       run->va + run->size == next->va && run->alarms == next->alarms &&
	       run->later == next->later &&
	       rest_of(c, run->expected) == rest_of(c, next->expected) &&
	       rest_of(c, run->found) == rest_of(c, next->found) &&
	       (moved == before || address_of(c, next->found) == 0 ||
		address_of(c, next->expected) == 0);
}

static void add_run(struct dump_comparison *c, const struct mmp_difference *next)
{
	struct mmp_comparison *to = c->to;
	struct mmp_difference *all;

	if (to->count >= MMP_DIFFERENCES_MAX) {
		to->omitted++;
		return;
	}
	all = grown(to->differences, to->count, &to->capacity, sizeof(*all));
	if (!all) {
		c->failed = true;
		return;
	}
	to->differences = all;
	all[to->count++] = *next;
}

/* Why the firmware itself changes an entry after boot, or NULL. */
static const char *later_of(const struct dump_comparison *c,
			    const struct mmp_difference *d)
{
	const struct mmp_rules *rules = c->layout->platform->rules;
	struct mmp_later_change change = {
		.plan = &c->layout->plan,
		.region = d->region,
		.va = d->va,
		.level = d->level,
		.was_mapped = mapped(c->format->kind(d->level, d->expected)),
		.is_mapped = mapped(c->format->kind(d->level, d->found)),
		.is_table = c->format->kind(d->level, d->found) == MMP_ENTRY_TABLE,
		.is_user_slot = c->view.is_base &&
				(int64_t)d->index == c->layout->tables.user_va_idx,
	};

	return rules->later ? rules->later(&change) : NULL;
}

static void note_difference(struct dump_comparison *c, uint32_t index, uint64_t expected,
			    uint64_t found)
{
	struct mmp_comparison *to = c->to;
	uint64_t size = entry_size(c), va = c->view.base_va + index * size;
	struct mmp_difference next = {
		c->table, index, c->table,
		index,    1,     c->view.level,
		va,       size,  region_in(&c->layout->plan, va, size),
		expected, found, c->pointer,
		0,        NULL
	};
	struct mmp_difference *run = to->count ? &to->differences[to->count - 1] : NULL;

	next.alarms = alarms_of(c, next.region, expected, found);
	next.later = later_of(c, &next);
	to->differing++;
	to->later += next.later != NULL;
	for (unsigned i = 0; i < MMP_ALARM_COUNT && !next.later; i++)
		to->alarms[i] += next.alarms >> i & 1;
	if (!run || to->omitted || !continues(c, run, &next)) {
		add_run(c, &next);
		return;
	}
	run->count++;
	run->size += size;
	run->last_table = c->table;
	run->last_index = index;
}

static void not_covered(struct dump_comparison *c, uint32_t first, uint32_t end)
{
	struct mmp_comparison *to = c->to;
	struct mmp_uncovered *all;

	if (first >= end)
		return;
	to->not_covered += end - first;
	all = grown(to->uncovered, to->uncovered_count, &to->uncovered_capacity,
		    sizeof(*all));
	if (!all) {
		c->failed = true;
		return;
	}
	to->uncovered = all;
	all[to->uncovered_count++] = (struct mmp_uncovered){ c->table, first, end - 1 };
}

/* Compare entries first .. end - 1 with the bytes of the dump. */
static void compare_entries(struct dump_comparison *c, uint32_t first, uint32_t end,
			    const uint8_t *bytes)
{
	size_t width = c->format->descriptor_bytes;

	c->to->compared += end - first;
	for (size_t i = 0; i < (end - first) * width; i++) {
		c->to->all_zero &= bytes[i] == 0x00;
		c->to->all_ones &= bytes[i] == 0xff;
	}
	if (!memcmp(c->view.bytes + first * width, bytes, (end - first) * width))
		return;
	for (uint32_t n = first; n < end; n++) {
		uint64_t expected = mmp_descriptor_at(c->format, c->view.bytes, n);
		uint64_t found = mmp_descriptor_at(c->format, bytes, n - first);

		if (expected != found)
			note_difference(c, n, expected, found);
	}
}

static size_t first_dump(const struct dump_comparison *c, uint64_t pa)
{
	return MMP_LOWER_BOUND(n, 0, c->dump_count,
			       c->dumps[n].pa + (c->dumps[n].size - 1) < pa);
}

/* A descriptor that is only partly in the dump is not covered. */
static void compare_table(struct dump_comparison *c)
{
	uint64_t width = c->format->descriptor_bytes, pa = c->view.pa;
	uint64_t end = pa + c->view.entries * width;
	uint32_t done = 0;

	for (size_t i = first_dump(c, pa); i < c->dump_count && c->dumps[i].pa < end;
	     i++) {
		const struct mmp_dump *d = &c->dumps[i];
		uint64_t from = d->pa > pa ? d->pa - pa : 0;
		uint64_t to = end - d->pa > d->size ? d->pa + d->size - pa : end - pa;
		uint32_t first = (uint32_t)((from + width - 1) / width);
		uint32_t stop = (uint32_t)(to / width);

		if (first < done)
			first = done;
		if (first >= stop)
			continue;
		not_covered(c, done, first);
		compare_entries(c, first, stop, d->bytes + (pa + first * width - d->pa));
		done = stop;
	}
	not_covered(c, done, c->view.entries);
}

static uint64_t pointer_to(const struct mmp_layout *layout,
			   const struct mmp_table_view *view)
{
	struct mmp_memory memory = mmp_layout_memory(layout);
	struct mmp_walker walker = mmp_layout_walker(layout, &memory, 0);
	struct mmp_walk walk = mmp_walk(&walker, (struct mmp_va){ view->base_va });
	int step = view->level - 1 - walker.base_level;

	return step < 0 || step >= (int)walk.count ? 0 : walk.steps[step].descriptor;
}

int mmp_compare(struct mmp_comparison *ret_comparison, const struct mmp_layout *layout,
		const struct mmp_dump *dumps, size_t count, struct mmp_error *err)
{
	struct dump_comparison c = { .to = ret_comparison,
				     .layout = layout,
				     .format = layout->tables.format,
				     .dumps = dumps,
				     .dump_count = count };

	memset(ret_comparison, 0, sizeof(*ret_comparison));
	ret_comparison->all_zero = ret_comparison->all_ones = true;
	for (uint32_t id = 0; id < mmp_tables_count(&layout->tables); id++) {
		c.table = id;
		c.view = mmp_tables_view(&layout->tables, id);
		c.pointer = pointer_to(layout, &c.view);
		compare_table(&c);
	}
	if (!c.failed)
		return 0;
	mmp_comparison_done(ret_comparison);
	return mmp_fail(err, MMP_SYSTEM, "out of memory");
}
