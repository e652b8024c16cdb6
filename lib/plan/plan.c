/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/planner.h"
#include "plan/range.h"

const char *const mmp_attempt_names[] = {
	[MMP_ATTEMPT_MAPPED] = "mapped",
	[MMP_ATTEMPT_NO_VA] = "no-va",
	[MMP_ATTEMPT_NO_USER_VA] = "no-user-va",
	[MMP_ATTEMPT_IDENTITY_CLASH] = "identity-clash",
};

void mmp_plan_init(struct mmp_plan *plan)
{
	memset(plan, 0, sizeof(*plan));
}

void mmp_plan_done(struct mmp_plan *plan)
{
	free(plan->regions);
	free(plan->spare);
	free(plan->results);
	if (plan->own)
		plan->own_done(plan->own);
	mmp_plan_init(plan);
}

int mmp_plan_reserve_results(struct mmp_plan *plan, size_t count)
{
	struct mmp_result *results;

	if (count <= plan->result_capacity)
		return 0;
	results = realloc(plan->results, count * sizeof(*results));
	if (!results)
		return -1;
	plan->results = results;
	plan->result_capacity = count;
	return 0;
}

int mmp_pieces_make(struct mmp_pieces *pieces, const struct mmp_plan *plan)
{
	const struct mmp_rules *rules = plan->platform->rules;

	*pieces = (struct mmp_pieces){ plan->regions, plan->count, NULL };
	if (!rules->pieces)
		return 0;
	if (rules->pieces(plan, &pieces->made, &pieces->count))
		return -1;
	pieces->pieces = pieces->made;
	return 0;
}

void mmp_pieces_done(struct mmp_pieces *pieces)
{
	free(pieces->made);
}

int mmp_plan_reserve(struct mmp_plan *plan, size_t count)
{
	struct mmp_region *regions, *spare;

	if (count <= plan->capacity)
		return 0;
	count += count / 2;
	regions = realloc(plan->regions, count * sizeof(*regions));
	if (!regions)
		return -1;
	plan->regions = regions;
	spare = realloc(plan->spare, count * sizeof(*spare));
	if (!spare)
		return -1;
	plan->spare = spare;
	plan->capacity = count;
	return 0;
}

void mmp_plan_insert(struct mmp_plan *plan, size_t at, const struct mmp_region *region)
{
	memmove(plan->regions + at + 1, plan->regions + at,
		(plan->count - at) * sizeof(*plan->regions));
	plan->regions[at] = *region;
	plan->count++;
}

void mmp_plan_set_secure(struct mmp_plan *plan)
{
	const struct mmp_platform *platform = plan->platform;

	plan->secure_count =
		platform->rules->secure
			? platform->rules->secure(platform->rules, &platform->config,
						  plan->secure)
			: 0;
}

bool mmp_plan_in_secure(const struct mmp_plan *plan, const struct mmp_region *region,
			uint64_t mask)
{
	for (unsigned i = 0; i < plan->secure_count; i++)
		if (mmp_range_inside(region->pa, region->size, plan->secure[i].base,
				     plan->secure[i].size, mask))
			return true;
	return false;
}

const char *mmp_size_words(const struct mmp_platform *platform, uint64_t size,
			   char words[MMP_SIZE_WORDS])
{
	uint64_t mask = mmp_widths_of(platform->rules, &platform->config).size;

	/*
	 * No map covers the last sixteenth of the address space, so the difference was
	 * negative.
	 */
	if (size <= mask && size > mask - mask / 16)
		snprintf(words, MMP_SIZE_WORDS,
			 "which ends 0x%" PRIx64 " bytes before it begins", -size & mask);
	else
		snprintf(words, MMP_SIZE_WORDS, "size 0x%" PRIx64, size);
	return words;
}

int mmp_plan_stop(struct mmp_plan *plan, const struct mmp_stop_info *info,
		  const struct mmp_region *region, const char *what)
{
	char size[MMP_SIZE_WORDS];

	mmp_stop_about(&plan->stop, region->type, region->pa, region->size);
	return mmp_stop_at(&plan->stop, info, "%s at 0x%" PRIx64 " %s %s",
			   mmp_memtype_label(plan->platform->rules, region->type),
			   region->pa, mmp_size_words(plan->platform, region->size, size),
			   what);
}

static void start_plan(struct mmp_plan *plan, const struct mmp_platform *platform)
{
	memset(plan, 0, offsetof(struct mmp_plan, stop));
	mmp_stop_clear(&plan->stop);
	plan->platform = platform;
	plan->shape.regime = platform->rules->regime(platform->rules, &platform->config);
}

int mmp_plan_make(struct mmp_plan *plan, const struct mmp_platform *platform,
		  struct mmp_error *err)
{
	start_plan(plan, platform);
	if (!platform->rules->plan(plan))
		return 0;
	if (plan->stop.info)
		return mmp_stop_error(&plan->stop, platform, err);
	return mmp_fail(err, MMP_SYSTEM, "out of memory");
}

int mmp_ddr_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan,
		     struct mmp_error *err)
{
	ddr->count = 0;
	ddr->has_ps = false;
	mmp_stop_clear(&ddr->stop);
	if (!plan->platform->rules->discover ||
	    !plan->platform->rules->discover(ddr, plan) || ddr->stop.info)
		return 0;
	return mmp_fail(err, MMP_SYSTEM, "out of memory");
}

int mmp_stop_error(const struct mmp_stop *stop, const struct mmp_platform *platform,
		   struct mmp_error *err)
{
	const struct mmp_stop_info *info = stop->info;
	const char *message = mmp_stop_message(stop);

	return mmp_fail(err, MMP_FIRMWARE_STOP, "%s: %s stops: %s%s%s%s in %s: %s",
			platform->name, platform->rules->name,
			mmp_stop_kind_names[info->kind], *message ? " \"" : "", message,
			*message ? "\"" : "", info->func,
			*stop->detail ? stop->detail : info->about);
}
