/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROOF_H
#define PROOF_H

#include <jansson.h>

/*
 * What a push came to, by the state of its job and its report (NULL: none): "proven" if
 * the board's MMU answered every question like our walk; "failed proof" if not;
 * "activated" if it was made live and the proof was not completed; "not activated".
 */
const char *report_proof(const char *state, const json_t *report);

#endif
