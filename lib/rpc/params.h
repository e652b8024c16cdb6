/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PARAMS_H
#define MMP_PARAMS_H

#include "rpc/dispatch.h"

/*
 * Fill the struct `out` (zeroed, method->params_size bytes) from the params of a
 * request: an object, or NULL for none. MMP_INVALID names the parameter that is
 * missing, mistyped or unknown.
 */
int mmp_params_fill(const struct mmp_method *method, json_t *given, void *out,
		    struct mmp_error *err);

/* The JSON Schema of what a parameter takes; a new reference. */
json_t *mmp_param_schema(const struct mmp_param *param);

#endif
