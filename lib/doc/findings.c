/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/findings.h"

#include <stdio.h>
#include <string.h>

#include "doc/layout.h"
#include "policy/explain.h"

static void write_about(struct mmp_writer *w, const struct mmp_platform *p,
			const struct mmp_finding_region *region)
{
	mmp_writer_begin(w, '{');
	if (region->ordinal >= 0) {
		const struct mmp_registration *r = &p->registrations[region->ordinal];

		mmp_member_number(w, "ordinal", region->ordinal);
		mmp_member_text(w, "name", r->name);
		mmp_member_text(w, "section", p->rules->sections[r->section].name);
	}
	if (region->type >= 0 && p->rules->types[region->type].name)
		mmp_member_text(w, "type", p->rules->types[region->type].name);
	if (region->key)
		mmp_member_text(w, "key", region->key);
	mmp_member_hex(w, "addr", region->base, 1);
	/* The firmware may have computed a negative difference of two numbers. */
	if (region->ordinal < 0 && region->size > UINT64_MAX / 2)
		mmp_member_null(w, "size");
	else
		mmp_member_hex(w, "size", region->size, 1);
	mmp_writer_end(w, '}');
}

/* The JSON pointer of a key: "/config/tee_ram/ph_size" for "tee_ram.ph_size". */
static void write_path_of_key(struct mmp_writer *w, const struct mmp_config_key *key)
{
	char path[128];

	snprintf(path, sizeof(path), "/config/%s", key->name);
	for (char *at = path; *at; at++)
		if (*at == '.')
			*at = '/';
	mmp_member_text(w, "path", path);
}

static void write_value_of_key(struct mmp_writer *w, const struct mmp_config_key *key,
			       uint64_t value)
{
	mmp_writer_key(w, "value");
	switch (key->type) {
	case MMP_KEY_FLAG:
		mmp_writer_flag(w, value);
		break;
	case MMP_KEY_COUNT:
		mmp_writer_number(w, (int64_t)value);
		break;
	case MMP_KEY_CHOICE:
		mmp_writer_text(w, key->choices[value]);
		break;
	case MMP_KEY_OBJECT:
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		mmp_writer_hex(w, value, 1);
		break;
	}
}

static void write_edit(struct mmp_writer *w, const struct mmp_platform *p,
		       const struct mmp_edit *edit)
{
	static const char *const fields[MMP_EDIT_KIND_COUNT] = {
		[MMP_EDIT_ADDR] = "/addr",
		[MMP_EDIT_SIZE] = "/size",
		[MMP_EDIT_TYPE] = "/type",
	};
	char path[64];

	if (edit->kind == MMP_EDIT_KEY) {
		mmp_member_text(w, "op", "add");
		write_path_of_key(w, edit->key);
		write_value_of_key(w, edit->key, edit->value);
		return;
	}
	snprintf(path, sizeof(path), "/registrations/%zu%s", edit->ordinal,
		 fields[edit->kind] ? fields[edit->kind] : "");
	mmp_member_text(w, "op", edit->kind == MMP_EDIT_REMOVE ? "remove" : "replace");
	mmp_member_text(w, "path", path);
	if (edit->kind == MMP_EDIT_TYPE)
		mmp_member_text(w, "value", p->rules->types[edit->value].name);
	else if (edit->kind != MMP_EDIT_REMOVE)
		mmp_member_hex(w, "value", edit->value, 1);
}

/* The fix as a JSON patch (RFC 6902) of the platform document. */
static void write_patch(struct mmp_writer *w, const struct mmp_platform *p,
			const struct mmp_proposal *proposal)
{
	mmp_member_begin(w, "patch", '[');
	for (unsigned i = 0; i < proposal->edit_count; i++) {
		mmp_writer_begin(w, '{');
		write_edit(w, p, &proposal->edits[i]);
		mmp_writer_end(w, '}');
	}
	mmp_writer_end(w, ']');
}

