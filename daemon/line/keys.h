/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KEYS_H
#define KEYS_H

#include <event2/event.h>

#include "link/trust.h"
#include "service.h"

/*
 * Keys that sign builds, in a private folder of mmpd. NAME.pem is a private key, in a
 * file that only mmpd can read. NAME.command is a shell command that signs instead
 * (with a token, an HSM, an agent), and NAME.pub its public key: the command reads the
 * digest, 32 bytes, on standard input and prints the signature.
 */
struct key {
	char name[64];
	bool by_command;
	uint8_t point[WIRE_POINT_SIZE];
	uint8_t id[WIRE_KEY_ID_SIZE];
};

/* Make a key. MMP_INVALID if keys cannot be kept, MMP_CONFLICT if the name is in use. */
int key_new(const struct service *service, const char *name, struct key *ret_key,
	    struct mmp_error *err);
int key_new_command(const struct service *service, const char *name, const char *command,
		    const char *point, struct key *ret_key, struct mmp_error *err);

/* Find a key by name. MMP_NOT_FOUND, MMP_DENIED if others may read its file. */
int key_find(const struct service *service, const char *name, struct key *ret_key,
	     struct mmp_error *err);

/* Return 0 to go on; other values are returned by key_each. Damaged files are skipped. */
typedef int each_key(void *data, const struct key *key);
int key_each(const struct service *service, each_key *each, void *data);

/* Find a key of ours that the board trusts; MMP_DENIED lists those that it trusts. */
int key_for_board(const struct service *service, const struct wire_board *board,
		  struct key *ret_key, struct mmp_error *err);

/* --- signer.c --- */

struct signer;

/*
 * Called once, unless signer_free is called first. `signature` is NULL on error, see
 * `err`.
 */
typedef void signer_done(void *data, const uint8_t *signature,
			 const struct mmp_error *err);

/* Sign. `done` is called from the loop, never from here. NULL with *err. */
struct signer *signer_new(const struct service *service, const struct key *key,
			  const struct mmp_digest *digest, signer_done *done, void *data,
			  struct mmp_error *err);
void signer_free(struct signer *signer); /* NULL is fine */

#endif
