/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_BUILD_H
#define MMP_DOC_BUILD_H

/*
 * A build: finished tables for a pool of memory, and the manifest that describes them.
 * The same input gives the same bytes on every machine at any time. The id of a build
 * is the SHA-256 of its manifest, which is canonical JSON (keys sorted, no white
 * space).
 */

#include <jansson.h>

#include "base/digest.h"
#include "policy/policy.h"
#include "tables/placement.h"
#include "tables/probe.h"

#define MMP_BUILD_FORMAT "mmp-build-1"

struct mmp_build {
	struct mmp_digest id;
	struct mmp_digest bytes_digest; /* SHA-256 of bytes */
	struct mmp_platform *platform;
	struct mmp_layout layout; /* of the platform, placed in the pool */
	uint64_t pool_pa, pool_size;
	bool as_firmware;     /* the tables are where the firmware would put them */
	struct mmp_runs runs; /* where that is, or in the pool from its first byte */
	char *manifest;       /* NUL-terminated; manifest_length bytes */
	size_t manifest_length;
	uint8_t *bytes; /* what the pool holds, from its first byte */
	size_t length;  /* a multiple of 4096; the rest of the pool is not used */
	/* The layout's registers, and the regime's for the base table if it is not one of them. */
	struct mmp_register registers[MMP_REGISTERS_MAX + 1];
	unsigned register_count;
	enum mmp_verdict verdict; /* of the platform, when the build was made */
	json_t *accepted; /* the findings of severity error that were accepted; or NULL */
};

void mmp_build_free(struct mmp_build *build); /* NULL is fine */

/* What a build is made with. */
struct mmp_build_request {
	bool pool_given; /* optional with as_firmware: then what the tables take */
	uint64_t pool_pa, pool_size;
	bool as_firmware; /* tables where the firmware puts them; else in the pool */
	struct mmp_placement_given placing;
	/*
	 * Which findings of severity error do not stop the build: true for all of them,
	 * an array of ids for those, NULL or false for none. Borrowed.
	 */
	const json_t *accept;
};

/*
 * Make a build. Takes ownership of the platform, also on failure. The pool must not be
 * empty or wrap, must be aligned, inside one secure-only range, and hold every run of
 * tables; each refusal names the number that would be enough. The tables are first
 * walked in full and compared with the plan. On -1 with MMP_FIRMWARE_STOP *ret_stop is
 * a new reference to what the error's data holds ("firmware", "xlat_tables_used", the
 * verdict and its findings); otherwise it is not written. Findings of severity error
 * are refused with that error too, unless the request accepts them. A request that
 * accepts by name accepts nothing else; an id that is not among those findings is
 * MMP_INVALID.
 */
int mmp_build_make(struct mmp_platform *take_platform,
		   const struct mmp_build_request *request, struct mmp_build **ret_build,
		   json_t **ret_stop, struct mmp_error *err);

/*
 * Read a request from JSON: a pool {"base", "size"} and a placement. Either may be
 * NULL.
 */
int mmp_build_request_read(const json_t *pool, const json_t *placement,
			   struct mmp_build_request *ret_request, struct mmp_error *err);

/*
 * Read a stored build. Manifest and bytes are copied. Bytes that do not match the
 * manifest, or that our walker reads differently from the plan, are refused, so that
 * nothing that was damaged in a database is walked, compared or sent to a board.
 */
int mmp_build_read(const char *manifest, size_t manifest_length, const uint8_t *bytes,
		   size_t length, struct mmp_build **ret_build, struct mmp_error *err);

/*
 * Walk the bytes of a build at `va`: the path of descriptors, PA, attributes and
 * region. A new reference.
 */
json_t *mmp_build_walk_write(const struct mmp_build *build, uint64_t va);

/*
 * The questions of the proof, as one block for free(). NULL: out of memory, or more
 * than MMP_PROBES_MAX.
 */
struct mmp_probe *mmp_build_probes(const struct mmp_build *build, size_t *ret_count);

/* The instructions that the board runs for the proof; returned like the probes. */
struct mmp_trial *mmp_build_trials(const struct mmp_build *build, size_t *ret_count);

#endif
