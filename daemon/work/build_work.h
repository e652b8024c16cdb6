/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BUILD_WORK_H
#define BUILD_WORK_H

#include "base/buffer.h"
#include "base/shared.h"
#include "doc/build.h"
#include "work/compute.h"

/*
 * The work on a build that takes long, for use in a thread: making it, reading it back
 * from the store, and answering questions about it. Reading back makes and walks the
 * whole build again.
 */
struct build_work {
	struct computing computing;
	struct mmp_platform *platform; /* to make it from; NULL once the build owns it */
	struct mmp_build_request request;
	uint64_t revision;
	struct mmp_buffer manifest, bytes; /* the stored build, if there is no platform */
	uint64_t va;                       /* the address to walk */
	const json_t *dump;                /* to compare with, borrowed; or NULL */
	unsigned exporter;                 /* index in mmp_exporters */

	struct mmp_build *build;     /* NULL: `err` says why */
	struct mmp_shared *text;     /* the answer to the question; NULL: `err` */
	struct mmp_probe *questions; /* of the proof; NULL: no proof is possible */
	size_t questions_count;
	struct mmp_trial *trials; /* instructions that the board runs for the proof */
	size_t trials_count;
	struct mmp_shared *stop; /* the error's data if the firmware stops */
	struct mmp_error err;
};

/* Load the build to be read back, by `id` or its first digits. */
int build_work_load(struct build_work *work, struct service *service, const char *id,
		    struct mmp_error *err);

/* For struct computing_kind: functions for `work`, and for freeing. */
void build_work_make(struct computing *computing);
void build_work_walk(struct computing *computing);
void build_work_compare(struct computing *computing);
void build_work_export(struct computing *computing);
void build_work_prove(struct computing *computing);
void build_work_free(struct computing *computing);

/* Free the contents, for one that is embedded elsewhere. */
void build_work_done(struct build_work *work);

#endif
