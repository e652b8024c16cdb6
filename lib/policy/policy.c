#include "policy/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "plan/range.h"

const char *const mmp_severity_names[MMP_SEVERITY_COUNT] = {
	[MMP_INFO] = "info",
	[MMP_WARNING] = "warning",
	[MMP_ERROR] = "error",
};

void mmp_findings_init(struct mmp_findings *findings)
{
	memset(findings, 0, sizeof(*findings));
}

void mmp_findings_done(struct mmp_findings *findings)
{
	free(findings->items);
	mmp_findings_init(findings);
}

static struct mmp_finding *add(struct mmp_findings *findings)
{
	struct mmp_finding *items;
	size_t capacity;

	if (findings->count >= MMP_FINDINGS_MAX)
		goto omit;
	if (findings->count == findings->capacity) {
		capacity = findings->capacity ? 2 * findings->capacity : 8;
		items = realloc(findings->items, capacity * sizeof(*items));
		if (!items)
			goto omit;
		findings->items = items;
		findings->capacity = capacity;
	}
	items = &findings->items[findings->count++];
	memset(items, 0, sizeof(*items));
	return items;
omit:
	findings->omitted++;
	return NULL;
}

struct mmp_finding *mmp_finding_add(struct mmp_findings *findings,
				    const struct mmp_check *check, const char *text, ...)
{
	struct mmp_finding *f = add(findings);
	va_list args;

	if (!f)
		return NULL;
	f->id = check->id;
	f->severity = check->severity;
	va_start(args, text);
	vsnprintf(f->text, sizeof(f->text), text, args);
	va_end(args);
	mmp_finding_fix(f, "%s", check->fix ? check->fix : "");
	return f;
}

void mmp_finding_registration(struct mmp_finding *finding,
			      const struct mmp_findings *findings, size_t ordinal)
{
	const struct mmp_registration *r = &findings->platform->registrations[ordinal];

	if (!finding || finding->region_count >= MMP_FINDING_REGIONS)
		return;
	finding->regions[finding->region_count++] =
		(struct mmp_finding_region){ (int64_t)ordinal, (int)r->type, r->addr,
					     r->size };
}

void mmp_finding_range(struct mmp_finding *finding, int type, uint64_t base,
		       uint64_t size)
{
	if (!finding || finding->region_count >= MMP_FINDING_REGIONS)
		return;
	finding->regions[finding->region_count++] =
		(struct mmp_finding_region){ -1, type, base, size };
}

void mmp_finding_fix(struct mmp_finding *finding, const char *fix, ...)
{
	va_list args;

	if (!finding)
		return;
	va_start(args, fix);
	vsnprintf(finding->fix, sizeof(finding->fix), fix, args);
	va_end(args);
}

/* The registrations that a range of the map was made from, or the range itself. */
static void add_subject(struct mmp_finding *f, const struct mmp_findings *findings,
			const struct mmp_subject *subject)
{
	const struct mmp_platform *p = findings->platform;
	unsigned before = f->region_count;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if ((int)r->type != subject->type)
			continue;
		if (r->addr == subject->base ||
		    mmp_range_intersects(r->addr, r->size, subject->base, subject->size,
					 UINT64_MAX))
			mmp_finding_registration(f, findings, i);
	}
	if (f->region_count == before)
		mmp_finding_range(f, subject->type, subject->base, subject->size);
}

static void add_stop(struct mmp_findings *findings, const struct mmp_stop *stop,
		     bool stops)
{
	const struct mmp_check check = { .id = stop->info->id,
					 .severity = MMP_ERROR,
					 .fix = stop->info->fix };
	struct mmp_finding *f = mmp_finding_add(findings, &check, "%s: %s",
						stop->info->about, stop->detail);

	if (!f)
		return;
	f->stops = stops;
	for (unsigned i = 0; i < stop->subject_count; i++)
		add_subject(f, findings, &stop->subjects[i]);
}

void mmp_policy_run(struct mmp_findings *findings, const struct mmp_platform *platform,
		    const struct mmp_layout *layout)
{
	const struct mmp_stop *stop = layout ? mmp_layout_stop(layout) : NULL;
	struct mmp_check_input input = { platform, layout, stop != NULL };

	findings->platform = platform;
	findings->count = findings->omitted = 0;
	if (stop)
		add_stop(findings, stop, true);
	else if (layout && layout->ddr.stop.info)
		add_stop(findings, &layout->ddr.stop, true);
	for (const struct mmp_check *c = mmp_checks; c->id; c++)
		c->run(c, &input, findings);
}
