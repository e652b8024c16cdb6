/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_TRUST_H
#define MMP_TRUST_H

/*
 * Keys of the host's side: P-256 key pairs that sign builds, and the key that a session
 * agrees on with a board that has a key pair. A private key is a file in PEM (SEC 1,
 * "EC PRIVATE KEY", as openssl ecparam -genkey makes it).
 */

#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "wire/message.h"

struct mmp_key_pair {
	uint8_t secret[WIRE_SECRET_SIZE];
	uint8_t point[WIRE_POINT_SIZE];
};

/* Generate a pair from the system's random numbers. */
int mmp_key_new(struct mmp_key_pair *ret_pair, struct mmp_error *err);

/* The pair for a secret; MMP_INVALID if it is not a secret of P-256. */
int mmp_key_of_secret(const uint8_t secret[WIRE_SECRET_SIZE],
		      struct mmp_key_pair *ret_pair, struct mmp_error *err);

/* PEM to and from a pair. Writing appends to the buffer. */
int mmp_key_write(const struct mmp_key_pair *pair, struct mmp_buffer *pem,
		  struct mmp_error *err);
int mmp_key_read(const char *pem, size_t length, struct mmp_key_pair *ret_pair,
		 struct mmp_error *err);

/* The id by which boards name a key: the first bytes of the SHA-256 of its point. */
void mmp_key_id(const uint8_t point[WIRE_POINT_SIZE], uint8_t ret_id[WIRE_KEY_ID_SIZE]);

/* The id as text: "1a2b3c4d". */
#define MMP_KEY_ID_TEXT_SIZE (2 * WIRE_KEY_ID_SIZE + 1)
const char *mmp_key_id_print(const uint8_t id[WIRE_KEY_ID_SIZE],
			     char text[MMP_KEY_ID_TEXT_SIZE]);

/* A point as 128 hex digits, and back. MMP_INVALID for what is not a point of P-256. */
#define MMP_POINT_TEXT_SIZE (2 * WIRE_POINT_SIZE + 1)
const char *mmp_point_print(const uint8_t point[WIRE_POINT_SIZE],
			    char text[MMP_POINT_TEXT_SIZE]);
int mmp_point_parse(const char *text, uint8_t ret_point[WIRE_POINT_SIZE],
		    struct mmp_error *err);

/* Sign a digest with a key of our own. */
int mmp_key_sign(const struct mmp_key_pair *pair, const struct mmp_digest *digest,
		 uint8_t ret_signature[WIRE_SIGNATURE_SIZE], struct mmp_error *err);

/*
 * Read a signature as a program printed it: 64 bytes (r, then s), DER, or 128 hex
 * digits. MMP_INVALID if it has another form, or is not by this point over this digest.
 */
int mmp_signature_read(const uint8_t *bytes, size_t length,
		       const uint8_t point[WIRE_POINT_SIZE],
		       const struct mmp_digest *digest,
		       uint8_t ret_signature[WIRE_SIGNATURE_SIZE], struct mmp_error *err);

/*
 * Derive the key of a session's answers from our secret and the board's point and
 * nonce.
 */
int mmp_agree(const struct mmp_key_pair *pair, const uint8_t board[WIRE_POINT_SIZE],
	      const uint8_t nonce[WIRE_NONCE_SIZE], uint8_t ret_key[WIRE_SECRET_SIZE],
	      struct mmp_error *err);

/* Check the code of an answer, in constant time. */
bool mmp_answer_authentic(const uint8_t key[WIRE_SECRET_SIZE], const uint8_t *request,
			  size_t request_length, const uint8_t *answer,
			  size_t answer_length, const uint8_t mac[WIRE_MAC_SIZE]);

#endif
