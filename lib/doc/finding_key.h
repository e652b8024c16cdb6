/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_FINDING_KEY_H
#define MMP_DOC_FINDING_KEY_H

/*
 * The identity of a finding across two platforms: its id and the names of what it is
 * about. Addresses are used only if there is no name, as they move.
 */

#include <jansson.h>
#include <stdbool.h>

/* The key of a finding, a new reference. */
json_t *mmp_finding_key(const json_t *finding);
json_t *mmp_finding_keys(const json_t *findings);

/* Whether a key is among `keys`, an array of such keys. */
bool mmp_finding_key_among(const json_t *keys, const json_t *key);

#endif
