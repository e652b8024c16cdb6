/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/page.h"
#include "base/text.h"
#include "rules/tfa/attr.h"
#include "rules/tfa/checks.h"

/* Fixes that are known to work: each is tried before it is proposed. */

#define BLOCK    UINT64_C(0x200000)
#define NO_LIMIT UINT64_C(0x40000000)

struct trial {
	const struct tfa_list *list;
	const struct tfa_config *config;
	const struct tfa_region *region; /* as it was registered */
	const struct tfa_region *other;  /* the region it conflicts with, or NULL */
	char *text;
	size_t size;
};

static bool accepted(const struct trial *t, const struct tfa_config *config,
		     const struct tfa_region *r)
{
	uint32_t other;

	return r->size && tfa_list_check(t->list, config, r, &other) == TFA_ACCEPTED;
}

/* Propose the change if the changed region is accepted. */
static bool propose(const struct trial *t, const struct tfa_region *changed,
		    const char *words, ...) __attribute__((format(printf, 3, 4)));

static bool propose(const struct trial *t, const struct tfa_region *changed,
		    const char *words, ...)
{
	va_list args;

	if (!accepted(t, t->config, changed))
		return false;
	va_start(args, words);
	mmp_text_vprint(t->text, t->size, words, args);
	va_end(args);
	return true;
}

static void align(const struct trial *t)
{
	struct tfa_region r = *t->region;
	uint64_t shift = r.pa & MMP_PAGE_MASK;

	if ((r.va & MMP_PAGE_MASK) > shift)
		shift = r.va & MMP_PAGE_MASK;
	r.pa = mmp_page_down(r.pa);
	r.va = mmp_page_down(r.va);
	r.size = mmp_page_up(r.size + shift);
	propose(t, &r, "PA 0x%" PRIx64 ", VA 0x%" PRIx64 ", size 0x%" PRIx64 " would do",
		r.pa, r.va, r.size);
}

static uint64_t power_from(uint64_t last)
{
	uint64_t space = UINT64_C(1) << 32;

	while (space && space - 1 < last)
		space <<= 1;
	return space;
}

static void widen(const struct trial *t)
{
	struct tfa_config c = *t->config;
	uint64_t most = c.arch == TFA_ARM32 ? UINT64_C(1) << 32 : UINT64_C(1) << 48;
	const char *what = "";

	if (t->region->va + t->region->size - 1 > c.va_space - 1) {
		c.va_space = power_from(t->region->va + t->region->size - 1);
		what = "PLAT_VIRT_ADDR_SPACE_SIZE";
	}
	if (t->region->pa + t->region->size - 1 > c.pa_space - 1) {
		c.pa_space = power_from(t->region->pa + t->region->size - 1);
		what = *what ? "both address spaces" : "PLAT_PHY_ADDR_SPACE_SIZE";
	}
	if (c.va_space <= most && accepted(t, &c, t->region))
		snprintf(t->text, t->size,
			 "raise %s: va_space 0x%" PRIx64 ", pa_space 0x%" PRIx64
			 " would do",
			 what, c.va_space, c.pa_space);
}

/* Propose the part before the other region, the part after it, or both regions as one. */
static void cut_off(const struct trial *t)
{
	uint64_t end = t->other->va + t->other->size;
	struct tfa_region before = *t->region, behind = *t->region, both = *t->region;

	before.size = t->other->va - before.va;
	behind.va = end;
	behind.pa += end - t->region->va;
	behind.size -= end - t->region->va;
	if (t->region->va < t->other->va &&
	    propose(t, &before, "end it where the other begins: size 0x%" PRIx64,
		    before.size))
		return;
	if (t->region->va >= t->other->va &&
	    propose(t, &behind,
		    "begin it where the other ends: PA 0x%" PRIx64 ", VA 0x%" PRIx64
		    ", size 0x%" PRIx64,
		    behind.pa, behind.va, behind.size))
		return;
	if (both.va > t->other->va) {
		both.pa -= both.va - t->other->va;
		both.size += both.va - t->other->va;
		both.va = t->other->va;
	}
	if (both.va + both.size < end)
		both.size = end - both.va;
	propose(t, &both,
		"let it hold the whole of the other: VA 0x%" PRIx64 ", size 0x%" PRIx64,
		both.va, both.size);
}

