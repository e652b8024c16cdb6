/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/diff_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "doc/finding_key.h"
#include "json/text.h"

/* clang-format off */
const struct mmp_diff_kind mmp_diff_kinds[] = {
	[DIFF_STOP]         = { "stop",         "the firmware stops and did not before, or stops elsewhere" },
	[DIFF_NONSECURE]    = { "nonsecure",    "memory that was mapped secure is mapped non-secure" },
	[DIFF_EXECUTE]      = { "execute",      "mapped memory became executable" },
	[DIFF_WRITE]        = { "write",        "mapped memory became writable" },
	[DIFF_USER]         = { "user",         "user mode may do more with mapped memory" },
	[DIFF_MEMORY]       = { "memory",       "the memory type changed, such as device to cached" },
	[DIFF_MAPPED]       = { "mapped",       "memory is mapped that was not mapped before" },
	[DIFF_FINDING]      = { "finding",      "a new finding" },
	[DIFF_LOG]          = { "log",          "a boot log has a map that its platform does not compute" },
	[DIFF_TABLES]       = { "tables",       "the number of translation tables or map entries changed" },
	[DIFF_UNMAPPED]     = { "unmapped",     "memory is no longer mapped" },
	[DIFF_NARROWED]     = { "narrowed",     "mapped memory allows less" },
	[DIFF_MOVED]        = { "moved",        "virtual addresses changed" },
	[DIFF_REGISTER]     = { "register",     "a system register has another value" },
	[DIFF_RULES]        = { "rules",        "another rule set" },
	[DIFF_CONFIG]       = { "config",       "a config key has another value" },
	[DIFF_REGISTRATION] = { "registration", "a registration was added, removed or changed" },
	[DIFF_FIXED]        = { "fixed",        "a finding or a stop that is gone" },
	[DIFF_KIND_COUNT]   = { NULL, NULL },
};

const struct mmp_diff_kind mmp_diff_groups[] = {
	{ "widen", "nonsecure, execute, write, user, memory and mapped" },
	{ "any",   "any change" },
	{ NULL, NULL },
};
/* clang-format on */

bool diff_is_full(struct diff *diff, enum diff_kind kind)
{
	if (json_array_size(diff->changes[kind]) < MMP_DIFF_MAX)
		return false;
	diff->omitted++;
	return true;
}

json_t *diff_add(struct diff *diff, enum diff_kind kind, const char *text, ...)
{
	json_t *change, *words;
	va_list args;

	if (diff_is_full(diff, kind))
		return NULL;
	va_start(args, text);
	words = json_vsprintf(text, args);
	va_end(args);
	change = words ? json_pack("{s:s, s:o}", "kind", mmp_diff_kinds[kind].name,
				   "text", words)
		       : NULL;
	if (!change || json_array_append_new(diff->changes[kind], change))
		diff->oom = true;
	return change;
}

/* --- stops and findings ---------------------------------------------------------------- */

static const struct mmp_stop *stop_of(const struct mmp_diff_side *side)
{
	return side->stopped ? mmp_layout_stop(side->layout) : NULL;
}

static void diff_stop(struct diff *diff)
{
	const struct mmp_stop *before = stop_of(diff->before),
			      *after = stop_of(diff->after);

	if (after && !before)
		diff_add(diff, DIFF_STOP, "the firmware now stops: %s", after->detail);
	else if (after && strcmp(after->info->id, before->info->id) != 0)
		diff_add(diff, DIFF_STOP, "the firmware stops elsewhere: %s (before: %s)",
			 after->detail, before->detail);
	else if (before && !after)
		diff_add(diff, DIFF_FIXED, "the firmware no longer stops: %s",
			 before->detail);
}

static void tell_findings(struct diff *diff, const json_t *has, const json_t *had,
			  enum diff_kind kind)
{
	json_t *keys = mmp_finding_keys(had);
	const json_t *finding;
	size_t i;

	json_array_foreach(has, i, finding) {
		json_t *key = mmp_finding_key(finding), *change = NULL;

		if (!mmp_finding_key_among(keys, key))
			change = diff_add(diff, kind, "%s%s %s: %s",
					  kind == DIFF_FIXED ? "gone: " : "",
					  mmp_json_string(finding, "severity"),
					  mmp_json_string(finding, "id"),
					  mmp_json_string(finding, "message"));
		if (change)
			json_object_set(change, "finding",
					json_object_get(finding, "id"));
		json_decref(key);
	}
	json_decref(keys);
}

/* --- the answer ------------------------------------------------------------------------ */

