/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/explain.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "work/inputs.h"
#include "work/picture.h"

struct explain_params {
	json_t *platform;
	uint64_t revision;
	const char *what;
};

/* clang-format off */
static const struct mmp_param explain_params[] = {
	METHODS_PLATFORM(struct explain_params),
	{ "what", MMP_PARAM_TEXT, offsetof(struct explain_params, what), true,
	  "an address, the name of a registration, a memory type or a config key, or slots: who holds each gigabyte", NULL },
	{ 0 },
};
/* clang-format on */

static int explain(struct mmp_call *call, const void *params, json_t **ret_result,
		   struct mmp_error *err)
{
	const struct explain_params *p = params;
	struct mmp_platform *platform;
	uint64_t revision;
	int outcome = input_platform_or_build(call, p->platform, p->revision, &platform,
					      &revision, err);

	if (outcome)
		return outcome;
	return explain_run(call, platform, revision, p->what, ret_result, err);
}

/* --- layout.map --- */

struct map {
	json_t *platform;
	uint64_t revision;
};

/* clang-format off */
static const struct mmp_param map_params[] = {
	METHODS_PLATFORM(struct map),
	{ 0 },
};
/* clang-format on */

static int layout_explain(struct mmp_call *call, const void *params, json_t **ret_result,
			  struct mmp_error *err)
{
	const struct map *p = params;
	struct mmp_platform *platform;
	uint64_t revision;
	int outcome = input_platform_or_build(call, p->platform, p->revision, &platform,
					      &revision, err);

	if (outcome)
		return outcome;
	return picture_run(call, platform, revision, ret_result, err);
}

/* clang-format off */
const struct mmp_method methods_explain[] = {
	{ "layout.explain", "Explain what an address or a name is in a platform's map, and why",
	  explain_params, sizeof(struct explain_params), mmp_explain_shape, MMP_READ, explain },
	{ "layout.map", "Return what a picture of a platform's map needs: regions, tables, every kind of entry",
	  map_params, sizeof(struct map), mmp_picture_shape, MMP_READ, layout_explain },
	{ 0 },
};
/* clang-format on */
