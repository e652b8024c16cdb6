/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DISCOVER_H
#define MMP_DISCOVER_H

#include "rpc/dispatch.h"

/*
 * The method table as an OpenRPC document, which is what rpc.discover answers. A new
 * reference. Source: OpenRPC Specification 1.3.2.
 */
json_t *mmp_discover(const struct mmp_method *methods, const char *title,
		     const char *version);

#endif
