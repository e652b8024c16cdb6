/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/findings.h"

#include <stdio.h>
#include <string.h>

#include "doc/layout.h"
#include "policy/explain.h"
#include "json/number.h"

/* The keys are our own, and texts were checked or repaired when they were read. */
static void set(json_t *object, const char *key, json_t *take_value)
{
	json_object_set_new_nocheck(object, key, take_value);
}

static json_t *text(const char *words)
{
	return json_string_nocheck(words);
}

static json_t *write_about(const struct mmp_platform *p,
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
	if (region->key)
		set(out, "key", text(region->key));
	set(out, "addr", mmp_json_hex(region->base, 1));
	/* The firmware may have computed a negative difference of two numbers. */
	set(out, "size",
	    region->ordinal < 0 && region->size > UINT64_MAX / 2
		    ? json_null()
		    : mmp_json_hex(region->size, 1));
	return out;
}

/* The JSON pointer of a key: "/config/tee_ram/ph_size" for "tee_ram.ph_size". */
static json_t *path_of_key(const struct mmp_config_key *key)
{
	char path[128];

	snprintf(path, sizeof(path), "/config/%s", key->name);
	for (char *at = path; *at; at++)
		if (*at == '.')
			*at = '/';
	return text(path);
}

static json_t *value_of_key(const struct mmp_config_key *key, uint64_t value)
{
	switch (key->type) {
	case MMP_KEY_FLAG:
		return json_boolean(value);
	case MMP_KEY_COUNT:
		return json_integer((json_int_t)value);
	case MMP_KEY_CHOICE:
		return text(key->choices[value]);
	case MMP_KEY_OBJECT:
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		break;
	}
	return mmp_json_hex(value, 1);
}

static json_t *write_edit(const struct mmp_platform *p, const struct mmp_edit *edit)
{
	static const char *const fields[MMP_EDIT_KIND_COUNT] = {
		[MMP_EDIT_ADDR] = "/addr",
		[MMP_EDIT_SIZE] = "/size",
		[MMP_EDIT_TYPE] = "/type",
	};
	char path[64];
	json_t *value = NULL;

	if (edit->kind == MMP_EDIT_KEY)
		return json_pack("{s:s, s:o, s:o}", "op", "add", "path",
				 path_of_key(edit->key), "value",
				 value_of_key(edit->key, edit->value));
	snprintf(path, sizeof(path), "/registrations/%zu%s", edit->ordinal,
		 fields[edit->kind] ? fields[edit->kind] : "");
	if (edit->kind == MMP_EDIT_REMOVE)
		return json_pack("{s:s, s:s}", "op", "remove", "path", path);
	value = edit->kind == MMP_EDIT_TYPE ? text(p->rules->types[edit->value].name)
					    : mmp_json_hex(edit->value, 1);
	return json_pack("{s:s, s:s, s:o}", "op", "replace", "path", path, "value",
			 value);
}

/* The fix as a JSON patch (RFC 6902) of the platform document. */
static json_t *write_patch(const struct mmp_platform *p,
			   const struct mmp_proposal *proposal)
{
	json_t *patch = json_array();

	for (unsigned i = 0; i < proposal->edit_count; i++)
		json_array_append_new(patch, write_edit(p, &proposal->edits[i]));
	return patch;
}

static json_t *write_finding(const struct mmp_findings *findings,
			     const struct mmp_finding *f)
{
	const struct mmp_platform *p = findings->platform;
	json_t *regions = json_array(), *out = json_object();

	for (unsigned i = 0; i < f->region_count; i++)
		json_array_append_new(regions, write_about(p, &f->regions[i]));
	set(out, "id", text(f->id));
	set(out, "severity", text(mmp_severity_names[f->severity]));
	set(out, "stops", json_boolean(f->stops));
	set(out, "message", text(f->text));
	set(out, "fix", *f->fix ? text(f->fix) : json_null());
	if (f->proven >= 0)
		set(out, "patch", write_patch(p, &findings->proposals[f->proven]));
	if (f->because_of)
		set(out, "because_of", text(f->because_of));
	set(out, "regions", regions);
	if (f->region_more)
		set(out, "regions_omitted", json_integer(f->region_more));
	return out;
}

json_t *mmp_findings_write(const struct mmp_findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(list, write_finding(findings, &findings->items[i]));
	return list;
}

/* Where the boot stops, in the firmware's words, and the id of the finding. */
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

/* The findings that caused this one, and what they are about. */
static json_t *write_causes(const struct mmp_explained *one)
{
	struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
	size_t count = mmp_policy_kinds(one->rules[0], kinds);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const char *at =
			kinds[i].leads_to ? strstr(kinds[i].leads_to, one->id) : NULL;
		size_t length = strlen(one->id);

		if (!at || (at != kinds[i].leads_to && at[-1] != ' ') ||
		    (at[length] && at[length] != ' '))
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s?}", "id", kinds[i].id, "about",
					kinds[i].about, "fix", kinds[i].fix));
	}
	return list;
}

static json_t *write_explained(const struct mmp_explained *one)
{
	const struct mmp_stop_info *stop = one->stop;
	json_t *rules = json_array();
	json_t *out = json_pack("{s:s, s:s, s:b, s:s, s:s?}", "id", one->id, "severity",
				mmp_severity_names[one->kind.severity], "stops",
				(int)one->kind.is_stop, "about", one->kind.about, "fix",
				one->kind.fix);

	for (size_t i = 0; i < one->rules_count; i++)
		json_array_append_new(rules, text(one->rules[i]->name));
	set(out, "rules", rules);
	set(out, "causes", write_causes(one));
	if (stop)
		set(out, "firmware",
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "stage", stop->stage,
			      "kind", mmp_stop_kind_names[stop->kind], "message",
			      stop->message, "func", stop->func, "file", stop->file,
			      "line", (int)stop->line));
	return out;
}

json_t *mmp_words_write(const char *words, const struct mmp_rules *rules)
{
	struct mmp_explanation explanation;
	json_t *list = json_array();

	mmp_explain(&explanation, words, rules);
	for (size_t i = 0; i < explanation.count; i++)
		json_array_append_new(list, write_explained(&explanation.items[i]));
	mmp_explanation_done(&explanation);
	return list;
}