void mmp_diff_summary(const struct mmp_platform *before, const struct mmp_platform *after,
		      char *text, size_t size)
{
	struct mmp_diff_side sides[2] = { { .platform = before }, { .platform = after } };
	struct diff diff = { .before = &sides[0], .after = &sides[1] };
	size_t told = 0, count = 0, at = 0, i;
	json_t *change;

	for (int kind = 0; kind < DIFF_KIND_COUNT; kind++)
		diff.changes[kind] = json_array();
	*text = '\0';
	diff_input(&diff);
	for (int kind = 0; kind < DIFF_KIND_COUNT; kind++) {
		json_array_foreach(diff.changes[kind], i, change) {
			const char *words = mmp_json_string(change, "text");

			count++;
			if (at + strlen(words) + 24 >= size)
				continue;
			at += (size_t)sprintf(text + at, "%s%s", told++ ? "; " : "",
					      words);
		}
		json_decref(diff.changes[kind]);
	}
	if (told < count)
		snprintf(text + at, size - at, "%s%zu more", told ? "; and " : "",
			 count - told + diff.omitted);
}

static bool is_widening(enum diff_kind kind)
{
	return (kind >= DIFF_NONSECURE && kind <= DIFF_MAPPED);
}

static int check_kind(const char *name, struct mmp_error *err)
{
	const char *names[DIFF_KIND_COUNT + 2];
	size_t count = 0;
	const char *near;

	for (const struct mmp_diff_kind *k = mmp_diff_kinds; k->name; k++)
		names[count++] = k->name;
	for (const struct mmp_diff_kind *k = mmp_diff_groups; k->name; k++)
		names[count++] = k->name;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return 0;
	near = mmp_nearest(name, names, count);
	return mmp_fail(err, MMP_INVALID,
			"fail_on: \"%.40s\" is not a kind of change%s%s%s", name,
			near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "");
}

static int check_fail_on(const json_t *fail_on, struct mmp_error *err)
{
	const json_t *one;
	size_t i;

	json_array_foreach(fail_on, i, one) {
		const char *name = json_string_value(one);

		if (!name)
			return mmp_fail(err, MMP_INVALID,
					"fail_on[%zu]: must be a string", i);
		if (check_kind(name, err))
			return -1;
	}
	return 0;
}

static bool fails(const json_t *fail_on, enum diff_kind kind)
{
	const json_t *one;
	size_t i;

	json_array_foreach(fail_on, i, one) {
		const char *name = json_string_value(one);

		if (!strcmp(name, "any") || !strcmp(name, mmp_diff_kinds[kind].name) ||
		    (!strcmp(name, "widen") && is_widening(kind)))
			return true;
	}
	return false;
}

/* The changes of all kinds in one array, and which kinds fail. */
static json_t *diff_findings(const struct diff *diff, const json_t *fail_on)
{
	json_t *all = json_array(), *failing = json_array();
	bool same;

	for (int kind = 0; kind < DIFF_KIND_COUNT; kind++) {
		json_array_extend(all, diff->changes[kind]);
		if (json_array_size(diff->changes[kind]) &&
		    fails(fail_on, (enum diff_kind)kind))
			json_array_append_new(failing,
					      json_string(mmp_diff_kinds[kind].name));
	}
	same = json_array_size(all) == 0;
	return json_pack("{s:b, s:b, s:o, s:o, s:I}", "same", same, "passed",
			 json_array_size(failing) == 0, "failing", failing, "changes",
			 all, "omitted", (json_int_t)diff->omitted);
}

int mmp_diff_write(const struct mmp_diff_side *before, const struct mmp_diff_side *after,
		   const json_t *fail_on, json_t **ret_diff, struct mmp_error *err)
{
	struct diff diff = { .before = before, .after = after };
	json_t *answer = NULL;
	int failed = check_fail_on(fail_on, err);

	if (failed)
		return -1;
	for (int kind = 0; kind < DIFF_KIND_COUNT; kind++)
		diff.changes[kind] = json_array();
	diff_stop(&diff);
	diff_input(&diff);
	failed = diff_map(&diff, err);
	tell_findings(&diff, after->findings, before->findings, DIFF_FINDING);
	tell_findings(&diff, before->findings, after->findings, DIFF_FIXED);
	if (!failed)
		answer = diff_findings(&diff, fail_on);
	for (int kind = 0; kind < DIFF_KIND_COUNT; kind++)
		json_decref(diff.changes[kind]);
	if (failed)
		return -1;
	if (diff.oom || !answer) {
		json_decref(answer);
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	}
	*ret_diff = answer;
	return 0;
}
