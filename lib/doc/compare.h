/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_COMPARE_H
#define MMP_DOC_COMPARE_H

#include "doc/build.h"
#include "study/compare.h"
#include "json/writer.h"

/*
 * Compare a build with memory that was read out of a board: `dump` is an array of
 * {address, bytes}, with the bytes in base64. MMP_INVALID if it is anything else, if
 * ranges overlap, or if no range holds any part of the build's tables; otherwise the
 * members of the answer are written.
 */
int mmp_compare_members(struct mmp_writer *writer, const struct mmp_build *build,
			const json_t *dump, struct mmp_error *err);

#endif
