/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/finding_key.h"
#include "json/text.h"

json_t *mmp_finding_key(const json_t *finding)
{
	json_t *key = json_array();
	const json_t *region;
	size_t i;

	json_array_append_new(key, json_string(mmp_json_string(finding, "id")));
	json_array_foreach(json_object_get(finding, "regions"), i, region) {
		const char *name = mmp_json_string(region, "name");

		json_array_append_new(
			key,
			*name ? json_string(name)
			      : json_sprintf("%s at %s", mmp_json_string(region, "type"),
					     mmp_json_string(region, "addr")));
	}
	return key;
}

json_t *mmp_finding_keys(const json_t *findings)
{
	json_t *keys = json_array();
	const json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding) {
		json_array_append_new(keys, mmp_finding_key(finding));
	}
	return keys;
}

bool mmp_finding_key_among(const json_t *keys, const json_t *key)
{
	const json_t *one;
	size_t i;

	json_array_foreach(keys, i, one) {
		if (json_equal(one, key))
			return true;
	}
	return false;
}
