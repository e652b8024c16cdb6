/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/trust.h"

#include <bearssl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"

enum { CURVE = BR_EC_secp256r1, ENCODED_POINT = 1 + WIRE_POINT_SIZE, UNCOMPRESSED = 4 };

static const br_ec_impl *const p256 = &br_ec_p256_m31;

static int random_bytes(void *bytes, size_t length, struct mmp_error *err)
{
	if (getrandom(bytes, length, 0) == (ssize_t)length)
		return 0;
	return mmp_fail(err, MMP_SYSTEM, "cannot get random numbers: %s",
			strerror(errno));
}

/* --- key pairs --- */

/* Whether it is at least 1 and less than the curve's order, both big endian. */
static bool is_secret(const uint8_t secret[WIRE_SECRET_SIZE])
{
	static const uint8_t zero[WIRE_SECRET_SIZE];
	size_t length;
	const unsigned char *order = p256->order(CURVE, &length);

	return length == WIRE_SECRET_SIZE && memcmp(secret, order, length) < 0 &&
	       memcmp(secret, zero, length) != 0;
}

int mmp_key_of_secret(const uint8_t secret[WIRE_SECRET_SIZE],
		      struct mmp_key_pair *ret_pair, struct mmp_error *err)
{
	struct mmp_key_pair pair;
	uint8_t point[ENCODED_POINT];
	br_ec_private_key key = { CURVE, pair.secret, WIRE_SECRET_SIZE };
	br_ec_public_key public;

	memcpy(pair.secret, secret, WIRE_SECRET_SIZE);
	if (!is_secret(secret) ||
	    br_ec_compute_pub(p256, &public, point, &key) != sizeof(point))
		return mmp_fail(err, MMP_INVALID, "not a secret key of P-256");
	memcpy(pair.point, point + 1, WIRE_POINT_SIZE);
	*ret_pair = pair;
	return 0;
}

int mmp_key_new(struct mmp_key_pair *ret_pair, struct mmp_error *err)
{
	uint8_t seed[WIRE_SECRET_SIZE], secret[WIRE_SECRET_SIZE];
	br_hmac_drbg_context random;

	if (random_bytes(seed, sizeof(seed), err))
		return -1;
	br_hmac_drbg_init(&random, &br_sha256_vtable, seed, sizeof(seed));
	if (br_ec_keygen(&random.vtable, p256, NULL, secret, CURVE) != sizeof(secret))
		return mmp_fail(err, MMP_SYSTEM, "cannot make a key");
	return mmp_key_of_secret(secret, ret_pair, err);
}

int mmp_key_write(const struct mmp_key_pair *pair, struct mmp_buffer *pem,
		  struct mmp_error *err)
{
	br_ec_private_key key = { CURVE, (uint8_t *)pair->secret, WIRE_SECRET_SIZE };
	uint8_t point[ENCODED_POINT] = { UNCOMPRESSED };
	br_ec_public_key public = { CURVE, point, sizeof(point) };
	uint8_t der[256];
	char text[512];
	size_t length, text_length;

	memcpy(point + 1, pair->point, WIRE_POINT_SIZE);
	length = br_encode_ec_raw_der(der, &key, &public);
	if (length == 0 || length > sizeof(der))
		return mmp_fail(err, MMP_SYSTEM, "the key cannot be written");
	text_length = br_pem_encode(text, der, length, "EC PRIVATE KEY", 0);
	if (mmp_buffer_add(pem, text, text_length))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	return 0;
}

struct pem_reader {
	br_skey_decoder_context decoder;
};

static void take_der(void *context, const void *bytes, size_t length)
{
	struct pem_reader *reader = context;

	br_skey_decoder_push(&reader->decoder, bytes, length);
}

int mmp_key_read(const char *pem, size_t length, struct mmp_key_pair *ret_pair,
		 struct mmp_error *err)
{
	br_pem_decoder_context decoder;
	struct pem_reader reader;
	const br_ec_private_key *key = NULL;
	uint8_t secret[WIRE_SECRET_SIZE] = { 0 };
	size_t at = 0;

