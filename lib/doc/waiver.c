/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/waiver.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "json/number.h"

static const char *const keys[] = { "finding", "registration", "region",
				    "reason",  "who",          "until" };

static const char *text_or_null(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

bool mmp_date_is_valid(const char *text)
{
	static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned year, month, day;
	int length = 0;

	if (strspn(text, "0123456789-") != strlen(text) || strlen(text) != 10 ||
	    sscanf(text, "%4u-%2u-%2u%n", &year, &month, &day, &length) != 3 ||
	    length != 10 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	return month != 2 || day < 29 ||
	       (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static int check_text(const json_t *waiver, const char *key, bool required,
		      struct mmp_error *err)
{
	const json_t *value = json_object_get(waiver, key);

	if (!value && !required)
		return 0;
	if (!json_is_string(value) || !*json_string_value(value))
		return mmp_fail(err, MMP_INVALID,
				"%s: %smust be a string that is not empty", key,
				value ? "" : "missing; it ");
	return 0;
}

static int check_one(const json_t *waiver, struct mmp_error *err)
{
	const char *until = text_or_null(waiver, "until");

	if (!json_is_object(waiver))
		return mmp_fail(err, MMP_INVALID, "must be an object");
	if (mmp_json_known_keys(waiver, "", keys, sizeof(keys) / sizeof(keys[0]), err) ||
	    check_text(waiver, "finding", true, err) ||
	    check_text(waiver, "reason", true, err) ||
	    check_text(waiver, "who", true, err) ||
	    check_text(waiver, "registration", false, err) ||
	    check_text(waiver, "region", false, err) ||
	    check_text(waiver, "until", false, err))
		return -1;
	if (until && !mmp_date_is_valid(until))
		return mmp_fail(err, MMP_INVALID,
				"until: \"%.32s\" is not a date such as 2027-01-31",
				until);
	return 0;
}

int mmp_waivers_check(const json_t *waivers, struct mmp_error *err)
{
	const json_t *one;
	size_t i;

	if (!json_is_array(waivers))
		return mmp_fail(err, MMP_INVALID, "waivers: must be an array");
	json_array_foreach(waivers, i, one) {
		if (check_one(one, err))
			return mmp_while(err, "waivers[%zu]", i);
	}
	return 0;
}

/* Match by memory type, or by an address in the range. */
static bool is_region(const char *wanted, const json_t *region)
{
	const char *type = text_or_null(region, "type");
	uint64_t address, base, size;
	struct mmp_error unused;

	if (type && !strcmp(type, wanted))
		return true;
	return !mmp_number_parse(wanted, &address, &unused) &&
	       !mmp_json_number(json_object_get(region, "addr"), "", &base, &unused) &&
	       !mmp_json_number(json_object_get(region, "size"), "", &size, &unused) &&
	       address - base < size;
}

static bool has_registration(const char *wanted, const json_t *region)
{
	const char *name = text_or_null(region, "name");

	return name && !strcmp(name, wanted);
}

static bool any_region(const json_t *finding, const char *wanted,
		       bool (*matches)(const char *wanted, const json_t *region))
{
	const json_t *region;
	size_t i;

	if (!wanted)
		return true;
	json_array_foreach(json_object_get(finding, "regions"), i, region) {
		if (matches(wanted, region))
			return true;
	}
	return false;
}

bool mmp_waiver_covers(const json_t *waiver, const json_t *finding)
{
	const char *id = text_or_null(finding, "id");

	return id && !strcmp(id, text_or_null(waiver, "finding")) &&
	       any_region(finding, text_or_null(waiver, "registration"),
			  has_registration) &&
	       any_region(finding, text_or_null(waiver, "region"), is_region);
}

bool mmp_waiver_expired(const json_t *waiver, const char *today)
{
	const char *until = text_or_null(waiver, "until");

	return until && strcmp(until, today) < 0;
}