/* Propose the VA at which the other region maps this memory, or a free one. */
static void move(const struct trial *t, bool shared)
{
	struct tfa_region r = *t->region;
	uint64_t shift = t->other->va - t->other->pa;

	r.va = r.pa + shift;
	if (shared &&
	    propose(t, &r, "map it at VA 0x%" PRIx64 ", as the other maps this memory",
		    r.va))
		return;
	if (shared && r.pa >= t->other->pa &&
	    r.pa - t->other->pa + r.size <= t->other->size) {
		snprintf(t->text, t->size,
			 "leave it out: the other maps this memory, at VA 0x%" PRIx64,
			 r.va);
		return;
	}
	r.va = r.pa;
	if (propose(t, &r, "map it flat, at VA 0x%" PRIx64, r.va))
		return;
	r.va = (t->list->max_va + 1 + BLOCK - 1) & ~(BLOCK - 1);
	propose(t, &r, "map it at VA 0x%" PRIx64 ", which is free", r.va);
}

static void undynamic(const struct trial *t)
{
	struct tfa_region r = *t->region;

	r.attr &= ~TFA_DYNAMIC;
	if (t->other->attr & TFA_DYNAMIC)
		snprintf(t->text, t->size, "remove the other region before");
	else
		propose(t, &r, "register it before init, as a static region");
}

void tfa_find_fix(const struct tfa_run *run, const struct tfa_region *region,
		  const struct tfa_result *result, char *text, size_t size)
{
	const struct tfa_list *list = &run->context.list;
	struct trial t = { list, &run->config, region, NULL, text, size };
	struct tfa_region r = *region;

	text[0] = '\0';
	for (uint32_t n = 0; n < list->count && result->other != TFA_NO_REGION; n++)
		if (tfa_list_at(list, n)->op == result->other)
			t.other = tfa_list_at(list, n);
	switch ((int)result->rule) {
	case TFA_PA_UNALIGNED:
	case TFA_VA_UNALIGNED:
	case TFA_SIZE_UNALIGNED:
		align(&t);
		break;
	case TFA_GRANULARITY:
		r.granularity = NO_LIMIT;
		propose(&t, &r, "use 0x40000000, which sets no limit");
		break;
	case TFA_VA_SPACE:
	case TFA_PA_SPACE:
		widen(&t);
		break;
	case TFA_SAME_RANGE:
		snprintf(text, size, "leave one of the two out");
		break;
	case TFA_VA_PARTIAL:
		if (t.other)
			cut_off(&t);
		break;
	case TFA_OTHER_OFFSET:
	case TFA_PA_SHARED:
		if (t.other)
			move(&t, result->rule == TFA_PA_SHARED);
		break;
	case TFA_DYNAMIC_NEST:
		if (t.other)
			undynamic(&t);
		break;
	default:
		break;
	}
}

/* --- tables ----------------------------------------------------------------------------- */

/*
 * Run the calls of `ops` without limits. Returns the number of tables in use, 0 if they
 * stop.
 */
static uint32_t measure(struct tfa_context *x, const struct tfa_config *config,
			const struct tfa_op *ops, uint32_t count)
{
	struct tfa_config c = *config;
	struct mmp_error err;

	c.max_xlat_tables = MMP_TABLES_MAX;
	c.max_mmap_regions = UINT32_MAX;
	c.debug = true; /* a refused region saves nothing */
	if (tfa_context_run(x, &c, ops, count, 0, 0x1000, &err) || x->stop != TFA_NO_STOP)
		return 0;
	return tfa_tables_used(x);
}

