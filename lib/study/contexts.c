/* SPDX-License-Identifier: BSD-2-Clause */
#include "study/contexts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "policy/checks.h"
#include "policy/overlaps.h"

/* clang-format off */
const struct mmp_clash_info mmp_clashes[MMP_CLASH_KIND_COUNT] = {
	[MMP_CLASH_EXPOSED]   = { "contexts-exposed", MMP_ERROR, "one firmware maps as non-secure what another keeps for the secure world",
				  "map it as secure, or leave it out" },
	[MMP_CLASH_PROTECTED] = { "contexts-protected", MMP_WARNING, "one firmware maps memory that another keeps for itself",
				  "leave it out where it is not needed to load the other firmware" },
	[MMP_CLASH_SECURITY]  = { "contexts-security", MMP_ERROR, "one physical range is secure to one firmware and non-secure to another",
				  "map it alike in both: they reach two different memories, or one of them faults" },
	[MMP_CLASH_MEMORY]    = { "contexts-memory", MMP_ERROR, "one physical range is device memory to one firmware and normal memory to another",
				  "map it alike in both: mismatched attributes lose coherency" },
	[MMP_CLASH_CODE]      = { "contexts-code", MMP_WARNING, "one firmware can write what another executes",
				  "map it read-only, or leave it out" },
	[MMP_CLASH_OWNERS]    = { "contexts-owners", MMP_WARNING, "two firmwares can write the same memory",
				  "let one of them own it, unless they share it on purpose" },
};
/* clang-format on */

/* A range of physical memory as one context sees it. */
struct context_view {
	size_t context;
	struct mmp_region region;
	bool keeps; /* not mapped, but reserved by the context for itself */
	bool device, nonsecure, writable, executable;
};

struct context_comparison {
	struct mmp_clash_list *list;
	const struct mmp_context *contexts;
	struct context_view *views;
	struct mmp_extent *extents;
	size_t count, capacity;
	bool failed;
};

void mmp_clash_list_init(struct mmp_clash_list *list)
{
	memset(list, 0, sizeof(*list));
}

void mmp_clash_list_done(struct mmp_clash_list *list)
{
	free(list->clashes);
	mmp_clash_list_init(list);
}

/* --- the view of each context ------------------------------------------------------- */

static int reserve_clashes(struct context_comparison *c, size_t more)
{
	size_t capacity = c->count + more;
	struct context_view *views;
	struct mmp_extent *extents;

	if (capacity <= c->capacity)
		return 0;
	views = realloc(c->views, capacity * sizeof(*views));
	if (!views)
		return -1;
	c->views = views;
	extents = realloc(c->extents, capacity * sizeof(*extents));
	if (!extents)
		return -1;
	c->extents = extents;
	c->capacity = capacity;
	return 0;
}

static void add_view(struct context_comparison *c, const struct context_view *view)
{
	struct mmp_extent *extent = &c->extents[c->count];

	if (!mmp_extent_of(extent, view->region.pa, view->region.size, UINT64_MAX))
		return;
	extent->of = c->count;
	c->views[c->count++] = *view;
}

static void add_mapped(struct context_comparison *c, size_t n,
		       const struct mmp_region *region)
{
	const struct mmp_platform *p = c->contexts[n].platform;
	struct mmp_leaf leaf;

	if (region->mapping != MMP_MAP_BLOCKS || !mmp_region_leaf(p, region, &leaf))
		return;
	add_view(c, &(struct context_view){
			    .context = n,
			    .region = *region,
			    .device = mmp_leaf_is_device(p->rules, &leaf),
			    .nonsecure = leaf.nonsecure,
			    .writable = !leaf.read_only,
			    .executable = !leaf.pxn || !leaf.uxn,
		    });
}

static void add_kept(struct context_comparison *c, size_t n)
{
	const struct mmp_platform *p = c->contexts[n].platform;
	struct mmp_range ranges[MMP_SECURE_RANGES_MAX];
	unsigned count =
		p->rules->secure ? p->rules->secure(p->rules, &p->config, ranges) : 0;

	for (unsigned i = 0; i < count; i++)
		add_view(c, &(struct context_view){ .context = n,
						    .region = { .pa = ranges[i].base,
								.size = ranges[i].size },
						    .keeps = true });
}

static int add_context(struct context_comparison *c, size_t n)
{
	const struct mmp_context *context = &c->contexts[n];
	struct mmp_pieces pieces = { 0 };

	if (context->layout && mmp_pieces_make(&pieces, &context->layout->plan))
		return -1;
	if (reserve_clashes(c, pieces.count + MMP_SECURE_RANGES_MAX)) {
		mmp_pieces_done(&pieces);
		return -1;
	}
	for (size_t i = 0; i < pieces.count; i++)
		add_mapped(c, n, &pieces.pieces[i]);
	mmp_pieces_done(&pieces);
	add_kept(c, n);
	return 0;
}

/* --- two views of the same memory ------------------------------------------------------- */

static struct mmp_clash *room_for_one(struct mmp_clash_list *list)
{
	size_t capacity = list->capacity ? 2 * list->capacity : 16;
	struct mmp_clash *clashes;

	if (list->count < list->capacity)
		return &list->clashes[list->count++];
	clashes = realloc(list->clashes, capacity * sizeof(*clashes));
	if (!clashes)
		return NULL;
	list->clashes = clashes;
	list->capacity = capacity;
	return &clashes[list->count++];
}

