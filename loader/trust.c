/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/trust.h"

#include <bearssl.h>
#include <string.h>

enum { CURVE = BR_EC_secp256r1, ENCODED_POINT = 1 + WIRE_POINT_SIZE, UNCOMPRESSED = 4 };

/* --- the memory for keys --- */

static void id_of_point(const uint8_t point[WIRE_POINT_SIZE],
			uint8_t ret_id[WIRE_KEY_ID_SIZE])
{
	br_sha256_context context;
	uint8_t digest[br_sha256_SIZE];

	br_sha256_init(&context);
	br_sha256_update(&context, point, WIRE_POINT_SIZE);
	br_sha256_out(&context, digest);
	memcpy(ret_id, digest, WIRE_KEY_ID_SIZE);
}

static struct loader_key *find_key(struct loader *loader,
				   const uint8_t id[WIRE_KEY_ID_SIZE])
{
	for (size_t i = 0; i < loader->key_count; i++)
		if (memcmp(loader->keys[i].id, id, WIRE_KEY_ID_SIZE) == 0)
			return &loader->keys[i];
	return NULL;
}

static void add_key(struct loader *loader, const uint8_t point[WIRE_POINT_SIZE])
{
	struct loader_key *key = &loader->keys[loader->key_count];

	if (loader->key_count == WIRE_KEYS_MAX)
		return;
	memcpy(key->point, point, WIRE_POINT_SIZE);
	id_of_point(point, key->id);
	key->revoked = false;
	loader->key_count++;
}

static void take_record(struct loader *loader, uint8_t type, const uint8_t *payload,
			size_t length)
{
	struct loader_key *key;

	if (type == KEPT_OWN && length == WIRE_SECRET_SIZE) {
		memcpy(loader->secret, payload, length);
		loader->has_secret = true;
	} else if (type == KEPT_TRUST && length == WIRE_POINT_SIZE) {
		add_key(loader, payload);
	} else if (type == KEPT_REVOKE && length == WIRE_KEY_ID_SIZE) {
		key = find_key(loader, payload);
		if (key)
			key->revoked = true;
	}
}

/* Skip what an interrupted write has damaged; its length may be damaged too. */
void trust_read(struct loader *loader)
{
	const struct loader_port *port = loader->port;
	const uint8_t *kept = port->kept;
	size_t at = 0;

	loader->has_secret = false;
	loader->key_count = 0;
	for (size_t i = 0; i < port->key_count; i++)
		add_key(loader, port->keys[i]);
	while (kept && at + 3 <= port->kept_bytes && kept[at] != KEPT_END) {
		size_t length = kept[at + 1];

		if (length + 3 > port->kept_bytes - at)
			break;
		if (kept[at + 2 + length] == KEPT_WHOLE)
			take_record(loader, kept[at], kept + at + 2, length);
		at += length + 3;
	}
	loader->kept_used = at;
}

static bool store(const struct loader_port *port, size_t at, const uint8_t *bytes,
		  size_t length)
{
	return port->keep(port->context, at, bytes, length) &&
	       memcmp(port->kept + at, bytes, length) == 0;
}

/*
 * A record is valid once its last byte is written, so that is done after the others were
 * verified. What a failed write has left is read as well, so that nothing is written over
 * it.
 */
static bool write_record(struct loader *loader, uint8_t type, const uint8_t *payload,
			 size_t length)
{
	const struct loader_port *port = loader->port;
	uint8_t record[3 + WIRE_POINT_SIZE] = { type, (uint8_t)length };
	size_t at = loader->kept_used;

	if (!port->keep || at + length + 3 > port->kept_bytes)
		return false;
	memcpy(record + 2, payload, length);
	record[2 + length] = KEPT_WHOLE;
	if (store(port, at, record, length + 2))
		store(port, at + length + 2, record + length + 2, 1);
	trust_read(loader);
	return memcmp(port->kept + at, record, length + 3) == 0;
}

/* --- signatures --- */

void trust_new_nonce(struct loader *loader, const uint8_t *request, size_t length)
{
	const struct loader_port *port = loader->port;
	uint8_t digest[br_sha256_SIZE], seed[LOADER_SEED_SIZE] = { 0 };
	br_sha256_context context;
	uint64_t count = port->count ? port->count(port->context) : 0;

	if (port->seed)
		port->seed(port->context, seed);
	br_sha256_init(&context);
	br_sha256_update(&context, loader->nonce, sizeof(loader->nonce));
	br_sha256_update(&context, loader->secret, sizeof(loader->secret));
	br_sha256_update(&context, &count, sizeof(count));
	br_sha256_update(&context, seed, sizeof(seed));
	br_sha256_update(&context, request, length);
	br_sha256_out(&context, digest);
	memcpy(loader->nonce, digest, sizeof(loader->nonce));
}

