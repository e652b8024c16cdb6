#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan/planner.h"

const char *const mmp_attempt_names[] = {
	[MMP_ATTEMPT_MAPPED] = "mapped",
	[MMP_ATTEMPT_NO_VA] = "no-va",
	[MMP_ATTEMPT_NO_USER_VA] = "no-user-va",
	[MMP_ATTEMPT_IDENTITY_CLASH] = "identity-clash",
};

static const struct mmp_planner *const planners[] = {
	&mmp_planner_optee_4_10,
	NULL,
};

static const struct mmp_planner *planner_of(const struct mmp_rules *rules)
{
	for (const struct mmp_planner *const *p = planners; *p; p++)
		if ((*p)->rules == rules)
			return *p;
	return NULL;
}

void mmp_plan_init(struct mmp_plan *plan)
{
	memset(plan, 0, sizeof(*plan));
}

void mmp_plan_done(struct mmp_plan *plan)
{
	free(plan->regions);
	free(plan->spare);
	mmp_plan_init(plan);
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

static void begin(struct mmp_plan *plan, const struct mmp_platform *platform)
{
	struct mmp_plan kept = { .capacity = plan->capacity,
				 .regions = plan->regions,
				 .spare = plan->spare,
				 .platform = platform };

	*plan = kept;
}

int mmp_plan_make(struct mmp_plan *plan, const struct mmp_platform *platform,
		  struct mmp_error *err)
{
	const struct mmp_planner *planner = planner_of(platform->rules);

	begin(plan, platform);
	if (!planner)
		return mmp_fail(err, MMP_INVALID,
				"rules %s: there is no planner for them",
				platform->rules->name);
	if (!planner->make(plan))
		return 0;
	if (plan->stop.info)
		return mmp_stop_error(&plan->stop, platform, err);
	return mmp_fail(err, MMP_SYSTEM, "out of memory");
}

void mmp_ddr_init(struct mmp_ddr *ddr)
{
	memset(ddr, 0, sizeof(*ddr));
}

void mmp_ddr_done(struct mmp_ddr *ddr)
{
	free(ddr->ranges);
	mmp_ddr_init(ddr);
}

int mmp_ddr_reserve(struct mmp_ddr *ddr, size_t count)
{
	struct mmp_region *ranges;

	if (count <= ddr->capacity)
		return 0;
	count += count / 2 + 4;
	ranges = realloc(ddr->ranges, count * sizeof(*ranges));
	if (!ranges)
		return -1;
	ddr->ranges = ranges;
	ddr->capacity = count;
	return 0;
}

int mmp_ddr_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan,
		     struct mmp_error *err)
{
	const struct mmp_planner *planner = planner_of(plan->platform->rules);

	ddr->count = 0;
	memset(&ddr->stop, 0, sizeof(ddr->stop));
	if (!planner->discover(ddr, plan) || ddr->stop.info)
		return 0;
	return mmp_fail(err, MMP_SYSTEM, "out of memory");
}

int mmp_stop_error(const struct mmp_stop *stop, const struct mmp_platform *platform,
		   struct mmp_error *err)
{
	const struct mmp_stop_info *info = stop->info;

	return mmp_fail(err, MMP_FIRMWARE_STOP, "%s: %s stops: %s%s%s%s in %s: %s",
			platform->name, platform->rules->name,
			mmp_stop_kind_names[info->kind], *info->message ? " \"" : "",
			info->message, *info->message ? "\"" : "", info->func,
			*stop->detail ? stop->detail : info->about);
}
