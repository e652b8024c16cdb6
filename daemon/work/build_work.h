/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BUILD_WORK_H
#define BUILD_WORK_H

#include "base/buffer.h"
#include "doc/build.h"
#include "work/compute.h"

/*
 * A build that is made or read back, and what is asked of it: all that takes long, so
 * that it can be done in a thread. Reading back makes and walks the whole build again.
 */
struct build_work {
	struct computing computing;
	struct mmp_platform *platform; /* to be made of; NULL once it is in the build */
	struct mmp_build_request request;
	uint64_t revision;
	struct mmp_buffer manifest,
		bytes;     /* to be read back, where there is no platform */
	uint64_t va;       /* to be walked from */
	json_t *dump;      /* to be compared with; a reference, or NULL */
	json_t *accept;    /* of the request; a reference, or NULL */
	unsigned exporter; /* number in mmp_exporters */

	struct mmp_build *build;     /* NULL: `err` says why */
	json_t *result;              /* of a walk or a comparison */
	struct mmp_probe *questions; /* of a proof; NULL: there can be none */
	size_t questions_count;
	struct mmp_trial *trials; /* instructions that it has the board run */
	size_t trials_count;
	json_t *stop; /* the error's data, where the firmware stops */
	struct mmp_error err;
};

/* The build to be read back is that of `id`, or of its first digits. */
int build_work_load(struct build_work *work, struct service *service, const char *id,
		    struct mmp_error *err);

/* For struct computing_kind: what `work` does, and how it is freed. */
void build_work_make(struct computing *computing);
void build_work_walk(struct computing *computing);
void build_work_compare(struct computing *computing);
void build_work_export(struct computing *computing);
void build_work_prove(struct computing *computing);
void build_work_free(struct computing *computing);

/* The same for one in its owner's storage: what it holds is freed. */
void build_work_done(struct build_work *work);

#endif