bool trust_needs_signature(const struct loader *loader)
{
	return loader->key_count > 0 || !loader->port->takes_unsigned;
}

static enum wire_status check_signature(const struct loader *loader,
					const uint8_t id[WIRE_KEY_ID_SIZE],
					const struct wire_writer *statement,
					const uint8_t signature[WIRE_SIGNATURE_SIZE])
{
	const struct loader_key *key = find_key((struct loader *)loader, id);
	uint8_t digest[br_sha256_SIZE], point[ENCODED_POINT] = { UNCOMPRESSED };
	br_ec_public_key public = { CURVE, point, sizeof(point) };
	br_sha256_context context;

	if (!key)
		return WIRE_KEY_UNKNOWN;
	if (key->revoked)
		return WIRE_KEY_REVOKED;
	memcpy(point + 1, key->point, WIRE_POINT_SIZE);
	br_sha256_init(&context);
	br_sha256_update(&context, statement->bytes, statement->at);
	br_sha256_out(&context, digest);
	if (statement->failed ||
	    !br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, digest, sizeof(digest), &public,
				   signature, WIRE_SIGNATURE_SIZE))
		return WIRE_SIGNATURE_BAD;
	return WIRE_OK;
}

static bool is_for_this_board(const struct loader *loader, const struct wire_begin *begin)
{
	const char *id = loader->port->id;

	return memcmp(begin->id, id, begin->id_length) == 0 && !id[begin->id_length];
}

static enum wire_status check_counter(const struct wire_begin *begin, uint64_t now)
{
	if (begin->counter <= now)
		return WIRE_COUNTER_OLD;
	return begin->counter - now > LOADER_COUNTER_LEAP ? WIRE_COUNTER_FAR : WIRE_OK;
}

enum wire_status trust_check_begin(const struct loader *loader,
				   const struct wire_begin *begin)
{
	const struct loader_port *port = loader->port;
	uint8_t bytes[WIRE_STATEMENT_MAX];
	struct wire_writer statement = wire_writer(bytes, sizeof(bytes));
	enum wire_status status;

	if (!begin->is_signed)
		return trust_needs_signature(loader) ? WIRE_UNSIGNED : WIRE_OK;
	if (!is_for_this_board(loader, begin))
		return WIRE_WRONG_BOARD;
	if (memcmp(begin->nonce, loader->nonce, sizeof(loader->nonce)) != 0)
		return WIRE_REPLAYED;
	wire_put_begin_statement(&statement, begin);
	status = check_signature(loader, begin->key, &statement, begin->signature);
	if (status != WIRE_OK)
		return status;
	return port->count ? check_counter(begin, port->count(port->context)) : WIRE_OK;
}

/* --- keys --- */

/* Whether it is at least 1 and less than the curve's order, both big endian. */
static bool is_secret(const uint8_t secret[WIRE_SECRET_SIZE])
{
	static const uint8_t zero[WIRE_SECRET_SIZE];
	size_t length;
	const unsigned char *order = br_ec_p256_m31.order(CURVE, &length);

	return length == WIRE_SECRET_SIZE && memcmp(secret, order, length) < 0 &&
	       memcmp(secret, zero, length) != 0;
}

static bool point_of_secret(const uint8_t secret[WIRE_SECRET_SIZE],
			    uint8_t ret_point[WIRE_POINT_SIZE])
{
	uint8_t point[ENCODED_POINT];
	br_ec_private_key key = { CURVE, (uint8_t *)secret, WIRE_SECRET_SIZE };
	br_ec_public_key public;

	if (!is_secret(secret) ||
	    br_ec_compute_pub(&br_ec_p256_m31, &public, point, &key) != sizeof(point))
		return false;
	memcpy(ret_point, point + 1, WIRE_POINT_SIZE);
	return true;
}

/* The X coordinate of the other side's point times our secret. */
static bool multiply(const uint8_t point[WIRE_POINT_SIZE],
		     const uint8_t secret[WIRE_SECRET_SIZE],
		     uint8_t ret_x[WIRE_SECRET_SIZE])
{
	uint8_t encoded[ENCODED_POINT] = { UNCOMPRESSED };

	memcpy(encoded + 1, point, WIRE_POINT_SIZE);
	if (!br_ec_p256_m31.mul(encoded, sizeof(encoded), secret, WIRE_SECRET_SIZE,
				CURVE))
		return false;
	memcpy(ret_x, encoded + 1, WIRE_SECRET_SIZE);
	return true;
}

static enum wire_status keep_own(struct loader *loader, const struct wire_keep *keep,
				 uint8_t ret_point[WIRE_POINT_SIZE])
{
	if (loader->has_secret)
		return WIRE_KEPT_ALREADY;
	if (!point_of_secret(keep->payload, ret_point))
		return WIRE_POINT_BAD;
	return write_record(loader, KEPT_OWN, keep->payload, WIRE_SECRET_SIZE)
		       ? WIRE_OK
		       : WIRE_CANNOT_KEEP;
}

