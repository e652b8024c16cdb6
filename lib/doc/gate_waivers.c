/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/gate_private.h"

#include <string.h>

#include "base/buffer.h"
#include "doc/waiver.h"
#include "json/text.h"

const struct gate_kind gate_kinds[GATE_KINDS] = {
	{ "waiver-expired", "an expired waiver" },
	{ "waiver-unmatched", "a waiver that matches no finding" },
	{ "waiver-refused", "a waiver of a finding that stops the boot" },
};

/* The state of a waiver, as the answer reports it. */
enum waiver_state { UNMATCHED, USED, EXPIRED, REFUSED, STATE_COUNT };

static const char *const state_names[STATE_COUNT] = { "unmatched", "used", "expired",
						      "refused" };

/* Add a finding of the gate itself, about a waiver. */
static void add_finding(struct gate *gate, const char *id, const json_t *waiver,
			const char *what, const char *fix)
{
	json_t *finding = json_pack("{s:s, s:s, s:b, s:o, s:s, s:[]}", "id", id,
				    "severity", "warning", "stops", 0, "message",
				    json_sprintf("the waiver of %s by %s (%s) %s",
						 mmp_json_string(waiver, "finding"),
						 mmp_json_string(waiver, "who"),
						 mmp_json_string(waiver, "reason"), what),
				    "fix", fix, "regions");

	if (json_array_append_new(gate->findings, finding))
		gate->oom = true;
}

/* Apply the waiver to the findings that it covers; returns their number. */
static size_t waive(struct gate *gate, const json_t *waiver, enum waiver_state *state)
{
	bool expired = mmp_waiver_expired(waiver, gate->order->today);
	size_t covered = 0, refused = 0, i;
	json_t *finding;

	json_array_foreach(gate->findings, i, finding) {
		if (!mmp_waiver_covers(waiver, finding))
			continue;
		covered++;
		if (json_is_true(json_object_get(finding, "stops")))
			refused++;
		else if (!expired && !json_object_get(finding, "waived"))
			json_object_set_new(finding, "waived", json_deep_copy(waiver));
	}
	*state = !covered             ? UNMATCHED
		 : expired            ? EXPIRED
		 : refused == covered ? REFUSED
				      : USED;
	return covered;
}

static void tell_waiver(struct gate *gate, const json_t *waiver, enum waiver_state state)
{
	struct mmp_buffer what = MMP_BUFFER_EMPTY;

	switch (state) {
	case UNMATCHED:
		add_finding(gate, "waiver-unmatched", waiver, "matches no finding",
			    "remove the waiver, or correct its finding, registration or "
			    "region");
		break;
	case EXPIRED:
		mmp_buffer_printf(&what, "expired after %s",
				  mmp_json_string(waiver, "until"));
		add_finding(gate, "waiver-expired", waiver,
			    what.bytes ? what.bytes : "expired",
			    "fix what it accepts, or agree on a new date");
		break;
	case REFUSED:
		add_finding(gate, "waiver-refused", waiver,
			    "is for a finding that stops the boot, which no waiver "
			    "changes",
			    "fix the finding, and remove the waiver");
		break;
	case USED:
	case STATE_COUNT:
		break;
	}
	mmp_buffer_done(&what);
}

/* The findings added here are about waivers, so no waiver is matched against them. */
json_t *gate_apply_waivers(struct gate *gate)
{
	json_t *told = json_array(), *waiver;
	size_t i;

	json_array_foreach(gate->order->waivers, i, waiver) {
		enum waiver_state state;
		size_t covered = waive(gate, waiver, &state);
		json_t *one = json_deep_copy(waiver);

		json_object_set_new(one, "state", json_string(state_names[state]));
		json_object_set_new(one, "findings", json_integer((json_int_t)covered));
		json_array_append_new(told, one);
	}
	json_array_foreach(told, i, waiver) {
		for (int state = 0; state < STATE_COUNT; state++)
			if (!strcmp(mmp_json_string(waiver, "state"), state_names[state]))
				tell_waiver(gate, waiver, (enum waiver_state)state);
	}
	return told;
}
