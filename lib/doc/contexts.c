/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/contexts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doc/findings.h"
#include "doc/platform.h"
#include "study/contexts.h"
#include "json/writer.h"

static int check_one(const json_t *context, size_t n, struct mmp_error *err)
{
	struct mmp_platform *platform;

	if (json_is_string(context))
		return 0;
	if (!json_is_object(context))
		return mmp_fail(err, MMP_INVALID,
				"contexts[%zu]: must be the name of a platform, or a "
				"document",
				n);
	if (json_object_get(context, "contexts"))
		return mmp_fail(
			err, MMP_INVALID,
			"contexts[%zu]: has contexts of its own; name all of them "
			"in the outer document",
			n);
	if (mmp_platform_read(context, &platform, err))
		return mmp_while(err, "contexts[%zu]", n);
	mmp_platform_free(platform);
	return 0;
}

int mmp_contexts_check(const json_t *contexts, struct mmp_error *err)
{
	size_t i;
	json_t *context;

	if (!json_is_array(contexts))
		return mmp_fail(err, MMP_INVALID, "contexts: must be an array");
	if (json_array_size(contexts) > MMP_CONTEXTS_MAX)
		return mmp_fail(err, MMP_INVALID, "contexts: has %zu, the limit is %u",
				json_array_size(contexts), MMP_CONTEXTS_MAX);
	json_array_foreach(contexts, i, context) {
		if (check_one(context, i, err))
			return -1;
	}
	return 0;
}

json_t *mmp_contexts_of(const struct mmp_platform *platform)
{
	json_t *notes = mmp_notes_write(platform);
	json_t *contexts = json_incref(json_object_get(notes, "contexts"));

	json_decref(notes);
	return contexts ? contexts : json_array();
}

/* --- computing ------------------------------------------------------------------------- */

/* What layout.compute would answer for the platform alone. */
static json_t *answer_alone(const struct mmp_platform *platform,
			    struct mmp_layout *layout, enum mmp_detail detail,
			    bool *ret_made, struct mmp_error *err)
{
	json_t *answer = NULL;

	*ret_made = !mmp_layout_make(layout, platform, NULL, err);
	if (*ret_made && !mmp_layout_write_check(layout, detail, err))
		answer = mmp_layout_write(layout, detail);
	else if (err->code == MMP_FIRMWARE_STOP)
		answer = mmp_layout_stop_write(layout);
	if (!answer)
		return NULL;
	mmp_policy_write(answer, platform, layout);
	json_object_set_new(answer, "name", json_string(platform->name));
	json_object_set_new(answer, "rules", json_string(platform->rules->name));
	return answer;
}

/* A new reference, or NULL: out of memory. */
static json_t *write_clash(const struct mmp_clash *clash,
			   const struct mmp_context *contexts)
{
	const struct mmp_clash_info *info = &mmp_clashes[clash->kind];
	struct mmp_writer w = MMP_BUILDER;
	char text[MMP_CLASH_TEXT_SIZE];

	mmp_writer_begin(&w, '{');
	mmp_member_text(&w, "id", info->id);
	mmp_member_text(&w, "severity", mmp_severity_names[info->severity]);
	mmp_member_flag(&w, "stops", false);
	mmp_member_text(&w, "message", mmp_clash_print(clash, contexts, text));
	mmp_member_text(&w, "fix", info->fix);
	mmp_member_begin(&w, "regions", '[');
	mmp_writer_begin(&w, '{');
	mmp_member_hex(&w, "addr", clash->pa, 1);
	mmp_member_hex(&w, "size", clash->size, 1);
	mmp_writer_end(&w, '}');
	mmp_writer_end(&w, ']');
	mmp_member_begin(&w, "contexts", '[');
	for (size_t i = 0; i < 2; i++)
		mmp_writer_text(&w, contexts[clash->contexts[i]].platform->name);
	mmp_writer_end(&w, ']');
	mmp_writer_end(&w, '}');
	return mmp_writer_done(&w);
}

/* The stop sorts first, then errors, warnings, info; the order is otherwise kept. */
static unsigned rank_of(const json_t *finding)
{
	const char *severity = json_string_value(json_object_get(finding, "severity"));

	if (json_is_true(json_object_get(finding, "stops")))
		return 0;
	for (unsigned s = 0; s < MMP_SEVERITY_COUNT; s++)
		if (!strcmp(severity, mmp_severity_names[s]))
			return MMP_SEVERITY_COUNT - s;
	return MMP_SEVERITY_COUNT;
}

/* NULL is a failure, as memory ran out for the finding. */
static int insert_finding(json_t *findings, json_t *take_finding, struct mmp_error *err)
{
	size_t at = json_array_size(findings);

	while (take_finding && at > 0 &&
	       rank_of(json_array_get(findings, at - 1)) > rank_of(take_finding))
		at--;
	if (json_array_insert_new(findings, at, take_finding))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	return 0;
}

/* Raise the verdict to the worst of the contexts, or for an error between them. */
static void raise_verdict(json_t *answer, const char *verdict)
{
	static const enum mmp_verdict worst[] = { MMP_STOPS, MMP_DOUBTFUL };
	const char *now = json_string_value(json_object_get(answer, "verdict"));

	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		const char *name = mmp_verdict_names[worst[i]];

		if (now && !strcmp(now, name))
			return;
		if (!strcmp(verdict, name)) {
			json_object_set_new(answer, "verdict", json_string(verdict));
			return;
		}
	}
}

static int write_clashes(json_t *answer, const struct mmp_context *contexts, size_t count,
			 struct mmp_error *err)
{
	json_t *findings = json_object_get(answer, "findings");
	struct mmp_clash_list list;
	int failed;

	mmp_clash_list_init(&list);
	failed = mmp_contexts_compare(&list, contexts, count, err);
	for (size_t i = 0; i < list.count && !failed; i++) {
		if (mmp_clashes[list.clashes[i].kind].severity == MMP_ERROR)
			raise_verdict(answer, mmp_verdict_names[MMP_DOUBTFUL]);
		failed = insert_finding(findings, write_clash(&list.clashes[i], contexts),
					err);
	}
	mmp_clash_list_done(&list);
	return failed;
}

int mmp_contexts_write(json_t *answer, const struct mmp_platform *platform,
		       const struct mmp_layout *layout,
		       struct mmp_platform *const *others, size_t count,
		       enum mmp_detail detail, struct mmp_error *err)
{
	struct mmp_context contexts[MMP_CONTEXTS_MAX + 1] = { { platform, layout } };
	struct mmp_layout layouts[MMP_CONTEXTS_MAX];
	json_t *list = json_array();
	int failed = 0;

	for (size_t i = 0; i < count; i++)
		mmp_layout_init(&layouts[i]);
	for (size_t i = 0; i < count && !failed; i++) {
		bool made;
		json_t *one = answer_alone(others[i], &layouts[i], detail, &made, err);

		contexts[i + 1] =
			(struct mmp_context){ others[i], made ? &layouts[i] : NULL };
		failed = one ? 0 : mmp_while(err, "contexts[%zu]", i);
		if (one) {
			raise_verdict(answer,
				      json_string_value(json_object_get(one, "verdict")));
			json_array_append_new(list, one);
		}
	}
	json_object_set_new(answer, "contexts", list);
	if (!failed)
		failed = write_clashes(answer, contexts, count + 1, err);
	for (size_t i = 0; i < count; i++)
		mmp_layout_done(&layouts[i]);
	return failed;
}
