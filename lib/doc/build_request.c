/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/build.h"

#include <string.h>

#include "json/number.h"

static int read_placement(const json_t *placement, struct mmp_placement_given *placing,
			  struct mmp_error *err)
{
	if (json_is_string(placement) &&
	    !strcmp(json_string_value(placement), "firmware"))
		return 0;
	if (!json_is_object(placement))
		return mmp_fail(err, MMP_INVALID,
				"placement: must be \"firmware\" or an object with the "
				"addresses base_tables_pa and xlat_tables_pa");
	if (mmp_json_known_keys(placement, "placement", mmp_run_keys, MMP_RUN_COUNT, err))
		return -1;
	for (unsigned i = 0; i < MMP_RUN_COUNT; i++) {
		const json_t *value = json_object_get(placement, mmp_run_keys[i]);

		placing->given[i] = value != NULL;
		if (value &&
		    mmp_json_number(value, mmp_run_keys[i], &placing->pa[i], err))
			return mmp_while(err, "placement");
	}
	return 0;
}

static int read_pool(const json_t *pool, struct mmp_build_request *request,
		     struct mmp_error *err)
{
	static const char *const known[] = { "base", "size" };
	const json_t *base = json_object_get(pool, "base");
	const json_t *size = json_object_get(pool, "size");

	request->pool_given = true;
	if (mmp_json_known_keys(pool, "pool", known, 2, err))
		return -1;
	if (!base || !size)
		return mmp_fail(err, MMP_INVALID, "pool: must have base and size");
	if (mmp_json_number(base, "pool.base", &request->pool_pa, err))
		return -1;
	return mmp_json_number(size, "pool.size", &request->pool_size, err);
}

int mmp_build_request_read(const json_t *pool, const json_t *placement,
			   struct mmp_build_request *ret_request, struct mmp_error *err)
{
	*ret_request = (struct mmp_build_request){ .as_firmware = placement != NULL };
	if (placement && read_placement(placement, &ret_request->placing, err))
		return -1;
	return pool ? read_pool(pool, ret_request, err) : 0;
}