static enum wire_status keep_trust(struct loader *loader, const struct wire_keep *keep)
{
	static const uint8_t one[WIRE_SECRET_SIZE] = { [WIRE_SECRET_SIZE - 1] = 1 };
	uint8_t id[WIRE_KEY_ID_SIZE], x[WIRE_SECRET_SIZE];
	const struct loader_key *key;

	if (!multiply(keep->payload, one, x))
		return WIRE_POINT_BAD;
	id_of_point(keep->payload, id);
	key = find_key(loader, id);
	if (key)
		return key->revoked ? WIRE_KEY_REVOKED : WIRE_KEPT_ALREADY;
	if (loader->key_count == WIRE_KEYS_MAX)
		return WIRE_CANNOT_KEEP;
	return write_record(loader, KEPT_TRUST, keep->payload, WIRE_POINT_SIZE)
		       ? WIRE_OK
		       : WIRE_CANNOT_KEEP;
}

static enum wire_status keep_revoke(struct loader *loader, const struct wire_keep *keep)
{
	const struct loader_key *key = find_key(loader, keep->payload);

	if (!key)
		return WIRE_KEY_UNKNOWN;
	if (key->revoked)
		return WIRE_KEY_REVOKED;
	return write_record(loader, KEPT_REVOKE, keep->payload, WIRE_KEY_ID_SIZE)
		       ? WIRE_OK
		       : WIRE_CANNOT_KEEP;
}

static enum wire_status check_keep(const struct loader *loader,
				   const struct wire_keep *keep)
{
	struct wire_board board = { 0 };
	uint8_t bytes[WIRE_STATEMENT_MAX];
	struct wire_writer statement = wire_writer(bytes, sizeof(bytes));

	if (!loader->port->keep)
		return WIRE_CANNOT_KEEP;
	if (loader->key_count == 0)
		return WIRE_OK; /* the first key is accepted from whoever has the line */
	if (!keep->is_signed)
		return WIRE_UNSIGNED;
	while (loader->port->id[board.id_length]) {
		board.id[board.id_length] = loader->port->id[board.id_length];
		board.id_length++;
	}
	memcpy(board.nonce, loader->nonce, sizeof(board.nonce));
	wire_put_keep_statement(&statement, &board, keep);
	return check_signature(loader, keep->key, &statement, keep->signature);
}

enum wire_status trust_keep(struct loader *loader, const struct wire_keep *keep,
			    uint8_t ret_point[WIRE_POINT_SIZE], bool *ret_answered)
{
	enum wire_status status = check_keep(loader, keep);

	*ret_answered = false;
	if (status != WIRE_OK)
		return status;
	if (keep->kind == WIRE_KEEP_TRUST)
		return keep_trust(loader, keep);
	if (keep->kind == WIRE_KEEP_REVOKE)
		return keep_revoke(loader, keep);
	*ret_answered = true;
	return keep_own(loader, keep, ret_point);
}

/* --- authentication of answers --- */

enum wire_status trust_agree(struct loader *loader, const uint8_t point[WIRE_POINT_SIZE])
{
	static const char what[] = "mmp answers 4";
	uint8_t shared[WIRE_SECRET_SIZE];
	br_hkdf_context hkdf;

	if (!loader->has_secret)
		return WIRE_CANNOT_KEEP;
	if (!multiply(point, loader->secret, shared))
		return WIRE_POINT_BAD;
	br_hkdf_init(&hkdf, &br_sha256_vtable, loader->nonce, sizeof(loader->nonce));
	br_hkdf_inject(&hkdf, shared, sizeof(shared));
	br_hkdf_flip(&hkdf);
	br_hkdf_produce(&hkdf, what, sizeof(what) - 1, loader->mac_key,
			sizeof(loader->mac_key));
	loader->authentic = true;
	return WIRE_OK;
}

void trust_mac(const struct loader *loader, const uint8_t *request, size_t request_length,
	       const uint8_t *answer, size_t answer_length,
	       uint8_t ret_mac[WIRE_MAC_SIZE])
{
	uint8_t code[br_sha256_SIZE];
	br_hmac_key_context key;
	br_hmac_context hmac;

	br_hmac_key_init(&key, &br_sha256_vtable, loader->mac_key,
			 sizeof(loader->mac_key));
	br_hmac_init(&hmac, &key, 0);
	br_hmac_update(&hmac, request, request_length);
	br_hmac_update(&hmac, answer, answer_length);
	br_hmac_out(&hmac, code);
	memcpy(ret_mac, code, WIRE_MAC_SIZE);
}
