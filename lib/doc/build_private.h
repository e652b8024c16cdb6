/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_BUILD_PRIVATE_H
#define MMP_DOC_BUILD_PRIVATE_H

/* Shared by the files of doc/build. */

#include "doc/build.h"

/* The bytes of a build at their final addresses; borrows them. */
struct mmp_memory mmp_build_memory(const struct mmp_build *build);

/*
 * Write manifest and id. Everything else of the build must be filled in. -1 is
 * MMP_SYSTEM.
 */
int mmp_build_describe(struct mmp_build *build, struct mmp_error *err);

/*
 * Place the tables as the request says, in a layout that was computed anywhere, and check
 * that the pool is memory that may hold them. MMP_INVALID says what would be right;
 * MMP_TOO_LARGE over MMP_POOL_MAX.
 */
int mmp_pool_place(struct mmp_build *build, const struct mmp_build_request *request,
		   struct mmp_error *err);

/* MMP_INVALID if base or size of the pool cannot be those of any. */
int mmp_pool_check_range(const struct mmp_build *build, struct mmp_error *err);

/* Write the placed tables into `bytes`. -1 is MMP_SYSTEM. */
int mmp_pool_fill(struct mmp_build *build, struct mmp_error *err);

#endif
