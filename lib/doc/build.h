/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_BUILD_H
#define MMP_DOC_BUILD_H

/*
 * A build: finished tables for a pool of memory, and the manifest that says what they
 * are. A value: same input, same bytes, anywhere and any time. Its id is the SHA-256
 * of the manifest, which is canonical JSON (keys sorted, no white space).
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
	struct mmp_runs runs; /* where that is, or in the pool from its first byte on */
	char *manifest;       /* NUL-terminated; manifest_length bytes */
	size_t manifest_length;
	uint8_t *bytes; /* what the pool holds from its first byte on */
	size_t length;  /* a multiple of 4096; the rest of the pool is not used */
	/* The layout's registers, and the regime's for the base table if it is not one of them. */
	struct mmp_register registers[MMP_REGISTERS_MAX + 1];
	unsigned register_count;
	enum mmp_verdict verdict; /* of the platform, when the build was made */
	json_t *accepted; /* its findings of severity error, which were accepted; or NULL */
};

void mmp_build_free(struct mmp_build *build); /* NULL is fine */

/* What a build is asked for. */
struct mmp_build_request {
	bool pool_given; /* may be left out where as_firmware: then it is what they take */
	uint64_t pool_pa, pool_size;
	bool as_firmware; /* where the firmware itself puts tables; else in the pool */
	struct mmp_placement_given placing;
	/*
	 * Build also with findings of severity error: true, or an array of the ids of those
	 * that are accepted; NULL or false: with none. Borrowed.
	 */
	const json_t *accept;
};

/*
 * Build. Takes a copy of nothing: `platform` moves in, also on failure. The pool must
 * not be empty or wrap, must be aligned, inside one secure-only range, and hold every
 * run of tables; each refusal says the number that would do. The tables are walked in
 * full and compared with the plan first. On -1 with MMP_FIRMWARE_STOP *ret_stop is a new
 * reference to what the error's data holds ("firmware", "xlat_tables_used", the verdict
 * and its findings); otherwise it is left alone. Findings of severity error are refused
 * with that error too, unless the request accepts them. A request that accepts by name
 * accepts nothing else, and an id that is not among those findings is MMP_INVALID.
 */
int mmp_build_make(struct mmp_platform *take_platform,
		   const struct mmp_build_request *request, struct mmp_build **ret_build,
		   json_t **ret_stop, struct mmp_error *err);

/* A request from JSON: a pool {"base", "size"} and a placement, either may be NULL. */
int mmp_build_request_read(const json_t *pool, const json_t *placement,
			   struct mmp_build_request *ret_request, struct mmp_error *err);

/*
 * A kept build again: manifest and bytes as they were stored, both copied. Bytes that
 * are not those of the manifest, or that our walker reads otherwise than the plan, are
 * refused: nothing that was damaged in a database is walked, compared or sent to a board.
 */
int mmp_build_read(const char *manifest, size_t manifest_length, const uint8_t *bytes,
		   size_t length, struct mmp_build **ret_build, struct mmp_error *err);

/* Walk the bytes of a build: path of descriptors, PA, attributes, the region. */
json_t *mmp_build_walk_write(const struct mmp_build *build, uint64_t va);

/* The proof's questions; one block for free(), or NULL (memory, MMP_PROBES_MAX). */
struct mmp_probe *mmp_build_probes(const struct mmp_build *build, size_t *ret_count);

/* The instructions that a proof has the board run; the same. */
struct mmp_trial *mmp_build_trials(const struct mmp_build *build, size_t *ret_count);

#endif
