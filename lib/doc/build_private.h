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

#endif
