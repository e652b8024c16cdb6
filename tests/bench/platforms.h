#ifndef BENCH_PLATFORMS_H
#define BENCH_PLATFORMS_H

#include "model/platform.h"

/*
 * A platform of `count` registrations of mixed shapes: single pages, runs of pages,
 * 2 MiB blocks and odd edges, apart from each other, 48-bit VA. The caller frees it.
 */
struct mmp_platform *bench_platform(size_t count);

/* OP-TEE's vexpress-qemu_armv8a, as platforms/ has it, with ASLR and this seed. */
struct mmp_platform *bench_qemu(uint64_t seed);

#endif
