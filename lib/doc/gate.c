/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/gate_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "doc/finding_key.h"
#include "doc/findings.h"
#include "doc/waiver.h"
#include "json/number.h"
#include "json/text.h"
#include "json/writer.h"

static enum mmp_severity severity_of(const json_t *finding)
{
	const char *name = mmp_json_string(finding, "severity");
	unsigned severity = 0;

	while (severity < MMP_ERROR && strcmp(mmp_severity_names[severity], name) != 0)
		severity++;
	return (enum mmp_severity)severity;
}

/* Add the printed text as one more reason to fail. */
static void reason(struct gate *gate, struct mmp_buffer *take_words)
{
	if (mmp_buffer_add(take_words, "", 1) ||
	    json_array_append_new(gate->reasons, json_string(take_words->bytes)))
		gate->oom = true;
	mmp_buffer_done(take_words);
}

/* --- which findings are new ------------------------------------------------------------ */

static void mark_new(struct gate *gate, const json_t *base)
{
	json_t *keys = mmp_finding_keys(json_object_get(base, "findings")), *finding;
	size_t i;

	json_array_foreach(gate->findings, i, finding) {
		json_t *key = mmp_finding_key(finding);

		json_object_set_new(finding, "new",
				    json_boolean(!mmp_finding_key_among(keys, key)));
		json_decref(key);
	}
	json_decref(keys);
}

/* The findings of the base that the platform no longer has. */
static json_t *write_gone(const struct gate *gate, const json_t *base)
{
	json_t *keys = mmp_finding_keys(gate->findings), *gone = json_array(), *finding;
	size_t i;

	json_array_foreach(json_object_get(base, "findings"), i, finding) {
		json_t *key = mmp_finding_key(finding);

		if (!mmp_finding_key_among(keys, key))
			json_array_append(gone, finding);
		json_decref(key);
	}
	json_decref(keys);
	return gone;
}

static bool is_named(const json_t *names, const json_t *finding)
{
	const json_t *one;
	size_t i;

	json_array_foreach(names, i, one) {
		const char *name = json_string_value(one);

		if (name && (!strcmp(name, "any") ||
			     !strcmp(name, mmp_json_string(finding, "id")) ||
			     !strcmp(name, mmp_json_string(finding, "severity"))))
			return true;
	}
	return false;
}

/* --- the decision ---------------------------------------------------------------------- */

static bool fails(const struct gate *gate, const json_t *finding)
{
	if (json_is_true(json_object_get(finding, "stops")))
		return true;
	return !json_object_get(finding, "waived") &&
	       severity_of(finding) >= gate->order->fail_on;
}

static bool is_forbidden(const struct gate *gate, const json_t *finding)
{
	return json_is_true(json_object_get(finding, "new")) &&
	       !json_object_get(finding, "waived") &&
	       is_named(gate->order->no_new, finding);
}

/* Add one reason for all findings that `bad` accepts: "2 findings ...: id, id". */
static void add_reason(struct gate *gate, const char *one, const char *many,
		       bool (*bad)(const struct gate *gate, const json_t *finding))
{
	struct mmp_buffer ids = MMP_BUFFER_EMPTY, words = MMP_BUFFER_EMPTY;
	json_t *finding, *said = json_object();
	size_t count = 0, i;

	json_array_foreach(gate->findings, i, finding) {
		const char *id = mmp_json_string(finding, "id");

		if (!bad(gate, finding))
			continue;
		json_object_set_new(finding, "fails", json_true());
		count++;
		if (!json_object_get(said, id))
			mmp_buffer_printf(&ids, "%s%s", ids.length ? ", " : ": ", id);
		json_object_set_new(said, id, json_true());
	}
	json_decref(said);
	if (count == 1)
		mmp_buffer_printf(&words, "1 finding %s%.*s", one, (int)ids.length,
				  ids.bytes);
	else if (count)
		mmp_buffer_printf(&words, "%zu findings %s%.*s", count, many,
				  (int)ids.length, ids.bytes);
	if (count)
		reason(gate, &words);
	mmp_buffer_done(&ids);
}

