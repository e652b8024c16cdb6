/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_POLICY_OPTEE_H
#define MMP_POLICY_OPTEE_H

/* Internal to the policy of optee-3.4: checks that compare registrations with the map. */

#include "rules/optee/checks.h"

mmp_check_run optee_3_4_mapped_short, optee_3_4_mapped_long;
mmp_check_run optee_3_4_rounded, optee_3_4_rounded_over;

/*
 * A registration of type END hides all of them, so nothing can be said about the others.
 */
bool optee_3_4_hides_all(const struct mmp_platform *platform);

#endif
