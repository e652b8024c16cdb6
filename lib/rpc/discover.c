/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/discover.h"

#include "rpc/params.h"

/* clang-format off */
static const char *const access_names[MMP_ACCESS_COUNT] = {
	[MMP_READ]  = "reader",
	[MMP_WRITE] = "engineer",
	[MMP_DRIVE] = "operator",
	[MMP_ADMIN] = "admin",
};
/* clang-format on */

const char *mmp_access_name(enum mmp_access access)
{
	return access_names[access];
}

static json_t *params(const struct mmp_method *method)
{
	json_t *all = json_array();

	for (const struct mmp_param *p = method->params; p && p->name; p++)
		json_array_append_new(all, json_pack("{s:s, s:s, s:b, s:o}", "name",
						     p->name, "summary", p->about,
						     "required", p->required, "schema",
						     mmp_param_schema(p)));
	return all;
}

/* Every method may return every error, so each refers to all of them. */
static json_t *errors(void)
{
	json_t *all = json_array();

	for (int code = MMP_OK + 1; code < MMP_CODE_COUNT; code++) {
		const struct mmp_code_info *info = mmp_code_info((enum mmp_code)code);

		json_array_append_new(all, json_pack("{s:i, s:s, s:{s:s}}", "code",
						     info->rpc, "message", info->name,
						     "data", "kind", info->name));
	}
	return all;
}

static json_t *result(const struct mmp_method *method)
{
	return json_pack("{s:s, s:o}", "name", "result", "schema",
			 method->result ? mmp_shape_schema(method->result)
					: json_object());
}

static json_t *one(const struct mmp_method *method)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "name", method->name,
			 "summary", method->about, "paramStructure", "by-name", "params",
			 params(method), "result", result(method), "x-access",
			 access_names[mmp_method_access(method)]);
}

json_t *mmp_discover(const struct mmp_method *methods, const char *title,
		     const char *version)
{
	json_t *all = json_array();

	for (const struct mmp_method *m = methods; m->name; m++)
		json_array_append_new(all, one(m));
	return json_pack("{s:s, s:{s:s, s:s}, s:o, s:o}", "openrpc", "1.3.2", "info",
			 "title", title, "version", version, "methods", all, "x-errors",
			 errors());
}
