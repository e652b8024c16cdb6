/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_REQUESTS_H
#define MMP_REQUESTS_H

#include "base/error.h"
#include "json/parsed.h"

/*
 * Like mmp_json_read, but \u0000 in a string and integers over 64 bits do not
 * invalidate the whole line: the requests that hold one are marked.
 */
struct mmp_parsed *mmp_requests_parse(const char *text, size_t length, size_t values_max,
				      struct mmp_error *err);

/* MMP_INVALID for a marked request. */
int mmp_request_check(const json_t *request, struct mmp_error *err);

#endif
