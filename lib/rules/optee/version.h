/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_VERSION_H
#define MMP_OPTEE_VERSION_H

/*
 * The releases of OP-TEE, in order of time. A switch, a memory type, a stop or a
 * configuration key says from which of them it holds, and sometimes until which.
 */
/* clang-format off */
enum optee_version {
	V3_0, V3_1, V3_2, V3_3, V3_4, V3_5, V3_6, V3_7, V3_8, V3_9, V3_10, V3_11,
	V3_12, V3_13, V3_14, V3_15, V3_16, V3_17, V3_18, V3_19, V3_20, V3_21, V3_22,
	V4_0, V4_1, V4_2, V4_3, V4_4, V4_5, V4_6, V4_7, V4_8, V4_9, V4_10,
	V4_10_257, /* 257 commits after 4.10.0 (August 2026) */
	OPTEE_VERSION_COUNT
};
/* clang-format on */

#define OPTEE_NEWEST ((enum optee_version)(OPTEE_VERSION_COUNT - 1))

#endif
