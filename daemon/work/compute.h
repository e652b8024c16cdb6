/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPUTE_H
#define COMPUTE_H

#include "doc/layout.h"
#include "service.h"
#include "work/workers.h"

/*
 * Compute something of a platform and answer the call with it: at once where the
 * platform is small, else in a worker thread, while the loop goes on.
 *
 * What is computed is a struct of its own that begins with a struct computing.
 */
struct computing {
	struct task task;      /* first: the workers know no more */
	struct mmp_call *call; /* NULL: nobody waits any more */
	const struct computing_kind *kind;
};

struct computing_kind {
	/* In any thread: reads and writes the computing alone. */
	void (*work)(struct computing *computing);
	/* In the loop, where the call still waits: as the answer of a method. */
	int (*answer)(struct computing *computing, struct mmp_call *call,
		      json_t **ret_result, struct mmp_error *err);
	void (*free)(struct computing *computing);
};

/* How long it takes follows from `platform`. Returns what a handler returns. */
int compute_run(struct mmp_call *call, struct computing *take_computing,
		const struct computing_kind *kind, const struct mmp_platform *platform,
		json_t **ret_result, struct mmp_error *err);

/* The same, here and now. */
int compute_here(struct mmp_call *call, struct computing *take_computing,
		 const struct computing_kind *kind, json_t **ret_result,
		 struct mmp_error *err);

/* The same, always in a thread. */
int compute_in_thread(struct mmp_call *call, struct computing *take_computing,
		      const struct computing_kind *kind);

/* A layout. The platform moves in. */
int compute_layout(struct mmp_call *call, struct mmp_platform *take_platform,
		   enum mmp_detail detail, json_t **ret_result, struct mmp_error *err);

/* A budget: always in a thread, as it takes many layouts. The platform moves in. */
int compute_budget(struct mmp_call *call, struct mmp_platform *take_platform,
		   const struct mmp_optional *shm, enum mmp_detail detail);

#endif