/* A clash that continues the previous one is merged with it. */
static bool continues(struct mmp_clash_list *list, const struct mmp_clash *clash)
{
	for (size_t i = list->count;
	     i-- > 0 && list->count - i <= MMP_CLASH_KIND_COUNT;) {
		struct mmp_clash *before = &list->clashes[i];
		uint64_t end = before->pa + before->size;

		if (before->kind != clash->kind ||
		    before->contexts[0] != clash->contexts[0] ||
		    before->contexts[1] != clash->contexts[1] || clash->pa > end)
			continue;
		if (clash->pa + clash->size > end)
			before->size = clash->pa + clash->size - before->pa;
		return true;
	}
	return false;
}

static void note_clash(struct context_comparison *c, enum mmp_clash_kind kind,
		       const struct context_view *by, const struct context_view *to)
{
	uint64_t first = by->region.pa > to->region.pa ? by->region.pa : to->region.pa;
	uint64_t last = by->region.pa + (by->region.size - 1);
	uint64_t its_last = to->region.pa + (to->region.size - 1);
	struct mmp_clash clash = { .kind = kind,
				   .contexts = { by->context, to->context },
				   .mapped = by->region,
				   .other = to->region,
				   .pa = first };
	struct mmp_clash *kept;

	clash.size = (last < its_last ? last : its_last) - first + 1;
	if (continues(c->list, &clash))
		return;
	if (c->list->count >= MMP_FINDINGS_MAX) {
		c->list->omitted++;
		return;
	}
	kept = room_for_one(c->list);
	if (kept)
		*kept = clash;
	else
		c->failed = true;
}

static void compare_mapped(struct context_comparison *c, const struct context_view *a,
			   const struct context_view *b)
{
	if (a->nonsecure != b->nonsecure)
		note_clash(c, MMP_CLASH_SECURITY, a, b);
	if (a->device != b->device)
		note_clash(c, MMP_CLASH_MEMORY, a, b);
	if (a->device || b->device)
		return;
	if (a->writable && b->executable && !b->writable)
		note_clash(c, MMP_CLASH_CODE, a, b);
	else if (b->writable && a->executable && !a->writable)
		note_clash(c, MMP_CLASH_CODE, b, a);
	else if (a->writable && b->writable && !a->nonsecure && !b->nonsecure)
		note_clash(c, MMP_CLASH_OWNERS, a, b);
}

static bool compare_pair(void *data, const struct mmp_extent *one,
			 const struct mmp_extent *two)
{
	struct context_comparison *c = data;
	const struct context_view *a = &c->views[one->of], *b = &c->views[two->of];

	if (a->context == b->context || (a->keeps && b->keeps))
		return !c->failed;
	if (a->keeps || b->keeps) {
		const struct context_view *by = a->keeps ? b : a, *to = a->keeps ? a : b;

		note_clash(c, by->nonsecure ? MMP_CLASH_EXPOSED : MMP_CLASH_PROTECTED, by,
			   to);
	} else if (a->context < b->context) {
		compare_mapped(c, a, b);
	} else {
		compare_mapped(c, b, a);
	}
	return !c->failed;
}

/*
 * If one context reserves the memory, that clash is reported already, so that both write
 * it is not reported.
 */
static bool is_told(const struct mmp_clash_list *list, const struct mmp_clash *clash)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct mmp_clash *other = &list->clashes[i];

		if ((other->kind == MMP_CLASH_PROTECTED ||
		     other->kind == MMP_CLASH_EXPOSED) &&
		    other->pa <= clash->pa &&
		    clash->pa - other->pa + clash->size <= other->size)
			return true;
	}
	return false;
}

static void drop_told(struct mmp_clash_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct mmp_clash *clash = &list->clashes[i];

		if ((clash->kind == MMP_CLASH_OWNERS || clash->kind == MMP_CLASH_CODE) &&
		    is_told(list, clash))
			continue;
		list->clashes[kept++] = *clash;
	}
	list->count = kept;
}

int mmp_contexts_compare(struct mmp_clash_list *list, const struct mmp_context *contexts,
			 size_t count, struct mmp_error *err)
{
	struct context_comparison c = { .list = list, .contexts = contexts };

	list->count = list->omitted = 0;
	for (size_t n = 0; n < count && !c.failed; n++)
		c.failed = add_context(&c, n) != 0;
	if (!c.failed)
		mmp_extents_overlaps(c.extents, c.count, false, compare_pair, &c);
	free(c.views);
	free(c.extents);
	if (c.failed)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	drop_told(list);
	return 0;
}

const char *mmp_clash_print(const struct mmp_clash *clash,
			    const struct mmp_context *contexts,
			    char text[MMP_CLASH_TEXT_SIZE])
{
	const struct mmp_platform *by = contexts[clash->contexts[0]].platform;
	const struct mmp_platform *to = contexts[clash->contexts[1]].platform;
	bool keeps =
		clash->kind == MMP_CLASH_EXPOSED || clash->kind == MMP_CLASH_PROTECTED;

	mmp_text_print(
		text, MMP_CLASH_TEXT_SIZE,
		"PA 0x%" PRIx64 " size 0x%" PRIx64 ": %.48s maps it (%s at 0x%" PRIx64
		" size 0x%" PRIx64 "), %.48s %s (%s at 0x%" PRIx64 " size 0x%" PRIx64 ")",
		clash->pa, clash->size, by->name,
		mmp_memtype_label(by->rules, clash->mapped.type), clash->mapped.pa,
		clash->mapped.size, to->name, keeps ? "keeps it for itself" : "too",
		keeps ? "secure memory" : mmp_memtype_label(to->rules, clash->other.type),
		clash->other.pa, clash->other.size);
	return text;
}
