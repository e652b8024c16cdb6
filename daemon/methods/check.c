/* SPDX-License-Identifier: BSD-2-Clause */
#include "clock.h"
#include "doc/platform.h"
#include "doc/waiver.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "work/gate.h"
#include "work/inputs.h"

struct check {
	json_t *platform, *against;
	uint64_t revision, against_revision;
	json_t *waivers, *min_spare, *no_new;
	int fail_on;
	const char *today;
};

static const char *const fail_on_names[] = { "error", "warning", "info", NULL };
static const enum mmp_severity fail_on[] = { MMP_ERROR, MMP_WARNING, MMP_INFO };

/* clang-format off */
static const struct mmp_param check_params[] = {
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct check, platform), true,
	  "name of a platform, or a document or recorded vector", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct check, revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "against", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct check, against), false,
	  "the platform that it replaces: a name or a document; findings that this one does not have are new", NULL },
	{ "against_revision", MMP_PARAM_UINT, offsetof(struct check, against_revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "waivers", MMP_PARAM_ARRAY, offsetof(struct check, waivers), false,
	  "accepted findings: finding, reason and who are required; registration, region and until are optional", NULL },
	{ "fail_on", MMP_PARAM_CHOICE, offsetof(struct check, fail_on), false,
	  "findings of this severity or a higher one fail, unless they are waived", fail_on_names },
	{ "min_spare", MMP_PARAM_OBJECT, offsetof(struct check, min_spare), false,
	  "what must stay unused: tables, map (entries), boot_memory (bytes)", NULL },
	{ "no_new", MMP_PARAM_ARRAY, offsetof(struct check, no_new), false,
	  "ids and severities of findings that must not be new; \"any\": no finding may be new", NULL },
	{ "today", MMP_PARAM_TEXT, offsetof(struct check, today), false,
	  "the date, YYYY-MM-DD, on which waivers must still be valid; by default today", NULL },
	{ 0 },
};
/* clang-format on */

static int check_order(const struct check *p, struct mmp_error *err)
{
	const json_t *one;
	size_t i;

	if (p->today && !mmp_date_is_valid(p->today))
		return mmp_fail(err, MMP_INVALID,
				"today: \"%.32s\" is not a date such as 2027-01-31",
				p->today);
	if (p->no_new && !p->against)
		return mmp_fail(err, MMP_INVALID,
				"no_new: needs against, the platform to compare with");
	if (p->against_revision && !p->against)
		return mmp_fail(err, MMP_INVALID, "against_revision: against is missing");
	json_array_foreach(p->no_new, i, one) {
		if (!json_is_string(one))
			return mmp_fail(err, MMP_INVALID, "no_new[%zu]: must be a string",
					i);
	}
	return p->waivers ? mmp_waivers_check(p->waivers, err) : 0;
}

/* The waivers of the document, followed by those given. */
static json_t *waivers_of(const struct mmp_platform *platform, json_t *given)
{
	json_t *all = json_array(), *notes = mmp_notes_write(platform);

	json_array_extend(all, json_object_get(notes, "waivers"));
	json_array_extend(all, given);
	json_decref(notes);
	return all;
}

/* Ask for both platforms first, so that they are read together. */
static int take_platforms(struct mmp_call *call, const struct check *p,
			  struct gate_request *request, struct mmp_error *err)
{
	int one = input_platform(call, p->platform, p->revision, &request->take_platform,
				 &request->revision, err);
	int other = one < 0 || !p->against
			    ? 0
			    : input_platform(call, p->against, p->against_revision,
					     &request->take_against,
					     &request->against_revision, err);

	if (!one && !other)
		return 0;
	mmp_platform_free(request->take_platform);
	mmp_platform_free(request->take_against);
	return one < 0 ? -1 : other < 0 ? mmp_while(err, "against") : MMP_LATER;
}

static int layout_check(struct mmp_call *call, const void *params, json_t **ret_result,
			struct mmp_error *err)
{
	const struct check *p = params;
	struct gate_request request = { .order = { .fail_on = fail_on[p->fail_on],
						   .min_spare = p->min_spare,
						   .no_new = p->no_new } };
	char now[CLOCK_TEXT_SIZE];
	int outcome;

	(void)ret_result;
	clock_text(now);
	now[10] = '\0'; /* keep only the date */
	request.order.today = p->today ? p->today : now;
	if (check_order(p, err))
		return -1;
	outcome = take_platforms(call, p, &request, err);
	if (outcome)
		return outcome;
	request.waivers = waivers_of(request.take_platform, p->waivers);
	return gate_run(call, &request);
}

/* clang-format off */
const struct mmp_method methods_check[] = {
	{ "layout.check", "Check whether a platform passes: its findings, which are waived or new, and what is spare",
	  check_params, sizeof(struct check), mmp_gate_shape, MMP_WRITE, layout_check },
	{ 0 },
};
/* clang-format on */
