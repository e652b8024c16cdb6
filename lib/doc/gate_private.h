/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_GATE_PRIVATE_H
#define MMP_GATE_PRIVATE_H

#include "doc/gate.h"

/*
 * The gate: gate.c decides and answers, gate_waivers.c applies the waivers.
 */
struct gate {
	const struct mmp_gate_order *order;
	json_t *findings; /* of the answer, each with the gate's result */
	json_t *reasons;
	bool oom;
};

/* Findings of the gate itself, which are about waivers. */
enum { GATE_KINDS = 3 };

struct gate_kind {
	const char *id, *about;
};

extern const struct gate_kind gate_kinds[GATE_KINDS];

/*
 * Mark the findings that waivers cover, and add findings about waivers that do nothing.
 * Returns the waivers with their states and numbers of findings; the caller frees them.
 */
json_t *gate_apply_waivers(struct gate *gate);

#endif