static struct tfa_op *ops_of(const struct mmp_platform *p)
{
	struct tfa_op *ops = malloc((p->count + 1) * sizeof(*ops));

	if (ops)
		tfa_read_ops(ops, p);
	return ops;
}

uint32_t tfa_tables_needed(struct tfa_run *run, uint32_t *ret_entries)
{
	const struct mmp_platform *p = run->platform;
	uint32_t needed =
		measure(&run->context, tfa_config(p), run->ops, (uint32_t)p->count);

	*ret_entries = run->context.list.most;
	return needed;
}

struct saving {
	const struct mmp_platform *platform;
	struct tfa_context context;
	struct tfa_op *ops;
	uint32_t needed;
};

/* The best change of one kind so far. */
struct best {
	uint32_t tables; /* needed with this change */
	size_t ordinal;
};

static bool is_static(const struct tfa_op *op)
{
	return op->call == TFA_ADD && op->size;
}

/* Keep the change of op n, which is made, if it is the best. */
static void keep_best(struct saving *s, struct best *best, size_t n)
{
	uint32_t tables = measure(&s->context, tfa_config(s->platform), s->ops,
				  (uint32_t)s->platform->count);

	if (tables && tables < best->tables)
		*best = (struct best){ tables, n };
}

static bool lies_in(const struct tfa_op *inner, const struct tfa_op *outer)
{
	return inner != outer && inner->va >= outer->va &&
	       inner->va - inner->pa == outer->va - outer->pa &&
	       inner->va + inner->size <= outer->va + outer->size &&
	       inner->attr == outer->attr;
}

static void try_dropping(struct saving *s, struct best *best, size_t n)
{
	uint64_t size = s->ops[n].size;
	bool covered = false;

	for (size_t i = 0; i < s->platform->count && !covered; i++)
		covered = is_static(&s->ops[i]) && lies_in(&s->ops[n], &s->ops[i]);
	if (!covered)
		return;
	s->ops[n].size = 0;
	keep_best(s, best, n);
	s->ops[n].size = size;
}

static void try_rounding(struct saving *s, struct best *best, size_t n)
{
	struct tfa_op kept = s->ops[n], *op = &s->ops[n];
	uint64_t before = op->va & (BLOCK - 1);

	if ((op->attr & TFA_TYPE_MASK) != TFA_DEVICE || (op->pa & (BLOCK - 1)) != before)
		return;
	op->pa -= before;
	op->va -= before;
	op->size = (op->size + before + BLOCK - 1) & ~(BLOCK - 1);
	keep_best(s, best, n);
	*op = kept;
}

static void tell_saving(const struct saving *s, const struct best *best,
			const char *words, char *text, size_t size)
{
	size_t length = strlen(text);
	char label[TFA_LABEL_SIZE];

	if (best->tables < s->needed)
		snprintf(text + length, size - length, "%s%s %s: saves %u",
			 length ? ", or " : "", words,
			 tfa_label(s->platform, (uint32_t)best->ordinal, label),
			 s->needed - best->tables);
}

void tfa_find_saving(const struct mmp_platform *platform, char *text, size_t size)
{
	enum { TRIED_MAX = 64 };
	struct saving s = { .platform = platform, .ops = ops_of(platform) };
	struct best drop, round;

	text[0] = '\0';
	tfa_context_init(&s.context);
	if (s.ops && platform->count <= TRIED_MAX)
		s.needed = measure(&s.context, tfa_config(platform), s.ops,
				   (uint32_t)platform->count);
	drop = round = (struct best){ s.needed, 0 };
	for (size_t n = 0; s.needed && n < platform->count; n++)
		if (is_static(&s.ops[n])) {
			try_dropping(&s, &drop, n);
			try_rounding(&s, &round, n);
		}
	if (s.needed) {
		tell_saving(&s, &drop, "leave out the repeated", text, size);
		tell_saving(&s, &round, "map whole blocks of 2 MiB for", text, size);
	}
	tfa_context_done(&s.context);
	free(s.ops);
}
