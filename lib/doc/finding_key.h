/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_FINDING_KEY_H
#define MMP_DOC_FINDING_KEY_H

/*
 * What makes findings of two platforms the same one: the id, and the names of what it
 * speaks of. Addresses count only if there is no name, as they move.
 */

#include <jansson.h>
#include <stdbool.h>

/* New references. */
json_t *mmp_finding_key(const json_t *finding);
json_t *mmp_finding_keys(const json_t *findings);

/* Whether a key is among `keys`, an array of such keys. */
bool mmp_finding_key_among(const json_t *keys, const json_t *key);

#endif
