/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_PLATFORMS_H
#define BENCH_PLATFORMS_H

#include "doc/build.h"
#include "link/session.h"
#include "model/platform.h"

/*
 * Platforms of `count` registrations, which come in no order; the caller frees them.
 * Mixed shapes: single pages, runs of pages, 2 MiB blocks and odd edges, apart from
 * each other.
 */
struct mmp_platform *bench_platform(const char *rules, size_t count);

/* The same shapes as static regions of TF-A, and init. */
struct mmp_platform *bench_tfa(const char *rules, size_t count);

/* Each over many others, secure and non-secure in turns: as many findings as can be. */
struct mmp_platform *bench_overlapping(const char *rules, size_t count);

/* A third of it SDP memory, a third DDR, a third mapped, apart from each other. */
struct mmp_platform *bench_special(const char *rules, size_t count);

/* OP-TEE's vexpress-qemu_armv8a, as platforms/ has it, with ASLR and this seed. */
struct mmp_platform *bench_qemu(uint64_t seed);

/* A build of it in a pool of 1 MiB at `pool_pa`; the caller frees the build. */
struct mmp_build *bench_build(struct mmp_platform *take_platform, uint64_t pool_pa);

/*
 * A build of mixed shapes of optee-4.10, of as many registrations as need at most this
 * many tables; the caller frees it.
 */
struct mmp_build *bench_build_of_tables(size_t tables);

/* What is sent of a build, without probes; it borrows the build. */
struct mmp_image bench_image(const struct mmp_build *build);

/* End with the error's words where `failed`. */
void bench_must(int failed, const struct mmp_error *err);

#endif