static void judge_findings(struct gate *gate)
{
	char one[64], many[64];
	const char *severity = mmp_severity_names[gate->order->fail_on];
	const char *higher = gate->order->fail_on == MMP_ERROR ? "" : " or higher";

	snprintf(one, sizeof(one), "of severity %s%s", severity, higher);
	snprintf(many, sizeof(many), "of severity %s%s", severity, higher);
	add_reason(gate, one, many, fails);
	add_reason(gate, "is new and may not be", "are new and may not be", is_forbidden);
}

/* --- spare resources ----------------------------------------------------------------- */

/* A resource with a required reserve, and its names in the budget. */
struct resource {
	const char *key, *words;
	bool bytes;
};

static const struct resource resources[] = {
	{ "tables", "translation tables", false },
	{ "map", "map entries", false },
	{ "boot_memory", "bytes of boot memory", true },
};

/*
 * What is spare of each resource; null if nothing limits it. The spare part of the map is
 * what mappings at run time can still use.
 */
static json_t *write_spare(const struct mmp_budget *budget)
{
	struct mmp_writer w = MMP_BUILDER;

	mmp_writer_begin(&w, '{');
	mmp_member_count(&w, "tables", mmp_budget_spare(budget));
	mmp_member_count(&w, "map", budget->layout.plan.map.late);
	mmp_member_count(&w, "boot_memory", mmp_budget_bytes_spare(budget));
	mmp_writer_end(&w, '}');
	return mmp_writer_done(&w);
}

static int judge_spare(struct gate *gate, const json_t *spare, struct mmp_error *err)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		const struct resource *r = &resources[i];
		const json_t *asked = json_object_get(gate->order->min_spare, r->key);
		const json_t *left = json_object_get(spare, r->key);
		struct mmp_buffer words = MMP_BUFFER_EMPTY;
		uint64_t least, have;

		if (!asked)
			continue;
		if (mmp_json_number(asked, r->key, &least, err))
			return mmp_while(err, "min_spare");
		if (!json_is_integer(left)) /* nothing limits it */
			continue;
		have = (uint64_t)json_integer_value(left);
		if (have >= least)
			continue;
		mmp_buffer_printf(&words,
				  "%" PRIu64 " %s are spare, and at least %" PRIu64
				  " must be",
				  have, r->words, least);
		reason(gate, &words);
	}
	return 0;
}

static int check_spare_keys(const json_t *min_spare, struct mmp_error *err)
{
	static const char *const known[] = { "tables", "map", "boot_memory" };

	if (!min_spare)
		return 0;
	return mmp_json_known_keys(min_spare, "min_spare", known, 3, err);
}

/* --- the answer ------------------------------------------------------------------------ */

static void count_findings(const struct gate *gate, const char *id, json_t *check)
{
	json_int_t count = 0, failing = 0;
	const json_t *finding;
	size_t i;

	json_array_foreach(gate->findings, i, finding) {
		if (strcmp(mmp_json_string(finding, "id"), id) != 0)
			continue;
		count++;
		failing += json_is_true(json_object_get(finding, "fails"));
	}
	json_object_set_new(check, "findings", json_integer(count));
	json_object_set_new(check, "failing", json_integer(failing));
}

/* Each check that was made, also those that found nothing. */
static json_t *write_checks(const struct gate *gate, const struct mmp_rules *rules)
{
	json_t *checks = mmp_finding_kinds_write(rules), *check;
	size_t i;

	for (i = 0; i < GATE_KINDS; i++)
		json_array_append_new(checks, json_pack("{s:s, s:s, s:b, s:s, s:n}", "id",
							gate_kinds[i].id, "severity",
							"warning", "stops", 0, "about",
							gate_kinds[i].about, "fix"));
	json_array_foreach(checks, i, check) {
		count_findings(gate, mmp_json_string(check, "id"), check);
	}
	return checks;
}

