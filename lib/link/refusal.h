/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_REFUSAL_H
#define MMP_REFUSAL_H

#include "wire/message.h"

/*
 * Why a board refused, as the end of a sentence that begins "the board refuses:". The
 * board itself has no texts; this is the only table of them. NULL for a code that this
 * version does not know.
 */
const char *mmp_refusal_text(unsigned int status);

/* The name of a request: "hello", "begin", ...; "?" for an unknown opcode. */
const char *mmp_request_name(unsigned int opcode);

#endif
