/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPUTE_H
#define COMPUTE_H

#include "base/container.h"
#include "doc/layout.h"
#include "service.h"
#include "work/errand.h"

/*
 * Compute something of a platform and answer the call with it: where the handler runs
 * if the platform is small, else in a worker.
 *
 * What is computed is a struct of its own that embeds a struct computing.
 */
struct computing {
	const struct computing_kind *kind;
};

struct computing_kind {
	/* In any thread: reads and writes the computing alone. */
	void (*work)(struct computing *computing);
	/* As the answer of a method; in any thread where `in_store` is false. */
	int (*answer)(struct computing *computing, struct mmp_call *call,
		      json_t **ret_result, struct mmp_error *err);
	void (*free)(struct computing *computing);
	bool in_store; /* `answer` calls the store */
};

/* How long it takes follows from `platform`. Returns what a handler returns. */
int compute_run(struct mmp_call *call, struct computing *take_computing,
		const struct computing_kind *kind, const struct mmp_platform *platform,
		json_t **ret_result, struct mmp_error *err);

/* The same, here and now. */
int compute_here(struct mmp_call *call, struct computing *take_computing,
		 const struct computing_kind *kind, json_t **ret_result,
		 struct mmp_error *err);

/* The same, always in a worker. */
int compute_in_thread(struct mmp_call *call, struct computing *take_computing,
		      const struct computing_kind *kind);

/* What a layout is remembered by; see work/answers.h. */
struct answer_key;

/* A layout. The platform moves in. `key` is copied; NULL: it is not remembered. */
int compute_layout(struct mmp_call *call, struct mmp_platform *take_platform,
		   enum mmp_detail detail, const struct answer_key *key,
		   json_t **ret_result, struct mmp_error *err);

/* A budget: always in a worker, as it takes many layouts. The platform moves in. */
int compute_budget(struct mmp_call *call, struct mmp_platform *take_platform,
		   const struct mmp_optional *shm, enum mmp_detail detail);

#endif