static void write_finding(struct mmp_writer *w, const struct mmp_findings *findings,
			  const struct mmp_finding *f)
{
	const struct mmp_platform *p = findings->platform;

	mmp_writer_begin(w, '{');
	mmp_member_text(w, "id", f->id);
	mmp_member_text(w, "severity", mmp_severity_names[f->severity]);
	mmp_member_flag(w, "stops", f->stops);
	mmp_member_text(w, "message", f->text);
	mmp_member_text(w, "fix", *f->fix ? f->fix : NULL);
	if (f->proven >= 0)
		write_patch(w, p, &findings->proposals[f->proven]);
	if (f->because_of)
		mmp_member_text(w, "because_of", f->because_of);
	mmp_member_begin(w, "regions", '[');
	for (unsigned i = 0; i < f->region_count; i++)
		write_about(w, p, &f->regions[i]);
	mmp_writer_end(w, ']');
	if (f->region_more)
		mmp_member_number(w, "regions_omitted", f->region_more);
	mmp_writer_end(w, '}');
}

/* Where the boot stops, in the firmware's words, and the id of the finding. */
static void write_stops_at(struct mmp_writer *w, const struct mmp_platform *p,
			   const struct mmp_finding *f)
{
	const struct mmp_stop stop = { .info = f->stop };

	mmp_member_begin(w, "stops_at", '{');
	if (f->stop)
		mmp_stop_members(w, &stop, p);
	mmp_member_text(w, "id", f->id);
	mmp_writer_end(w, '}');
}

enum mmp_verdict mmp_verdict_word_members(struct mmp_writer *w,
					  const struct mmp_findings *findings)
{
	const struct mmp_finding *stop;
	enum mmp_verdict verdict = mmp_verdict_of(findings, &stop);

	mmp_member_text(w, "verdict", mmp_verdict_names[verdict]);
	if (stop)
		write_stops_at(w, findings->platform, stop);
	return verdict;
}

enum mmp_verdict mmp_verdict_members(struct mmp_writer *w,
				     const struct mmp_findings *findings)
{
	enum mmp_verdict verdict = mmp_verdict_word_members(w, findings);

	mmp_member_begin(w, "findings", '[');
	for (size_t i = 0; i < findings->count; i++)
		write_finding(w, findings, &findings->items[i]);
	mmp_writer_end(w, ']');
	if (findings->omitted)
		mmp_member_number(w, "findings_omitted", (int64_t)findings->omitted);
	return verdict;
}

enum mmp_verdict mmp_policy_members(struct mmp_writer *w,
				    const struct mmp_platform *platform,
				    const struct mmp_layout *layout)
{
	struct mmp_findings findings;
	enum mmp_verdict verdict;

	mmp_findings_init(&findings);
	mmp_policy_run(&findings, platform, layout);
	verdict = mmp_verdict_members(w, &findings);
	mmp_findings_done(&findings);
	return verdict;
}

enum mmp_verdict mmp_policy_write(json_t *answer, const struct mmp_platform *platform,
				  const struct mmp_layout *layout)
{
	struct mmp_writer builder = MMP_BUILDER;
	enum mmp_verdict verdict;
	json_t *members;

	mmp_writer_begin(&builder, '{');
	verdict = mmp_policy_members(&builder, platform, layout);
	mmp_writer_end(&builder, '}');
	members = mmp_writer_done(&builder);
	json_object_update(answer, members);
	json_decref(members);
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
		json_array_append_new(rules, json_string(one->rules[i]->name));
	json_object_set_new(out, "rules", rules);
	json_object_set_new(out, "causes", write_causes(one));
	if (stop)
		json_object_set_new(out, "firmware",
				    json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "stage",
					      stop->stage, "kind",
					      mmp_stop_kind_names[stop->kind], "message",
					      stop->message, "func", stop->func, "file",
					      stop->file, "line", (int)stop->line));
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