	br_pem_decoder_init(&decoder);
	br_skey_decoder_init(&reader.decoder);
	while (at < length && !key) {
		at += br_pem_decoder_push(&decoder, pem + at, length - at);
		switch (br_pem_decoder_event(&decoder)) {
		case BR_PEM_BEGIN_OBJ:
			br_skey_decoder_init(&reader.decoder);
			br_pem_decoder_setdest(&decoder, take_der, &reader);
			break;
		case BR_PEM_END_OBJ:
			key = br_skey_decoder_get_ec(&reader.decoder);
			break;
		case BR_PEM_ERROR:
			at = length;
			break;
		default:
			break;
		}
	}
	if (!key || key->curve != CURVE || key->xlen > sizeof(secret))
		return mmp_fail(err, MMP_INVALID,
				"not a private key of P-256 in PEM (openssl ecparam "
				"-name prime256v1 -genkey makes one)");
	memcpy(secret + sizeof(secret) - key->xlen, key->x, key->xlen);
	return mmp_key_of_secret(secret, ret_pair, err);
}

/* --- names and points --- */

void mmp_key_id(const uint8_t point[WIRE_POINT_SIZE], uint8_t ret_id[WIRE_KEY_ID_SIZE])
{
	struct mmp_digest digest = mmp_digest_of(point, WIRE_POINT_SIZE);

	memcpy(ret_id, digest.bytes, WIRE_KEY_ID_SIZE);
}

