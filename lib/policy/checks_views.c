/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "arch/regime.h"
#include "policy/checks.h"

/* Views of a map that several checks read: the rights and the order of its entries. */

bool mmp_region_leaf(const struct mmp_platform *p, const struct mmp_region *r,
		     struct mmp_leaf *ret_leaf)
{
	const struct mmp_rules *rules = p->rules;
	uint32_t attr = r->attr;

	if (rules->types[r->type].stops)
		return false;
	if (!rules->type_of)
		attr = rules->attr(rules, &p->config, r->type);
	rules->leaf(rules, &p->config, rules->regime(rules, &p->config)->format, attr,
		    ret_leaf);
	return ret_leaf->accessed;
}

void mmp_check_views_init(struct mmp_check_views *views)
{
	memset(views, 0, sizeof(*views));
}

void mmp_check_views_done(struct mmp_check_views *views)
{
	free(views->leaves);
	free(views->mapped);
	mmp_check_views_init(views);
}

/* Attribute words differ in few bits, mostly low ones. */
static struct mmp_leaf_seen *seen_of(const struct mmp_check_input *input,
				     const struct mmp_region *r, uint64_t *ret_key)
{
	struct mmp_check_views *views = input->views;
	uint64_t key = r->type;

	if (input->platform->rules->type_of)
		key = (uint64_t)r->attr << 8 | r->type;
	if (!views->leaves)
		views->leaves = calloc(MMP_LEAVES_SEEN, sizeof(*views->leaves));
	*ret_key = key + 1;
	return views->leaves ? &views->leaves[(key ^ key >> 8) % MMP_LEAVES_SEEN] : NULL;
}

bool mmp_check_leaf(const struct mmp_check_input *input, const struct mmp_region *r,
		    struct mmp_leaf *ret_leaf)
{
	uint64_t key;
	struct mmp_leaf_seen *seen = seen_of(input, r, &key);

	if (!seen)
		return mmp_region_leaf(input->platform, r, ret_leaf);
	if (seen->key != key) {
		seen->key = key;
		seen->readable = mmp_region_leaf(input->platform, r, &seen->leaf);
	}
	*ret_leaf = seen->leaf;
	return seen->readable;
}

bool mmp_check_is_mapped(const struct mmp_check_input *input, const struct mmp_region *r)
{
	struct mmp_leaf leaf;

	return r->mapping == MMP_MAP_BLOCKS && mmp_check_leaf(input, r, &leaf);
}

const struct mmp_extent *mmp_check_mapped(const struct mmp_check_input *input,
					  size_t *ret_count)
{
	const struct mmp_plan *plan = &input->layout->plan;
	struct mmp_check_views *views = input->views;

	if (!views->has_mapped && plan->count)
		views->mapped = malloc(plan->count * sizeof(*views->mapped));
	for (size_t n = 0; !views->has_mapped && views->mapped && n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		struct mmp_extent *e = &views->mapped[views->mapped_count];

		if (!mmp_check_is_mapped(input, r) ||
		    !mmp_extent_of(e, r->pa, r->size, input->pa_mask))
			continue;
		e->of = n;
		e->side = 0;
		views->mapped_count++;
	}
	if (!views->has_mapped)
		mmp_extents_sort(views->mapped, views->mapped_count);
	views->has_mapped = true;
	*ret_count = views->mapped_count;
	return views->mapped;
}
