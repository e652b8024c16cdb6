/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/proof.h"

#include <stdbool.h>
#include <string.h>

const char *report_proof(const char *state, const json_t *report)
{
	const json_t *proof = json_object_get(report, "proof");
	bool live = json_is_true(json_object_get(report, "activated")) ||
		    json_is_true(json_object_get(report, "skipped"));
	bool whole = json_equal(json_object_get(proof, "addresses"),
				json_object_get(proof, "asked"));

	if (json_integer_value(json_object_get(proof, "difference_count")) > 0)
		return "failed proof";
	if (live && whole && !strcmp(state, "done"))
		return "proven";
	return live ? "activated" : "not activated";
}
