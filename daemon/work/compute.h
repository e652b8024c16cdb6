/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPUTE_H
#define COMPUTE_H

#include "base/container.h"
#include "doc/layout.h"
#include "service.h"
#include "work/errand.h"

/*
 * Compute something for a platform and answer the call with it. Called in a worker, once
 * all platforms are there (work/inputs.h): a long computation that was queued as a short
 * one is queued again.
 *
 * Each computation is a struct of its own that embeds a struct computing.
 */
struct computing {
	const struct computing_kind *kind;
};

struct computing_kind {
	/* In any thread: may only read and write the computing. */
	void (*work)(struct computing *computing);
	/* Like the answer of a method; in a worker if `in_store` is false. */
	int (*answer)(struct computing *computing, struct mmp_call *call,
		      json_t **ret_result, struct mmp_error *err);
	void (*free)(struct computing *computing);
	bool in_store; /* `answer` calls the store */
};

/* Run it; its cost is estimated from `platform`. Returns like a handler. */
int compute_run(struct mmp_call *call, struct computing *take_computing,
		const struct computing_kind *kind, const struct mmp_platform *platform,
		json_t **ret_result, struct mmp_error *err);

/* The same from any thread, and always queued as a long one. */
int compute_in_thread(struct mmp_call *call, struct computing *take_computing,
		      const struct computing_kind *kind);

/* The key of a cached layout; see work/answers.h. */
struct answer_key;

/*
 * Compute a layout. Takes the platform. `key` is copied; NULL: the result is not
 * cached. MMP_LATER without a computation: the handler is run again, as the platform
 * names others of its board that are not read yet.
 */
int compute_layout(struct mmp_call *call, struct mmp_platform *take_platform,
		   enum mmp_detail detail, const struct answer_key *key,
		   json_t **ret_result, struct mmp_error *err);

/* Compute a budget: always in a worker, as it takes many layouts. Takes the platform. */
int compute_budget(struct mmp_call *call, struct mmp_platform *take_platform,
		   const struct mmp_optional *shm, enum mmp_detail detail);

#endif
