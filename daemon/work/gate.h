/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef GATE_H
#define GATE_H

#include "doc/gate.h"
#include "service.h"

/*
 * The parameters of layout.check. Takes the platforms; the JSON is borrowed from the
 * call.
 */
struct gate_request {
	struct mmp_platform *take_platform;
	struct mmp_platform *take_against;   /* NULL: nothing to compare with */
	uint64_t revision, against_revision; /* 0: documents */
	json_t *waivers;                     /* owned; an array */
	struct mmp_gate_order order;         /* without the waivers */
};

/* Answer the call with the gate's decision, made in a thread. Never fails directly. */
int gate_run(struct mmp_call *call, const struct gate_request *request);

#endif
