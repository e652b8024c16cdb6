/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_VERSION_H
#define MMP_OPTEE_VERSION_H

/*
 * The releases of OP-TEE, by date. A switch, a memory type, a stop or a configuration key
 * names the release from which it applies, and sometimes the last one. V4_10_257 is the
 * tree 257 commits after 4.10.0 (August 2026).
 */
/* clang-format off */
#define OPTEE_EACH_VERSION(DO) \
	DO(V3_0) DO(V3_1) DO(V3_2) DO(V3_3) DO(V3_4) DO(V3_5) DO(V3_6) DO(V3_7) \
	DO(V3_8) DO(V3_9) DO(V3_10) DO(V3_11) DO(V3_12) DO(V3_13) DO(V3_14) DO(V3_15) \
	DO(V3_16) DO(V3_17) DO(V3_18) DO(V3_19) DO(V3_20) DO(V3_21) DO(V3_22) DO(V4_0) \
	DO(V4_1) DO(V4_2) DO(V4_3) DO(V4_4) DO(V4_5) DO(V4_6) DO(V4_7) DO(V4_8) \
	DO(V4_9) DO(V4_10) DO(V4_10_257)

enum optee_version {
#define OPTEE_NAME(v) v,
	OPTEE_EACH_VERSION(OPTEE_NAME)
	OPTEE_VERSION_COUNT
};
/* clang-format on */

#define OPTEE_NEWEST ((enum optee_version)(OPTEE_VERSION_COUNT - 1))

#endif