static const char *print_hex(const uint8_t *bytes, size_t length, char *text)
{
	for (size_t i = 0; i < length; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

const char *mmp_key_id_print(const uint8_t id[WIRE_KEY_ID_SIZE],
			     char text[MMP_KEY_ID_TEXT_SIZE])
{
	return print_hex(id, WIRE_KEY_ID_SIZE, text);
}

const char *mmp_point_print(const uint8_t point[WIRE_POINT_SIZE],
			    char text[MMP_POINT_TEXT_SIZE])
{
	return print_hex(point, WIRE_POINT_SIZE, text);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_hex(const char *text, size_t digits, uint8_t *ret_bytes)
{
	for (size_t i = 0; i < digits; i += 2) {
		int high = digit(text[i]), low = high < 0 ? -1 : digit(text[i + 1]);

		if (low < 0)
			return false;
		ret_bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool is_point(const uint8_t point[WIRE_POINT_SIZE])
{
	static const uint8_t one[] = { 1 };
	uint8_t encoded[ENCODED_POINT] = { UNCOMPRESSED };

	memcpy(encoded + 1, point, WIRE_POINT_SIZE);
	return p256->mul(encoded, sizeof(encoded), one, sizeof(one), CURVE) != 0;
}

int mmp_point_parse(const char *text, uint8_t ret_point[WIRE_POINT_SIZE],
		    struct mmp_error *err)
{
	uint8_t point[WIRE_POINT_SIZE];

	if (strlen(text) != 2 * WIRE_POINT_SIZE ||
	    !parse_hex(text, 2 * WIRE_POINT_SIZE, point) || !is_point(point))
		return mmp_fail(err, MMP_INVALID,
				"\"%.20s...\" is not a public key: the 128 hex digits of "
				"a point of P-256, X and then Y",
				text);
	memcpy(ret_point, point, sizeof(point));
	return 0;
}

/* --- signatures --- */

int mmp_key_sign(const struct mmp_key_pair *pair, const struct mmp_digest *digest,
		 uint8_t ret_signature[WIRE_SIGNATURE_SIZE], struct mmp_error *err)
{
	br_ec_private_key key = { CURVE, (uint8_t *)pair->secret, WIRE_SECRET_SIZE };

	if (br_ecdsa_i31_sign_raw(p256, &br_sha256_vtable, digest->bytes, &key,
				  ret_signature) != WIRE_SIGNATURE_SIZE)
		return mmp_fail(err, MMP_SYSTEM, "the key cannot sign");
	return 0;
}

static bool verifies(const uint8_t signature[WIRE_SIGNATURE_SIZE],
		     const uint8_t point[WIRE_POINT_SIZE],
		     const struct mmp_digest *digest)
{
	uint8_t encoded[ENCODED_POINT] = { UNCOMPRESSED };
	br_ec_public_key key = { CURVE, encoded, sizeof(encoded) };

	memcpy(encoded + 1, point, WIRE_POINT_SIZE);
	return br_ecdsa_i31_vrfy_raw(p256, digest->bytes, sizeof(digest->bytes), &key,
				     signature, WIRE_SIGNATURE_SIZE);
}

/* DER integers may be shorter; BearSSL writes both at the length of the longer one. */
static bool from_der(const uint8_t *bytes, size_t length,
		     uint8_t ret_signature[WIRE_SIGNATURE_SIZE])
{
	enum { DER_MAX = 80, HALF = WIRE_SIGNATURE_SIZE / 2 };
	uint8_t raw[DER_MAX];
	size_t half;

	if (length > sizeof(raw))
		return false;
	memcpy(raw, bytes, length);
	half = br_ecdsa_asn1_to_raw(raw, length) / 2;
	if (half == 0 || half > HALF)
		return false;
	memset(ret_signature, 0, WIRE_SIGNATURE_SIZE);
	memcpy(ret_signature + HALF - half, raw, half);
	memcpy(ret_signature + 2 * HALF - half, raw + half, half);
	return true;
}

int mmp_signature_read(const uint8_t *bytes, size_t length,
		       const uint8_t point[WIRE_POINT_SIZE],
		       const struct mmp_digest *digest,
		       uint8_t ret_signature[WIRE_SIGNATURE_SIZE], struct mmp_error *err)
{
	uint8_t signature[WIRE_SIGNATURE_SIZE];
	bool read = false;

	if (length == sizeof(signature)) {
		memcpy(signature, bytes, sizeof(signature));
		read = verifies(signature, point, digest);
	}
	if (!read && length >= 2 * sizeof(signature))
		read = parse_hex((const char *)bytes, 2 * sizeof(signature), signature) &&
		       verifies(signature, point, digest);
	if (!read)
		read = from_der(bytes, length, signature) &&
		       verifies(signature, point, digest);
	if (!read)
		return mmp_fail(err, MMP_INVALID,
				"the %zu bytes are not a signature by this key over this "
				"digest; it may be 64 bytes, DER or 128 hex digits",
				length);
	memcpy(ret_signature, signature, sizeof(signature));
	return 0;
}

/* --- sessions --- */

int mmp_agree(const struct mmp_key_pair *pair, const uint8_t board[WIRE_POINT_SIZE],
	      const uint8_t nonce[WIRE_NONCE_SIZE], uint8_t ret_key[WIRE_SECRET_SIZE],
	      struct mmp_error *err)
{
	static const char what[] = "mmp answers 4";
	uint8_t encoded[ENCODED_POINT] = { UNCOMPRESSED };
	br_hkdf_context hkdf;

	memcpy(encoded + 1, board, WIRE_POINT_SIZE);
	if (!p256->mul(encoded, sizeof(encoded), pair->secret, WIRE_SECRET_SIZE, CURVE))
		return mmp_fail(err, MMP_INVALID,
				"the board's key is not a point of P-256");
	br_hkdf_init(&hkdf, &br_sha256_vtable, nonce, WIRE_NONCE_SIZE);
	br_hkdf_inject(&hkdf, encoded + 1, WIRE_SECRET_SIZE);
	br_hkdf_flip(&hkdf);
	br_hkdf_produce(&hkdf, what, sizeof(what) - 1, ret_key, WIRE_SECRET_SIZE);
	return 0;
}

bool mmp_answer_authentic(const uint8_t key[WIRE_SECRET_SIZE], const uint8_t *request,
			  size_t request_length, const uint8_t *answer,
			  size_t answer_length, const uint8_t mac[WIRE_MAC_SIZE])
{
	uint8_t code[br_sha256_SIZE], differs = 0;
	br_hmac_key_context context;
	br_hmac_context hmac;

	br_hmac_key_init(&context, &br_sha256_vtable, key, WIRE_SECRET_SIZE);
	br_hmac_init(&hmac, &context, 0);
	br_hmac_update(&hmac, request, request_length);
	br_hmac_update(&hmac, answer, answer_length);
	br_hmac_out(&hmac, code);
	for (size_t i = 0; i < WIRE_MAC_SIZE; i++)
		differs |= code[i] ^ mac[i];
	return differs == 0;
}
