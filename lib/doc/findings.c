/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/findings.h"

#include "doc/layout.h"
#include "json/number.h"

/* Keys are our own and texts were checked when they came in, or mended. */
static void set(json_t *object, const char *key, json_t *take_value)
{
	json_object_set_new_nocheck(object, key, take_value);
}

static json_t *text(const char *words)
{
	return json_string_nocheck(words);
}

static json_t *write_region(const struct mmp_platform *p,
			    const struct mmp_finding_region *region)
{
	json_t *out = json_object();

	if (region->ordinal >= 0) {
		const struct mmp_registration *r = &p->registrations[region->ordinal];

		set(out, "ordinal", json_integer(region->ordinal));
		set(out, "name", text(r->name));
		set(out, "section", text(p->rules->sections[r->section].name));
	}
	if (region->type >= 0 && p->rules->types[region->type].name)
		set(out, "type", text(p->rules->types[region->type].name));
	set(out, "addr", mmp_json_hex(region->base, 1));
	set(out, "size", mmp_json_hex(region->size, 1));
	return out;
}

static json_t *write_finding(const struct mmp_platform *p, const struct mmp_finding *f)
{
	json_t *regions = json_array(), *out = json_object();

	for (unsigned i = 0; i < f->region_count; i++)
		json_array_append_new(regions, write_region(p, &f->regions[i]));
	set(out, "id", text(f->id));
	set(out, "severity", text(mmp_severity_names[f->severity]));
	set(out, "stops", json_boolean(f->stops));
	set(out, "message", text(f->text));
	set(out, "fix", *f->fix ? text(f->fix) : json_null());
	set(out, "regions", regions);
	if (f->region_more)
		set(out, "regions_omitted", json_integer(f->region_more));
	return out;
}

json_t *mmp_findings_write(const struct mmp_findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(
			list, write_finding(findings->platform, &findings->items[i]));
	return list;
}

/* Where the boot stops, as the firmware would say it, and the id of the finding. */
static json_t *write_stops_at(const struct mmp_platform *p, const struct mmp_finding *f)
{
	const struct mmp_stop stop = { .info = f->stop };
	json_t *out = f->stop ? mmp_stop_write(&stop, p) : json_object();

	set(out, "id", text(f->id));
	return out;
}

enum mmp_verdict mmp_verdict_write(json_t *answer, const struct mmp_findings *findings)
{
	const struct mmp_finding *stop;
	enum mmp_verdict verdict = mmp_verdict_of(findings, &stop);

	set(answer, "verdict", text(mmp_verdict_names[verdict]));
	if (stop)
		set(answer, "stops_at", write_stops_at(findings->platform, stop));
	set(answer, "findings", mmp_findings_write(findings));
	if (findings->omitted)
		set(answer, "findings_omitted",
		    json_integer((json_int_t)findings->omitted));
	return verdict;
}

enum mmp_verdict mmp_policy_write(json_t *answer, const struct mmp_platform *platform,
				  const struct mmp_layout *layout)
{
	struct mmp_findings findings;
	enum mmp_verdict verdict;

	mmp_findings_init(&findings);
	mmp_policy_run(&findings, platform, layout);
	verdict = mmp_verdict_write(answer, &findings);
	mmp_findings_done(&findings);
	return verdict;
}

json_t *mmp_finding_kinds_write(const struct mmp_rules *rules)
{
	struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
	size_t count = mmp_policy_kinds(rules, kinds);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:b, s:s, s:s?}", "id", kinds[i].id,
					"severity", mmp_severity_names[kinds[i].severity],
					"stops", (int)kinds[i].is_stop, "about",
					kinds[i].about, "fix", kinds[i].fix));
	return list;
}
