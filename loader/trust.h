/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_TRUST_H
#define LOADER_TRUST_H

/*
 * Which keys the board trusts, and how it proves its identity. ECDSA and ECDH on P-256,
 * HKDF and HMAC with SHA-256, by BearSSL.
 *
 * Permanent data is in memory that can be written once, as a sequence of records: type,
 * length, payload, and the byte KEPT_WHOLE, which is written last; a record without it
 * was interrupted, and is ignored. Erased memory reads as 0xff.
 */

#include "loader/core.h"

enum { KEPT_OWN = 1, KEPT_TRUST = 2, KEPT_REVOKE = 3, KEPT_END = 0xff };
enum { KEPT_WHOLE = 0x5a };

/* Read what the board has kept: its own secret, and the keys that it trusts. */
void trust_read(struct loader *loader);

/* Make a new nonce for the session that a hello begins. */
void trust_new_nonce(struct loader *loader, const uint8_t *request, size_t length);

/*
 * Whether builds must be signed. Once the board trusts a key, only builds signed with a
 * trusted key are accepted.
 */
bool trust_needs_signature(const struct loader *loader);

/*
 * Check signature, nonce, board id and counter of a begin: WIRE_OK, or the reason to
 * refuse it.
 */
enum wire_status trust_check_begin(const struct loader *loader,
				   const struct wire_begin *begin);

/* Store what was requested; *ret_answered: the point goes into the answer. */
enum wire_status trust_keep(struct loader *loader, const struct wire_keep *keep,
			    uint8_t ret_point[WIRE_POINT_SIZE], bool *ret_answered);

/* Agree on the key of this session with the host's point. */
enum wire_status trust_agree(struct loader *loader, const uint8_t point[WIRE_POINT_SIZE]);

/* Compute the code that answers of this session carry. */
void trust_mac(const struct loader *loader, const uint8_t *request, size_t request_length,
	       const uint8_t *answer, size_t answer_length,
	       uint8_t ret_mac[WIRE_MAC_SIZE]);

#endif
