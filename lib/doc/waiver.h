/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_WAIVER_H
#define MMP_DOC_WAIVER_H

/*
 * Waivers: findings that somebody has accepted, with a reason and an end date. The JSON
 * is that of a document's `waivers` or of a file.
 */

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/*
 * Check an array of waivers: objects with "finding" (an id), "reason" and "who", and
 * optionally "registration" (a name), "region" (a memory type, or an address inside the
 * range), and "until" (the last day, YYYY-MM-DD). MMP_INVALID names the item and the key.
 */
int mmp_waivers_check(const json_t *waivers, struct mmp_error *err);

/* Whether a checked waiver covers the finding, whether in force or expired. */
bool mmp_waiver_covers(const json_t *waiver, const json_t *finding);

/* Whether its last day is before `today`, given as YYYY-MM-DD. */
bool mmp_waiver_expired(const json_t *waiver, const char *today);

/* Whether the text is a calendar date, YYYY-MM-DD. */
bool mmp_date_is_valid(const char *text);

#endif