static json_t *write_gate(struct gate *gate, const struct mmp_rules *rules,
			  const struct mmp_gate_facts *facts, json_t *take_waivers,
			  json_t *take_spare)
{
	struct mmp_writer w = MMP_BUILDER;

	mmp_writer_begin(&w, '{');
	mmp_member_flag(&w, "passed", json_array_size(gate->reasons) == 0);
	mmp_member_take(&w, "reasons", json_incref(gate->reasons));
	mmp_member_text(&w, "fail_on", mmp_severity_names[gate->order->fail_on]);
	mmp_member_take(&w, "findings", json_incref(gate->findings));
	if (facts->base)
		mmp_member_take(&w, "gone", write_gone(gate, facts->base));
	mmp_member_take(&w, "waivers", take_waivers);
	mmp_member_take(&w, "checks", write_checks(gate, rules));
	if (take_spare)
		mmp_member_take(&w, "spare", take_spare);
	mmp_writer_end(&w, '}');
	return mmp_writer_done(&w);
}

/* --- the ids in an order --------------------------------------------------------------- */

/* Every name that no_new may have: of each rule set, since one list may serve several. */
struct known_names {
	const char **names;
	size_t count, room;
};

static int add_name(struct known_names *known, const char *name)
{
	if (known->count == known->room) {
		size_t room = known->room ? 2 * known->room : 1024;
		const char **grown = realloc(known->names, room * sizeof(*grown));

		if (!grown)
			return -1;
		known->names = grown;
		known->room = room;
	}
	known->names[known->count++] = name;
	return 0;
}

static int add_names_of(struct known_names *known, const struct mmp_rules *rules)
{
	struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
	size_t count = mmp_policy_kinds(rules, kinds);

	for (size_t i = 0; i < count; i++)
		if (add_name(known, kinds[i].id))
			return -1;
	return 0;
}

static int add_all_names(struct known_names *known)
{
	const struct mmp_rules *rules;

	if (add_name(known, "any"))
		return -1;
	for (unsigned severity = 0; severity <= MMP_ERROR; severity++)
		if (add_name(known, mmp_severity_names[severity]))
			return -1;
	for (size_t i = 0; i < GATE_KINDS; i++)
		if (add_name(known, gate_kinds[i].id))
			return -1;
	for (size_t n = 0; (rules = mmp_rules_at(n)); n++)
		if (add_names_of(known, rules))
			return -1;
	return 0;
}

/* A misspelt id would let every finding pass. */
static int check_no_new(const json_t *names, struct mmp_error *err)
{
	struct known_names known = { 0 };
	const json_t *one;
	size_t i;
	int failed = 0;

	if (!json_array_size(names))
		return 0;
	if (add_all_names(&known))
		failed = mmp_fail(err, MMP_SYSTEM, "out of memory");
	json_array_foreach(names, i, one) {
		const char *name = json_string_value(one), *near;

		if (failed || !name || mmp_json_is_known(name, known.names, known.count))
			continue;
		near = mmp_nearest(name, known.names, known.count);
		failed = mmp_fail(
			err, MMP_INVALID,
			"no_new: \"%.64s\" is not the id of a finding, a severity "
			"or \"any\"%s%s%s",
			name, near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "");
	}
	free(known.names);
	return failed;
}

int mmp_gate_write(const struct mmp_gate_order *order, const struct mmp_rules *rules,
		   const struct mmp_gate_facts *facts, json_t **ret_gate,
		   struct mmp_error *err)
{
	json_t *findings = json_object_get(facts->answer, "findings");
	struct gate gate = { order, json_deep_copy(findings), json_array(), false };
	json_t *spare = facts->budget ? write_spare(facts->budget) : NULL, *waivers;
	json_t *whole = NULL;
	int failed = check_spare_keys(order->min_spare, err);

	if (!failed)
		failed = check_no_new(order->no_new, err);
	if (!failed && order->waivers)
		failed = mmp_waivers_check(order->waivers, err);
	if (!failed) {
		if (facts->base)
			mark_new(&gate, facts->base);
		waivers = gate_apply_waivers(&gate);
		judge_findings(&gate);
		failed = judge_spare(&gate, spare, err);
		if (failed)
			json_decref(waivers);
	}
	if (!failed)
		whole = write_gate(&gate, rules, facts, waivers, spare);
	else
		json_decref(spare);
	json_decref(gate.findings);
	json_decref(gate.reasons);
	if (failed)
		return -1;
	if (gate.oom || !whole) {
		json_decref(whole);
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	}
	*ret_gate = whole;
	return 0;
}
