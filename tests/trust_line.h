/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRUST_LINE_H
#define TRUST_LINE_H

/*
 * For tests of keys: a session and the loader's core on one line, with somebody between
 * them who knows the protocol. setup() makes all of it anew.
 */

#include "fake_board.h"
#include "link/session.h"
#include "link/trust.h"

extern struct fake_board board;
extern struct mmp_key_pair key, other_key;
extern struct mmp_image image;
extern struct mmp_probe probe; /* of the image */

/* May change a frame's body on its way, and return its new length. NULL: nobody does. */
extern size_t (*spoil_answer)(uint8_t *body, size_t length);
extern size_t (*spoil_request)(uint8_t *body, size_t length);

extern const struct mmp_push plain; /* the image, unsigned unless the board asks */

int setup(void **state);

/* Fill the pool with more than one message holds, without any table descriptor. */
void fill_much(void);

/* Run the session until that state, its end, or until it waits for a signature. */
enum mmp_session_state run_until(struct mmp_session *session,
				 enum mmp_session_state stop);
void sign(struct mmp_session *session, const struct mmp_key_pair *pair);

/* Run a session to its end, signed by `pair` if it asks; for mmp_session_free. */
struct mmp_session *push(const struct mmp_push *what, const struct mmp_key_pair *pair);

/* Check how the session has ended, and free it. */
void done(struct mmp_session *session);
void refused(struct mmp_session *session, const char *words);

/* Have the board store something; `refusal` NULL: it does, otherwise with what words not. */
void keep(uint8_t kind, const uint8_t *payload, size_t length,
	  const struct mmp_key_pair *pair, const char *refusal);
void trust(const struct mmp_key_pair *pair, const struct mmp_key_pair *by,
	   const char *refusal);

#endif
